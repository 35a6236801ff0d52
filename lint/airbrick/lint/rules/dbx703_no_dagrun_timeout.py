"""DBX703: nothing ends a run of a scheduled DAG."""

from collections.abc import Iterator

from airbrick.lint.context import RuleContext
from airbrick.lint.finding import Finding, Severity
from airbrick.lint.model.elements import Dag
from airbrick.lint.model.numbers import is_nothing
from airbrick.lint.model.schedules import is_recurring
from airbrick.lint.rule import Example, Preset, Rule

_DAG = """\
from datetime import timedelta

from airflow.sdk import DAG
from airbrick.operators import RunNowOperator

with DAG("orders", schedule="@daily"{timeout}):
    RunNowOperator(task_id="load", job="nightly_orders")
"""


class NoDagrunTimeout(Rule):
    """A DAG run that never ends blocks the next one."""

    code = "DBX703"
    name = "no-dagrun-timeout"
    severity = Severity.INFO
    summary = "A scheduled DAG that works on Databricks has no dagrun_timeout"
    why = (
        "Time-outs of tasks do not bound what stands between them: queues, retries, a sensor that waits for what "
        "will not come. With max_active_runs=1 one such run stops the pipeline without a failure to see."
    )
    preset = Preset.STRICT
    bad = (Example(_DAG.format(timeout="")),)
    good = (Example(_DAG.format(timeout=", dagrun_timeout=timedelta(hours=6)")),)

    def check_dag(self, dag: Dag, context: RuleContext) -> Iterator[Finding]:
        """Check one DAG."""
        if not any(operator.spec.runs_work and not operator.by_hand for operator in dag.operators):
            return
        if is_recurring(dag, context.settings.target_airflow) is True and is_nothing(dag.argument("dagrun_timeout")):
            yield context.finding(
                self,
                dag.place,
                "nothing ends a run of this scheduled DAG: it has no dagrun_timeout",
                help="set dagrun_timeout to a little more than a run may take",
            )


RULE = NoDagrunTimeout()
