"""How long and how often a task may try: time-outs and retries."""

from collections.abc import Iterator

from airbrick.lint.contracts import StackContract
from airbrick.lint.facts.values import ABSENT, Absent, DictValue, Fact, Known
from airbrick.lint.knowledge.databricks import Deferral, Kind
from airbrick.lint.model.elements import Operator
from airbrick.lint.model.jobs import job_reference
from airbrick.lint.model.numbers import is_nothing
from airbrick.lint.settings import Settings


def setting(operator: Operator, name: str) -> Fact:
    """Give what a setting of the run says, as an argument or in ``json`` or ``settings``; the argument wins."""
    given = operator.argument(name) if operator.spec.takes(name) else ABSENT
    holder = next((holder for holder in ("json", "settings") if operator.spec.takes(holder)), None)
    if not is_nothing(given) or holder is None:
        return given
    json = operator.argument(holder)
    if isinstance(json, Known) and isinstance(json.value, DictValue):
        return operator.resolve(json.value.get(name))
    return given if isinstance(json, Absent) or (isinstance(json, Known) and json.value is None) else json


def is_deferred(operator: Operator, settings: Settings) -> bool:
    """Tell whether a task surely waits in the triggerer."""
    if operator.spec.deferral is Deferral.ALWAYS:
        return True
    if operator.spec.deferral is not Deferral.PARAMETER:
        return False
    given = operator.argument("deferrable")
    if isinstance(given, Absent):
        return settings.default_deferrable
    return isinstance(given, Known) and given.value is True


def in_workflow(operator: Operator) -> bool:
    """Tell whether a task is a member of a workflow group, in which the group's job runs it."""
    group = operator.group
    while group is not None:
        if group.workflow:
            return True
        group = group.parent
    return False


def run_limits(operator: Operator) -> Iterator[Fact]:
    """Give everything that bounds a run of Databricks by itself, whether or not it is set."""
    spec = operator.spec
    if spec.kind is Kind.SUBMIT_RUN:
        yield setting(operator, "timeout_seconds")
    for name in ("run_timeout", "timeout"):
        if spec.takes(name):
            yield operator.argument(name)


def is_bounded_by_job(operator: Operator, contracts: tuple[StackContract, ...]) -> bool:
    """Tell whether the provisioned job has a time-out of its own wherever it is provisioned."""
    wanted = job_reference(operator)
    if wanted is None:
        return False
    jobs = [found[1] for contract in contracts if (found := wanted.find(contract.contract)) is not None]
    return bool(jobs) and all(job.timeout_seconds > 0 for job in jobs)


def can_defer(operator: Operator, settings: Settings) -> bool:
    """Tell whether the class takes ``deferrable``, in the oldest provider the DAGs run with."""
    spec = operator.spec
    if spec.deferral is not Deferral.PARAMETER:
        return False
    since = tuple(int(part) for part in spec.deferrable_since.split(".")[:2]) if spec.deferrable_since else ()
    return settings.target_provider is None or settings.target_provider >= since
