"""DBX305: an argument of the DAG stands in default_args, where nothing reads it."""

import ast
from collections.abc import Iterator
from typing import Final

from airbrick.lint.amending import argument_edits
from airbrick.lint.context import RuleContext
from airbrick.lint.facts.values import Absent, DictValue, Known, Place
from airbrick.lint.finding import Edit, Finding, Fix, Safety, Severity
from airbrick.lint.knowledge.words import words
from airbrick.lint.model.elements import Dag
from airbrick.lint.readers import readers
from airbrick.lint.replacing import entry_values, remove_entries
from airbrick.lint.rule import Example, Rule

_DAG_ONLY: Final = words(
    """
    max_active_runs max_active_tasks concurrency catchup schedule schedule_interval timetable dagrun_timeout
    is_paused_upon_creation max_consecutive_failed_dag_runs fail_stop fail_fast default_view orientation
    user_defined_macros user_defined_filters template_searchpath template_undefined jinja_environment_kwargs
    sla_miss_callback auto_register dag_display_name disable_bundle_versioning
    """
)
_SAME: Final = (
    words("schedule schedule_interval timetable"),
    words("concurrency max_active_tasks"),
    words("fail_stop fail_fast"),
)
"""Names of one argument."""
_AIRFLOW_3: Final = (3, 0)
_RENAMED: Final = {"schedule_interval": "schedule", "concurrency": "max_active_tasks", "fail_stop": "fail_fast"}
"""What Airflow 3 calls otherwise. Source: ``DAG`` of Airflow 2.11 and 3.x, as for the two below."""
_GONE: Final = words("timetable default_view orientation")
_NEW: Final = words("fail_fast disable_bundle_versioning")
_DAG = """\
from airflow.sdk import DAG
from airbrick.operators import RunNowOperator

default_args = {default_args}

with DAG("orders", schedule="@daily", default_args=default_args{arguments}):
    RunNowOperator(task_id="load", job="nightly_orders")
"""


class DagArgInDefaultArgs(Rule):
    """default_args are handed to tasks, never to the DAG."""

    code = "DBX305"
    name = "dag-arg-in-default-args"
    severity = Severity.ERROR
    summary = "An argument of the DAG stands in default_args, where Airflow ignores it"
    why = (
        "default_args are the defaults of tasks. catchup, max_active_runs or a schedule among them look set and are "
        "not: the DAG floods the workspace although somebody wrote catchup=False. The fix moves them to the DAG, "
        "which is unsafe because they then have an effect."
    )
    fix = Safety.UNSAFE
    bad = (Example(_DAG.format(default_args='{"retries": 2, "catchup": False}', arguments="")),)
    good = (Example(_DAG.format(default_args='{"retries": 2}', arguments=", catchup=False")),)

    def check_dag(self, dag: Dag, context: RuleContext) -> Iterator[Finding]:
        """Check the default_args of one DAG."""
        given = dag.argument("default_args")
        if not isinstance(given, Known) or not isinstance(given.value, DictValue):
            return
        taken = {name for operator in dag.operators for name in operator.spec.parameters}
        idle = [key for key in given.value.entries if isinstance(key, str) and key in _DAG_ONLY - taken]
        if not idle:
            return
        place = given.where if given.where is not None and given.where.file is context.file else dag.place
        yield context.finding(
            self,
            place,
            f"default_args hold{'' if len(idle) > 1 else 's'} {', '.join(idle)}, which only the DAG itself reads",
            help="move it to the DAG",
            fix=_fix(dag, given, idle, context),
        )


def _fix(dag: Dag, given: Known, idle: list[str], context: RuleContext) -> Fix | None:
    place = given.where
    sharing = {id(other.place.node) for other in context.model.dags if _uses(other, given)}
    if place is None or place.file is not context.file or len(sharing) != 1 or not _is_read_by(dag, place):
        return None
    removal = remove_entries(place, idle)
    texts = entry_values(place, idle)
    missing = [key for key in idle if _lacks(dag, key)]
    if not removal or any(key not in texts for key in missing):
        return None
    added: tuple[Edit, ...] = ()
    if missing:
        names = _names_of(missing, context.settings.target_airflow)
        text = ", ".join(f"{name}={texts[key]}" for name, key in names.items())
        added = argument_edits(dag, context, next(iter(names)), text) if len(names) == len(missing) else ()
        if not added:
            return None
    return Fix(f"Move {', '.join(idle)} to the DAG", Safety.UNSAFE, (*removal, *added))


def _is_read_by(dag: Dag, place: Place) -> bool:
    """Tell whether nobody but the DAG reads a dict, and it as its default_args only."""
    call = dag.place.file.counterpart(dag.place.node)
    keywords = call.keywords if isinstance(call, ast.Call) else []
    given = [keyword.value for keyword in keywords if keyword.arg == "default_args"]
    through_dag = (node for node in ast.walk(place.file.tree) if isinstance(node, ast.Attribute))
    return readers(place) == given != [] and all(node.attr != "default_args" for node in through_dag)


def _lacks(dag: Dag, key: str) -> bool:
    return all(isinstance(dag.arguments.get(name), Absent) for name in _same(key))


def _same(key: str) -> frozenset[str]:
    return next((names for names in _SAME if key in names), frozenset({key}))


def _names_of(keys: list[str], target: tuple[int, int]) -> dict[str, str]:
    """Give what the targeted Airflow calls arguments, without those it does not know or would get twice."""
    current = target >= _AIRFLOW_3
    known = [key for key in keys if key not in (_GONE if current else _NEW) and len(_same(key) & set(keys)) == 1]
    return {_RENAMED.get(key, key) if current else key: key for key in known}


def _uses(dag: Dag, given: Known) -> bool:
    other = dag.argument("default_args")
    return isinstance(other, Known) and (
        other.where is given.where
        or (other.where is not None and given.where is not None and other.where.node is given.where.node)
    )


RULE = DagArgInDefaultArgs()
