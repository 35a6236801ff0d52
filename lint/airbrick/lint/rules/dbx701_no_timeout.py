"""DBX701: nothing ends a task that hangs."""

from collections.abc import Iterator

from airbrick.lint.amending import set_argument
from airbrick.lint.context import RuleContext
from airbrick.lint.facts.values import Known
from airbrick.lint.finding import Finding, Fix, Safety, Severity
from airbrick.lint.model.elements import Operator
from airbrick.lint.model.limits import is_bounded_by_job, is_deferred, run_limits
from airbrick.lint.model.numbers import is_nothing
from airbrick.lint.replacing import import_name
from airbrick.lint.rule import Example, Rule

_DAG = """\
from datetime import timedelta

from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator

with DAG("orders"{default_args}):
    DatabricksRunNowOperator(task_id="load", job_name="orders"{timeout})
"""
_AIRFLOW_3 = (3, 0)


class NoTimeout(Rule):
    """A run that hangs costs money until somebody looks."""

    code = "DBX701"
    name = "no-timeout"
    severity = Severity.WARNING
    summary = "A task on Databricks has neither execution_timeout nor a time-out of its run"
    why = (
        "Airflow waits for a task without execution_timeout as long as it takes, and Databricks runs a run without "
        "timeout_seconds as long as it takes: a deadlock or an endless retry burns a cluster over the weekend. The "
        "fix is unsafe because two hours may be too short. A time-out of the provisioned job counts when the "
        "contract shows it."
    )
    fix = Safety.UNSAFE
    bad = (Example(_DAG.format(default_args="", timeout="")),)
    good = (
        Example(_DAG.format(default_args="", timeout=", execution_timeout=timedelta(hours=2)")),
        Example(_DAG.format(default_args=', default_args={"execution_timeout": timedelta(hours=2)}', timeout="")),
        Example(
            _DAG.format(default_args="", timeout="").replace('orders")', 'orders job")'),
            contract={"orders": ()},
            job={"timeout_seconds": 7200},
        ),
    )

    def check_operator(self, operator: Operator, context: RuleContext) -> Iterator[Finding]:
        """Check the time-outs of an operator."""
        if not operator.spec.runs_work or operator.by_hand or _has_own_default(operator):
            return
        given = operator.argument("execution_timeout")
        if not is_nothing(given) or not all(is_nothing(limit) for limit in run_limits(operator)):
            return
        if is_bounded_by_job(operator, context.contracts_for(operator)):
            return
        yield context.finding(
            self,
            operator.place,
            f"nothing bounds {operator.class_name}: no execution_timeout, no time-out of its run",
            help="set execution_timeout, or a time-out of the run",
            notes=tuple(
                context.defined_at(
                    given.where if isinstance(given, Known) else None,
                    beyond=operator.place,
                    message="execution_timeout is switched off here",
                )
            ),
            fix=_fix(operator, context),
        )


def _has_own_default(operator: Operator) -> bool:
    """Tell whether the class bounds itself when it is told nothing."""
    return "timeout" in operator.spec.parameters


def _fix(operator: Operator, context: RuleContext) -> Fix | None:
    if operator.spec.takes("timeout_seconds"):
        return set_argument(operator, context, "timeout_seconds", "7200", Safety.UNSAFE)
    if operator.spec.takes("run_timeout"):
        return set_argument(operator, context, "run_timeout", "7200", Safety.UNSAFE)
    # It would not hold: DBX702.
    lost = context.settings.target_airflow >= _AIRFLOW_3 and not operator.spec.keeps_timeout
    if lost and is_deferred(operator, context.settings):
        return None
    found = import_name(context.file, "datetime", "timedelta")
    if found is None:
        return None
    name, imported = found
    return set_argument(operator, context, "execution_timeout", f"{name}(hours=2)", Safety.UNSAFE, more=imported)


RULE = NoTimeout()
