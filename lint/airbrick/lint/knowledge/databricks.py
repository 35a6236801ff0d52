"""Operators that run work on Databricks: parameters, and what they can do.

Source: apache-airflow-providers-databricks 7.23.0 and its changelog (``since`` versions);
``airbrick.operators``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final


class Kind(Enum):
    """What an operator does on Databricks."""

    RUN_NOW = "triggers a job"
    SUBMIT_RUN = "runs a one-time job"
    TASK = "runs a notebook or another task"
    SQL = "runs SQL"
    WAREHOUSE = "starts or stops a SQL warehouse"
    CREATE_JOB = "creates a job"
    REPOS = "changes a repository"
    SENSOR = "waits"


class Deferral(Enum):
    """How an operator can free its worker while it waits."""

    PARAMETER = "deferrable="
    ALWAYS = "deferred unless told otherwise"
    NEVER = "cannot be deferred"
    NOT_KNOWN = "not known"


@dataclass(frozen=True, slots=True)
class OperatorSpec:
    """An operator class.

    :param name: the class.
    :param modules: prefixes of the modules it is imported from.
    :param parameters: what its constructor takes besides the parameters of every operator.
    :param deferral: whether it takes ``deferrable``.
    :param keeps_timeout: whether ``execution_timeout`` also holds while it is deferred.
    :param since: the version of the provider that brought the class.
    :param deferrable_since: the version of the provider that brought ``deferrable``.
    """

    name: str
    kind: Kind
    modules: tuple[str, ...]
    parameters: frozenset[str] = field(repr=False)
    deferral: Deferral = Deferral.NEVER
    since: str = ""
    deferrable_since: str = ""
    keeps_timeout: bool = False

    @property
    def runs_work(self) -> bool:
        """Whether it makes Databricks compute something."""
        return self.kind in {Kind.RUN_NOW, Kind.SUBMIT_RUN, Kind.TASK, Kind.SQL}

    def takes(self, parameter: str) -> bool:
        """Tell whether the constructor names a parameter."""
        return parameter in self.parameters


DURABLE_SINCE: Final = (7, 17)
"""The version of the provider that brought ``durable``."""

DEFERRED_FAILURE_FIXED: Final = (7, 12)
"""The first version of the provider in which a run that failed before the deferral fails its task."""

_PROVIDER: Final = ("airflow.providers.databricks.",)
_CONTRIB: Final = ("airflow.contrib.",)
_OWN: Final = (
    "databricks_conn_id deferrable wait_for_termination poll_interval queue_timeout start_timeout run_timeout on_retry "
    "on_success_with_failures result_task task_values "
)
_RETRY: Final = (
    "databricks_conn_id polling_period_seconds databricks_retry_limit databricks_retry_delay databricks_retry_args "
)
_SQL: Final = (
    "databricks_conn_id http_path session_configuration http_headers catalog schema client_parameters query_tags "
    "include_airflow_query_tags "
)
_STATEMENT: Final = (
    "statement warehouse_id catalog schema parameters wait_for_termination timeout deferrable query_tags "
    "include_airflow_query_tags do_xcom_push "
)
_TASK: Final = (
    _RETRY + "deferrable existing_cluster_id job_cluster_key new_cluster wait_for_termination workflow_run_metadata "
    "max_retries min_retry_interval_millis retry_on_timeout caller databricks_task_key "
)
_SUBMIT: Final = (
    _RETRY + "json tasks spark_jar_task notebook_task spark_python_task spark_submit_task pipeline_task dbt_task "
    "new_cluster existing_cluster_id libraries environments run_name timeout_seconds do_xcom_push idempotency_token "
    "access_control_list wait_for_termination git_source performance_target deferrable durable "
    "openlineage_inject_parent_job_info openlineage_inject_transport_info "
)
_RUN_NOW: Final = (
    _RETRY + "job_id job_name job_parameters json dbt_commands notebook_params python_params jar_params "
    "spark_submit_params python_named_params idempotency_token performance_target do_xcom_push wait_for_termination "
    "deferrable openlineage_inject_parent_job_info repair_run databricks_repair_reason_new_settings "
    "cancel_previous_runs forward_dag_params durable "
)
_CONTRIB_SUBMIT: Final = _RETRY + (
    "json spark_jar_task notebook_task spark_python_task spark_submit_task new_cluster existing_cluster_id libraries "
    "run_name timeout_seconds do_xcom_push "
)
_CONTRIB_RUN_NOW: Final = _RETRY + "job_id json notebook_params python_params spark_submit_params do_xcom_push "
_PARTITION: Final = "sql_warehouse_name table_name partitions partition_operator handler "
_COPY: Final = (
    "table_name file_location file_format sql_endpoint_name files pattern expression_list credential "
    "storage_credential encryption format_options force_copy copy_options validate "
)
_CREATE: Final = (
    _RETRY + "json name description tags tasks job_clusters environments email_notifications webhook_notifications "
    "notification_settings timeout_seconds schedule trigger max_concurrent_runs git_source access_control_list "
    "performance_target "
)
_SENSOR: Final = " poke_interval timeout soft_fail mode exponential_backoff max_wait silent_fail never_fail"
_WAREHOUSE: Final = _RETRY + "warehouse_id wait_for_termination timeout deferrable "
_REPOS: Final = "databricks_conn_id databricks_retry_limit databricks_retry_delay repo_path "


def _spec(
    name: str,
    kind: Kind,
    parameters: str,
    *,
    modules: tuple[str, ...] = _PROVIDER,
    deferral: Deferral | None = None,
    since: str = "",
    deferrable_since: str = "",
    keeps_timeout: bool = False,
) -> OperatorSpec:
    names = frozenset(parameters.split())
    can = deferral or (Deferral.PARAMETER if "deferrable" in names else Deferral.NEVER)
    return OperatorSpec(name, kind, modules, names, can, since, deferrable_since, keeps_timeout)


_ALL: Final = (
    _spec(
        "RunNowOperator",
        Kind.RUN_NOW,
        _OWN + "job job_id job_parameters contract on_stale only queue_enabled performance_target duration_target "
        "pipeline_params notebook_params jar_params python_params python_named_params spark_submit_params sql_params "
        "dbt_commands",
        modules=("airbrick.operators.",),
        deferral=Deferral.ALWAYS,
        keeps_timeout=True,
    ),
    _spec(
        "SubmitRunOperator",
        Kind.SUBMIT_RUN,
        _OWN + "tasks run_name settings",
        modules=("airbrick.operators.",),
        deferral=Deferral.ALWAYS,
        keeps_timeout=True,
    ),
    _spec(
        "NotebookOperator",
        Kind.TASK,
        _OWN + "notebook_path source base_parameters existing_cluster_id new_cluster libraries git_source",
        modules=("airbrick.operators.",),
        deferral=Deferral.ALWAYS,
        keeps_timeout=True,
    ),
    _spec("DatabricksRunNowOperator", Kind.RUN_NOW, _RUN_NOW, since="1.0.0", deferrable_since="4.2.0"),
    _spec("DatabricksSubmitRunOperator", Kind.SUBMIT_RUN, _SUBMIT, since="1.0.0", deferrable_since="4.2.0"),
    _spec("DatabricksRunNowDeferrableOperator", Kind.RUN_NOW, _RUN_NOW, deferral=Deferral.ALWAYS, since="3.0.0"),
    _spec("DatabricksSubmitRunDeferrableOperator", Kind.SUBMIT_RUN, _SUBMIT, deferral=Deferral.ALWAYS, since="3.0.0"),
    _spec("DatabricksRunNowOperator", Kind.RUN_NOW, _CONTRIB_RUN_NOW, modules=_CONTRIB),
    _spec("DatabricksSubmitRunOperator", Kind.SUBMIT_RUN, _CONTRIB_SUBMIT, modules=_CONTRIB),
    _spec(
        "DatabricksNotebookOperator",
        Kind.TASK,
        _TASK + "notebook_path source notebook_packages notebook_params",
        since="6.4.0",
        deferrable_since="6.5.0",
        keeps_timeout=True,
    ),
    _spec(
        "DatabricksTaskOperator",
        Kind.TASK,
        _TASK + "task_config",
        since="6.6.0",
        deferrable_since="6.6.0",
        keeps_timeout=True,
    ),
    _spec(
        "DatabricksSqlOperator",
        Kind.SQL,
        _SQL + "sql sql_endpoint_name output_path output_format csv_params gcp_conn_id gcs_impersonation_chain",
        since="2.3.0",
    ),
    _spec("DatabricksSQLStatementsOperator", Kind.SQL, _RETRY + _STATEMENT, since="7.3.0", deferrable_since="7.3.0"),
    _spec("DatabricksCopyIntoOperator", Kind.SQL, _SQL + _COPY, since="2.3.0"),
    _spec("DatabricksCopyIntoAssetOperator", Kind.SQL, _SQL + _COPY + "unity_table"),
    _spec("DatabricksCreateJobsOperator", Kind.CREATE_JOB, _CREATE, since="4.7.0"),
    _spec("DatabricksStartWarehouseOperator", Kind.WAREHOUSE, _WAREHOUSE),
    _spec("DatabricksStopWarehouseOperator", Kind.WAREHOUSE, _WAREHOUSE),
    _spec(
        "DatabricksReposCreateOperator",
        Kind.REPOS,
        _REPOS + "git_url git_provider branch tag ignore_existing_repo",
        since="2.6.0",
    ),
    _spec("DatabricksReposUpdateOperator", Kind.REPOS, _REPOS + "branch tag repo_id", since="2.5.0"),
    _spec("DatabricksReposDeleteOperator", Kind.REPOS, _REPOS + "repo_id", since="2.6.0"),
    _spec("DatabricksSqlSensor", Kind.SENSOR, _SQL + "sql_warehouse_name sql handler" + _SENSOR, since="4.1.0"),
    _spec("DatabricksPartitionSensor", Kind.SENSOR, _SQL + _PARTITION + _SENSOR, since="4.2.0"),
    _spec(
        "DatabricksSQLStatementsSensor",
        Kind.SENSOR,
        _RETRY + _STATEMENT + "statement_id" + _SENSOR,
        since="7.5.0",
        deferrable_since="7.5.0",
    ),
    _spec(
        "DatabricksNotebookOperator",
        Kind.TASK,
        _TASK + "notebook_path source notebook_packages notebook_params",
        modules=("astro_databricks.",),
        deferral=Deferral.NOT_KNOWN,
    ),
    _spec(
        "DatabricksRunNowOperatorAsync",
        Kind.RUN_NOW,
        _RUN_NOW,
        modules=("astronomer.providers.databricks.",),
        deferral=Deferral.ALWAYS,
    ),
    _spec(
        "DatabricksSubmitRunOperatorAsync",
        Kind.SUBMIT_RUN,
        _SUBMIT,
        modules=("astronomer.providers.databricks.",),
        deferral=Deferral.ALWAYS,
    ),
)

_BY_NAME: Final[Mapping[str, tuple[OperatorSpec, ...]]] = {
    name: tuple(spec for spec in _ALL if spec.name == name) for name in {spec.name for spec in _ALL}
}

OPERATOR_NAMES: Final = tuple(sorted(_BY_NAME))

WORKFLOW_GROUP: Final = "DatabricksWorkflowTaskGroup"
_WORKFLOW_GROUP_MODULES: Final = ("airflow.providers.databricks.", "astro_databricks.")


def operator_spec(name: str) -> OperatorSpec | None:
    """Find the operator a full dotted name stands for."""
    module, _, class_name = name.rpartition(".")
    for spec in _BY_NAME.get(class_name, ()):
        if f"{module}.".startswith(spec.modules):
            return spec
    return None


def full_name(class_name: str) -> str:
    """Give the full dotted name of an operator; of several that are called the same, of the first.

    :raises KeyError: there is no such operator.
    """
    return f"{_BY_NAME[class_name][0].modules[0]}{class_name}"


def is_workflow_group(name: str) -> bool:
    """Tell whether a full dotted name is the official workflow task group."""
    return name.endswith(f".{WORKFLOW_GROUP}") and name.startswith(_WORKFLOW_GROUP_MODULES)


def star_names(module: str) -> frozenset[str]:
    """Give the operators that ``from module import *`` brings."""
    return frozenset(spec.name for spec in _ALL if f"{module}.".startswith(spec.modules))
