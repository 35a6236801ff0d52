"""Which provisioned job a task triggers."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airbrick.lint.facts.values import DictValue, Fact, Known, Place, is_template
from airbrick.lint.knowledge.databricks import Kind
from airbrick.lint.model.elements import Operator

if TYPE_CHECKING:
    from airbrick.contract import Contract, Job


@dataclass(frozen=True, slots=True, eq=False)
class JobReference:
    """How a task names its job.

    :param by: the argument: ``job`` (key in the contract), ``job_id`` or ``job_name``.
    :param text: the key, the id as text, or the name.
    :param place: where it stands in the task's call, if it does.
    :param value: where the value is written.
    """

    by: str
    text: str
    place: Place | None
    value: Place | None

    def find(self, contract: "Contract") -> "tuple[str, Job] | None":
        """Find the job in a contract, with its key."""
        return next(((key, job) for key, job in contract.jobs.items() if self.matches(key, job)), None)

    def matches(self, key: str, job: "Job") -> bool:
        """Tell whether a job is the one meant."""
        return self.text == {"job": key, "job_id": job.job_id, "job_name": job.name}[self.by]

    def candidates(self, contract: "Contract") -> list[str]:
        """Give what could stand here."""
        found = [
            {"job": key, "job_id": job.job_id, "job_name": job.name}[self.by] for key, job in contract.jobs.items()
        ]
        return sorted(text for text in found if text is not None)


def job_reference(operator: Operator) -> JobReference | None:
    """Tell which job a task triggers; ``None`` when it triggers none or the file does not tell."""
    if operator.spec.kind is not Kind.RUN_NOW:
        return None
    for by in ("job", "job_id", "job_name"):
        if operator.spec.takes(by):
            for fact, place in sources(operator, by):
                text = _plain(fact, by)
                if text is not None and isinstance(fact, Known):
                    return JobReference(by, text, place, fact.where)
    return None


def job_parameters(operator: Operator) -> DictValue | None:
    """Give the job parameters a task passes; ``None`` when it passes none or the file does not tell."""
    for fact, _ in sources(operator, "job_parameters"):
        if isinstance(fact, Known) and isinstance(fact.value, DictValue):
            return fact.value
    return None


def sources(operator: Operator, name: str) -> Iterator[tuple[Fact, Place | None]]:
    """Give where an argument may come from: the argument itself first, then ``json``."""
    entry = operator.arguments.keywords.entries.get(name)
    yield operator.argument(name), entry.key_place if entry is not None else None
    if operator.spec.takes("json"):
        json = operator.argument("json")
        if isinstance(json, Known) and isinstance(json.value, DictValue):
            inner = json.value.entries.get(name)
            if inner is not None:
                fact = operator.resolve(inner.fact)
                yield fact, fact.where if isinstance(fact, Known) else None


def _plain(fact: Fact, by: str) -> str | None:
    value = fact.value if isinstance(fact, Known) else None
    if by == "job_id" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or is_template(value) or not value.strip():
        return None
    return value if by != "job_id" or value.isdecimal() else None
