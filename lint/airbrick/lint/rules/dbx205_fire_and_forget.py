"""DBX205: nobody looks at how a run ends."""

from collections.abc import Iterator

from airbrick.lint.context import RuleContext
from airbrick.lint.facts.values import Known
from airbrick.lint.finding import Finding, Severity
from airbrick.lint.model.elements import Operator
from airbrick.lint.model.polling import asks_for_state
from airbrick.lint.rule import Example, Rule

_NAME = "wait_for_termination"
_DAG = """\
from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator

with DAG("orders"):
    DatabricksRunNowOperator(task_id="load", job_name="orders"{more})
"""


class FireAndForget(Rule):
    """A task that only starts a run is always green."""

    code = "DBX205"
    name = "fire-and-forget"
    severity = Severity.WARNING
    summary = "A task starts a run and does not wait for its end, nor does anything else in the file"
    why = (
        "With wait_for_termination=False the task succeeds when the run is started. When the run fails, the DAG "
        "stays green, what follows works on yesterday's data, and retries never happen. A deferrable task waits "
        "without holding a worker. A file with a sensor, or with a task that asks for the run, is not reported."
    )
    bad = (Example(_DAG.format(more=", wait_for_termination=False")),)
    good = (Example(_DAG.format(more=", deferrable=True")),)

    def check_operator(self, operator: Operator, context: RuleContext) -> Iterator[Finding]:
        """Check whether an operator waits."""
        if not operator.spec.takes(_NAME) or not operator.spec.runs_work or operator.by_hand:
            return
        given = operator.argument(_NAME)
        if not isinstance(given, Known) or given.value is not False or _is_looked_after(context):
            return
        yield context.finding(
            self,
            operator.place,
            f"{operator.class_name} starts its run and does not wait, and nothing here looks at how it ends",
            help=f"drop {_NAME}=False and set deferrable=True, or wait for the run with a sensor",
            notes=tuple(context.defined_at(given.where, beyond=operator.place, message="waiting is switched off here")),
        )


def _is_looked_after(context: RuleContext) -> bool:
    # Sensors have many names and makers, so the word is enough.
    return "sensor" in context.file.source.text.lower() or any(map(asks_for_state, context.model.calls))


RULE = FireAndForget()
