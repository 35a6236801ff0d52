"""DBX302: a task is expanded into any number of runs at once."""

from collections.abc import Iterator
from typing import Final

from airbrick.lint.amending import set_argument
from airbrick.lint.context import RuleContext
from airbrick.lint.finding import Finding, Safety, Severity
from airbrick.lint.model.elements import Operator
from airbrick.lint.model.fan_out import is_throttled, mapped, shown
from airbrick.lint.rule import Example, Option, Rule

LIMIT: Final = Option("maximum-mapped-runs", 16, "the largest number of mapped runs that is not reported", minimum=1)
_PER_RUN_SINCE: Final = (2, 6)
_DAG = """\
from airflow.sdk import DAG, task
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator

@task
def regions():
    return ["eu", "us"]

with DAG("orders"):
    parameters = {parameters}
    DatabricksRunNowOperator.partial(task_id="load", job_name="orders"{limit}).expand(notebook_params=parameters)
"""


class UnboundedMappedRuns(Rule):
    """What a task returns decides how many clusters start."""

    code = "DBX302"
    name = "unbounded-mapped-runs"
    severity = Severity.WARNING
    summary = "A mapped task may start any number of runs on Databricks at once"
    why = (
        "expand() makes a task instance of each item, and each starts a run. When the items come from another task, "
        "nothing in the DAG says how many: a list that has grown starts hundreds of clusters, or meets the "
        "workspace's limits. max_active_tis_per_dagrun lets them work in turn; it counts deferred tasks too, which "
        "a pool does only with include_deferred. The fix is unsafe because the runs then wait for each other."
    )
    fix = Safety.UNSAFE
    options = (LIMIT,)
    bad = (Example(_DAG.format(parameters="regions()", limit="")),)
    good = (
        Example(_DAG.format(parameters="regions()", limit=", max_active_tis_per_dagrun=4")),
        Example(_DAG.format(parameters='[{"region": "eu"}, {"region": "us"}]', limit="")),
    )

    def check_operator(self, operator: Operator, context: RuleContext) -> Iterator[Finding]:
        """Check one mapped operator."""
        if not operator.spec.runs_work or operator.by_hand:
            return
        size = mapped(operator)
        if size <= context.option(self, LIMIT) or is_throttled(operator):
            return
        name = "max_active_tis_per_dag"
        if context.settings.target_airflow >= _PER_RUN_SINCE:
            name = "max_active_tis_per_dagrun"
        yield context.finding(
            self,
            operator.place,
            f"{operator.class_name} is expanded into {shown(size)} runs that may all work at once",
            help=f"set {name}, or a pool",
            fix=set_argument(operator, context, name, "4", Safety.UNSAFE),
        )


RULE = UnboundedMappedRuns()
