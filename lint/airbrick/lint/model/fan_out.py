"""How many instances of a task one run of its DAG has."""

from airbrick.lint.context import RuleContext
from airbrick.lint.facts.values import Absent, Fact, Known, Loop
from airbrick.lint.model.elements import Operator
from airbrick.lint.model.numbers import number

UNBOUNDED = 2**31
"""A number for what is decided outside the code."""


def loops_around(operator: Operator) -> tuple[Loop, ...]:
    """Give the loops that build a task several times into the same DAG."""
    outside = operator.dag.loops if operator.dag is not None else ()
    return tuple(loop for loop in operator.loops if not any(loop is other for other in outside))


def built(operator: Operator, context: RuleContext) -> int:
    """Tell how many tasks a call builds into its DAG."""
    made = sum(1 for other in context.same_call(operator) if other.dag is operator.dag)
    for loop in loops_around(operator):
        if not loop.unrolled:
            made *= UNBOUNDED if loop.turns is None else loop.turns
    return min(made, UNBOUNDED)


def mapped(operator: Operator) -> int:
    """Tell into how many instances a task is expanded, by itself or by the groups around it."""
    size = 1
    steps = [operator.fan_out]
    group = operator.group
    while group is not None:
        steps.append(group.fan_out)
        group = group.parent
    for step in steps:
        if step is not None:
            size *= UNBOUNDED if step.size is None else step.size
    return min(size, UNBOUNDED)


def is_throttled(operator: Operator) -> bool:
    """Tell whether something may bound how many instances run at once."""
    for name in ("max_active_tis_per_dagrun", "max_active_tis_per_dag", "task_concurrency", "pool"):
        if not _is_missing(operator.argument(name)):
            return True
    return operator.dag is None or is_dag_throttled(operator)


def is_dag_throttled(operator: Operator) -> bool:
    """Tell whether the DAG may bound its tasks."""
    dag = operator.dag
    return dag is not None and not all(_is_missing(dag.argument(name)) for name in ("max_active_tasks", "concurrency"))


def _is_missing(fact: Fact) -> bool:
    return isinstance(fact, Absent) or (isinstance(fact, Known) and fact.value is None)


def shown(count: int) -> str:
    """Write a number of instances for a message."""
    return "an unbounded number of" if count >= UNBOUNDED else str(count)


def active_runs(operator: Operator) -> int | None:
    """Tell how many runs of the DAG may be active at once; ``None`` when it is not known."""
    if operator.dag is None:
        return None
    given = operator.dag.argument("max_active_runs")
    if isinstance(given, Absent):
        return DEFAULT_ACTIVE_RUNS
    value = number(given)
    return None if value is None else int(value)


DEFAULT_ACTIVE_RUNS = 16
"""Airflow's ``[core] max_active_runs_per_dag``."""
