"""Who may do what with a secret scope."""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Final, Literal

import pulumi

from airbrick.iac.clients.databricks import Json, Workspace
from airbrick.iac.errors import NotFoundError
from airbrick.iac.provider.handler import Property
from airbrick.iac.provider.record import ADOPT
from airbrick.iac.resources.secret_scope import API
from airbrick.iac.resources.workspace_record import WorkspaceRecordHandler
from airbrick.iac.settings.validation import Finding
from airbrick.iac.values import UNKNOWN, Properties, reveal

TOKEN: Final = "airbrick:databricks:SecretAcl"  # noqa: S105 - Pulumi calls a type's name its token
_LEVELS: Final = ("READ", "WRITE", "MANAGE")


class SecretAcl(pulumi.CustomResource):
    """What one principal may do with a secret scope.

    :param resource_name: the logical name, unique in the stack.
    :param scope: the scope's name.
    :param principal: a user, a group, or a service principal's application id.
    :param permission: ``READ``, ``WRITE`` or ``MANAGE``.
    :param adopt: whether another permission that the principal has already is overwritten.
    :param opts: Pulumi's resource options.
    """

    scope: pulumi.Output[str]
    """The scope's name."""

    principal: pulumi.Output[str]
    """The principal."""

    def __init__(
        self,
        resource_name: str,
        /,
        *,
        scope: pulumi.Input[str],
        principal: pulumi.Input[str],
        permission: pulumi.Input[Literal["READ", "WRITE", "MANAGE"]],
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        properties = {"scope": scope, "principal": principal, "permission": permission, "adopt": adopt}
        super().__init__(TOKEN, resource_name, properties, opts)


class SecretAclHandler(WorkspaceRecordHandler):
    """What the provider does for a permission on a secret scope."""

    token: ClassVar[str] = TOKEN
    noun: ClassVar[str] = "secret ACL"
    description: ClassVar[str] = "What one principal may do with a secret scope."
    wishes: ClassVar[frozenset[str]] = frozenset({"adopt"})
    replaced_by: ClassVar[frozenset[str]] = frozenset({"scope", "principal"})
    inputs: ClassVar[Mapping[str, Property]] = {
        "scope": Property("The scope's name.", required=True),
        "principal": Property("A user, a group, or a service principal's application id.", required=True),
        "permission": Property("READ, WRITE or MANAGE.", required=True),
        **ADOPT,
    }
    outputs: ClassVar[Mapping[str, Property]] = {
        "scope": Property("The scope's name.", required=True),
        "principal": Property("The principal.", required=True),
    }

    def mistakes(self, settings: Properties) -> Iterator[Finding]:
        """Find permissions that are none."""
        permission = reveal(settings["permission"])
        if permission not in (*_LEVELS, UNKNOWN):
            yield Finding(("permission",), f"expected one of {', '.join(_LEVELS)}")

    def name_of(self, inputs: Properties) -> str:
        """Give scope and principal."""
        plain = reveal(inputs)
        return f"{plain['scope']}/{plain['principal']}"

    def find(self, workspace: Workspace, inputs: Properties) -> tuple[str, Json] | None:
        """Look at what the principal may do."""
        try:
            return self.name_of(inputs), self.fetch(workspace, self.name_of(inputs))
        except NotFoundError:
            return None

    def may_take_over(self, workspace: Workspace, mark: str, inputs: Properties, remote: Json) -> bool:
        """Take over what is as wanted already."""
        del workspace, mark
        return bool(remote.get("permission") == reveal(inputs["permission"]))

    def make(self, workspace: Workspace, mark: str, inputs: Properties) -> str:
        """Put the permission."""
        self.write(workspace, mark, "", inputs)
        return self.name_of(inputs)

    def fetch(self, workspace: Workspace, resource_id: str) -> Json:
        """Read what the principal may do."""
        scope, _, principal = resource_id.partition("/")
        answer = workspace.get(f"{API}/acls/get", {"scope": scope, "principal": principal})
        return {"scope": scope, "principal": principal, "permission": answer.get("permission")}

    def write(self, workspace: Workspace, mark: str, resource_id: str, inputs: Properties) -> None:
        """Put the permission."""
        del mark, resource_id
        workspace.post(f"{API}/acls/put", {name: reveal(inputs[name]) for name in ("scope", "principal", "permission")})

    def remove(self, workspace: Workspace, resource_id: str, inputs: Properties) -> None:
        """Take the permission away."""
        del inputs
        scope, _, principal = resource_id.partition("/")
        workspace.post(f"{API}/acls/delete", {"scope": scope, "principal": principal})
