"""Whether a DAG runs again and again by itself."""

from airbrick.lint.facts.callables import ClassValue, InstanceValue
from airbrick.lint.facts.values import Absent, CallValue, Fact, Known, ListValue, OneOf, Pattern, Reference
from airbrick.lint.knowledge.airflow import (
    DATASET_CLASSES,
    ENVIRONMENT_GET,
    TIMEDELTA_CLASSES,
    TIMETABLE_MODULES,
    VARIABLE_GET,
)
from airbrick.lint.model.elements import Dag

_AIRFLOW_3 = (3, 0)


def is_recurring(dag: Dag, target_airflow: tuple[int, int]) -> bool | None:
    """Tell whether a DAG has a recurring schedule.

    :param target_airflow: the oldest Airflow it runs on; before 3.0 a DAG without a schedule runs daily.
    :returns: ``None`` when the file does not tell.
    """
    for name in ("schedule", "schedule_interval", "timetable"):
        fact = dag.argument(name)
        if not isinstance(fact, Absent):
            return _recurs(fact)
    return target_airflow < _AIRFLOW_3


def catches_up(dag: Dag, target_airflow: tuple[int, int]) -> bool:
    """Tell whether Airflow surely runs a DAG for past intervals: those of a cron expression or a timedelta.

    :param target_airflow: as of :func:`is_recurring`; before 3.0 that is the default.
    """
    given = dag.argument("catchup")
    wanted = target_airflow < _AIRFLOW_3 if isinstance(given, Absent) else _is_true(given)
    if not wanted or is_recurring(dag, target_airflow) is not True:
        return False
    for name in ("schedule", "schedule_interval", "timetable"):
        fact = dag.argument(name)
        value = fact.value if isinstance(fact, Known) else None
        if value == "@continuous" or isinstance(value, ListValue):
            return False
        if isinstance(value, CallValue) and any(_has_no_intervals(callee) for callee in value.callee.names):
            return False
    return True


def _is_true(fact: Fact) -> bool:
    return isinstance(fact, Known) and fact.value is True


def _has_no_intervals(name: str) -> bool:
    return name in DATASET_CLASSES or name.endswith(("ContinuousTimetable", "EventsTimetable", "TriggeredTimetable"))


def _recurs(fact: Fact) -> bool | None:  # noqa: PLR0911 - one return for each kind of schedule
    if not isinstance(fact, Known):
        return None
    value = fact.value
    if value is None or value in ("@once", "None"):
        return False
    if isinstance(value, str):
        return bool(value.strip())
    if isinstance(value, Pattern):
        return True if any(value.parts) else None
    if isinstance(value, ListValue):
        return bool(value.items) or None
    if isinstance(value, CallValue):
        return _call_recurs(value)
    if isinstance(value, OneOf):
        answers = {_recurs(alternative) for alternative in value.alternatives}
        return answers.pop() if len(answers) == 1 else None
    if isinstance(value, InstanceValue):
        return _is_timetable(value.of) or None
    return None


def _call_recurs(call: CallValue) -> bool | None:
    for name in call.callee.names:
        class_name = name.rpartition(".")[2]
        if class_name in {"NullTimetable", "OnceTimetable"}:
            return False
        if name in TIMEDELTA_CLASSES or name in DATASET_CLASSES or class_name.endswith("Timetable"):
            return True
        if name.startswith(TIMETABLE_MODULES):
            return True
        if name in VARIABLE_GET or name in ENVIRONMENT_GET:
            return _default_recurs(call)
    return None


def _default_recurs(call: CallValue) -> bool | None:
    """Judge a schedule that is read from outside by its default; one that may be empty is not known."""
    arguments = call.arguments
    default: Fact = arguments.get("default_var")
    if isinstance(default, Absent):
        default = arguments.get("default")
    if isinstance(default, Absent) and len(arguments.positional) > 1:
        default = arguments.positional[1]
    return True if _recurs(default) else None


def _is_timetable(value: ClassValue, depth: int = 0) -> bool:
    for base in value.bases:
        inner = base.value if isinstance(base, Known) else None
        if isinstance(inner, Reference) and inner.names[0].endswith("Timetable"):
            return True
        if isinstance(inner, ClassValue) and depth < 8 and _is_timetable(inner, depth + 1):  # noqa: PLR2004 - levels of bases
            return True
    return False
