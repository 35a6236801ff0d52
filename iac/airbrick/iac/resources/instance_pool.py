"""An instance pool."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Final, Unpack

import pulumi

from airbrick.contract import OWNER_TAG
from airbrick.iac.clients.databricks import Json, Workspace
from airbrick.iac.errors import NotFoundError
from airbrick.iac.provider.handler import Difference, Identity, Property
from airbrick.iac.provider.record import ADOPT, fields_of
from airbrick.iac.resources.workspace_record import WorkspaceRecordHandler
from airbrick.iac.settings.difference import Change, ChangeKind
from airbrick.iac.settings.rule import RuleKind
from airbrick.iac.settings.validation import Finding
from airbrick.iac.types import InstancePool as InstancePoolSettings
from airbrick.iac.values import Properties, reveal

TOKEN: Final = "airbrick:databricks:InstancePool"  # noqa: S105 - Pulumi calls a type's name its token
_API: Final = "/api/2.0/instance-pools"
# What instance-pools/edit takes. Source: https://docs.databricks.com/api/workspace/instancepools/edit
_EDITABLE: Final = frozenset(
    {
        "instance_pool_name",
        "custom_tags",
        "idle_instance_autotermination_minutes",
        "max_capacity",
        "min_idle_instances",
        "remote_disk_throughput",
        "total_initial_remote_disk_size",
    }
)


class InstancePool(pulumi.CustomResource):
    """An instance pool; its settings are the Instance Pools API's own.

    What the API cannot change, such as the node type, replaces the pool: the old one is deleted first unless
    the name changes too, since names are unique.

    :param resource_name: the logical name: the pool's name unless ``instance_pool_name`` gives another.
    :param adopt: whether a pool of this name that exists already is taken over.
    :param opts: Pulumi's resource options.
    :param settings: the pool's settings, in the API's own names.
    """

    instance_pool_id: pulumi.Output[str]
    """The pool's id, for a cluster's ``instance_pool_id``."""

    def __init__(
        self,
        resource_name: str,
        /,
        *,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
        **settings: Unpack[InstancePoolSettings],
    ) -> None:
        given: dict[str, Any] = {**settings}
        given.setdefault("instance_pool_name", resource_name)
        super().__init__(TOKEN, resource_name, {**given, "adopt": adopt, "instance_pool_id": None}, opts)


class InstancePoolHandler(WorkspaceRecordHandler):
    """What the provider does for an instance pool."""

    token: ClassVar[str] = TOKEN
    noun: ClassVar[str] = "instance pool"
    description: ClassVar[str] = "An instance pool."
    struct: ClassVar[str] = "InstancePool"
    wishes: ClassVar[frozenset[str]] = frozenset({"adopt"})
    inputs: ClassVar[Mapping[str, Property]] = {**fields_of("InstancePool"), **ADOPT}
    outputs: ClassVar[Mapping[str, Property]] = {
        "instance_pool_id": Property("The pool's id.", required=True),
        "instance_pool_name": Property("The pool's name.", required=True),
    }
    replaced_by: ClassVar[frozenset[str]] = frozenset(fields_of("InstancePool")) - _EDITABLE
    unique: ClassVar[str] = "instance_pool_name"

    def defaults(self, identity: Identity, inputs: Properties) -> Properties:
        """Take the logical name for the pool's."""
        return {**super().defaults(identity, inputs), "instance_pool_name": identity.name}

    def mistakes(self, settings: Properties) -> Iterator[Finding]:
        """Find sizes that contradict each other, and our own tag."""
        low, high = reveal(settings.get("min_idle_instances")), reveal(settings.get("max_capacity"))
        if isinstance(low, int) and isinstance(high, int) and low > high:
            yield Finding(("min_idle_instances",), "is more than max_capacity")
        tags = reveal(settings.get("custom_tags"))
        if isinstance(tags, Mapping) and OWNER_TAG in tags:
            yield Finding(("custom_tags", OWNER_TAG), "is airbrick's own tag; leave it out")

    def diff(self, identity: Identity, old: Properties, new: Properties) -> Difference:
        """Compare pools: what the server chose, and the program does not say, stays as it is."""
        found = super().diff(identity, old, new)
        changes = [change for change in found.changes if not self._is_left_to_server(change)]
        replaces = frozenset(str(change.path[0]) for change in changes) & self.replaced_by
        return replace(found, changes=changes, replaces=replaces)

    def _is_left_to_server(self, change: Change) -> bool:
        name = str(change.path[0])
        gone = change.kind is ChangeKind.DELETE and len(change.path) == 1 and name in self.replaced_by
        return gone and bool({RuleKind.FILLED, RuleKind.MANAGED} & self.shape.member(name).rules.keys())

    def name_of(self, inputs: Properties) -> str:
        """Give the pool's name."""
        return str(reveal(inputs["instance_pool_name"]))

    def find(self, workspace: Workspace, inputs: Properties) -> tuple[str, Json] | None:
        """Look through the pools we can see."""
        name = self.name_of(inputs)
        pools = workspace.get(f"{_API}/list").get("instance_pools") or []
        return next(
            ((str(pool["instance_pool_id"]), pool) for pool in pools if pool.get("instance_pool_name") == name), None
        )

    def find_named(self, workspace: Workspace, name: str) -> tuple[str, Json] | None:
        """Find it by its name."""
        return self.find(workspace, {"instance_pool_name": name})

    def may_take_over(self, workspace: Workspace, mark: str, inputs: Properties, remote: Json) -> bool:
        """Look for our tag."""
        del workspace, inputs
        return bool((remote.get("custom_tags") or {}).get(OWNER_TAG) == mark)

    def make(self, workspace: Workspace, mark: str, inputs: Properties) -> str:
        """Make the pool."""
        return str(workspace.post(f"{_API}/create", _body(mark, inputs)).get("instance_pool_id", ""))

    def fetch(self, workspace: Workspace, resource_id: str) -> Json:
        """Read the pool; one whose state is DELETED is gone."""
        pool = workspace.get(f"{_API}/get", {"instance_pool_id": resource_id})
        if pool.get("state") == "DELETED":
            raise NotFoundError(service="Databricks", request="GET", status=404, code="", message="the pool is deleted")
        return pool

    def write(self, workspace: Workspace, mark: str, resource_id: str, inputs: Properties) -> None:
        """Write what can be edited, and what airbrick does not know; the API wants the node type repeated."""
        body = _body(mark, inputs)
        kept = {name: value for name, value in body.items() if name not in self.replaced_by or name == "node_type_id"}
        workspace.post(f"{_API}/edit", {"instance_pool_id": resource_id, **kept})

    def remove(self, workspace: Workspace, resource_id: str, inputs: Properties) -> None:
        """Delete the pool and its idle instances."""
        del inputs
        workspace.post(f"{_API}/delete", {"instance_pool_id": resource_id})

    def identified(self, resource_id: str) -> Properties:
        """Give the id."""
        return {"instance_pool_id": resource_id}

    def said(self, prior: Properties | None, remote: Json) -> Properties:
        """Read the pool without our own tag."""
        tags = {name: value for name, value in (remote.get("custom_tags") or {}).items() if name != OWNER_TAG}
        rest = {name: value for name, value in remote.items() if name != "custom_tags"}
        return super().said(prior, {**rest, "custom_tags": tags} if tags else rest)


def _body(mark: str, inputs: Properties) -> Json:
    plain = {name: value for name, value in reveal(inputs).items() if name != "adopt"}
    return {**plain, "custom_tags": {**(plain.get("custom_tags") or {}), OWNER_TAG: mark}}
