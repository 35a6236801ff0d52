"""DBX306: the start date of a DAG moves with the clock."""

from collections.abc import Iterator

from airbrick.lint.context import RuleContext
from airbrick.lint.facts.values import Absent, Known
from airbrick.lint.finding import Finding, Severity
from airbrick.lint.model.elements import Dag
from airbrick.lint.model.moving import called, moving
from airbrick.lint.rule import Example, Rule

_DAG = """\
from datetime import datetime, timedelta

from airflow.sdk import DAG
from airbrick.operators import RunNowOperator

default_args = {{"start_date": {start}}}

with DAG("orders", schedule="@daily", default_args=default_args):
    RunNowOperator(task_id="load", job="nightly_orders")
"""


class DynamicStartDate(Rule):
    """An interval that never ends is never run."""

    code = "DBX306"
    name = "dynamic-start-date"
    severity = Severity.WARNING
    summary = "The start date of a DAG is computed from the clock"
    why = (
        "Airflow reads the file again and again, and each time the start date has moved: the first interval never "
        "ends, runs are skipped, and every parse makes a new version of the DAG. Write a fixed date. What "
        "days_ago() does is reported by ruff's AIR301."
    )
    bad = (Example(_DAG.format(start="datetime.now() - timedelta(days=1)")),)
    good = (Example(_DAG.format(start="datetime(2026, 1, 1)")),)

    def check_dag(self, dag: Dag, context: RuleContext) -> Iterator[Finding]:
        """Check one DAG."""
        start = dag.argument("start_date")
        if isinstance(start, Absent):
            start = dag.default("start_date")
        found = moving(start)
        if found is None or not isinstance(start, Known):
            return
        yield context.finding(
            self,
            dag.place,
            f"the start_date of this DAG moves with every parse: it comes from {called(found)}",
            help="write a fixed date, such as datetime(2026, 1, 1)",
            notes=tuple(
                context.defined_at(found.where or start.where, beyond=dag.place, message="the date is computed here")
            ),
        )


RULE = DynamicStartDate()
