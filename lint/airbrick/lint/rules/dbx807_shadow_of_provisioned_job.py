"""DBX807: a task submits what a provisioned job runs."""

from collections.abc import Iterator

from airbrick.lint.context import RuleContext
from airbrick.lint.contracts import StackContract
from airbrick.lint.facts.values import Known, Place, literal_text
from airbrick.lint.finding import Finding, Severity
from airbrick.lint.knowledge.databricks import Kind
from airbrick.lint.model.code_paths import code_paths, in_workspace
from airbrick.lint.model.elements import Operator
from airbrick.lint.rule import Example, Rule
from airbrick.lint.wording import listed

_DAG = """\
from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks import DatabricksSubmitRunOperator

with DAG("orders"):
    DatabricksSubmitRunOperator(
        task_id="load", notebook_task={{"notebook_path": "/Workspace/Shared/orders/{name}"}}
    )
"""
_NOTEBOOKS = {"load": "/Workspace/Shared/orders/load"}


class ShadowOfProvisionedJob(Rule):
    """One piece of work, two definitions."""

    code = "DBX807"
    name = "shadow-of-provisioned-job"
    severity = Severity.WARNING
    summary = "A task submits a notebook or file that a provisioned job runs"
    why = (
        "The stack provisions a job for this code: with its cluster, its permissions, its time-out and its alerts. A "
        "run that a DAG submits beside it has its own settings, which nobody keeps the same, and two runs may write "
        "the same tables at once. Trigger the job."
    )
    needs_contract = True
    bad = (Example(_DAG.format(name="load"), contract={"nightly_orders": ()}, notebooks=_NOTEBOOKS),)
    good = (
        Example(
            """\
from airflow.sdk import DAG
from airbrick.operators import RunNowOperator

with DAG("orders"):
    RunNowOperator(task_id="load", job="nightly_orders")
""",
            contract={"nightly_orders": ()},
            notebooks=_NOTEBOOKS,
        ),
        Example(_DAG.format(name="check"), contract={"nightly_orders": ()}, notebooks=_NOTEBOOKS),
    )

    def check_operator(self, operator: Operator, context: RuleContext) -> Iterator[Finding]:
        """Check the code an operator submits."""
        if operator.spec.kind not in {Kind.SUBMIT_RUN, Kind.TASK} or operator.by_hand:
            return
        contracts = context.contracts_for(operator)
        for fact in code_paths(operator):
            path = in_workspace(literal_text(fact) or "")
            holds = [(contract, *found) for contract in contracts if path and (found := _owner(contract, path))]
            if holds and isinstance(fact, Known):
                yield self._finding(operator, fact.where, holds, context)
                return

    def _finding(
        self,
        operator: Operator,
        where: Place | None,
        holds: list[tuple[StackContract, str, str]],
        context: RuleContext,
    ) -> Finding:
        _, key, task_key = holds[0]
        stacks = [contract.stack for contract, _, _ in holds]
        return context.finding(
            self,
            operator.place,
            f"{operator.class_name} submits what task {task_key!r} of job {key!r} runs (stack {listed(stacks)})",
            help=f"trigger job {key!r}",
            notes=[
                *context.defined_at(where, beyond=operator.place, message="the path is written here"),
                *(
                    contract.note(f"job {job} of stack {contract.stack} runs it", "jobs", job, "tasks", task)
                    for contract, job, task in holds
                ),
            ],
            stacks=stacks,
        )


def _owner(contract: StackContract, path: str) -> tuple[str, str] | None:
    return next(
        (
            (key, task_key)
            for key, job in sorted(contract.contract.jobs.items())
            for task_key, task in sorted(job.tasks.items())
            if task.code and in_workspace(task.code) == path
        ),
        None,
    )


RULE = ShadowOfProvisionedJob()
