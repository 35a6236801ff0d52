"""Names of Airflow that shape a DAG file, from 1.10 to 3.x."""

from collections.abc import Mapping
from enum import Enum
from typing import Final

from airbrick.lint.knowledge.words import words


class Construct(Enum):
    """What a name of Airflow makes."""

    DAG = "a DAG"
    TASK_GROUP = "a task group"
    DAG_DECORATOR = "a function into a DAG"
    TASK_GROUP_DECORATOR = "a function into a task group"
    TASK_DECORATOR = "a function into a task"


_DECORATOR_MODULES: Final = ("airflow.decorators", "airflow.sdk", "airflow.sdk.definitions.decorators")

_CONSTRUCTS: Final[Mapping[str, Construct]] = {
    "airflow.DAG": Construct.DAG,
    "airflow.models.DAG": Construct.DAG,
    "airflow.models.dag.DAG": Construct.DAG,
    "airflow.sdk.DAG": Construct.DAG,
    "airflow.sdk.definitions.dag.DAG": Construct.DAG,
    "airflow.utils.task_group.TaskGroup": Construct.TASK_GROUP,
    "airflow.sdk.TaskGroup": Construct.TASK_GROUP,
    "airflow.sdk.definitions.taskgroup.TaskGroup": Construct.TASK_GROUP,
    "airflow.models.dag.dag": Construct.DAG_DECORATOR,
    "airflow.sdk.definitions.dag.dag": Construct.DAG_DECORATOR,
    "airflow.decorators.task_group.task_group": Construct.TASK_GROUP_DECORATOR,
    "airflow.sdk.definitions.decorators.task_group.task_group": Construct.TASK_GROUP_DECORATOR,
    **{f"{module}.dag": Construct.DAG_DECORATOR for module in _DECORATOR_MODULES},
    **{f"{module}.task_group": Construct.TASK_GROUP_DECORATOR for module in _DECORATOR_MODULES},
    **{
        f"{module}.{name}": Construct.TASK_DECORATOR
        for module in _DECORATOR_MODULES
        for name in ("task", "setup", "teardown")
    },
}


def construct_of(name: str) -> Construct | None:
    """Tell what a full dotted name makes; ``task.branch`` and its like are tasks."""
    found = _CONSTRUCTS.get(name)
    if found is None and name.startswith("airflow."):
        outer = _CONSTRUCTS.get(name.rpartition(".")[0])
        return outer if outer is Construct.TASK_DECORATOR else None
    return found


DAG_POSITIONAL: Final = ("dag_id", "description", "schedule")
"""Positional parameters of DAG(), of which 3.x takes the first only."""

DATASET_CLASSES: Final = frozenset(
    {
        "airflow.Dataset",
        "airflow.datasets.Dataset",
        "airflow.datasets.DatasetAlias",
        "airflow.datasets.DatasetAll",
        "airflow.datasets.DatasetAny",
        "airflow.sdk.Asset",
        "airflow.sdk.AssetAlias",
        "airflow.sdk.AssetAll",
        "airflow.sdk.AssetAny",
        "airflow.sdk.definitions.asset.Asset",
    }
)
TIMEDELTA_CLASSES: Final = frozenset(
    {"datetime.timedelta", "pendulum.duration", "pendulum.Duration", "dateutil.relativedelta.relativedelta"}
)
TIMETABLE_MODULES: Final = ("airflow.timetables.", "airflow.sdk.definitions.timetables.")
VARIABLE_GET: Final = frozenset(
    {"airflow.models.Variable.get", "airflow.models.variable.Variable.get", "airflow.sdk.Variable.get"}
)
ENVIRONMENT_GET: Final = frozenset({"os.getenv", "os.environ.get"})

OPERATOR_METHODS: Final = frozenset({"execute", "poke", "pre_execute", "post_execute", "on_kill"})
"""Methods of an operator that Airflow calls while its task runs."""

PYTHON_OPERATORS: Final[Mapping[str, bool]] = {
    "PythonOperator": False,
    "BranchPythonOperator": False,
    "ShortCircuitOperator": False,
    "PythonSensor": False,
    "PythonVirtualenvOperator": True,
    "BranchPythonVirtualenvOperator": True,
    "ExternalPythonOperator": True,
    "BranchExternalPythonOperator": True,
}
"""Classes that take a ``python_callable``, and whether they run it in an environment of its own."""

ELSEWHERE: Final = words(
    "virtualenv external_python branch_virtualenv branch_external_python docker kubernetes kubernetes_cmd pyspark"
)
"""Variants of ``@task`` that run their function in an environment or on a machine of its own."""

_PYTHON_MODULES: Final = ("airflow.operators.", "airflow.providers.standard.", "airflow.sensors.", "airflow.contrib.")


def is_python_operator(name: str) -> bool:
    """Tell whether a full dotted name is a class that takes a ``python_callable``."""
    return name.rpartition(".")[2] in PYTHON_OPERATORS and name.startswith(_PYTHON_MODULES)


NEVER_MAPPED: Final = words(
    """
    dag task_group default_args pool retries execution_timeout max_active_tis_per_dag max_active_tis_per_dagrun
    task_concurrency
    """
)
"""Arguments that a mapped task takes from ``partial`` only. Source: MappedOperator of Airflow 2.x and 3.x."""

BASE_OPERATOR_PARAMETERS: Final = words(
    """
    task_id owner email email_on_retry email_on_failure retries retry_delay retry_exponential_backoff max_retry_delay
    start_date end_date depends_on_past ignore_first_depends_on_past wait_for_past_depends_before_skipping
    wait_for_downstream dag params default_args priority_weight weight_rule queue pool pool_slots sla
    execution_timeout on_execute_callback on_failure_callback on_success_callback on_retry_callback on_skipped_callback
    trigger_rule resources run_as_user max_active_tis_per_dag max_active_tis_per_dagrun task_concurrency executor
    executor_config do_xcom_push multiple_outputs inlets outlets task_group doc doc_md doc_json doc_yaml doc_rst
    task_display_name logger_name allow_nested_operators pre_execute post_execute map_index_template retry_policy
    render_template_as_native_obj
    """
)
"""Parameters every operator takes. Source: BaseOperator of Airflow 2.10 and 3.x."""
