"""What a rack's workspace and Airflow hold, in a form in which two racks that hold the same are equal."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.iac.faults.rack import Rack

# Ids, times and places, which no two racks share.
_IDS = (
    "job_id",
    "policy_id",
    "instance_pool_id",
    "DatabricksInstancePoolId",
    "object_id",
    "resource_id",
    "connection_id",
)
_TIMES = ("created_time", "created_at_timestamp", "created_at", "modified_at", "last_updated_timestamp")
_VOLATILE = frozenset({*_IDS, *_TIMES, "state", "stats", "status", "pending_instance_errors"})
_MARK = re.compile(r"orders-dev-[a-z0-9_-]+-[0-9a-f]{16}-[0-9a-f]{8}")


def contents(rack: Rack) -> Mapping[str, str]:
    """Give what stands where a kind of resource can be, by place; all of it, so that an orphan shows."""
    found: dict[str, Any] = {
        "jobs": _jobs(rack),
        "policies": rack.ask("/api/2.0/policies/clusters/list").get("policies"),
        "pools": rack.ask("/api/2.0/instance-pools/list").get("instance_pools"),
        "scopes": _scopes(rack),
        "objects": _objects(rack, "/Shared"),
        "files": {path.name: path.read_text(encoding="utf-8") for path in rack.files()},
    }
    for collection in ("connections", "variables", "pools") if rack.relay is not None else ():
        found[f"Airflow's {collection}"] = rack.airflow_objects(collection)
    return {place: json.dumps(value, sort_keys=True) for place, value in found.items()}


def left(rack: Rack) -> str:
    """Give what stands there but for what a deletion leaves by design: local files, empty folders, permissions."""
    found = {place: _filled(json.loads(text)) for place, text in contents(rack).items() if place != "files"}
    return alike(json.dumps(found, sort_keys=True), rack)


def alike(text: str, rack: Rack) -> str:
    """Take away what is the rack's own."""
    own = {rack.workspace.host: "HOST", rack.workspace.client_id: "PRINCIPAL", rack.secret: "SECRET"}
    for value, name in own.items():
        text = text.replace(value, name)
    text = _MARK.sub("MARK", text).replace(rack.name, "RACK")
    return json.dumps(_stable(json.loads(text)), sort_keys=True)


def difference(found: str, wanted: str) -> str:
    """Say where two texts part."""
    same = next((index for index, pair in enumerate(zip(found, wanted, strict=False)) if pair[0] != pair[1]), 0)
    start = max(0, same - 40)
    return f"…{found[start : start + 160]}… in place of …{wanted[start : start + 160]}…"


def _filled(value: Any) -> Any:
    if isinstance(value, dict):
        filled = {key: _filled(item) for key, item in value.items()}
        return {key: item for key, item in filled.items() if key != "access" and item not in ({}, None)}
    if isinstance(value, list):
        return [_filled(item) for item in value]
    return value


def _stable(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _stable(item) for key, item in value.items() if key not in _VOLATILE}
    if isinstance(value, list):
        return [_stable(item) for item in value]
    if isinstance(value, str) and value.startswith("{"):
        # A contract or a Variable: JSON in a text.
        try:
            return _stable(json.loads(value))
        except ValueError:
            return value
    return re.sub(r"/jobs/\d+", "/jobs/ID", value) if isinstance(value, str) else value


def _jobs(rack: Rack) -> list[Any]:
    jobs = rack.ask("/api/2.2/jobs/list", expand_tasks="true", limit=100).get("jobs") or []
    return [{**job, "access": rack.ask(f"/api/2.0/permissions/jobs/{job['job_id']}")} for job in jobs]


def _scopes(rack: Rack) -> dict[str, Any]:
    found = {}
    for scope in rack.ask("/api/2.0/secrets/scopes/list").get("scopes") or []:
        name = scope["name"]
        keys = [item["key"] for item in rack.ask("/api/2.0/secrets/list", scope=name).get("secrets") or []]
        values = [rack.ask("/api/2.0/secrets/get", scope=name, key=key)["value"] for key in keys]
        plain = {key: base64.b64decode(value).decode() for key, value in zip(keys, values, strict=True)}
        found[name] = [plain, rack.ask("/api/2.0/secrets/acls/list", scope=name)]
    return found


def _objects(rack: Rack, folder: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in rack.ask("/api/2.0/workspace/list", path=folder).get("objects") or []:
        if item["object_type"] == "DIRECTORY":
            found[item["path"]] = _objects(rack, item["path"])
        else:
            content = rack.ask("/api/2.0/workspace/export", path=item["path"], format="SOURCE")["content"]
            found[item["path"]] = [item["object_type"], base64.b64decode(content).decode()]
    return found
