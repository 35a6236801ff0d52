"""DBX801: a task triggers a job that no stack provisions."""

from collections.abc import Iterator

from airbrick.contract import suggest
from airbrick.lint.context import RuleContext
from airbrick.lint.edits import replace_text
from airbrick.lint.finding import Finding, Fix, Safety, Severity
from airbrick.lint.model.elements import Operator
from airbrick.lint.model.jobs import JobReference, job_reference
from airbrick.lint.rule import Example, Rule
from airbrick.lint.wording import listed, not_in_stacks

_DAG = """\
from airflow.sdk import DAG
from airbrick.operators import RunNowOperator

with DAG("orders"):
    RunNowOperator(task_id="load", job="{job}")
"""


class UnknownProvisionedJob(Rule):
    """Only what is provisioned can be triggered."""

    code = "DBX801"
    name = "unknown-provisioned-job"
    severity = Severity.ERROR
    summary = "A task triggers a job that the contract does not hold"
    why = (
        "The contract lists the jobs a stack provisions. A key, an id or a name that is not among them is a typing "
        "mistake, a job that was renamed or removed, or an id of another workspace: the task fails when it runs, "
        "or triggers something nobody manages."
    )
    fix = Safety.UNSAFE
    needs_contract = True
    bad = (Example(_DAG.format(job="nightly_ordrs"), contract={"nightly_orders": ("run_date",)}),)
    good = (Example(_DAG.format(job="nightly_orders"), contract={"nightly_orders": ("run_date",)}),)

    def check_operator(self, operator: Operator, context: RuleContext) -> Iterator[Finding]:
        """Check the job an operator names."""
        wanted = job_reference(operator)
        if wanted is None:
            return
        contracts = context.contracts_for(operator)
        missing = [contract for contract in contracts if wanted.find(contract.contract) is None]
        if not missing:
            return
        candidates = sorted({text for contract in missing for text in wanted.candidates(contract.contract)})
        nearest = suggest(wanted.text, candidates) if wanted.by != "job_id" else None
        place = wanted.place or operator.place
        notes = [
            *context.defined_at(wanted.value, beyond=operator.place, message="the job is named here"),
            *(contract.note(f"the jobs of stack {contract.stack}", "jobs") for contract in missing),
        ]
        stacks = [contract.stack for contract in missing]
        present = [contract.stack for contract in contracts if contract not in missing]
        yield context.finding(
            self,
            place,
            f"{wanted.by} {wanted.text!r} {not_in_stacks(stacks, present)}",
            help=_help(nearest, candidates),
            notes=notes,
            fix=_fix(wanted, nearest, context) if len(missing) == len(contracts) else None,
            stacks=stacks,
        )


def _help(nearest: str | None, candidates: list[str]) -> str:
    if nearest is not None:
        return f"did you mean {nearest!r}?"
    if not candidates:
        return "the contract holds no job: run `pulumi up`, or `airbrick contract pull --stack STACK`"
    return f"provisioned: {listed(candidates)}"


def _fix(wanted: JobReference, nearest: str | None, context: RuleContext) -> Fix | None:
    if nearest is None or wanted.value is None or wanted.value.file is not context.file:
        return None
    edits = replace_text(wanted.value, nearest)
    return Fix(f"Replace it by {nearest!r}", Safety.UNSAFE, edits) if edits else None


RULE = UnknownProvisionedJob()
