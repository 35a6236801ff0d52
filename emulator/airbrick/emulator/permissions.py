"""Access control lists: one level per principal, for some kinds of objects exactly one owner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airbrick.emulator.errors import invalid_parameter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airbrick.emulator.auth import Identity

PRINCIPALS = ("user_name", "group_name", "service_principal_name")
OWNER = "IS_OWNER"
ADMINS = "admins"

Entry = dict[str, str]


@dataclass(frozen=True, slots=True)
class ObjectKind:
    """A kind of objects that have permissions.

    :param path: its name in ``/api/2.0/permissions/{object_type}``
    :param prefix: what goes before its path in answers
    :param object_type: its name in answers
    :param noun: its name in messages
    :param levels: what each level allows, by level, from the lowest to the highest
    :param creator_level: what the creator of an object gets; None for nothing
    :param admin_level: what administrators inherit
    """

    path: str
    object_type: str
    noun: str
    levels: Mapping[str, str]
    creator_level: str | None
    admin_level: str
    prefix: str = "/"

    @property
    def owned(self) -> bool:
        """Whether each object has exactly one owner."""
        return OWNER in self.levels

    def object_id(self, key: object) -> str:
        """Return an object's id as answers show it."""
        return f"{self.prefix}{self.path}/{key}"

    def shows_levels(self) -> list[dict[str, str]]:
        """Return the levels as permissionLevels shows them."""
        return [{"permission_level": level, "description": text} for level, text in self.levels.items()]


JOBS = ObjectKind(
    "jobs",
    "job",
    "job",
    {
        "CAN_VIEW": "Can view the job, its runs and their results",
        "CAN_MANAGE_RUN": "Can view, run and cancel the job",
        "CAN_MANAGE": "Can view, run, cancel, edit and delete the job, and change its permissions",
        OWNER: "Owns the job; all that Can Manage allows",
    },
    OWNER,
    "CAN_MANAGE",
)
CLUSTERS = ObjectKind(
    "clusters",
    "cluster",
    "cluster",
    {
        "CAN_ATTACH_TO": "Can attach notebooks to the cluster",
        "CAN_RESTART": "Can attach to, start, restart and terminate the cluster",
        "CAN_MANAGE": "Can attach to, start, restart, edit and delete the cluster, and change its permissions",
    },
    "CAN_MANAGE",
    "CAN_MANAGE",
)
CLUSTER_POLICIES = ObjectKind(
    "cluster-policies",
    "cluster-policy",
    "cluster policy",
    {"CAN_USE": "Can make clusters with the policy"},
    None,
    "CAN_USE",
)
INSTANCE_POOLS = ObjectKind(
    "instance-pools",
    "instance-pool",
    "instance pool",
    {
        "CAN_ATTACH_TO": "Can attach clusters to the pool",
        "CAN_MANAGE": "Can attach to, edit and delete the pool, and change its permissions",
    },
    "CAN_MANAGE",
    "CAN_MANAGE",
)

WAREHOUSES = ObjectKind(
    "warehouses",
    "warehouses",
    "SQL warehouse",
    {
        "CAN_VIEW": "Can view the warehouse",
        "CAN_MONITOR": "Can view the warehouse and its queries",
        "CAN_USE": "Can view the warehouse and run statements on it",
        "CAN_MANAGE": "Can use, start, stop, edit and delete the warehouse, and change its permissions",
        OWNER: "Owns the warehouse; all that Can Manage allows",
    },
    OWNER,
    "CAN_MANAGE",
    prefix="/sql/",
)


def creator_entries(kind: ObjectKind, identity: Identity) -> list[Entry]:
    """Return the entries of an object that was just made."""
    if kind.creator_level is None:
        return []
    return [{**identity.run_as(), "permission_level": kind.creator_level}]


def check_entries(kind: ObjectKind, entries: object, present: list[Entry] | None = None) -> list[Entry]:
    """Return the entries that a request sets; the last level of a principal counts.

    :param present: entries to which the request adds, without owners that it replaces; None to replace all
    :raises ApiError: 400, an entry is wrong or there is not exactly one owner
    """
    if not isinstance(entries, list):
        raise invalid_parameter("access_control_list must be a list")
    wanted = [_check_entry(kind, entry, f"access_control_list[{index}]") for index, entry in enumerate(entries)]
    takes_over = any(entry["permission_level"] == OWNER for entry in wanted)
    kept = [entry for entry in present or () if not (takes_over and entry["permission_level"] == OWNER)]
    by_principal = {principal_of(entry): entry for entry in [*kept, *wanted]}
    owners = [key for key, entry in by_principal.items() if entry["permission_level"] == OWNER]
    if kind.owned and len(owners) != 1:
        raise invalid_parameter(f"The {kind.noun} must have exactly one owner.")
    if owners and owners[0][0] == "group_name":
        raise invalid_parameter(f"A group cannot own a {kind.noun}.")
    return list(by_principal.values())


def show_permissions(kind: ObjectKind, key: object, entries: list[Entry]) -> dict[str, Any]:
    """Return an object's permissions as the API shows them, with what it inherits."""
    shown = [_show(entry) for entry in entries]
    inherited = _show({"group_name": ADMINS, "permission_level": kind.admin_level}, inherited_from=kind.object_id(""))
    admins = next((item for item in shown if item.get("group_name") == ADMINS), None)
    if admins is None:
        shown.append(inherited)
    else:
        admins["all_permissions"] += inherited["all_permissions"]
    return {"object_id": kind.object_id(key), "object_type": kind.object_type, "access_control_list": shown}


def principal_of(entry: Mapping[str, str]) -> tuple[str, str]:
    """Return which of :data:`PRINCIPALS` an entry names, and the name."""
    return next((kind, entry[kind]) for kind in PRINCIPALS if kind in entry)


def _show(entry: Entry, *, inherited_from: str | None = None) -> dict[str, Any]:
    permission: dict[str, Any] = {
        "permission_level": entry["permission_level"],
        "inherited": inherited_from is not None,
    }
    if inherited_from is not None:
        permission["inherited_from_object"] = [inherited_from]
    kind, name = principal_of(entry)
    shown: dict[str, Any] = {kind: name, "all_permissions": [permission]}
    if kind != "group_name":
        shown["display_name"] = name
    return shown


def _check_entry(kind: ObjectKind, entry: object, path: str) -> Entry:
    if not isinstance(entry, dict):
        raise invalid_parameter(f"{path} must be an object")
    named = [name for name in PRINCIPALS if entry.get(name)]
    if len(named) != 1 or not isinstance(entry[named[0]], str):
        raise invalid_parameter(f"{path} must name exactly one of {', '.join(PRINCIPALS)}")
    level = entry.get("permission_level")
    if not isinstance(level, str) or level not in kind.levels:
        raise invalid_parameter(f"{path}.permission_level must be one of {', '.join(kind.levels)}")
    return {named[0]: entry[named[0]], "permission_level": level}
