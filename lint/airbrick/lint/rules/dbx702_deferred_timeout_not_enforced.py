"""DBX702: the only time-out of a deferred task is one that does not hold while it is deferred."""

from collections.abc import Iterator

from airbrick.lint.amending import set_argument
from airbrick.lint.context import RuleContext
from airbrick.lint.facts.values import Fact, Known
from airbrick.lint.finding import Finding, Fix, Safety, Severity
from airbrick.lint.knowledge.databricks import Kind
from airbrick.lint.model.elements import Operator
from airbrick.lint.model.limits import is_bounded_by_job, is_deferred, run_limits
from airbrick.lint.model.numbers import is_nothing, is_something, seconds
from airbrick.lint.rule import Example, Rule

_DAG = """\
from datetime import timedelta

from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks import DatabricksSubmitRunOperator

with DAG("orders"):
    DatabricksSubmitRunOperator(
        task_id="load",
        tasks=[{{"task_key": "load", "notebook_task": {{"notebook_path": "/Shared/load"}}}}],
        deferrable=True,
        {timeout},
    )
"""
_AIRFLOW_3 = (3, 0)


class DeferredTimeoutNotEnforced(Rule):
    """A deferred task has nobody who looks at its execution_timeout."""

    code = "DBX702"
    name = "deferred-timeout-not-enforced"
    severity = Severity.WARNING
    summary = "The only time-out of a deferred task is execution_timeout, which Airflow 3 does not apply meanwhile"
    why = (
        "Airflow 3 measures execution_timeout in the worker, and a deferred task is in none: a run that hangs is "
        "waited for without end, although the DAG looks bounded. Databricks can end the run itself: give the run "
        "timeout_seconds, or the job a time-out in the stack. The fix is unsafe because the run, not only the task, "
        "is then ended."
    )
    fix = Safety.UNSAFE
    bad = (Example(_DAG.format(timeout="execution_timeout=timedelta(hours=2)")),)
    good = (
        Example(_DAG.format(timeout="timeout_seconds=7200")),
        Example(_DAG.format(timeout="execution_timeout=timedelta(hours=2)"), config={"target-airflow": "2.10"}),
    )

    def check_operator(self, operator: Operator, context: RuleContext) -> Iterator[Finding]:
        """Check the time-outs of a deferred operator."""
        if context.settings.target_airflow < _AIRFLOW_3 or operator.by_hand:
            return
        spec = operator.spec
        if spec.kind not in {Kind.RUN_NOW, Kind.SUBMIT_RUN} or spec.keeps_timeout:
            return
        if not is_deferred(operator, context.settings):
            return
        given = operator.argument("execution_timeout")
        if not is_something(given) or not all(is_nothing(limit) for limit in run_limits(operator)):
            return
        contracts = context.contracts_for(operator)
        if is_bounded_by_job(operator, contracts):
            return
        own = "timeout_seconds of the run" if spec.kind is Kind.SUBMIT_RUN else "a time-out of the job"
        yield context.finding(
            self,
            operator.place,
            f"{operator.class_name} is deferred, and Airflow 3 does not apply its execution_timeout meanwhile",
            help=f"bound it by {own}",
            notes=tuple(
                context.defined_at(
                    given.where if isinstance(given, Known) else None,
                    beyond=operator.place,
                    message="execution_timeout is set here",
                )
            ),
            fix=_fix(operator, given, context),
        )


def _fix(operator: Operator, given: Fact, context: RuleContext) -> Fix | None:
    length = seconds(given)
    if length is None or length < 1:
        return None
    if operator.spec.kind is not Kind.SUBMIT_RUN:
        return None
    return set_argument(operator, context, "timeout_seconds", str(int(length)), Safety.UNSAFE)


RULE = DeferredTimeoutNotEnforced()
