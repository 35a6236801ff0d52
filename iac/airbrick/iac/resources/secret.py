"""A secret in a scope."""

import base64
from collections.abc import Iterator, Mapping
from typing import ClassVar, Final

import pulumi

from airbrick.iac.clients.databricks import Json, Workspace
from airbrick.iac.errors import ForbiddenError, NotFoundError
from airbrick.iac.provider.handler import Context, Found, Identity, Made, Property
from airbrick.iac.provider.record import ADOPT
from airbrick.iac.resources.secret_scope import API, NAME, NAME_WORDS
from airbrick.iac.resources.workspace_record import WorkspaceRecordHandler
from airbrick.iac.settings.validation import Finding
from airbrick.iac.values import Properties, reveal
from airbrick.iac.values import Secret as SecretValue

TOKEN: Final = "airbrick:databricks:Secret"  # noqa: S105 - Pulumi calls a type's name its token
MAX_SIZE_BYTES: Final = 128 * 1024
"""Source: https://docs.databricks.com/api/workspace/secrets/putsecret"""

_UPDATED: Final = "last_updated_timestamp"


class Secret(pulumi.CustomResource):
    """A secret. Jobs read it as ``{{secrets/<scope>/<key>}}``, which is the output ``reference``.

    The value is kept as a Pulumi secret in the state. It is never read back: that somebody wrote another value shows
    by the time of the last write.

    :param resource_name: the logical name: the secret's key unless ``key`` gives another.
    :param scope: the scope's name.
    :param string_value: the value; always kept as a Pulumi secret.
    :param key: the secret's key.
    :param adopt: whether a secret of this key that exists already is overwritten.
    :param opts: Pulumi's resource options.
    """

    scope: pulumi.Output[str]
    """The scope's name."""

    key: pulumi.Output[str]
    """The secret's key."""

    reference: pulumi.Output[str]
    """``{{secrets/<scope>/<key>}}``, for ``spark_conf`` and ``spark_env_vars``."""

    def __init__(
        self,
        resource_name: str,
        /,
        *,
        scope: pulumi.Input[str],
        string_value: pulumi.Input[str],
        key: pulumi.Input[str] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        properties = {
            "scope": scope,
            "key": key or resource_name,
            "string_value": pulumi.Output.secret(string_value),
            "adopt": adopt,
            "reference": None,
        }
        super().__init__(TOKEN, resource_name, properties, opts)


class SecretHandler(WorkspaceRecordHandler):
    """What the provider does for a secret."""

    token: ClassVar[str] = TOKEN
    noun: ClassVar[str] = "secret"
    description: ClassVar[str] = "A secret in a scope."
    wishes: ClassVar[frozenset[str]] = frozenset({"adopt"})
    replaced_by: ClassVar[frozenset[str]] = frozenset({"scope", "key"})
    inputs: ClassVar[Mapping[str, Property]] = {
        "scope": Property("The scope's name.", required=True),
        "key": Property("The secret's key.", required=True),
        "string_value": Property("The value.", required=True, secret=True),
        **ADOPT,
    }
    outputs: ClassVar[Mapping[str, Property]] = {
        "scope": Property("The scope's name.", required=True),
        "key": Property("The secret's key.", required=True),
        "reference": Property("How jobs name the secret.", required=True),
        _UPDATED: Property("When the value was last written, in milliseconds."),
    }

    def defaults(self, identity: Identity, inputs: Properties) -> Properties:
        """Take the logical name for the key."""
        return {**super().defaults(identity, inputs), "key": identity.name}

    def mistakes(self, settings: Properties) -> Iterator[Finding]:
        """Find keys and values the API would not take."""
        key, value = reveal(settings["key"]), reveal(settings["string_value"])
        if isinstance(key, str) and not NAME.fullmatch(key):
            yield Finding(("key",), f"expected {NAME_WORDS}")
        if isinstance(value, str) and len(value.encode(errors="surrogatepass")) > MAX_SIZE_BYTES:
            yield Finding(("string_value",), f"has more than {MAX_SIZE_BYTES} bytes, which is all a secret takes")
        if value == "***":
            yield Finding(("string_value",), "is '***', which tools show in place of a secret; give the real value")

    def name_of(self, inputs: Properties) -> str:
        """Give scope and key."""
        plain = reveal(inputs)
        return f"{plain['scope']}/{plain['key']}"

    def find(self, workspace: Workspace, inputs: Properties) -> tuple[str, Json] | None:
        """Look through the scope's keys."""
        try:
            return self.name_of(inputs), self.fetch(workspace, self.name_of(inputs))
        except NotFoundError:
            return None

    def may_take_over(self, workspace: Workspace, mark: str, inputs: Properties, remote: Json) -> bool:
        """Take over a secret that has the wanted value already: nothing can be lost."""
        del mark, remote
        plain = reveal(inputs)
        try:
            answer = workspace.get(f"{API}/get", {"scope": plain["scope"], "key": plain["key"]})
        except ForbiddenError:
            return False
        return base64.b64decode(str(answer.get("value", ""))) == str(plain["string_value"]).encode()

    def make(self, workspace: Workspace, mark: str, inputs: Properties) -> str:
        """Put the value."""
        self.write(workspace, mark, "", inputs)
        return self.name_of(inputs)

    def fetch(self, workspace: Workspace, resource_id: str) -> Json:
        """Find the key in the list: the value itself is not asked for."""
        scope, _, key = resource_id.partition("/")
        for item in workspace.get(f"{API}/list", {"scope": scope}).get("secrets") or []:
            if item.get("key") == key:
                return {"scope": scope, **item}
        request = f"GET {API}/list"
        raise NotFoundError(service="Databricks", request=request, status=404, code="", message="no such secret")

    def write(self, workspace: Workspace, mark: str, resource_id: str, inputs: Properties) -> None:
        """Put the value."""
        del mark, resource_id
        workspace.post(f"{API}/put", {name: reveal(inputs[name]) for name in ("scope", "key", "string_value")})

    def remove(self, workspace: Workspace, resource_id: str, inputs: Properties) -> None:
        """Delete the secret."""
        del inputs
        scope, _, key = resource_id.partition("/")
        workspace.post(f"{API}/delete", {"scope": scope, "key": key})

    def known(self, resource_id: str, inputs: Properties) -> Properties:
        """Give the reference; a value is in no output."""
        del resource_id
        scope, key = inputs["scope"], inputs["key"]
        plain = isinstance(scope, str) and isinstance(key, str)
        reference = {"reference": f"{{{{secrets/{scope}/{key}}}}}"} if plain else {}
        return {"scope": scope, "key": key, **reference}

    def planned(self, inputs: Properties) -> Properties:
        """Give what is known."""
        return self.known("", inputs)

    def create(self, context: Context, identity: Identity, inputs: Properties, *, preview: bool) -> Made:
        """Put the value, and note when."""
        made = super().create(context, identity, inputs, preview=preview)
        return made if preview else Made(made.resource_id, self._stamped(context, made.resource_id, made.outputs))

    def update(
        self, context: Context, identity: Identity, made: Made, old: Properties, new: Properties, *, preview: bool
    ) -> Properties:
        """Put the new value, and note when."""
        outputs = super().update(context, identity, made, old, new, preview=preview)
        return outputs if preview else self._stamped(context, made.resource_id, outputs)

    def read(
        self, context: Context, identity: Identity, resource_id: str, inputs: Properties | None, outputs: Properties
    ) -> Found | None:
        """Read when the value was last written; at another time than ours, it is no longer known."""
        del identity
        try:
            remote = self.fetch(context.workspace, resource_id)
        except NotFoundError:
            return None
        prior = inputs or {}
        stamp = str(remote.get(_UPDATED, ""))
        unchanged = inputs is not None and outputs.get(_UPDATED, stamp) == stamp
        value = prior["string_value"] if unchanged else SecretValue("")
        found = {"scope": remote["scope"], "key": remote["key"], "string_value": value}
        found["adopt"] = prior.get("adopt", False)
        return Found(resource_id, found, {**self.known(resource_id, found), _UPDATED: stamp})

    def _stamped(self, context: Context, resource_id: str, outputs: Properties) -> Properties:
        try:
            remote = self.fetch(context.workspace, resource_id)
        except NotFoundError:
            return outputs
        return {**outputs, _UPDATED: str(remote.get(_UPDATED, ""))}
