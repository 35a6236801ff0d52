"""What a workspace makes of job settings: defaults it fills in, fields it never returns, orders it changes.

A client that compares what it sent with what it reads back must survive each of these.

Source: databricks/cli acceptance tests (recorded against real workspaces) and databricks-sdk docstrings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airbrick.emulator.policies import apply_policy

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from airbrick.emulator.policies import ClusterPolicy

Settings = dict[str, Any]

JOB_DEFAULTS: Settings = {
    "name": "Untitled",
    "email_notifications": {},
    "webhook_notifications": {},
    "timeout_seconds": 0,
    "max_concurrent_runs": 1,
}
TASK_DEFAULTS: Settings = {
    "run_if": "ALL_SUCCESS",
    "timeout_seconds": 0,
    "email_notifications": {},
    "webhook_notifications": {},
}
CLUSTER_DEFAULTS: Settings = {"data_security_mode": "SINGLE_USER", "enable_elastic_disk": True}
AWS_DEFAULTS: Settings = {"availability": "SPOT_WITH_FALLBACK", "zone_id": "auto", "first_on_demand": 1}
# Sent by clients, never returned.
INPUT_ONLY_CLUSTER_FIELDS = ("apply_policy_default_values",)
INPUT_ONLY_TABLE_UPDATE_FIELDS = ("condition",)
_PAUSABLE = ("schedule", "trigger", "continuous")
_NOTIFICATIONS = ("email_notifications", "webhook_notifications")
_SOURCED = ("notebook_task", "spark_python_task", "dbt_task")
_URI_MARK = ":/"


def normalise_job(
    settings: Mapping[str, Any], run_as: Mapping[str, str], policies: Mapping[str, ClusterPolicy]
) -> Settings:
    """Return the settings as the workspace stores and returns them.

    :param settings: settings whose types were checked; not changed
    :param run_as: identity that the job runs as unless the settings name one
    :param policies: cluster policies by id; a policy that is unknown adds nothing
    """
    job: Settings = {**JOB_DEFAULTS, "run_as": dict(run_as), **settings, "format": "MULTI_TASK"}
    job.pop("access_control_list", None)
    for name in _NOTIFICATIONS:
        job[name] = _without_empty_lists(job[name])
    for name in _PAUSABLE:
        if name in job:
            job[name] = {"pause_status": "UNPAUSED", **job[name]}
    table_update = job.get("trigger", {}).get("table_update")
    if table_update is not None:
        job["trigger"] = {**job["trigger"], "table_update": _without(table_update, INPUT_ONLY_TABLE_UPDATE_FIELDS)}
    parts = _Parts("GIT" if "git_source" in job else "WORKSPACE", policies)
    if "tasks" in job:
        job["tasks"] = [parts.task(task) for task in job["tasks"]]
    if "job_clusters" in job:
        job["job_clusters"] = [parts.with_cluster(cluster) for cluster in job["job_clusters"]]
    return job


@dataclass(frozen=True, slots=True)
class _Parts:
    """Normalises the parts of one job.

    :param source: where its files are unless they say otherwise
    """

    source: str
    policies: Mapping[str, ClusterPolicy]

    def task(self, task: Settings) -> Settings:
        result: Settings = {**TASK_DEFAULTS, **self.with_cluster(task)}
        for name in _NOTIFICATIONS:
            result[name] = _without_empty_lists(result[name])
        if "depends_on" in result:
            result["depends_on"] = sorted(result["depends_on"], key=lambda item: str(item["task_key"]))
            if not result["depends_on"]:
                del result["depends_on"]
        for name in _SOURCED:
            if name in result and _URI_MARK not in result[name].get("python_file", ""):
                result[name] = {"source": self.source, **result[name]}
        sql_file = result.get("sql_task", {}).get("file")
        if sql_file is not None:
            result["sql_task"] = {**result["sql_task"], "file": {"source": self.source, **sql_file}}
        nested = result.get("for_each_task", {}).get("task")
        if nested is not None:
            result["for_each_task"] = {**result["for_each_task"], "task": self.task(nested)}
        return result

    def with_cluster(self, holder: Settings) -> Settings:
        cluster = holder.get("new_cluster")
        if cluster is None:
            return dict(holder)
        policy = self.policies.get(cluster.get("policy_id", ""))
        filled = cluster if policy is None else apply_policy(cluster, policy.rules)
        result: Settings = {**CLUSTER_DEFAULTS, **filled}
        if not {"azure_attributes", "gcp_attributes"} & result.keys():
            result["aws_attributes"] = {**AWS_DEFAULTS, **result.get("aws_attributes", {})}
        return {**holder, "new_cluster": _without(result, INPUT_ONLY_CLUSTER_FIELDS)}


def _without(values: Settings, names: Collection[str]) -> Settings:
    return {name: value for name, value in values.items() if name not in names}


def _without_empty_lists(notifications: Settings) -> Settings:
    return {name: value for name, value in notifications.items() if value != []}
