"""DBX904: a comment suppresses a finding and does not say why."""

from airbrick.lint.finding import Severity
from airbrick.lint.rule import Example, Rule


class SuppressionWithoutReason(Rule):
    """Reported by the engine, where the configuration asks for reasons."""

    code = "DBX904"
    name = "suppression-without-reason"
    severity = Severity.WARNING
    summary = "A suppression comment gives no reason"
    why = (
        "The next reader cannot tell whether the comment was a decision or a way past the check. Write the reason "
        "after the brackets. Reported only with require-suppression-reason = true."
    )
    bad = (
        Example(
            """\
from airflow.sdk import DAG
from airbrick.operators import RunNowOperator

with DAG("orders", schedule="@daily"):  # airbrick: ignore[DBX301]
    RunNowOperator(task_id="load", job="nightly_orders")
""",
            config={"require-suppression-reason": True},
        ),
    )
    good = (
        Example(
            """\
from airflow.sdk import DAG
from airbrick.operators import RunNowOperator

with DAG("orders", schedule="@daily"):  # airbrick: ignore[DBX301] runs write to partitions of their own
    RunNowOperator(task_id="load", job="nightly_orders")
""",
            config={"require-suppression-reason": True},
        ),
    )


RULE = SuppressionWithoutReason()
