"""DBX802: a task names its job by an id that is written into the DAG."""

from collections import Counter
from collections.abc import Iterator

from airbrick.lint.amending import argument_edits
from airbrick.lint.context import RuleContext
from airbrick.lint.contracts import StackContract
from airbrick.lint.facts.values import Fact, Known
from airbrick.lint.finding import Finding, Fix, Note, Safety, Severity
from airbrick.lint.knowledge.databricks import Kind
from airbrick.lint.model.elements import Operator
from airbrick.lint.model.jobs import sources
from airbrick.lint.model.submissions import alternatives
from airbrick.lint.rule import Example, Rule
from airbrick.lint.wording import listed

_DAG = """\
from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator

with DAG("orders"):
    DatabricksRunNowOperator(task_id="load", {job})
"""


class HardcodedJobId(Rule):
    """An id names a job in one workspace only."""

    code = "DBX802"
    name = "hardcoded-job-id"
    severity = Severity.WARNING
    summary = "A task names its job by an id that is written into the DAG"
    why = (
        "A job id belongs to one workspace and to one life of the job: the same DAG fails in test, or runs the wrong "
        "job there, and fails everywhere once the job is created anew. Name the job by its key in the contract, or "
        "by its name. Where the contract holds the id, the fix writes the job's name or key in its place."
    )
    fix = Safety.SAFE
    bad = (Example(_DAG.format(job="job_id=91"), job={"job_id": "91"}, contract={"orders": ()}),)
    good = (
        Example(_DAG.format(job='job_name="orders"')),
        Example(_DAG.format(job='job_id="{{ var.value.orders_job_id }}"')),
    )

    def check_operator(self, operator: Operator, context: RuleContext) -> Iterator[Finding]:
        """Check how an operator names its job."""
        if operator.spec.kind is not Kind.RUN_NOW:
            return
        # A helper that is called for several jobs is one mistake.
        made = list(context.same_call(operator))
        given = [(other, *found) for other in made if (found := _given(other)) is not None]
        if not given or given[0][0] is not operator:
            return
        ids = list(dict.fromkeys(text for _, _, texts in given for text in texts))
        yield context.finding(
            self,
            operator.place,
            f"{operator.class_name} is given the id of its job, {listed(ids)}, which holds in one workspace only",
            help="name the job by its key in the contract (job=) or by its name (job_name=)",
            notes=list(_where([fact for _, fact, _ in given], operator, context)),
            fix=_fix(operator, ids, context) if len(given) == len(made) else None,
        )


def _given(operator: Operator) -> tuple[Known, list[str]] | None:
    """Give the value that names the job by ids, and the ids."""
    for fact, _ in sources(operator, "job_id"):
        ids = _ids(fact)
        if ids and isinstance(fact, Known):
            return fact, ids
    return None


def _where(facts: list[Known], operator: Operator, context: RuleContext) -> Iterator[Note]:
    places = {id(fact.where.node): fact.where for fact in facts if fact.where is not None}
    for place in places.values():
        yield from context.defined_at(place, beyond=operator.place, message="the id is written here")


def _ids(fact: Fact) -> list[str]:
    """Give the ids a value is on all ways through the code; none when any of them is no literal."""
    values = [known.value for known in alternatives(fact)]
    ids = [_id(value) for value in values]
    return [text for text in ids if text] if ids and all(ids) else []


def _id(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value.isascii() and value.isdecimal() else ""


def _fix(operator: Operator, ids: list[str], context: RuleContext) -> Fix | None:
    by = next((name for name in ("job", "job_name") if operator.spec.takes(name)), None)
    if by is None or len(ids) != 1:
        return None
    contracts = context.contracts_for(operator)
    named = [_names(contract, by, ids[0]) for contract in contracts]
    found = {name for names in named for name in names}
    # Only an argument that stands in the call itself can be renamed.
    if len(found) != 1 or "job_id" not in operator.arguments.keywords.entries:
        return None
    # Where a stack knows the id by no such name, the name starts another job there, or none.
    safety = Safety.SAFE if all(named) else Safety.UNSAFE
    text = f"{by}={_quoted(found.pop())}"
    edits = argument_edits(operator, context, "job_id", text)
    return Fix(f"Write {text}", safety, edits) if edits else None


def _names(contract: StackContract, by: str, job_id: str) -> list[str]:
    """Give what a stack calls the job with an id; a name that several of its jobs bear tells none of them."""
    jobs = contract.contract.jobs
    if by == "job":
        return [key for key, job in jobs.items() if job.job_id == job_id]
    bearers = Counter(job.name for job in jobs.values())
    return [job.name for job in jobs.values() if job.job_id == job_id and bearers[job.name] == 1]


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' if text.isprintable() else repr(text)


RULE = HardcodedJobId()
