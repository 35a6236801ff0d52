"""DBX805: a task passes a parameter that its job does not declare."""

from collections.abc import Iterator

from airbrick.contract import suggest
from airbrick.lint.context import RuleContext
from airbrick.lint.contracts import StackContract
from airbrick.lint.edits import replace_text
from airbrick.lint.facts.values import Place, is_template
from airbrick.lint.finding import Finding, Fix, Note, Safety, Severity
from airbrick.lint.model.elements import Operator
from airbrick.lint.model.jobs import job_parameters, job_reference
from airbrick.lint.rule import Example, Rule
from airbrick.lint.wording import listed

_DAG = """\
from airflow.sdk import DAG
from airbrick.operators import RunNowOperator

with DAG("orders"):
    RunNowOperator(task_id="load", job="nightly_orders", job_parameters={{"{key}": "{{{{ ds }}}}"}})
"""


class JobParameterMismatch(Rule):
    """Parameters must be declared by the job."""

    code = "DBX805"
    name = "job-parameter-mismatch"
    severity = Severity.ERROR
    summary = "A task passes a job parameter that the provisioned job does not declare"
    why = (
        "A job knows the parameters it declares. One with another name never reaches its code, which then works "
        "with the default: yesterday's load runs again and nobody notices."
    )
    fix = Safety.UNSAFE
    needs_contract = True
    bad = (Example(_DAG.format(key="run_dt"), contract={"nightly_orders": ("run_date",)}),)
    good = (Example(_DAG.format(key="run_date"), contract={"nightly_orders": ("run_date",)}),)

    def check_operator(self, operator: Operator, context: RuleContext) -> Iterator[Finding]:
        """Check the parameters an operator passes."""
        wanted = job_reference(operator)
        given = job_parameters(operator)
        if wanted is None or given is None:
            return
        for key, entry in given.entries.items():
            if not isinstance(key, str) or is_template(key):
                continue
            holds: list[tuple[StackContract, str, tuple[str, ...]]] = []
            for contract in context.contracts_for(operator):
                found = wanted.find(contract.contract)
                if found is not None and key not in found[1].parameters:
                    holds.append((contract, found[0], tuple(sorted(found[1].parameters))))
            if holds:
                yield self._report(operator, key, entry.key_place, holds, context)

    def _report(
        self,
        operator: Operator,
        key: str,
        place: Place | None,
        holds: list[tuple[StackContract, str, tuple[str, ...]]],
        context: RuleContext,
    ) -> Finding:
        declared = sorted({name for _, _, names in holds for name in names})
        nearest = suggest(key, declared)
        job = holds[0][1]
        stacks = [contract.stack for contract, _, _ in holds]
        where = _in_call(place, operator)
        notes: list[Note] = list(
            context.defined_at(place, beyond=operator.place, message="the parameter is named here")
        )
        for contract, name, names in holds:
            what = f"declares {listed(names)}" if names else "declares no parameters"
            notes.append(contract.note(f"job {name} of stack {contract.stack} {what}", "jobs", name, "parameters"))
        edits = replace_text(place, nearest) if nearest and place and place.file is context.file else ()
        return context.finding(
            self,
            where or operator.place,
            f"job {job!r} declares no parameter {key!r} (stack {', '.join(stacks)})",
            help=f"did you mean {nearest!r}?" if nearest else _help(declared),
            notes=notes,
            fix=Fix(f"Rename it to {nearest!r}", Safety.UNSAFE, edits) if edits else None,
            stacks=stacks,
        )


def _in_call(place: Place | None, operator: Operator) -> Place | None:
    """Give the key's place when it stands in the operator's call, where the finding belongs."""
    if place is None or place.file is not operator.place.file:
        return None
    span, outer = place.span, operator.place.span
    return place if outer.line <= span.line and span.end_line <= outer.end_line else None


def _help(declared: list[str]) -> str:
    return f"declared: {listed(declared)}" if declared else "declare it in the stack, or do not pass it"


RULE = JobParameterMismatch()
