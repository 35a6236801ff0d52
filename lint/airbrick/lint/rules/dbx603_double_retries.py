"""DBX603: Airflow and Databricks both retry the same work."""

from collections.abc import Iterator
from typing import Final

from airbrick.lint.context import RuleContext
from airbrick.lint.facts.values import Known
from airbrick.lint.finding import Finding, Severity
from airbrick.lint.model.elements import Operator
from airbrick.lint.model.numbers import number
from airbrick.lint.model.submissions import task_settings
from airbrick.lint.rule import Example, Option, Preset, Rule

LIMIT: Final = Option("maximum-attempts", 6, "the largest number of attempts that is not reported", minimum=1)
_DAG = """\
from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks import DatabricksSubmitRunOperator

with DAG("orders"):
    DatabricksSubmitRunOperator(
        task_id="load",
        retries={retries},
        tasks=[
            {{"task_key": "load", "max_retries": 3, "notebook_task": {{"notebook_path": "/Shared/load"}}}},
        ],
    )
"""


class DoubleRetries(Rule):
    """Retries of retries multiply."""

    code = "DBX603"
    name = "double-retries"
    severity = Severity.INFO
    summary = "Airflow retries a task whose run Databricks retries already"
    why = (
        "Three retries of a run that is itself tried four times are sixteen attempts, hours after the mistake could "
        "have been seen. Let one layer retry: Databricks for what a new cluster heals, Airflow for the rest."
    )
    preset = Preset.STRICT
    options = (LIMIT,)
    bad = (Example(_DAG.format(retries=3)),)
    good = (Example(_DAG.format(retries=0)),)

    def check_operator(self, operator: Operator, context: RuleContext) -> Iterator[Finding]:
        """Check the retries of both layers."""
        if not operator.spec.runs_work or operator.by_hand:
            return
        retries = number(operator.argument("retries"))
        if not retries or retries < 1:
            return
        for fact in task_settings(operator, "max_retries"):
            inner = _retries(fact)
            attempts = (retries + 1) * (inner + 1) if inner >= 0 else float("inf")
            if inner and attempts > context.option(self, LIMIT):
                many = f"{attempts:g} attempts" if inner > 0 else "attempts without end"
                yield context.finding(
                    self,
                    operator.place,
                    f"{operator.class_name} and its run both retry: {many}",
                    help="set retries=0 here, or max_retries to 0 there",
                    notes=tuple(
                        context.defined_at(
                            fact.where if isinstance(fact, Known) else None,
                            beyond=operator.place,
                            message="max_retries is set here",
                        )
                    ),
                )
                return


def _retries(fact: object) -> float:
    """Give the retries of Databricks; -1 stands for any number of them."""
    if not isinstance(fact, Known) or isinstance(fact.value, bool):
        return 0
    return fact.value if isinstance(fact.value, int) else 0


RULE = DoubleRetries()
