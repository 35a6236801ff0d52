"""DBX301: a scheduled DAG may run on Databricks many times at once."""

from collections.abc import Iterator
from typing import Final

from airbrick.lint.context import RuleContext
from airbrick.lint.edits import add_argument
from airbrick.lint.facts.values import Absent, Known
from airbrick.lint.finding import Finding, Fix, Safety, Severity
from airbrick.lint.model.elements import Dag
from airbrick.lint.model.schedules import is_recurring
from airbrick.lint.rule import Example, Option, Rule

_LIMIT: Final = Option("max-active-runs", 16, "the largest max_active_runs that is not reported", minimum=1)


class UnboundedActiveRuns(Rule):
    """Say how many runs of a DAG may use Databricks at once."""

    code = "DBX301"
    name = "unbounded-active-runs"
    severity = Severity.WARNING
    summary = "A scheduled DAG that works on Databricks does not say how many of its runs may be active"
    why = (
        "After an outage, a pause or a backfill, Airflow starts up to sixteen runs of a DAG at once, each with its "
        "own Databricks runs: sixteen clusters, and writers that overtake each other. Most pipelines mean one. The "
        "fix is unsafe because it makes runs wait for each other."
    )
    fix = Safety.UNSAFE
    options = (_LIMIT,)
    bad = (
        Example(
            """\
from airflow.sdk import DAG
from airbrick.operators import RunNowOperator

with DAG("orders", schedule="@hourly"):
    RunNowOperator(task_id="load", job="nightly_orders")
"""
        ),
    )
    good = (
        Example(
            """\
from airflow.sdk import DAG
from airbrick.operators import RunNowOperator

with DAG("orders", schedule="@hourly", max_active_runs=1):
    RunNowOperator(task_id="load", job="nightly_orders")
"""
        ),
        Example(
            """\
from airflow.sdk import DAG
from airbrick.operators import RunNowOperator

with DAG("by_hand", schedule=None):
    RunNowOperator(task_id="load", job="nightly_orders")
"""
        ),
    )

    def check_dag(self, dag: Dag, context: RuleContext) -> Iterator[Finding]:
        """Check one DAG."""
        if not any(operator.spec.runs_work and not operator.by_hand for operator in dag.operators):
            return
        if is_recurring(dag, context.settings.target_airflow) is not True:
            return
        given = dag.argument("max_active_runs")
        limit = context.option(self, _LIMIT)
        if isinstance(given, Absent):
            yield context.finding(
                self,
                dag.place,
                "this scheduled DAG works on Databricks without max_active_runs: up to 16 of its runs at once",
                help="add max_active_runs=1, or as many as may run side by side",
                fix=self._fix(dag, context),
            )
            return
        value = given.value if isinstance(given, Known) else None
        if isinstance(given, Known) and isinstance(value, int) and value > limit:
            yield context.finding(
                self,
                dag.place,
                f"max_active_runs={value} lets more than {limit} runs work on Databricks at once",
                help=f"lower it, or raise the rule's option {_LIMIT.name}",
                notes=tuple(context.defined_at(given.where, beyond=dag.place, message="the value is set here")),
            )

    def _fix(self, dag: Dag, context: RuleContext) -> Fix | None:
        if not dag.form.editable or dag.place.file is not context.file:
            return None
        same = (other for other in context.model.dags if other.place.node is dag.place.node)
        if not all(isinstance(other.argument("max_active_runs"), Absent) for other in same):
            return None
        edits = add_argument(dag.place, "max_active_runs=1")
        return Fix("Add max_active_runs=1", Safety.UNSAFE, edits) if edits else None


RULE = UnboundedActiveRuns()
