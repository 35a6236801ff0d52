"""What the Databricks API does to settings, one row for each fact.

A pattern is ``Structure.field``, with the structure names of databricks-sdk, so one row covers every place
the structure stands in (a task inside ``for_each_task`` as well as a job's own). ``Structure.*`` is every field.
To teach airbrick a new behaviour of the API, add a row and a test that fails without it.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any, Final


class RuleKind(Enum):
    """What a row says about a field."""

    KEYED = "keyed"
    """A list whose elements are told apart by the fields in ``values``; its order means nothing."""

    DEFAULT = "default"
    """Absent means one of ``values``, on both sides."""

    FILLED = "filled"
    """The server may add the field, with one of ``values`` (any value if empty), when it was not sent."""

    MANAGED = "managed"
    """The server adds to what was sent; only what was sent is compared."""

    MANAGED_WITH = "managed_with"
    """As ``MANAGED``, for a structure in which the field named in ``values`` is set."""

    WRITE_ONLY = "write_only"
    """Accepted, never returned."""

    IDENTIFIER = "identifier"
    """A number to the API, text everywhere else: ids pass 2^53."""

    PRESENCE = "presence"
    """Being there has a meaning, even when everything inside is a default."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A fact about one field.

    :param pattern: ``Structure.field`` or ``Structure.*``.
    :param values: what the kind needs, JSON values or field names.
    :param evidence: where the fact is from.
    """

    pattern: str
    kind: RuleKind
    values: tuple[Any, ...] = ()
    evidence: str = ""


_JOBS = "https://docs.databricks.com/api/workspace/jobs/create"
_CLUSTERS = "https://docs.databricks.com/api/workspace/clusters/create"
_TERRAFORM = "https://github.com/databricks/terraform-provider-databricks/blob/main/jobs/resource_job.go"
_TASK_ORDER = "https://github.com/databricks/terraform-provider-databricks/issues/4011"
_POLICY_FIELDS = "https://github.com/databricks/terraform-provider-databricks/issues/3658"
_ELASTIC_DISK = "https://github.com/databricks/terraform-provider-databricks/issues/3560"
_WEBHOOK_ORDER = "https://github.com/databricks/cli/issues/6060"
_TABLE_CONDITION = "https://github.com/databricks/cli/issues/6315"
_BIG_IDS = "https://github.com/databricks/databricks-sdk-go/blob/main/service/jobs/model.go"

_KEYED, _DEFAULT, _FILLED = RuleKind.KEYED, RuleKind.DEFAULT, RuleKind.FILLED

RULES: Final[tuple[Rule, ...]] = (
    Rule("JobSettings.tasks", _KEYED, ("task_key",), _TASK_ORDER),
    Rule("JobSettings.parameters", _KEYED, ("name",), _JOBS),
    Rule("JobSettings.job_clusters", _KEYED, ("job_cluster_key",), _JOBS),
    Rule("JobSettings.environments", _KEYED, ("environment_key",), _JOBS),
    Rule("JobSettings.environment_variables", _KEYED, ("environment_variables_key",), _JOBS),
    Rule("Task.depends_on", _KEYED, ("task_key", "outcome"), _TERRAFORM),
    Rule("WebhookNotifications.*", _KEYED, ("id",), _WEBHOOK_ORDER),
    Rule("JobSettings.format", _DEFAULT, ("MULTI_TASK", "SINGLE_TASK"), _JOBS),
    Rule("JobSettings.max_concurrent_runs", _DEFAULT, (1,), _JOBS),
    Rule("JobSettings.timeout_seconds", _DEFAULT, (0,), _JOBS),
    Rule("JobSettings.queue", _DEFAULT, ({"enabled": False},), _JOBS),
    Rule("JobSettings.edit_mode", _FILLED, (), _JOBS),
    Rule("JobSettings.performance_target", _FILLED, (), _JOBS),
    Rule("JobSettings.run_as", _FILLED, (), _TERRAFORM),
    Rule("JobSettings.deployment", _FILLED, (), _JOBS),
    Rule("JobSettings.continuous", RuleKind.PRESENCE, (), _JOBS),
    Rule("JobSettings.schedule", RuleKind.PRESENCE, (), _JOBS),
    Rule("JobSettings.trigger", RuleKind.PRESENCE, (), _JOBS),
    Rule("Continuous.pause_status", _DEFAULT, ("UNPAUSED",), _JOBS),
    Rule("Continuous.task_retry_mode", _FILLED, (), _JOBS),
    Rule("CronSchedule.pause_status", _DEFAULT, ("UNPAUSED",), _JOBS),
    Rule("TriggerSettings.pause_status", _DEFAULT, ("UNPAUSED",), _JOBS),
    Rule("TableUpdateTriggerConfiguration.condition", RuleKind.WRITE_ONLY, (), _TABLE_CONDITION),
    Rule("JobEmailNotifications.no_alert_for_skipped_runs", _DEFAULT, (False,), _JOBS),
    Rule("TaskEmailNotifications.no_alert_for_skipped_runs", _DEFAULT, (False,), _JOBS),
    Rule("JobNotificationSettings.*", _DEFAULT, (False,), _JOBS),
    Rule("TaskNotificationSettings.*", _DEFAULT, (False,), _JOBS),
    Rule("Task.run_if", _DEFAULT, ("ALL_SUCCESS",), _JOBS),
    Rule("Task.timeout_seconds", _DEFAULT, (0,), _JOBS),
    Rule("Task.disabled", _DEFAULT, (False,), _JOBS),
    Rule("Task.max_retries", _FILLED, (0,), _TERRAFORM),
    Rule("Task.min_retry_interval_millis", _FILLED, (0,), _TERRAFORM),
    Rule("Task.retry_on_timeout", _FILLED, (False,), _TERRAFORM),
    Rule("Task.disable_auto_optimization", _FILLED, (False,), _JOBS),
    *(
        Rule(f"Task.{kind}", RuleKind.PRESENCE, (), _JOBS)
        for kind in (
            "condition_task",
            "dashboard_task",
            "dbt_task",
            "for_each_task",
            "notebook_task",
            "pipeline_task",
            "python_wheel_task",
            "run_job_task",
            "spark_jar_task",
            "spark_python_task",
            "spark_submit_task",
            "sql_task",
        )
    ),
    Rule("NotebookTask.source", _FILLED, ("WORKSPACE", "GIT"), _TERRAFORM),
    Rule("SparkPythonTask.source", _FILLED, ("WORKSPACE", "GIT"), _TERRAFORM),
    Rule("SqlTaskFile.source", _FILLED, ("WORKSPACE", "GIT"), _TERRAFORM),
    Rule("DbtTask.source", _FILLED, ("WORKSPACE", "GIT"), _TERRAFORM),
    Rule("DbtTask.schema", _FILLED, ("default",), _JOBS),
    Rule("PipelineTask.full_refresh", _DEFAULT, (False,), _JOBS),
    Rule("RunJobTask.job_id", RuleKind.IDENTIFIER, (), _BIG_IDS),
    Rule("DbtCloudTask.dbt_cloud_job_id", RuleKind.IDENTIFIER, (), _BIG_IDS),
    Rule("ClusterSpec.*", RuleKind.MANAGED_WITH, ("policy_id",), _POLICY_FIELDS),
    Rule("ClusterSpec.aws_attributes", RuleKind.MANAGED, (), _CLUSTERS),
    Rule("ClusterSpec.azure_attributes", RuleKind.MANAGED, (), _CLUSTERS),
    Rule("ClusterSpec.gcp_attributes", RuleKind.MANAGED, (), _CLUSTERS),
    Rule("ClusterSpec.apply_policy_default_values", RuleKind.WRITE_ONLY, (), _CLUSTERS),
    Rule("ClusterSpec.enable_elastic_disk", _FILLED, (), _ELASTIC_DISK),
    Rule("ClusterSpec.enable_local_disk_encryption", _FILLED, (), _CLUSTERS),
    Rule("ClusterSpec.node_type_id", _FILLED, (), _CLUSTERS),
    Rule("ClusterSpec.driver_node_type_id", _FILLED, (), _CLUSTERS),
    Rule("ClusterSpec.driver_instance_pool_id", _FILLED, (), _CLUSTERS),
    Rule("ClusterSpec.data_security_mode", _FILLED, (), _CLUSTERS),
)
