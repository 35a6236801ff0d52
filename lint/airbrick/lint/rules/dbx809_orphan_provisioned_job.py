"""DBX809: no DAG triggers a job that a stack provisions."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from airbrick.lint.context import RuleContext
from airbrick.lint.contracts import StackContract, line_of
from airbrick.lint.finding import Finding, Severity
from airbrick.lint.knowledge.databricks import Kind
from airbrick.lint.model.jobs import JobReference, job_reference
from airbrick.lint.rule import Example, Preset, Rule
from airbrick.lint.source import Span
from airbrick.lint.wording import listed

if TYPE_CHECKING:
    from airbrick.contract import Job
    from airbrick.lint.project import Project

_ANY: Final = "?"
_DAG = """\
from airflow.sdk import DAG
from airbrick.operators import RunNowOperator

with DAG("orders"):
    RunNowOperator(task_id="load", job="nightly_orders")
"""


class OrphanProvisionedJob(Rule):
    """What nobody starts costs attention only."""

    code = "DBX809"
    name = "orphan-provisioned-job"
    severity = Severity.INFO
    summary = "A stack provisions a job that no DAG triggers and that has no schedule"
    why = (
        "A job nobody starts is left over from a pipeline that is gone, or its DAG was forgotten. Reported when "
        "folders are linted, and only if every file of the project can be read and every trigger in them names its "
        "job: a template may stand for any job. The project is what lies below the configuration and below the "
        "contract, so that one folder of it can be linted by itself. The place is in the contract, where no comment "
        "can stand: a baseline keeps what is accepted."
    )
    needs_contract = True
    preset = Preset.STRICT
    bad = (Example(_DAG, contract={"nightly_orders": (), "weekly_report": ()}),)
    good = (Example(_DAG, contract={"nightly_orders": ()}),)

    def gather(self, context: RuleContext) -> Iterator[str]:
        """Give the jobs that the tasks of a file trigger."""
        for operator in context.model.operators:
            if operator.spec.kind is Kind.RUN_NOW and operator.place.file is context.file:
                wanted = job_reference(operator)
                yield _ANY if wanted is None else f"{wanted.by} {wanted.text}"
        for call in context.model.calls:
            if call.value.callee.names[0].endswith((".run_now", ".run_now_and_wait")):
                yield _ANY

    def check_project(self, project: "Project") -> Iterator[Finding]:
        """Check the jobs of all contracts."""
        triggered = {text for texts in project.gathered.values() for text in texts}
        if not triggered or _ANY in triggered:
            return
        wanted = [JobReference(by, text, None, None) for by, _, text in (t.partition(" ") for t in triggered)]
        orphans: dict[str, list[StackContract]] = {}
        for contract in project.contracts:
            for key, job in contract.contract.jobs.items():
                if not _is_started(key, job, wanted):
                    orphans.setdefault(key, []).append(contract)
        for key, contracts in sorted(orphans.items()):
            first, *others = contracts
            stacks = [contract.stack for contract in contracts]
            line = line_of(first.text, ("jobs", key)) or 1
            yield project.finding(
                self,
                first.path,
                f"no DAG triggers job {key!r}, and it has no schedule (stack {listed(stacks)})",
                span=Span(line, 1, line, 1),
                help="trigger it, give it a schedule, or remove it from the stack",
                notes=[contract.note(f"it is in stack {contract.stack}, too", "jobs", key) for contract in others],
                stacks=stacks,
                known_by=key,
            )


def _is_started(key: str, job: "Job", wanted: list[JobReference]) -> bool:
    return job.has_schedule or any(reference.matches(key, job) for reference in wanted)


RULE = OrphanProvisionedJob()
