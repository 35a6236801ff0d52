"""A secret scope."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

import pulumi

from airbrick.iac.clients.databricks import Json, Workspace
from airbrick.iac.errors import NotFoundError
from airbrick.iac.provider.handler import Identity, Property
from airbrick.iac.provider.record import ADOPT
from airbrick.iac.resources.workspace_record import WorkspaceRecordHandler
from airbrick.iac.settings.validation import Finding
from airbrick.iac.values import Properties, reveal

TOKEN: Final = "airbrick:databricks:SecretScope"  # noqa: S105 - Pulumi calls a type's name its token
API: Final = "/api/2.0/secrets"
NAME: Final = re.compile(r"[\w.@-]{1,128}", re.ASCII)
NAME_WORDS: Final = "1 to 128 letters, digits, '-', '_', '.' and '@'"
"""Source: https://docs.databricks.com/api/workspace/secrets/createscope"""

_OBJECT: Final = {"type": "object", "additionalProperties": {"$ref": "pulumi.json#/Any"}}


class SecretScope(pulumi.CustomResource):
    """A scope that holds secrets.

    An empty scope of this name that exists already is taken over; one that holds secrets only with ``adopt``. A
    change of its name makes a new scope and deletes the old one at the end, with the secrets that are in it.

    :param resource_name: the logical name: the scope's name unless ``name`` gives another.
    :param name: the scope's name.
    :param initial_manage_principal: ``users``, where all users may manage the scope; by default its creator may.
    :param backend_azure_keyvault: the key vault that holds the secrets: ``resource_id`` and ``dns_name``.
    :param adopt: whether a scope of this name that holds secrets already is taken over.
    :param opts: Pulumi's resource options.
    """

    name: pulumi.Output[str]
    """The scope's name."""

    def __init__(
        self,
        resource_name: str,
        /,
        *,
        name: pulumi.Input[str] | None = None,
        initial_manage_principal: pulumi.Input[str] | None = None,
        backend_azure_keyvault: pulumi.Input[Mapping[str, Any]] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        properties = {
            "name": name or resource_name,
            "initial_manage_principal": initial_manage_principal,
            "backend_azure_keyvault": backend_azure_keyvault,
            "adopt": adopt,
        }
        super().__init__(TOKEN, resource_name, properties, opts)


class SecretScopeHandler(WorkspaceRecordHandler):
    """What the provider does for a secret scope."""

    token: ClassVar[str] = TOKEN
    noun: ClassVar[str] = "secret scope"
    description: ClassVar[str] = "A scope that holds secrets."
    wishes: ClassVar[frozenset[str]] = frozenset({"adopt", "initial_manage_principal"})
    replaced_by: ClassVar[frozenset[str]] = frozenset({"name", "backend_azure_keyvault"})
    unique: ClassVar[str] = "name"
    inputs: ClassVar[Mapping[str, Property]] = {
        "name": Property("The scope's name.", required=True),
        "initial_manage_principal": Property("users, where all users may manage the scope."),
        "backend_azure_keyvault": Property("The key vault that holds the secrets.", type=_OBJECT),
        **ADOPT,
    }
    outputs: ClassVar[Mapping[str, Property]] = {"name": Property("The scope's name.", required=True)}

    def defaults(self, identity: Identity, inputs: Properties) -> Properties:
        """Take the logical name for the scope's."""
        return {**super().defaults(identity, inputs), "name": identity.name}

    def mistakes(self, settings: Properties) -> Iterator[Finding]:
        """Find names the API would not take."""
        name = reveal(settings["name"])
        if isinstance(name, str) and not NAME.fullmatch(name):
            yield Finding(("name",), f"expected {NAME_WORDS}")
        vault = reveal(settings.get("backend_azure_keyvault"))
        for key in ("resource_id", "dns_name") if isinstance(vault, Mapping) else ():
            if vault.get(key) is None:
                yield Finding(("backend_azure_keyvault", key), "is missing")

    def name_of(self, inputs: Properties) -> str:
        """Give the scope's name."""
        return str(reveal(inputs["name"]))

    def find(self, workspace: Workspace, inputs: Properties) -> tuple[str, Json] | None:
        """Look through the scopes we can see."""
        name = self.name_of(inputs)
        return next(((name, scope) for scope in _scopes(workspace) if scope.get("name") == name), None)

    def may_take_over(self, workspace: Workspace, mark: str, inputs: Properties, remote: Json) -> bool:
        """Take over an empty scope: a scope has no place for a mark, and nothing can be lost."""
        del mark, remote
        return not workspace.get(f"{API}/list", {"scope": self.name_of(inputs)}).get("secrets")

    def make(self, workspace: Workspace, mark: str, inputs: Properties) -> str:
        """Make the scope."""
        del mark
        plain = reveal(inputs)
        body: Json = {"scope": plain["name"]}
        if plain.get("initial_manage_principal"):
            body["initial_manage_principal"] = plain["initial_manage_principal"]
        if vault := plain.get("backend_azure_keyvault"):
            body |= {"scope_backend_type": "AZURE_KEYVAULT", "backend_azure_keyvault": vault}
        workspace.post(f"{API}/scopes/create", body)
        return str(plain["name"])

    def fetch(self, workspace: Workspace, resource_id: str) -> Json:
        """Read the scope: there is no call for one."""
        found = next((scope for scope in _scopes(workspace) if scope.get("name") == resource_id), None)
        if found is None:
            request = f"GET {API}/scopes/list"
            raise NotFoundError(service="Databricks", request=request, status=404, code="", message="no such scope")
        return found

    def said(self, prior: Properties | None, remote: Json) -> Properties:
        """Read the scope; who may manage it at first is not told."""
        found: Properties = {"name": remote["name"]}
        if vault := remote.get("keyvault_metadata"):
            found["backend_azure_keyvault"] = vault
        kept = (prior or {}).get("initial_manage_principal")
        return found if kept is None else {**found, "initial_manage_principal": kept}

    def write(self, workspace: Workspace, mark: str, resource_id: str, inputs: Properties) -> None:
        """Change nothing: there is nothing to change in place."""

    def remove(self, workspace: Workspace, resource_id: str, inputs: Properties) -> None:
        """Delete the scope with all that is in it."""
        del inputs
        workspace.post(f"{API}/scopes/delete", {"scope": resource_id})


def _scopes(workspace: Workspace) -> list[Json]:
    return list(workspace.get(f"{API}/scopes/list").get("scopes") or [])
