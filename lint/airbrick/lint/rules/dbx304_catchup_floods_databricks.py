"""DBX304: a DAG runs on Databricks for every past interval at once."""

from collections.abc import Iterator

from airbrick.lint.amending import set_argument
from airbrick.lint.context import RuleContext
from airbrick.lint.facts.values import Absent, CallValue, Fact, Known
from airbrick.lint.finding import Finding, Safety, Severity
from airbrick.lint.model.elements import Dag
from airbrick.lint.model.schedules import catches_up
from airbrick.lint.rule import Example, Rule

_FIXED = (
    "datetime.datetime",
    "pendulum.datetime",
    "pendulum.DateTime",
    "airflow.utils.timezone.datetime",
    "airflow.sdk.timezone.datetime",
)
_DAG = """\
from datetime import datetime

from airflow.sdk import DAG
from airbrick.operators import RunNowOperator

with DAG("orders", schedule="@daily", start_date=datetime(2017, 1, 1), {arguments}):
    RunNowOperator(task_id="load", job="nightly_orders")
"""


class CatchupFloodsDatabricks(Rule):
    """Years of intervals are due the moment such a DAG is switched on."""

    code = "DBX304"
    name = "catchup-floods-databricks"
    severity = Severity.WARNING
    summary = "A DAG catches up on Databricks from a fixed start date without a limit on its runs"
    why = (
        "With catchup a DAG that is switched on, renamed or moved to a new Airflow starts a run for every interval "
        "since its start_date, sixteen at a time, each with its own clusters. Before Airflow 3 that is the default. "
        "Switch it off, or say with max_active_runs how many may work at once. The fix is unsafe because past "
        "intervals are then skipped."
    )
    fix = Safety.UNSAFE
    bad = (Example(_DAG.format(arguments="catchup=True")),)
    good = (
        Example(_DAG.format(arguments="catchup=False")),
        Example(_DAG.format(arguments="catchup=True, max_active_runs=1")),
    )

    def check_dag(self, dag: Dag, context: RuleContext) -> Iterator[Finding]:
        """Check one DAG."""
        if not any(operator.spec.runs_work and not operator.by_hand for operator in dag.operators):
            return
        if not catches_up(dag, context.settings.target_airflow) or not isinstance(
            dag.argument("max_active_runs"), Absent
        ):
            return
        start = dag.argument("start_date")
        if isinstance(start, Absent):
            start = dag.default("start_date")
        if not _is_fixed(start):
            return
        given = dag.argument("catchup")
        how = "catchup is on by default before Airflow 3" if isinstance(given, Absent) else "catchup=True"
        yield context.finding(
            self,
            dag.place,
            f"this DAG runs on Databricks for every interval since its start_date, 16 at once: {how}",
            help="set catchup=False, or max_active_runs=1",
            notes=tuple(
                context.defined_at(
                    start.where if isinstance(start, Known) else None,
                    beyond=dag.place,
                    message="start_date is set here",
                )
            ),
            fix=set_argument(dag, context, "catchup", "False", Safety.UNSAFE),
        )


def _is_fixed(fact: Fact) -> bool:
    value = fact.value if isinstance(fact, Known) else None
    if isinstance(value, str):
        return value[:4].isdecimal()
    return isinstance(value, CallValue) and any(name in _FIXED for name in value.callee.names)


RULE = CatchupFloodsDatabricks()
