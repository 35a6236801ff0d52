"""All-purpose clusters: settings, and states that follow from the clock. Nothing runs on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airbrick.emulator.errors import ApiError, invalid_parameter
from airbrick.emulator.lifecycle import Condition, Way

if TYPE_CHECKING:
    from airbrick.emulator.permissions import Entry

START_S = 5.0
STOP_S = 2.0
DEFAULT_AUTOTERMINATION_MIN = 120
SIMULATED = "Simulated by the airbrick emulator: no machine was started, nothing runs on it."

START = Way("PENDING", START_S, "RUNNING")
RESTART = Way("RESTARTING", START_S, "RUNNING")
TERMINATE = Way("TERMINATING", STOP_S, "TERMINATED")
# States in which a command makes sense; one that is not here always does.
_ALLOWED = {START: ("TERMINATED",), RESTART: ("RUNNING",)}


@dataclass(slots=True)
class Cluster:
    """A cluster.

    :param settings: as they are shown, with the workspace's defaults
    :param condition: what it was told last
    :param permissions: access control entries set on the cluster, without inherited ones
    """

    cluster_id: str
    settings: dict[str, Any]
    creator: str
    created_s: float
    condition: Condition
    permissions: list[Entry]

    def advance(self, now_s: float) -> str:
        """Terminate the cluster when it was idle for too long, and return its state."""
        idle_s = self.settings["autotermination_minutes"] * 60
        ends_s = self.condition.ends_s + idle_s
        if self.condition.way.end == "RUNNING" and idle_s and now_s >= ends_s:
            self.condition = Condition(TERMINATE, ends_s, self.creator, reason="INACTIVITY")
        return self.condition.state(now_s)

    def tell(self, command: Way, now_s: float, who: str) -> None:
        """Start, restart or terminate the cluster; to terminate one that is terminated does nothing.

        :raises ApiError: 400 INVALID_STATE, the command makes no sense in its present state
        """
        state = self.advance(now_s)
        if state not in _ALLOWED.get(command, (state,)):
            message = f"Cluster {self.cluster_id} is in unexpected state {state.capitalize()}."
            raise ApiError(400, "INVALID_STATE", message)
        if command is not TERMINATE or self.condition.way != TERMINATE:
            self.condition = Condition(command, now_s, who)

    def shown(self, now_s: float) -> dict[str, Any]:
        """Return the cluster as get and list show it."""
        state = self.advance(now_s)
        answer = {
            **self.settings,
            "cluster_id": self.cluster_id,
            "creator_user_name": self.creator,
            "cluster_source": "API",
            "state": state,
            "state_message": SIMULATED,
            "start_time": int(self.created_s * 1000),
            "default_tags": {
                "Vendor": "Databricks",
                "Creator": self.creator,
                "ClusterName": self.settings["cluster_name"],
                "ClusterId": self.cluster_id,
            },
            "spec": self.settings,
        }
        if self.condition.way == TERMINATE:
            answer["termination_reason"] = {
                "code": self.condition.reason,
                "type": "SUCCESS",
                "parameters": {"username": self.condition.who},
            }
            if state == "TERMINATED":
                answer["terminated_time"] = int(self.condition.ends_s * 1000)
        elif state == "RUNNING":
            answer["last_restarted_time"] = int(self.condition.ends_s * 1000)
        return answer

    def edit(self, settings: dict[str, Any], now_s: float, who: str) -> None:
        """Take new settings; a cluster that runs restarts.

        :raises ApiError: 400 INVALID_STATE, it is neither running nor terminated
        """
        state = self.advance(now_s)
        if state not in ("RUNNING", "TERMINATED"):
            message = f"Cluster {self.cluster_id} is in unexpected state {state.capitalize()}."
            raise ApiError(400, "INVALID_STATE", message)
        self.settings = settings
        if state == "RUNNING":
            self.condition = Condition(RESTART, now_s, who)


def cluster_settings(request: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of a cluster with the workspace's defaults.

    :param request: checked settings, with what a policy put into them
    :raises ApiError: 400 naming the field that is wrong
    """
    values = {
        "cluster_name": "",
        "autotermination_minutes": DEFAULT_AUTOTERMINATION_MIN,
        "enable_elastic_disk": True,
        "enable_local_disk_encryption": False,
        "data_security_mode": "SINGLE_USER",
        **{name: value for name, value in request.items() if name != "apply_policy_default_values"},
    }
    if "autoscale" not in values:
        values.setdefault("num_workers", 0)
    if "node_type_id" in values:
        values.setdefault("driver_node_type_id", values["node_type_id"])
    elif "instance_pool_id" not in values:
        raise invalid_parameter("Missing required field: node_type_id, or instance_pool_id in its place")
    if values.get("num_workers", 0) < 0:
        raise invalid_parameter("num_workers must be 0 or more")
    if values["autotermination_minutes"] and not 10 <= values["autotermination_minutes"] <= 10_000:  # noqa: PLR2004 - as documented
        raise invalid_parameter("autotermination_minutes must be 0, or from 10 to 10000")
    return values
