"""DBX806: a job runs on its own schedule and on that of a DAG."""

from collections.abc import Iterator

from airbrick.lint.context import RuleContext
from airbrick.lint.finding import Finding, Severity
from airbrick.lint.model.elements import Operator
from airbrick.lint.model.jobs import job_reference
from airbrick.lint.model.schedules import is_recurring
from airbrick.lint.rule import Example, Rule
from airbrick.lint.wording import listed

_DAG = """\
from airflow.sdk import DAG
from airbrick.operators import RunNowOperator

with DAG("orders", schedule="@daily"):
    RunNowOperator(task_id="load", job="nightly_orders")
"""


class DoubleScheduledJob(Rule):
    """Two clocks start the same work."""

    code = "DBX806"
    name = "double-scheduled-job"
    severity = Severity.WARNING
    summary = "A scheduled DAG triggers a job that Databricks starts by itself, too"
    why = (
        "The job has a schedule, a trigger or runs continuously in Databricks, and a scheduled DAG starts it as well: "
        "the same data is loaded twice, at times that drift. Keep one clock: pause the job's schedule in the stack, "
        "or let the DAG only wait for what Databricks starts."
    )
    needs_contract = True
    bad = (Example(_DAG, contract={"nightly_orders": ()}, job={"has_schedule": True}),)
    good = (Example(_DAG, contract={"nightly_orders": ()}),)

    def check_operator(self, operator: Operator, context: RuleContext) -> Iterator[Finding]:
        """Check who else starts the job of an operator."""
        wanted = job_reference(operator)
        if wanted is None or operator.by_hand or operator.dag is None:
            return
        if is_recurring(operator.dag, context.settings.target_airflow) is not True:
            return
        holds = [
            (contract, found[0])
            for contract in context.contracts_for(operator)
            if (found := wanted.find(contract.contract)) is not None and found[1].has_schedule
        ]
        if not holds:
            return
        stacks = [contract.stack for contract, _ in holds]
        yield context.finding(
            self,
            operator.place,
            f"this scheduled DAG triggers job {holds[0][1]!r}, which Databricks starts by itself, too "
            f"(stack {listed(stacks)})",
            help="keep one of the two schedules",
            notes=[
                contract.note(f"job {key} of stack {contract.stack} has a schedule", "jobs", key, "has_schedule")
                for contract, key in holds
            ],
            stacks=stacks,
        )


RULE = DoubleScheduledJob()
