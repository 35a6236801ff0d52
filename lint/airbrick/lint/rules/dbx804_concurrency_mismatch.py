"""DBX804: a DAG starts more runs of a job at once than the job allows."""

from collections.abc import Iterator

from airbrick.lint.context import RuleContext
from airbrick.lint.facts.values import Absent, Known
from airbrick.lint.finding import Finding, Severity
from airbrick.lint.model.chaining import may_chain
from airbrick.lint.model.elements import Operator
from airbrick.lint.model.fan_out import UNBOUNDED, active_runs, loops_around, mapped, shown
from airbrick.lint.model.jobs import JobReference, job_reference
from airbrick.lint.model.numbers import number
from airbrick.lint.model.schedules import is_recurring
from airbrick.lint.rule import Example, Rule
from airbrick.lint.wording import listed

_DAG = """\
from airflow.sdk import DAG
from airbrick.operators import RunNowOperator

with DAG("orders", schedule="@hourly", max_active_runs={runs}):
    RunNowOperator(task_id="load", job="nightly_orders")
"""


class ConcurrencyMismatch(Rule):
    """What a job does not take, it skips."""

    code = "DBX804"
    name = "concurrency-mismatch"
    severity = Severity.WARNING
    summary = "A DAG starts more runs of a provisioned job at once than the job allows and queues"
    why = (
        "A job without a queue skips every run beyond its max_concurrent_runs: the task fails, or waits for a run "
        "that never worked. The number of runs is that of active DAG runs (16 when a scheduled DAG says nothing), "
        "times the instances of a mapped task or a loop. Lower it, raise the job's limit, or let the job queue."
    )
    needs_contract = True
    bad = (Example(_DAG.format(runs=4), contract={"nightly_orders": ()}),)
    good = (
        Example(_DAG.format(runs=1), contract={"nightly_orders": ()}),
        Example(_DAG.format(runs=4), contract={"nightly_orders": ()}, job={"queue_enabled": True}),
    )

    def check_operator(self, operator: Operator, context: RuleContext) -> Iterator[Finding]:
        """Check how often an operator triggers its job at once."""
        wanted = job_reference(operator)
        total = _at_once(operator, wanted, context) if wanted is not None and not operator.by_hand else None
        if wanted is None or total is None:
            return
        holds = []
        for contract in context.contracts_for(operator):
            found = wanted.find(contract.contract)
            if found is not None and not found[1].queue_enabled and total > found[1].max_concurrent_runs:
                holds.append((contract, *found))
        if not holds:
            return
        limits = sorted({job.max_concurrent_runs for _, _, job in holds})
        stacks = [contract.stack for contract, _, _ in holds]
        yield context.finding(
            self,
            operator.place,
            f"up to {shown(total).removesuffix(' of')} runs of job {holds[0][1]!r} at once, which takes "
            f"{' or '.join(map(str, limits))} and queues none (stack {listed(stacks)})",
            help="lower max_active_runs or the fan-out, raise the job's max_concurrent_runs, or enable its queue",
            notes=[
                contract.note(
                    f"job {key} of stack {contract.stack} takes {job.max_concurrent_runs} at once",
                    *("jobs", key, "max_concurrent_runs"),
                )
                for contract, key, job in holds
            ],
            stacks=stacks,
        )


def _at_once(operator: Operator, wanted: JobReference, context: RuleContext) -> int | None:
    """Tell how many runs of its job a task may have at once; ``None`` when that is not known."""
    dag = operator.dag
    if dag is None or not isinstance(operator.argument("pool"), Absent):
        return None
    runs = active_runs(operator)
    if isinstance(dag.argument("max_active_runs"), Absent):
        # Runs that people start by hand seldom overlap.
        runs = runs if is_recurring(dag, context.settings.target_airflow) else 1
    each = _bounded(operator, "max_active_tis_per_dagrun", _fan_out(operator, wanted, context))
    if runs is None or each is None:
        return None
    return _bounded(operator, "max_active_tis_per_dag", min(runs * each, UNBOUNDED))


def _fan_out(operator: Operator, wanted: JobReference, context: RuleContext) -> int:
    if may_chain(context):
        return mapped(operator)
    same = [other for other in context.same_call(operator) if other.dag is operator.dag]
    count = sum(1 for other in same if (found := job_reference(other)) is not None and found.text == wanted.text)
    for loop in loops_around(operator):
        if not loop.unrolled:
            count *= UNBOUNDED if loop.turns is None else loop.turns
    return min(count * mapped(operator), UNBOUNDED)


def _bounded(operator: Operator, name: str, count: int) -> int | None:
    given = operator.argument(name)
    if isinstance(given, Absent) or (isinstance(given, Known) and given.value is None):
        return count
    limit = number(given)
    return None if limit is None else min(count, int(limit))


RULE = ConcurrencyMismatch()
