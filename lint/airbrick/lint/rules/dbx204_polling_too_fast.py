"""DBX204: a task asks Databricks for its state too often."""

from collections.abc import Iterator
from typing import Final

from airbrick.lint.amending import set_argument
from airbrick.lint.context import RuleContext
from airbrick.lint.facts.values import Fact, Known
from airbrick.lint.finding import Finding, Safety, Severity
from airbrick.lint.knowledge.databricks import Kind
from airbrick.lint.model.elements import Operator
from airbrick.lint.model.numbers import interval
from airbrick.lint.rule import Example, Option, Rule

MINIMUM_POLLING: Final = Option(
    "minimum-polling-s", 15, "the shortest polling_period_seconds that is not reported, in seconds", minimum=0
)
MINIMUM_POKE: Final = Option(
    "minimum-poke-interval-s", 30, "the shortest poke_interval that is not reported, in seconds", minimum=0
)
_USUAL_S: Final = 30
_DAG = """\
from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator

with DAG("orders"):
    DatabricksRunNowOperator(task_id="load", job_name="orders", polling_period_seconds={period})
"""


class PollingTooFast(Rule):
    """A run of minutes need not be looked at every second."""

    code = "DBX204"
    name = "polling-too-fast"
    severity = Severity.WARNING
    summary = "A task looks at its run more often than a workspace bears"
    why = (
        "A workspace answers a limited number of requests a second, which all its users share. Tasks that ask every "
        "second are throttled, and make others fail with too many requests; nothing ends earlier for it."
    )
    fix = Safety.SAFE
    options = (MINIMUM_POLLING, MINIMUM_POKE)
    bad = (Example(_DAG.format(period=1)),)
    good = (Example(_DAG.format(period=30)),)

    def check_operator(self, operator: Operator, context: RuleContext) -> Iterator[Finding]:
        """Check how often an operator asks."""
        minimum = {"polling_period_seconds": context.option(self, MINIMUM_POLLING)}
        if operator.spec.kind is Kind.SENSOR:
            minimum["poke_interval"] = context.option(self, MINIMUM_POKE)
        if operator.by_hand:
            return
        for name, limit in minimum.items():
            if not operator.spec.takes(name):
                continue
            given = operator.argument(name)
            period = interval(given)
            if period is not None and period < limit:
                yield self._report(operator, name, period, given, context)
                return

    def _report(self, operator: Operator, name: str, period: float, given: Fact, context: RuleContext) -> Finding:
        return context.finding(
            self,
            operator.place,
            f"{operator.class_name} asks Databricks every {period:g} s ({name})",
            help=f"set {name}={_USUAL_S} or more",
            notes=tuple(
                context.defined_at(
                    given.where if isinstance(given, Known) else None,
                    beyond=operator.place,
                    message=f"{name} is set here",
                )
            ),
            fix=set_argument(operator, context, name, str(_slow_enough(name, context, self)), Safety.SAFE),
        )


def _slow_enough(name: str, context: RuleContext, rule: Rule) -> int:
    option = MINIMUM_POKE if name == "poke_interval" else MINIMUM_POLLING
    return max(_USUAL_S, context.option(rule, option))


RULE = PollingTooFast()
