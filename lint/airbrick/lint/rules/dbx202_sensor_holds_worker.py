"""DBX202: a sensor sleeps in a worker slot between its looks."""

from collections.abc import Iterator
from typing import Final

from airbrick.lint.amending import set_argument
from airbrick.lint.context import RuleContext
from airbrick.lint.facts.values import Absent, Known
from airbrick.lint.finding import Finding, Fix, Safety, Severity
from airbrick.lint.knowledge.databricks import Deferral, Kind
from airbrick.lint.model.elements import Operator
from airbrick.lint.model.limits import can_defer
from airbrick.lint.model.numbers import interval
from airbrick.lint.rule import Example, Rule

_RESCHEDULE_S: Final = 60
_DAG = """\
from airflow.sdk import DAG
from airflow.providers.databricks.sensors.databricks_sql import DatabricksSqlSensor

with DAG("orders"):
    DatabricksSqlSensor(task_id="wait", sql="select 1 from orders limit 1"{mode})
"""


class SensorHoldsWorker(Rule):
    """A sensor that pokes is a worker slot that sleeps."""

    code = "DBX202"
    name = "sensor-holds-worker"
    severity = Severity.WARNING
    summary = "A Databricks sensor holds a worker slot while it waits"
    why = (
        "In its default mode, poke, a sensor sleeps in its worker slot between two looks; a dozen sensors stop an "
        'Airflow in which nothing runs. With mode="reschedule" it gives the slot back until the next look, which '
        "pays from a poke_interval of a minute on; a sensor that can be deferred waits in the triggerer. The fix "
        "is safe where it changes the mode only."
    )
    fix = Safety.SAFE
    bad = (Example(_DAG.format(mode="")),)
    good = (Example(_DAG.format(mode=', mode="reschedule"')),)

    def check_operator(self, operator: Operator, context: RuleContext) -> Iterator[Finding]:
        """Check one sensor."""
        if operator.spec.kind is not Kind.SENSOR or operator.by_hand:
            return
        mode = operator.argument("mode")
        pokes = isinstance(mode, Absent) or (isinstance(mode, Known) and mode.value == "poke")
        if not pokes or _is_deferred_or_unknown(operator, context):
            return
        deferrable = can_defer(operator, context.settings)
        way = "deferrable=True" if deferrable else 'mode="reschedule"'
        yield context.finding(
            self,
            operator.place,
            f"{operator.class_name} sleeps in a worker slot between its looks",
            help=f"set {way}",
            notes=tuple(
                context.defined_at(
                    mode.where if isinstance(mode, Known) else None, beyond=operator.place, message="mode is set here"
                )
            ),
            fix=_fix(operator, context, deferrable=deferrable),
        )


def _is_deferred_or_unknown(operator: Operator, context: RuleContext) -> bool:
    if operator.spec.deferral is not Deferral.PARAMETER:
        return False
    given = operator.argument("deferrable")
    if isinstance(given, Absent):
        return context.settings.default_deferrable
    return not (isinstance(given, Known) and given.value is False)


def _fix(operator: Operator, context: RuleContext, *, deferrable: bool) -> Fix | None:
    if deferrable:
        return set_argument(operator, context, "deferrable", "True", Safety.UNSAFE)
    given = operator.argument("poke_interval")
    length = _RESCHEDULE_S if isinstance(given, Absent) else interval(given)
    slow = length is not None and length >= _RESCHEDULE_S
    return set_argument(operator, context, "mode", '"reschedule"', Safety.SAFE if slow else Safety.UNSAFE)


RULE = SensorHoldsWorker()
