"""A cluster policy."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

import pulumi

from airbrick.iac.clients.databricks import Json, Workspace
from airbrick.iac.ownership import marked, split_mark
from airbrick.iac.provider.handler import Identity, Property
from airbrick.iac.provider.record import ADOPT, fields_of
from airbrick.iac.resources.workspace_record import WorkspaceRecordHandler
from airbrick.iac.settings.validation import Finding
from airbrick.iac.types import Library
from airbrick.iac.values import Properties, Value, reveal

TOKEN: Final = "airbrick:databricks:ClusterPolicy"  # noqa: S105 - Pulumi calls a type's name its token
_API: Final = "/api/2.0/policies/clusters"
_TEXTS: Final = ("definition", "policy_family_definition_overrides")


class ClusterPolicy(pulumi.CustomResource):
    """A cluster policy.

    Its description in the workspace ends with a mark that says which stack manages it.

    :param resource_name: the logical name: the policy's name unless ``name`` gives another.
    :param definition: the policy's rules, as a mapping or as JSON text.
    :param name: the policy's name, unique in the workspace.
    :param description: shown in the workspace.
    :param libraries: libraries that clusters of the policy get.
    :param max_clusters_per_user: how many clusters a user may have with the policy.
    :param policy_family_id: a family the policy derives from, in place of ``definition``.
    :param policy_family_definition_overrides: what differs from the family, as a mapping or as JSON text.
    :param adopt: whether a policy of this name that exists already is taken over.
    :param opts: Pulumi's resource options.
    """

    policy_id: pulumi.Output[str]
    """The policy's id, for a cluster's ``policy_id``."""

    def __init__(
        self,
        resource_name: str,
        /,
        *,
        definition: pulumi.Input[Mapping[str, Any] | str] | None = None,
        name: pulumi.Input[str] | None = None,
        description: pulumi.Input[str] | None = None,
        libraries: pulumi.Input[list[Library]] | None = None,
        max_clusters_per_user: pulumi.Input[int] | None = None,
        policy_family_id: pulumi.Input[str] | None = None,
        policy_family_definition_overrides: pulumi.Input[Mapping[str, Any] | str] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        properties = {
            "name": name or resource_name,
            "definition": _text(definition),
            "description": description,
            "libraries": libraries,
            "max_clusters_per_user": max_clusters_per_user,
            "policy_family_id": policy_family_id,
            "policy_family_definition_overrides": _text(policy_family_definition_overrides),
            "adopt": adopt,
            "policy_id": None,
        }
        super().__init__(TOKEN, resource_name, properties, opts)


def _text(value: Any) -> Any:  # noqa: ANN401 - an input of Pulumi
    if value is None or isinstance(value, str):
        return value
    return pulumi.Output.from_input(value).apply(
        lambda known: known if isinstance(known, str) else json.dumps(known, sort_keys=True)
    )


class ClusterPolicyHandler(WorkspaceRecordHandler):
    """What the provider does for a cluster policy."""

    token: ClassVar[str] = TOKEN
    noun: ClassVar[str] = "cluster policy"
    description: ClassVar[str] = "A cluster policy."
    struct: ClassVar[str] = "ClusterPolicy"
    wishes: ClassVar[frozenset[str]] = frozenset({"adopt"})
    inputs: ClassVar[Mapping[str, Property]] = {**fields_of("ClusterPolicy"), **ADOPT}
    outputs: ClassVar[Mapping[str, Property]] = {
        "policy_id": Property("The policy's id.", required=True),
        "name": Property("The policy's name.", required=True),
    }

    def defaults(self, identity: Identity, inputs: Properties) -> Properties:
        """Take the logical name for the policy's."""
        return {**super().defaults(identity, inputs), "name": identity.name}

    def mistakes(self, settings: Properties) -> Iterator[Finding]:
        """Find rules that are no JSON object, and policies without rules."""
        for name in _TEXTS:
            text = reveal(settings.get(name))
            if isinstance(text, str) and not isinstance(_parsed(text), Mapping):
                yield Finding((name,), "is no JSON object; give a mapping")
        if settings.get("policy_family_id") is not None and settings.get("definition") is not None:
            fix = "put what differs from the family into policy_family_definition_overrides"
            yield Finding(("definition",), f"excludes 'policy_family_id'; {fix}")
        if settings.get("policy_family_id") is None and settings.get("definition") is None:
            yield Finding(("definition",), "is missing; give the policy's rules, or policy_family_id")

    def name_of(self, inputs: Properties) -> str:
        """Give the policy's name."""
        return str(reveal(inputs["name"]))

    def find(self, workspace: Workspace, inputs: Properties) -> tuple[str, Json] | None:
        """Look through the policies we can see; names are unique."""
        name = self.name_of(inputs)
        policies = workspace.get(f"{_API}/list").get("policies") or []
        return next(((str(policy["policy_id"]), policy) for policy in policies if policy.get("name") == name), None)

    def find_named(self, workspace: Workspace, name: str) -> tuple[str, Json] | None:
        """Find it by its name."""
        return self.find(workspace, {"name": name})

    def may_take_over(self, workspace: Workspace, mark: str, inputs: Properties, remote: Json) -> bool:
        """Look for our mark behind the description."""
        del workspace, inputs
        return split_mark(remote.get("description"))[1] == mark

    def make(self, workspace: Workspace, mark: str, inputs: Properties) -> str:
        """Make the policy."""
        return str(workspace.post(f"{_API}/create", _body(mark, inputs)).get("policy_id", ""))

    def fetch(self, workspace: Workspace, resource_id: str) -> Json:
        """Read the policy."""
        return workspace.get(f"{_API}/get", {"policy_id": resource_id})

    def write(self, workspace: Workspace, mark: str, resource_id: str, inputs: Properties) -> None:
        """Replace all of the policy."""
        workspace.post(f"{_API}/edit", {"policy_id": resource_id, **_body(mark, inputs)})

    def remove(self, workspace: Workspace, resource_id: str, inputs: Properties) -> None:
        """Delete the policy; clusters and jobs that name it stay as they are."""
        del inputs
        workspace.post(f"{_API}/delete", {"policy_id": resource_id})

    def identified(self, resource_id: str) -> Properties:
        """Give the id."""
        return {"policy_id": resource_id}

    def said(self, prior: Properties | None, remote: Json) -> Properties:
        """Read the policy; rules that mean the same are the same, however they are written."""
        shown = dict(remote)
        if (description := split_mark(remote.get("description"))[0]) != "":
            shown["description"] = description
        else:
            shown.pop("description", None)
        for name in _TEXTS:
            before = reveal((prior or {}).get(name))
            if isinstance(before, str) and _parsed(before) == _parsed(remote.get(name)):
                shown[name] = before
        return super().said(prior, shown)


def _body(mark: str, inputs: Properties) -> Json:
    plain = {name: value for name, value in reveal(inputs).items() if name != "adopt"}
    return {**plain, "description": marked(plain.get("description"), mark)}


def _parsed(text: Value) -> Value:
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return None
