"""What the Databricks API does to settings, one row for each fact.

A pattern is ``Structure.field``, with the structure names of databricks-sdk, so one row covers every place
the structure stands in (a task inside ``for_each_task`` as well as a job's own). ``*`` in the field's name stands
for any letters; a row with the full name wins. To teach airbrick a new behaviour of the API, add a row and a test
that fails without it. Every field of the API has a row: those the API leaves alone are listed in ``plain``.
"""

from typing import Final

from airbrick.iac.settings.plain import PLAIN
from airbrick.iac.settings.rule import Rule, RuleKind

_JOBS = "https://docs.databricks.com/api/workspace/jobs/create"
_CLUSTERS = "https://docs.databricks.com/api/workspace/clusters/create"
_TERRAFORM = "https://github.com/databricks/terraform-provider-databricks/blob/main/jobs/resource_job.go"
_TASK_ORDER = "https://github.com/databricks/terraform-provider-databricks/issues/4011"
_POLICY_FIELDS = "https://github.com/databricks/terraform-provider-databricks/issues/3658"
_ELASTIC_DISK = "https://github.com/databricks/terraform-provider-databricks/issues/3560"
_WEBHOOK_ORDER = "https://github.com/databricks/cli/issues/6060"
_TABLE_CONDITION = "https://github.com/databricks/cli/issues/6315"
_BIG_IDS = "https://github.com/databricks/databricks-sdk-go/blob/main/service/jobs/model.go"

_RUN_AS_REPL = "https://github.com/databricks/terraform-provider-databricks/issues/4450"
_SYNONYMS = "https://github.com/databricks/terraform-provider-databricks/issues/4909"
_TERRAFORM_CLUSTER = (
    "https://github.com/databricks/terraform-provider-databricks/blob/main/clusters/resource_cluster.go"
)
_USER_NAMES = "https://github.com/databricks/terraform-provider-databricks/pull/2786"
_PRINCIPALS = "https://github.com/databricks/terraform-provider-databricks/pull/5757"
_CLUSTER_DEFAULTS = "https://github.com/databricks/cli/tree/main/acceptance/bundle/invariant/no_drift"
_POOLS = "https://docs.databricks.com/api/workspace/instancepools/create"
_POLICIES = "https://docs.databricks.com/api/workspace/clusterpolicies/create"
_SECURITY_MODES = (("DATA_SECURITY_MODE_STANDARD", "USER_ISOLATION"), ("DATA_SECURITY_MODE_DEDICATED", "SINGLE_USER"))

_SIX_FIELDS, _QUARTZ = r"\s*\S+(\s+\S+){5,6}\s*", "the 6 or 7 fields of Quartz, seconds first, such as '0 0 2 * * ?'"
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
    Rule("JobRunAs.user_name", RuleKind.CASELESS, (), _USER_NAMES),
    Rule("JobRunAs.service_principal_name", RuleKind.CASELESS, (), _PRINCIPALS),
    Rule("JobSettings.deployment", _FILLED, (), _JOBS),
    Rule("JobSettings.continuous", RuleKind.PRESENCE, (), _JOBS),
    Rule("JobSettings.schedule", RuleKind.PRESENCE, (), _JOBS),
    Rule("JobSettings.trigger", RuleKind.PRESENCE, (), _JOBS),
    Rule("Continuous.pause_status", _DEFAULT, ("UNPAUSED",), _JOBS),
    Rule("Continuous.task_retry_mode", _FILLED, (), _JOBS),
    Rule("CronSchedule.pause_status", _DEFAULT, ("UNPAUSED",), _JOBS),
    Rule("TriggerSettings.pause_status", _DEFAULT, ("UNPAUSED",), _JOBS),
    Rule("TriggerConfiguration.pause_status", _DEFAULT, ("UNPAUSED",), _JOBS),
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
    Rule("Task.*_task", RuleKind.PRESENCE, (), _JOBS),
    Rule("SparkJarTask.run_as_repl", _FILLED, (True,), _RUN_AS_REPL),
    Rule("GitSource.git_snapshot", _FILLED, (), _JOBS),
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
    Rule("ClusterSpec.data_security_mode", _DEFAULT, ("SINGLE_USER",), _CLUSTER_DEFAULTS),
    Rule("ClusterSpec.enable_elastic_disk", _DEFAULT, (True,), _CLUSTER_DEFAULTS),
    Rule("AwsAttributes.availability", _DEFAULT, ("SPOT_WITH_FALLBACK",), _CLUSTERS),
    Rule("AwsAttributes.first_on_demand", _DEFAULT, (1,), _CLUSTERS),
    Rule("AwsAttributes.zone_id", _DEFAULT, ("auto",), _CLUSTERS),
    Rule("ClusterSpec.data_security_mode", RuleKind.SYNONYM, _SECURITY_MODES, _SYNONYMS),
    Rule("ClusterSpec.cluster_name", _FILLED, ("",), _CLUSTERS),
    Rule("ClusterSpec.num_workers", _FILLED, (0,), _TERRAFORM_CLUSTER),
    Rule("ClusterSpec.autotermination_minutes", _FILLED, (0,), _CLUSTERS),
    Rule("ClusterSpec.workload_type", _FILLED, ({"clients": {"jobs": True, "notebooks": True}},), _CLUSTERS),
    Rule("InstancePool.aws_attributes", RuleKind.MANAGED, (), _POOLS),
    Rule("InstancePool.azure_attributes", RuleKind.MANAGED, (), _POOLS),
    Rule("InstancePool.gcp_attributes", RuleKind.MANAGED, (), _POOLS),
    Rule("InstancePool.enable_elastic_disk", _FILLED, (), _POOLS),
    Rule("InstancePool.min_idle_instances", _DEFAULT, (0,), _POOLS),
    Rule("InstancePool.idle_instance_autotermination_minutes", _FILLED, (), _POOLS),
    Rule("ClusterPolicy.definition", _FILLED, (), _POLICIES),
    Rule("JobSettings.name", RuleKind.MAX_BYTES, (4096,), _JOBS),
    Rule("JobSettings.description", RuleKind.MAX_CHARACTERS, (27700,), _JOBS),
    Rule("JobSettings.tasks", RuleKind.MAX_ITEMS, (1000,), _JOBS),
    Rule("JobSettings.environment_variables", RuleKind.MAX_ITEMS, (10,), _JOBS),
    Rule("JobSettings.max_concurrent_runs", RuleKind.RANGE, (0, 1000), _JOBS),
    Rule("JobSettings.timeout_seconds", RuleKind.RANGE, (0, None), _JOBS),
    Rule("JobEnvironmentVariablesSpec.files", RuleKind.MAX_ITEMS, (5,), _JOBS),
    Rule("JobEnvironmentVariablesSpec.variables", RuleKind.MAX_ITEMS, (20,), _JOBS),
    Rule("JobParameterDefinition.name", RuleKind.PATTERN, (r"[\w.-]+", "letters, digits, '_', '-' and '.'"), _JOBS),
    Rule("Task.task_key", RuleKind.PATTERN, (r"[\w-]{1,100}", "1 to 100 letters, digits, '_' and '-'"), _JOBS),
    Rule("Task.timeout_seconds", RuleKind.RANGE, (0, None), _JOBS),
    Rule("Task.max_retries", RuleKind.RANGE, (-1, None), _JOBS),
    Rule("Task.min_retry_interval_millis", RuleKind.RANGE, (0, None), _JOBS),
    Rule("CronSchedule.quartz_cron_expression", RuleKind.PATTERN, (_SIX_FIELDS, _QUARTZ), _JOBS),
    Rule("WebhookNotifications.*", RuleKind.MAX_ITEMS, (3,), _JOBS),
    Rule("DbtTask.commands", RuleKind.MAX_ITEMS, (10,), _JOBS),
    Rule("AlertTask.subscribers", RuleKind.MAX_ITEMS, (100,), _JOBS),
    Rule("AlertTask.parameters", RuleKind.MAX_CHARACTERS, (10_000,), _JOBS),
    Rule("NotebookTask.base_parameters", RuleKind.MAX_BYTES, (1_000_000,), _JOBS),
    Rule("PipelineTask.parameters", RuleKind.MAX_CHARACTERS, (10_000,), _JOBS),
    Rule("RunJobTask.jar_params", RuleKind.MAX_BYTES, (10_000,), _JOBS),
    Rule("RunJobTask.notebook_params", RuleKind.MAX_BYTES, (10_000,), _JOBS),
    Rule("RunJobTask.python_params", RuleKind.MAX_BYTES, (10_000,), _JOBS),
    Rule("RunJobTask.spark_submit_params", RuleKind.MAX_BYTES, (10_000,), _JOBS),
    Rule("MaintenanceWindow.start_hour", RuleKind.RANGE, (0, 23), _JOBS),
    Rule("InstancePool.min_idle_instances", RuleKind.RANGE, (0, None), _POOLS),
    Rule("InstancePool.max_capacity", RuleKind.RANGE, (0, None), _POOLS),
    *(
        Rule(f"{struct}.{name}", RuleKind.PLAIN, (), _POOLS if struct.startswith("InstancePool") else _JOBS)
        for struct, names in PLAIN.items()
        for name in names.split()
    ),
)
