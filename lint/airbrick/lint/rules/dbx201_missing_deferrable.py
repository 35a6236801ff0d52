"""DBX201: an operator waits in a worker slot although it could be deferred."""

from collections.abc import Iterator

from airbrick.lint.context import RuleContext
from airbrick.lint.edits import add_argument
from airbrick.lint.facts.values import Absent, Known
from airbrick.lint.finding import Finding, Fix, Safety, Severity
from airbrick.lint.knowledge.databricks import Deferral
from airbrick.lint.model.elements import Operator
from airbrick.lint.model.limits import can_defer
from airbrick.lint.rule import Example, Rule


class MissingDeferrable(Rule):
    """Waiting for Databricks needs no worker."""

    code = "DBX201"
    name = "missing-deferrable"
    severity = Severity.WARNING
    summary = "An operator that could be deferred holds a worker slot while Databricks computes"
    why = (
        "Without deferrable=True the operator sleeps in a worker slot from the start of the run to its end, and "
        "asks for the run's state from there. A hundred runs occupy a hundred slots in which nothing happens. "
        "Deferred, they wait together in the triggerer. The fix is unsafe because it needs a running triggerer, "
        "and because Airflow 3 does not apply execution_timeout while a task is deferred: bound the run with its "
        "own timeout_seconds. Where Airflow's [operators] default_deferrable is on, say default-deferrable = true."
    )
    fix = Safety.UNSAFE
    bad = (
        Example(
            """\
from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator

with DAG("orders"):
    DatabricksRunNowOperator(task_id="load", job_name="orders")
"""
        ),
    )
    good = (
        Example(
            """\
from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator

with DAG("orders", default_args={"deferrable": True}):
    DatabricksRunNowOperator(task_id="load", job_name="orders")
"""
        ),
        Example(
            """\
from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator

with DAG("orders"):
    DatabricksRunNowOperator(task_id="load", job_name="orders")
""",
            config={"default-deferrable": True},
        ),
    )

    def check_operator(self, operator: Operator, context: RuleContext) -> Iterator[Finding]:
        """Check one operator."""
        if context.settings.default_deferrable or not _is_missing(operator):
            return
        if not can_defer(operator, context.settings):
            return
        said = isinstance(operator.argument("deferrable"), Known)
        yield context.finding(
            self,
            operator.place,
            f"{operator.class_name} is not deferrable: it holds a worker slot until the run ends",
            help="write deferrable=True" if said else "add deferrable=True",
            fix=self._fix(operator, context),
        )

    def _fix(self, operator: Operator, context: RuleContext) -> Fix | None:
        if operator.place.file is not context.file:
            return None
        # A helper that is called with deferrable= elsewhere would get it twice.
        if not all(other.editable and _is_absent(other) for other in context.same_call(operator)):
            return None
        edits = add_argument(operator.place, "deferrable=True")
        return Fix("Add deferrable=True", Safety.UNSAFE, edits) if edits else None


def _is_missing(operator: Operator) -> bool:
    if operator.by_hand or operator.spec.deferral is not Deferral.PARAMETER:
        return False
    waits = operator.argument("wait_for_termination")
    if isinstance(waits, Known) and waits.value is False:
        return False
    deferrable = operator.argument("deferrable")
    return isinstance(deferrable, Absent) or (isinstance(deferrable, Known) and deferrable.value is False)


def _is_absent(operator: Operator) -> bool:
    return _is_missing(operator) and isinstance(operator.argument("deferrable"), Absent)


RULE = MissingDeferrable()
