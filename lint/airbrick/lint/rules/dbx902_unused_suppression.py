"""DBX902: a comment suppresses nothing."""

from airbrick.lint.finding import Safety, Severity
from airbrick.lint.rule import Example, Rule


class UnusedSuppression(Rule):
    """Reported by the engine once all other rules have run."""

    code = "DBX902"
    name = "unused-suppression"
    severity = Severity.WARNING
    summary = "A suppression comment suppresses nothing"
    why = (
        "A comment that outlives its finding hides the next one. Rules that are off, or that find no contract, do "
        "not make a comment unused."
    )
    fix = Safety.SAFE
    bad = (
        Example(
            """\
from airflow.sdk import DAG

dag = DAG("orders")  # airbrick: ignore[DBX301] runs may overlap
"""
        ),
    )
    good = (
        Example(
            """\
from airflow.sdk import DAG
from airbrick.operators import RunNowOperator

with DAG("orders", schedule="@daily"):  # airbrick: ignore[DBX301] runs may overlap
    RunNowOperator(task_id="load", job="nightly_orders")
"""
        ),
    )


RULE = UnusedSuppression()
