"""Access control lists: one level per principal, exactly one owner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airbrick.emulator.errors import invalid_parameter

if TYPE_CHECKING:
    from airbrick.emulator.auth import Identity

LEVELS = ("CAN_VIEW", "CAN_MANAGE_RUN", "CAN_MANAGE", "IS_OWNER")
PRINCIPALS = ("user_name", "group_name", "service_principal_name")
_ADMINS = {"group_name": "admins"}

Entry = dict[str, str]


def creator_entries(identity: Identity) -> list[Entry]:
    """Return the entries of a job that was just made."""
    return [{**identity.run_as(), "permission_level": "IS_OWNER"}]


def check_entries(entries: object, present: list[Entry] | None = None) -> list[Entry]:
    """Return the entries that a request sets; the last level of a principal counts.

    :param present: entries to which the request adds, without owners that it replaces; None to replace all
    :raises ApiError: 400, an entry is wrong or there is not exactly one owner
    """
    if not isinstance(entries, list):
        raise invalid_parameter("access_control_list must be a list")
    wanted = [_check_entry(entry, f"access_control_list[{index}]") for index, entry in enumerate(entries)]
    takes_over = any(entry["permission_level"] == "IS_OWNER" for entry in wanted)
    kept = [entry for entry in present or () if not (takes_over and entry["permission_level"] == "IS_OWNER")]
    by_principal = {_principal(entry): entry for entry in [*kept, *wanted]}
    owners = [key for key, entry in by_principal.items() if entry["permission_level"] == "IS_OWNER"]
    if len(owners) != 1:
        raise invalid_parameter("The job must have exactly one owner.")
    if owners[0][0] == "group_name":
        raise invalid_parameter("A group cannot own a job.")
    return list(by_principal.values())


def job_permissions(job_id: int, entries: list[Entry]) -> dict[str, Any]:
    """Return the permissions of a job as the API shows them, with what it inherits."""
    shown = [_show(entry, inherited=False) for entry in entries]
    admins = next((item for item in shown if item.get("group_name") == "admins"), None)
    inherited = _show({**_ADMINS, "permission_level": "CAN_MANAGE"}, inherited=True)
    if admins is None:
        shown.append(inherited)
    else:
        admins["all_permissions"] += inherited["all_permissions"]
    return {"object_id": f"/jobs/{job_id}", "object_type": "job", "access_control_list": shown}


def _show(entry: Entry, *, inherited: bool) -> dict[str, Any]:
    permission: dict[str, Any] = {"permission_level": entry["permission_level"], "inherited": inherited}
    if inherited:
        permission["inherited_from_object"] = ["/jobs/"]
    kind, name = _principal(entry)
    shown: dict[str, Any] = {kind: name, "all_permissions": [permission]}
    if kind != "group_name":
        shown["display_name"] = name
    return shown


def _principal(entry: Entry) -> tuple[str, str]:
    return next((kind, entry[kind]) for kind in PRINCIPALS if kind in entry)


def _check_entry(entry: object, path: str) -> Entry:
    if not isinstance(entry, dict):
        raise invalid_parameter(f"{path} must be an object")
    named = [kind for kind in PRINCIPALS if entry.get(kind)]
    if len(named) != 1 or not isinstance(entry[named[0]], str):
        raise invalid_parameter(f"{path} must name exactly one of {', '.join(PRINCIPALS)}")
    level = entry.get("permission_level")
    if level not in LEVELS:
        raise invalid_parameter(f"{path}.permission_level must be one of {', '.join(LEVELS)}")
    return {named[0]: entry[named[0]], "permission_level": level}
