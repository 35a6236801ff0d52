"""What run-now takes besides the job: one table of its fields, checked at parse and again when the task runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from airbrick.contract import suggest
from airbrick.operators.authoring.options import holds_late, is_late
from airbrick.operators.authoring.parameters import JOB_PARAMETERS, as_text, check_names, check_size, text_of
from airbrick.operators.authoring.target import Target
from airbrick.operators.errors import ParameterValueError, UsageError

_PERFORMANCE_TARGETS: Final = ("PERFORMANCE_OPTIMIZED", "STANDARD", "COST_OPTIMIZED")
_DURATION_TARGETS: Final = ("NO_FLEXIBILITY", "4h", "12h", "24h", "72h")
"""Source: databricks-sdk 0.156, JobsAPI.run_now."""

# The contract does not say what these run.
_OPAQUE_TASKS: Final = frozenset({"for_each_task", "run_job_task"})


@dataclass(frozen=True, slots=True)
class _Legacy:
    """A field of run-now from before job parameters.

    :param named: takes names and values; else a list of texts.
    :param tasks: task types it reaches.
    :param ascii_only: Source: Jobs API 2.2 run-now: "These parameters accept only Latin characters (ASCII)".
    """

    named: bool
    tasks: frozenset[str]
    ascii_only: bool = False


LEGACY: Final[Mapping[str, _Legacy]] = {
    "notebook_params": _Legacy(named=True, tasks=frozenset({"notebook_task"})),
    "jar_params": _Legacy(named=False, tasks=frozenset({"spark_jar_task"})),
    "python_params": _Legacy(named=False, tasks=frozenset({"spark_python_task", "python_wheel_task"}), ascii_only=True),
    "python_named_params": _Legacy(named=True, tasks=frozenset({"python_wheel_task"})),
    "spark_submit_params": _Legacy(named=False, tasks=frozenset({"spark_submit_task"}), ascii_only=True),
    "sql_params": _Legacy(named=True, tasks=frozenset({"sql_task"})),
    "dbt_commands": _Legacy(named=False, tasks=frozenset({"dbt_task"})),
}

FIELDS: Final = (
    JOB_PARAMETERS,
    "only",
    "queue_enabled",
    "performance_target",
    "duration_target",
    "pipeline_params",
    *LEGACY,
)
"""Arguments of the operator that become fields of run-now."""


def check_static(given: Mapping[str, object], target: Target | None) -> None:
    """Check what is known while a DAG is parsed; templates and other tasks' results wait until the task runs.

    :param given: arguments by their name; ``None`` where one is not given.
    :param target: the job as the contract describes it, where there is one.
    :raises UsageError: something cannot be sent.
    """
    given = {name: value for name, value in given.items() if value is not None}
    parameters = given.get(JOB_PARAMETERS)
    if target is not None and isinstance(parameters, Mapping):
        check_names(target.key, parameters, known=target.parameters, source=target.source)
    _check_mixing(given)
    for name, value in given.items():
        if is_late(value):
            continue
        if isinstance(value, Mapping):
            # Names are checked now, and the values that are known.
            value = {key: item for key, item in value.items() if not is_late(item)}  # noqa: PLW2901
        elif holds_late(value):
            continue
        _write(name, value, target)


def run_settings(given: Mapping[str, object], target: Target | None) -> dict[str, Any]:
    """Write the fields of run-now once their templates are rendered.

    :param given: as for :func:`check_static`.
    :raises UsageError: something cannot be sent.
    """
    given = {name: value for name, value in given.items() if value is not None}
    _check_mixing(given)
    parameters = given.get(JOB_PARAMETERS)
    if target is not None and isinstance(parameters, Mapping):
        check_names(target.key, parameters, known=target.parameters, source=target.source)
    written = {name: _write(name, value, target) for name, value in given.items()}
    settings = {name: value for name, value in written.items() if value not in ({}, [])}
    if "queue_enabled" in settings:
        settings["queue"] = {"enabled": settings.pop("queue_enabled")}
    return settings


def _check_mixing(given: Mapping[str, object]) -> None:
    legacy = [name for name in LEGACY if given.get(name)]
    if legacy and given.get(JOB_PARAMETERS):
        problem = f"cannot be combined with {legacy[0]}"
        raise UsageError(JOB_PARAMETERS, problem, fix="pass all of them as job parameters")
    if "notebook_params" in legacy and "jar_params" in legacy:
        raise UsageError("notebook_params", "cannot be combined with jar_params", fix="use job_parameters")
    if given.get("performance_target") == "COST_OPTIMIZED" and not given.get("duration_target"):
        fix = f"set duration_target to one of {', '.join(_DURATION_TARGETS)}"
        raise UsageError("performance_target", "COST_OPTIMIZED needs a duration_target", fix=fix)


def _write(name: str, value: object, target: Target | None) -> object:
    if name in LEGACY:
        return _legacy(name, LEGACY[name], value, target)
    return _WRITERS[name](name, value, target)


def _job_parameters(name: str, value: object, _: Target | None) -> object:
    return as_text(_mapping(name, value))


def _only(name: str, value: object, target: Target | None) -> object:
    keys = _texts(name, value)
    for key in keys:
        plain = key.removeprefix("+").removesuffix("+")
        if not plain:
            raise UsageError(f"{name}={value!r}", "holds a name that is empty", fix="name tasks of the job")
        if target is not None and target.tasks and plain not in target.tasks:
            near = suggest(plain, target.tasks)
            fix = f"did you mean {near!r}?" if near else f"its tasks: {', '.join(sorted(target.tasks))}"
            raise UsageError(f"{name}={key!r}", f"job {target.key!r} has no such task in {target.source}", fix=fix)
    return keys


def _queue(name: str, value: object, _: Target | None) -> object:
    if not isinstance(value, bool):
        raise UsageError(f"{name}={value!r}", "is not a boolean", fix="True lets the run wait its turn, False does not")
    return value


def _choice(choices: tuple[str, ...]) -> Callable[[str, object, Target | None], object]:
    def write(name: str, value: object, _: Target | None) -> object:
        if value not in choices:
            raise UsageError(f"{name}={value!r}", "is not known", fix=f"use one of {', '.join(choices)}")
        return value

    return write


def _pipeline_params(name: str, value: object, _: Target | None) -> object:
    return dict(_mapping(name, value))


_WRITERS: Final[Mapping[str, Callable[[str, object, Target | None], object]]] = {
    JOB_PARAMETERS: _job_parameters,
    "only": _only,
    "queue_enabled": _queue,
    "performance_target": _choice(_PERFORMANCE_TARGETS),
    "duration_target": _choice(_DURATION_TARGETS),
    "pipeline_params": _pipeline_params,
}


def _legacy(name: str, field: _Legacy, value: object, target: Target | None) -> object:
    if target is not None and target.tasks:
        types = set(target.tasks.values())
        if not types & (field.tasks | _OPAQUE_TASKS):
            problem = f"reaches no task of job {target.key!r} in {target.source}"
            raise UsageError(name, problem, fix="use job_parameters")
    written: object = as_text(_mapping(name, value), field=name) if field.named else _texts(name, value)
    check_size(written, field=name)
    if field.ascii_only and isinstance(written, list):
        for place, text in enumerate(written):
            if not text.isascii():
                problem = "has characters that are not ASCII, which Databricks refuses here"
                raise ParameterValueError(place, problem, fix="use job_parameters", field=name)
    return written


def _mapping(name: str, value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise UsageError(name, f"is a {type(value).__name__}", fix="give a dict of names and values")
    return value


def _texts(name: str, value: object) -> list[str]:
    if not isinstance(value, list | tuple):
        raise UsageError(name, f"is a {type(value).__name__}", fix="give a list of texts")
    return [text_of(place, item, field=name) for place, item in enumerate(value)]
