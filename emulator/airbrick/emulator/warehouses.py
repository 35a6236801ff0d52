"""SQL warehouses: settings, and states that follow from the clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airbrick.emulator.errors import invalid_parameter
from airbrick.emulator.lifecycle import Condition, Way

if TYPE_CHECKING:
    from airbrick.emulator.permissions import Entry

START = Way("STARTING", 3.0, "RUNNING")
STOP = Way("STOPPING", 1.0, "STOPPED")
# The warehouse that every new workspace has.
FIRST_NAME = "Serverless Starter Warehouse"
SIZES = (
    "2X-Small",
    "X-Small",
    "Small",
    "Medium",
    "Large",
    "X-Large",
    "2X-Large",
    "3X-Large",
    "4X-Large",
    "5X-Large",
)
MAX_CLUSTERS = 40
_DEFAULTS: dict[str, Any] = {
    "cluster_size": "X-Small",
    "min_num_clusters": 1,
    "max_num_clusters": 1,
    "auto_stop_mins": 120,
    "spot_instance_policy": "COST_OPTIMIZED",
    "enable_photon": True,
    "enable_serverless_compute": False,
    "warehouse_type": "PRO",
    "channel": {"name": "CHANNEL_NAME_CURRENT"},
    "tags": {},
}


@dataclass(slots=True)
class Warehouse:
    """A SQL warehouse.

    :param settings: with the workspace's defaults
    :param condition: what it was told last
    :param used_s: when a statement was given to it last
    :param permissions: access control entries set on the warehouse, without inherited ones
    """

    warehouse_id: str
    settings: dict[str, Any]
    creator: str
    condition: Condition
    permissions: list[Entry]
    used_s: float = 0.0

    @property
    def name(self) -> str:
        """The warehouse's name."""
        return str(self.settings["name"])

    def advance(self, now_s: float) -> str:
        """Stop the warehouse when it was idle for too long, and return its state."""
        idle_s = self.settings["auto_stop_mins"] * 60
        ends_s = max(self.condition.ends_s, self.used_s) + idle_s
        if self.condition.way == START and idle_s and now_s >= ends_s:
            self.condition = Condition(STOP, ends_s, self.creator, reason="INACTIVITY")
        return self.condition.state(now_s)

    def tell(self, command: Way, now_s: float, who: str) -> None:
        """Start or stop the warehouse; what it does already does nothing."""
        self.advance(now_s)
        if self.condition.way != command:
            self.condition = Condition(command, now_s, who)

    def use(self, now_s: float, who: str) -> float:
        """Start the warehouse for a statement and return when it runs."""
        self.tell(START, now_s, who)
        self.used_s = now_s
        return max(now_s, self.condition.ends_s)

    def shown(self, now_s: float, host: str) -> dict[str, Any]:
        """Return the warehouse as get and list show it.

        :param host: address of the workspace
        """
        state = self.advance(now_s)
        address = host.partition("://")[2]
        name, _, port = address.rpartition(":")
        path = f"/sql/1.0/warehouses/{self.warehouse_id}"
        return {
            **self.settings,
            "id": self.warehouse_id,
            "creator_name": self.creator,
            "state": state,
            "num_clusters": 1 if state == "RUNNING" else 0,
            "num_active_sessions": 0,
            "jdbc_url": f"jdbc:databricks://{address}/default;httpPath={path}",
            "odbc_params": {"hostname": name, "path": path, "port": int(port or 0), "protocol": "https"},
            "health": {"status": "HEALTHY"},
        }


def warehouse_settings(request: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of a warehouse with the workspace's defaults.

    :param request: checked settings
    :raises ApiError: 400 naming the field that is wrong
    """
    values = {**_DEFAULTS, **request}
    if not values.get("name", "").strip():
        raise invalid_parameter("name must not be empty")
    if values["cluster_size"] not in SIZES:
        raise invalid_parameter(f"cluster_size must be one of {', '.join(SIZES)}")
    if not 1 <= values["min_num_clusters"] <= values["max_num_clusters"] <= MAX_CLUSTERS:
        raise invalid_parameter(
            f"min_num_clusters must be 1 or more, max_num_clusters not below it and at most {MAX_CLUSTERS}"
        )
    if values["auto_stop_mins"] and values["auto_stop_mins"] < (1 if values["enable_serverless_compute"] else 10):
        raise invalid_parameter("auto_stop_mins must be 0, or 10 or more (1 or more on serverless compute)")
    return values
