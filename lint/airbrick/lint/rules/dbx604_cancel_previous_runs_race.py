"""DBX604: runs of the same task cancel each other."""

from collections.abc import Iterator

from airbrick.lint.amending import set_argument
from airbrick.lint.context import RuleContext
from airbrick.lint.facts.values import Known
from airbrick.lint.finding import Finding, Safety, Severity
from airbrick.lint.model.elements import Operator
from airbrick.lint.model.fan_out import active_runs
from airbrick.lint.rule import Example, Rule

_NAME = "cancel_previous_runs"
_DAG = """\
from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator

with DAG("orders", schedule="@hourly"{limit}):
    DatabricksRunNowOperator(task_id="load", job_name="orders", cancel_previous_runs=True)
"""


class CancelPreviousRunsRace(Rule):
    """Who starts last kills the others."""

    code = "DBX604"
    name = "cancel-previous-runs-race"
    severity = Severity.ERROR
    summary = "A task cancels all runs of its job while other runs of the DAG may use it"
    why = (
        "cancel_previous_runs cancels every active run of the job, also the one that another run of the same DAG has "
        "just started: each kills the other's work, and with retries they do so in turn. One active run at a time "
        "makes it safe. The fix is unsafe because runs of the DAG then wait for each other."
    )
    fix = Safety.UNSAFE
    bad = (Example(_DAG.format(limit="")),)
    good = (Example(_DAG.format(limit=", max_active_runs=1")),)

    def check_operator(self, operator: Operator, context: RuleContext) -> Iterator[Finding]:
        """Check one operator that cancels."""
        given = operator.argument(_NAME) if operator.spec.takes(_NAME) else None
        if not isinstance(given, Known) or given.value is not True or operator.by_hand or operator.dag is None:
            return
        runs = active_runs(operator)
        notes = tuple(context.defined_at(given.where, beyond=operator.place, message="cancelling is set here"))
        if operator.mapped:
            message = f"the instances of this mapped {operator.class_name} cancel each other's runs"
            yield context.finding(self, operator.place, message, help=f"do not map it, or drop {_NAME}", notes=notes)
        elif runs is not None and runs > 1:
            yield context.finding(
                self,
                operator.place,
                f"{operator.class_name} cancels the runs that up to {runs - 1} other runs of this DAG wait for",
                help="set max_active_runs=1 on the DAG",
                notes=notes,
                fix=set_argument(operator.dag, context, "max_active_runs", "1", Safety.UNSAFE),
            )


RULE = CancelPreviousRunsRace()
