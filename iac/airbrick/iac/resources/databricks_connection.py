"""An Airflow connection to a Databricks workspace."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

import pulumi

from airbrick.contract import OWNER_TAG
from airbrick.iac.clients.airflow import Airflow, Json
from airbrick.iac.errors import ConflictError, IacError, NotFoundError, PartialError, UnclearError, UnreachableError
from airbrick.iac.ownership import owner
from airbrick.iac.provider.handler import Checked, Context, Difference, Found, Identity, Made, Naming, Property
from airbrick.iac.settings.difference import difference
from airbrick.iac.settings.shape import ANYTHING
from airbrick.iac.settings.validation import Finding
from airbrick.iac.values import UNKNOWN, Properties, Secret, Value, as_secret, conceal_known, reveal, walk

TOKEN: Final = "airbrick:airflow:DatabricksConnection"  # noqa: S105 - Pulumi calls a type's name its token
CONN_TYPE: Final = "databricks"
OAUTH: Final = "service_principal_oauth"
PAT: Final = "personal_access_token"
MASK: Final = "***"
"""What Airflow shows in place of a secret. Written, it means: keep the secret you have."""

_SECRETS: Final = ("client_secret", "token")
_CONNECTION_ID: Final = re.compile(r"[\w.-]{1,200}")
_MANAGED_EXTRA: Final = (OAUTH, OWNER_TAG)


class DatabricksConnection(pulumi.CustomResource):
    """An Airflow connection of type ``databricks``, made through Airflow's REST API.

    Either ``client_id`` with ``client_secret`` (OAuth of a service principal) or ``token`` (a personal access token,
    discouraged: it belongs to a person and lives long).

    An environment variable ``AIRFLOW_CONN_<ID>`` and a secrets backend win over a connection made here.

    :param resource_name: the logical name: the connection's id and its key in the contract.
    :param host: the workspace's address, with scheme and, for a local one, port.
    :param client_id: application id of the service principal.
    :param client_secret: its OAuth secret; always kept as a Pulumi secret.
    :param token: personal access token; always kept as a Pulumi secret.
    :param description: shown in Airflow.
    :param extra: further extras the official provider reads, such as ``{"http_timeout_seconds": 30}``.
    :param adopt: whether a connection of this id that exists already is taken over.
    :param opts: Pulumi's resource options.
    """

    connection_id: pulumi.Output[str]
    """The connection's id, for ``databricks_conn_id``."""

    conn_type: pulumi.Output[str]
    """``databricks``."""

    auth: pulumi.Output[str]
    """How it authenticates: ``service_principal_oauth`` or ``personal_access_token``."""

    def __init__(
        self,
        resource_name: str,
        /,
        *,
        host: pulumi.Input[str],
        client_id: pulumi.Input[str] | None = None,
        client_secret: pulumi.Input[str] | None = None,
        token: pulumi.Input[str] | None = None,
        description: pulumi.Input[str] | None = None,
        extra: pulumi.Input[Mapping[str, Any]] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        self.logical_name = resource_name
        properties: dict[str, Any] = {
            "connection_id": resource_name,
            "host": host,
            "client_id": client_id,
            "client_secret": None if client_secret is None else pulumi.Output.secret(client_secret),
            "token": None if token is None else pulumi.Output.secret(token),
            "description": description,
            "extra": extra,
            "adopt": adopt,
            "conn_type": None,
            "auth": None,
        }
        super().__init__(TOKEN, resource_name, properties, opts)


class DatabricksConnectionHandler:
    """What the provider does for an Airflow connection."""

    token: ClassVar[str] = TOKEN
    description: ClassVar[str] = "An Airflow connection to a Databricks workspace."
    refresh_before_update: ClassVar[bool] = True
    inputs: ClassVar[Mapping[str, Property]] = {
        "connection_id": Property("The connection's id.", required=True),
        "host": Property("The workspace's address.", required=True),
        "client_id": Property("Application id of the service principal."),
        "client_secret": Property("OAuth secret of the service principal.", secret=True),
        "token": Property("Personal access token.", secret=True),
        "description": Property("Shown in Airflow."),
        "extra": Property(
            "Further extras.", type={"type": "object", "additionalProperties": {"$ref": "pulumi.json#/Any"}}
        ),
        "adopt": Property("Whether an existing connection is taken over.", type={"type": "boolean"}),
    }
    outputs: ClassVar[Mapping[str, Property]] = {
        "connection_id": Property("The connection's id.", required=True),
        "conn_type": Property("Airflow's connection type.", required=True),
        "auth": Property("How it authenticates.", required=True),
    }

    def check(
        self, context: Context, identity: Identity, inputs: Properties, old: Properties, naming: Naming
    ) -> Checked:
        """Find mistakes, and mark what is secret as secret, whoever wrote it."""
        del context, old, naming
        settings = {key: value for key, value in inputs.items() if value is not None}
        settings.setdefault("connection_id", identity.name)
        findings = list(_validate(settings))
        for key in _SECRETS:
            if key in settings:
                settings[key] = as_secret(settings[key])
        if isinstance(host := settings.get("host"), str):
            settings["host"] = host.rstrip("/")
        return Checked({"adopt": False, **settings}, findings)

    def diff(self, identity: Identity, old: Properties, new: Properties) -> Difference:
        """Compare inputs: secrets can be compared nowhere else, Airflow shows none."""
        del identity
        changes = [change for change in difference(old, new, ANYTHING) if change.path[0] != "adopt"]
        replaces = frozenset(str(change.path[0]) for change in changes) & {"connection_id"}
        return Difference(changes, replaces)

    def create(self, context: Context, identity: Identity, inputs: Properties, *, preview: bool) -> Made:
        """Make the connection, or complete what an interrupted attempt of ours left."""
        made = Made(str(reveal(inputs["connection_id"])), _outputs(inputs))
        if preview:
            return made
        airflow = context.airflow
        try:
            airflow.create_connection(_body(identity, inputs))
        except UnreachableError:
            raise
        except ConflictError as error:
            self._take_over(context, identity, inputs, made, error)
        except UnclearError as error:
            if not _is_ours(airflow, identity, made.resource_id, error):
                raise
            self._write(airflow, identity, inputs, made)
        return made

    def read(
        self, context: Context, identity: Identity, resource_id: str, inputs: Properties | None, outputs: Properties
    ) -> Found | None:
        """Read what Airflow shows; its secrets are masked, so the known ones stand."""
        del identity, outputs
        try:
            remote = context.airflow.get_connection(resource_id)
        except NotFoundError:
            return None
        found = _project(inputs, remote)
        return Found(resource_id, found, _outputs(found))

    def update(
        self, context: Context, identity: Identity, made: Made, old: Properties, new: Properties, *, preview: bool
    ) -> Properties:
        """Write all fields again, secrets included."""
        del old
        if not preview:
            context.airflow.update_connection(made.resource_id, _body(identity, new))
        return _outputs(new)

    def delete(self, context: Context, identity: Identity, made: Made, inputs: Properties) -> None:
        """Delete the connection; one that is gone already is as wanted."""
        del identity, inputs
        try:
            context.airflow.delete_connection(made.resource_id)
        except NotFoundError:
            return

    def _take_over(
        self, context: Context, identity: Identity, inputs: Properties, made: Made, error: ConflictError
    ) -> None:
        airflow = context.airflow
        in_state = context.is_in_state(identity, made.resource_id)
        ours = not in_state and _is_ours(airflow, identity, made.resource_id, error)
        if not ours and (in_state or not reveal(inputs.get("adopt"))):
            raise ConflictError(
                service="Airflow",
                request=f"connection {made.resource_id!r}",
                status=error.status,
                code="",
                message="exists already, and this stack did not make it",
                fix="set adopt=True to take it over, import it with `pulumi import`, or choose another id",
            ) from error
        self._write(airflow, identity, inputs, made)
        context.tell(identity, f"takes over the Airflow connection {made.resource_id!r}, which exists already")

    @staticmethod
    def _write(airflow: Airflow, identity: Identity, inputs: Properties, made: Made) -> None:
        try:
            airflow.update_connection(made.resource_id, _body(identity, inputs))
        except IacError as error:
            raise PartialError(
                resource_id=made.resource_id, outputs=made.outputs, inputs=inputs, reason=error
            ) from error


def _validate(settings: Properties) -> Iterator[Finding]:
    for key in ("host", "client_id", "client_secret", "token", "description", "connection_id"):
        value = reveal(settings.get(key))
        if value is not None and value is not UNKNOWN and not isinstance(value, str):
            yield Finding((key,), "expected text; write it in quotes")
    connection_id, host = settings["connection_id"], reveal(settings.get("host"))
    if isinstance(connection_id, str) and not _CONNECTION_ID.fullmatch(connection_id):
        yield Finding(("connection_id",), "expected up to 200 letters, digits, '_', '.' and '-'")
    if not host:
        yield Finding(("host",), "is missing; give the workspace's address, such as env.host")
    elif isinstance(host, str) and not host.startswith(("https://", "http://")):
        yield Finding(("host",), f"has no scheme; write it as https://{host}")
    for path, value in walk(reveal({key: settings[key] for key in (*_SECRETS, "extra") if key in settings})):
        if value == MASK:
            yield Finding(path, "is '***', which Airflow shows in place of a secret; give the real value")
    extra = reveal(settings.get("extra"))
    if extra is not None and extra is not UNKNOWN and not isinstance(extra, Mapping):
        yield Finding(("extra",), "expected a mapping")
    elif isinstance(extra, Mapping):
        yield from (
            Finding(("extra", key), "is set by airbrick; leave it out") for key in _MANAGED_EXTRA if key in extra
        )
    yield from _validate_auth(settings)


def _validate_auth(settings: Properties) -> Iterator[Finding]:
    has_oauth = [key for key in ("client_id", "client_secret") if settings.get(key) is not None]
    if settings.get("token") is not None:
        if has_oauth:
            yield Finding(("token",), f"excludes {has_oauth[0]}; keep one way to authenticate")
        message = "a personal access token belongs to a person and lives long; prefer client_id with client_secret"
        yield Finding(("token",), message, fatal=False)
    elif len(has_oauth) != len(("client_id", "client_secret")):
        missing = "client_secret" if has_oauth == ["client_id"] else "client_id"
        yield Finding((missing,), "is missing; give client_id and client_secret, or token")
    for key in ("client_id", *_SECRETS):
        if reveal(settings.get(key)) == "":
            yield Finding((key,), "is empty")


def _auth(inputs: Properties) -> str:
    return PAT if inputs.get("token") is not None else OAUTH


def _outputs(inputs: Properties) -> Properties:
    return {"connection_id": inputs["connection_id"], "conn_type": CONN_TYPE, "auth": _auth(inputs)}


def _body(identity: Identity, inputs: Properties) -> Json:
    plain = reveal(inputs)
    extra = {**(plain.get("extra") or {}), OWNER_TAG: owner(identity)}
    if _auth(inputs) == OAUTH:
        extra[OAUTH] = True
    return {
        "connection_id": plain["connection_id"],
        "conn_type": CONN_TYPE,
        "description": plain.get("description"),
        "host": plain["host"],
        "login": plain.get("client_id"),
        "password": plain.get("client_secret") or plain.get("token"),
        "schema": None,
        "port": None,
        "extra": json.dumps(extra, sort_keys=True),
    }


def _is_ours(airflow: Airflow, identity: Identity, connection_id: str, error: IacError) -> bool:
    try:
        extra = _extra(airflow.get_connection(connection_id))
    except NotFoundError:
        return False
    except IacError:
        raise error from None
    return extra.get(OWNER_TAG) == owner(identity)


def _extra(remote: Json) -> dict[str, Any]:
    try:
        extra = json.loads(remote.get("extra") or "{}")
    except ValueError:
        return {}
    return extra if isinstance(extra, dict) else {}


def _project(inputs: Properties | None, remote: Json) -> Properties:
    """Give the inputs that would make the connection as Airflow shows it.

    A conn_type, schema or port of another's making has no input of its own; it shows as a host that differs.
    """
    prior = inputs or {}
    extra = _extra(remote)
    is_oauth = extra.get(OAUTH) is True
    found: Properties = {"connection_id": remote["connection_id"], "adopt": prior.get("adopt", False)}
    found["host"] = _keep(prior.get("host"), _location(remote))
    if is_oauth:
        found["client_id"] = _keep(prior.get("client_id"), remote.get("login"))
    secret = "client_secret" if is_oauth else "token"
    if remote.get("password") is not None:
        found[secret] = prior.get(secret) or Secret(MASK)
    found["description"] = _keep(prior.get("description"), remote.get("description"))
    own = {key: value for key, value in extra.items() if key not in _MANAGED_EXTRA}
    found["extra"] = _unmask(prior.get("extra"), own)
    kept = {key: value for key, value in found.items() if value not in (None, {}) or key == "adopt"}
    return dict(conceal_known(kept, prior=prior))


def _location(remote: Json) -> str:
    host = str(remote.get("host") or "")
    foreign = [
        f"{key} {remote[key]}"
        for key in ("conn_type", "schema", "port")
        if remote.get(key) not in (None, "", CONN_TYPE)
    ]
    return " ".join([host, *foreign])


def _keep(prior: Value, remote: Value) -> Value:
    if isinstance(prior, Secret):
        return Secret(_keep(prior.value, remote))
    same = prior == remote or (prior in (None, "") and remote in (None, ""))
    return prior if same else remote


def _unmask(prior: Value, remote: Value) -> Value:
    """Put known values in the place of masks, and secret marks where they were."""
    if isinstance(prior, Secret):
        return Secret(_unmask(prior.value, remote))
    if remote == MASK:
        return Secret(MASK) if prior is None else prior
    if isinstance(remote, Mapping):
        known = prior if isinstance(prior, Mapping) else {}
        return {key: _unmask(known.get(key), value) for key, value in remote.items()}
    if isinstance(remote, list) and isinstance(prior, list) and len(prior) == len(remote):
        return [_unmask(before, after) for before, after in zip(prior, remote, strict=True)]
    return remote
