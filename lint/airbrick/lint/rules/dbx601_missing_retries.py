"""DBX601: a task is not tried again."""

from collections.abc import Iterator
from typing import Final

from airbrick.lint.amending import set_argument
from airbrick.lint.context import RuleContext
from airbrick.lint.facts.values import Absent, Known
from airbrick.lint.finding import Finding, Safety, Severity
from airbrick.lint.knowledge.databricks import Kind
from airbrick.lint.model.elements import Operator
from airbrick.lint.model.limits import in_workflow
from airbrick.lint.model.numbers import is_nothing
from airbrick.lint.rule import Example, Option, Rule

DEFAULT_RETRIES: Final = Option("default-task-retries", 0, "Airflow's [core] default_task_retries", minimum=0)
_DAG = """\
from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator

with DAG("orders"{default_args}):
    DatabricksRunNowOperator(task_id="load", job_name="orders"{retries})
"""


class MissingRetries(Rule):
    """Clouds fail for a moment all the time."""

    code = "DBX601"
    name = "missing-retries"
    severity = Severity.WARNING
    summary = "A task on Databricks is not tried again when it fails"
    why = (
        "Clusters that cannot be started, spot nodes that are taken away, a throttled API: most failures on "
        "Databricks pass within minutes. Without retries each of them is a red DAG and somebody's night. Set "
        "retries and retry_delay in default_args. The fix is unsafe because the work must bear being done twice."
    )
    fix = Safety.UNSAFE
    options = (DEFAULT_RETRIES,)
    bad = (
        Example(_DAG.format(default_args="", retries="")),
        Example(_DAG.format(default_args=', default_args={"retries": 0}', retries="")),
    )
    good = (
        Example(_DAG.format(default_args=', default_args={"retries": 2}', retries="")),
        Example(_DAG.format(default_args="", retries="").replace(")\n", ", retries=2)\n", 1)),
    )

    def check_operator(self, operator: Operator, context: RuleContext) -> Iterator[Finding]:
        """Check the retries of an operator."""
        if not (operator.spec.runs_work or operator.spec.kind is Kind.CREATE_JOB) or operator.by_hand:
            return
        given = operator.argument("retries")
        # Within a workflow group a retry only reads the finished run again.
        if in_workflow(operator) or not is_nothing(given):
            return
        if isinstance(given, Absent) and context.option(self, DEFAULT_RETRIES):
            return
        yield context.finding(
            self,
            operator.place,
            f"{operator.class_name} is not retried" + ("" if isinstance(given, Absent) else ": retries is 0"),
            help="set retries and retry_delay, best in default_args",
            notes=tuple(
                context.defined_at(
                    given.where if isinstance(given, Known) else None,
                    beyond=operator.place,
                    message="retries is set to 0 here",
                )
            ),
            fix=set_argument(operator, context, "retries", "2", Safety.UNSAFE),
        )


RULE = MissingRetries()
