"""DAGs, task groups and operators as they are built."""

from airbrick.lint.facts.joining import copy_dict, snapshot
from airbrick.lint.facts.run import Run
from airbrick.lint.facts.values import (
    Absent,
    Arguments,
    DictValue,
    Entry,
    Fact,
    Known,
    Place,
)
from airbrick.lint.knowledge.airflow import DAG_POSITIONAL
from airbrick.lint.knowledge.databricks import OperatorSpec
from airbrick.lint.model.elements import Dag, DagForm, FanOut, Group, Operator


def build_dag(run: Run, arguments: Arguments, place: Place, form: DagForm) -> Dag:
    """Build a DAG from what ``DAG`` or ``@dag`` was called with."""
    frozen = freeze(arguments)
    for name, fact in zip(DAG_POSITIONAL, frozen.positional, strict=False):
        frozen.keywords.entries.setdefault(name, Entry(fact, fact.where if isinstance(fact, Known) else None))
    if frozen.more_positional is not None:
        frozen.keywords.open = frozen.keywords.open or frozen.more_positional
    dag = Dag(place, frozen, form, run.world.follow, loops=run.loops, region=run.region)
    run.model.dags.append(dag)
    return dag


def default_args_of(dag: Dag) -> Fact:
    """Give a DAG's own ``default_args``, which can be changed in place: Airflow copies the dict it is given."""
    entry = dag.arguments.keywords.entries.get("default_args")
    fact = dag.argument("default_args")
    if isinstance(fact, Absent) or (isinstance(fact, Known) and fact.value is None):
        fact = Known(DictValue())
    elif isinstance(fact, Known) and entry is not None and entry.fact is not fact:
        fact = snapshot(fact)
    if isinstance(fact, Known) and isinstance(fact.value, DictValue):
        fact.value.region = dag.region
        dag.arguments.keywords.entries["default_args"] = Entry(fact, entry.key_place if entry is not None else None)
    return fact


def build_group(run: Run, arguments: Arguments, *, workflow: bool) -> Group:
    """Build a task group."""
    dag, parent = _home(run, arguments)
    outer = arguments.get("parent_group")
    if isinstance(outer, Known) and isinstance(outer.value, Group):
        parent, dag = outer.value, outer.value.dag
    group = Group(arguments.call, freeze(arguments), dag, parent, workflow, run.world.follow)
    run.model.groups.append(group)
    return group


def build_operator(
    run: Run,
    spec: OperatorSpec,
    class_name: str,
    arguments: Arguments,
    *,
    place: Place,
    fan_out: FanOut | None = None,
    editable: bool = True,
) -> Operator:
    """Build an operator into the DAG or group it belongs to.

    :param place: the call an argument would be added to.
    """
    dag, group = _home(run, arguments)
    operator = Operator(
        spec=spec,
        class_name=class_name,
        place=place,
        arguments=freeze(arguments),
        dag=dag,
        group=group,
        resolve=run.world.follow,
        fan_out=fan_out,
        by_hand=run.by_hand,
        editable=editable,
        loops=run.loops,
    )
    run.model.operators.append(operator)
    if dag is not None:
        dag.operators.append(operator)
    return operator


def _home(run: Run, arguments: Arguments) -> tuple[Dag | None, Group | None]:
    in_group = arguments.get("task_group")
    if isinstance(in_group, Known) and isinstance(in_group.value, Group):
        return in_group.value.dag, in_group.value
    given = arguments.get("dag")
    if isinstance(given, Known) and isinstance(given.value, Dag):
        return given.value, run.group if run.group is not None and run.dag is given.value else None
    if isinstance(given, Absent) or (isinstance(given, Known) and given.value is None):
        return run.dag, run.group
    return None, run.group


def freeze(arguments: Arguments) -> Arguments:
    """Copy arguments, so that later changes of their dicts do not reach the copy."""
    positional = [snapshot(fact) for fact in arguments.positional]
    return Arguments(arguments.call, positional, copy_dict(arguments.keywords), arguments.more_positional)
