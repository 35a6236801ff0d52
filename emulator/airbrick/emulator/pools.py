"""Instance pools; no instance ever runs in one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airbrick.emulator.errors import invalid_parameter

if TYPE_CHECKING:
    from airbrick.emulator.permissions import Entry

MAX_NAME_CHARS = 100
# What an edit may change; all else stays as the pool was made.
EDITABLE = (
    "instance_pool_name",
    "min_idle_instances",
    "max_capacity",
    "idle_instance_autotermination_minutes",
    "custom_tags",
    "remote_disk_throughput",
    "total_initial_remote_disk_size",
)
_DEFAULTS: dict[str, Any] = {
    "min_idle_instances": 0,
    "idle_instance_autotermination_minutes": 60,
    "enable_elastic_disk": False,
}
_AWS_DEFAULTS: dict[str, Any] = {"availability": "SPOT", "zone_id": "auto", "spot_bid_price_percent": 100}
_NO_INSTANCES = {"used_count": 0, "idle_count": 0, "pending_used_count": 0, "pending_idle_count": 0}


@dataclass(slots=True)
class InstancePool:
    """An instance pool.

    :param values: its settings with the workspace's defaults
    :param permissions: access control entries set on the pool, without inherited ones
    """

    pool_id: str
    values: dict[str, Any]
    creator: str
    permissions: list[Entry]

    @property
    def name(self) -> str:
        """The pool's name."""
        return str(self.values["instance_pool_name"])

    def shown(self) -> dict[str, Any]:
        """Return the pool as get and list show it."""
        return {
            **self.values,
            "instance_pool_id": self.pool_id,
            "default_tags": {
                "Vendor": "Databricks",
                "DatabricksInstancePoolCreatorId": self.creator,
                "DatabricksInstancePoolId": self.pool_id,
            },
            "state": "ACTIVE",
            "stats": _NO_INSTANCES,
            "status": {},
        }


def pool_settings(request: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of a new pool with the workspace's defaults.

    :raises ApiError: 400 naming the field that is wrong
    """
    values = {**_DEFAULTS, **request}
    if not {"azure_attributes", "gcp_attributes"} & values.keys():
        values["aws_attributes"] = {**_AWS_DEFAULTS, **values.get("aws_attributes", {})}
    _check(values)
    return values


def edited_settings(present: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
    """Return a pool's settings after an edit; editable fields that it leaves out fall back to their defaults.

    :raises ApiError: 400, a field is wrong or cannot be changed
    """
    fixed = {name: value for name, value in present.items() if name not in EDITABLE}
    for name, value in request.items():
        if name not in EDITABLE and value != fixed.get(name):
            raise invalid_parameter(f"{name} of an instance pool cannot be changed; make a new pool")
    defaults = {name: value for name, value in _DEFAULTS.items() if name in EDITABLE}
    values = {**fixed, **defaults, **request}
    _check(values)
    return values


def _check(values: dict[str, Any]) -> None:
    if not 1 <= len(values["instance_pool_name"]) <= MAX_NAME_CHARS:
        raise invalid_parameter(f"instance_pool_name must have from 1 to {MAX_NAME_CHARS} characters")
    for name in ("min_idle_instances", "idle_instance_autotermination_minutes"):
        if values[name] < 0:
            raise invalid_parameter(f"{name} must be 0 or more")
    capacity = values.get("max_capacity")
    if capacity is not None and capacity < max(1, values["min_idle_instances"]):
        raise invalid_parameter("max_capacity must be 1 or more and not below min_idle_instances")
