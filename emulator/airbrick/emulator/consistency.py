"""Checks across the fields of a job's settings: references, fields that exclude each other, sizes.

Source: https://docs.databricks.com/api/workspace/jobs/create
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from airbrick.emulator.errors import invalid_parameter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MAX_BASE_PARAMETERS_BYTES = 1_048_576
_STARTS = ("continuous", "schedule", "trigger")
_COMPUTE = ("existing_cluster_id", "job_cluster_key", "new_cluster")
_GIT_REFERENCES = ("git_branch", "git_commit", "git_tag")
_CRON_FIELDS = (6, 7)

Settings = dict[str, Any]


def check_consistency(settings: Settings) -> None:
    """Check settings whose types and limits are right.

    :raises ApiError: 400 naming the place that is wrong
    """
    _at_most_one(settings, _STARTS, "the job")
    _at_most_one(settings.get("git_source", {}), _GIT_REFERENCES, "git_source")
    schedule = settings.get("schedule")
    if schedule is not None and len(schedule["quartz_cron_expression"].split()) not in _CRON_FIELDS:
        raise invalid_parameter("schedule.quartz_cron_expression must have 6 or 7 fields")
    known = {
        "job_cluster_key": _keys(settings.get("job_clusters", ()), "job_cluster_key", "job_clusters"),
        "environment_key": _keys(settings.get("environments", ()), "environment_key", "environments"),
    }
    for path, task in _tasks(settings):
        _check_task(task, path, known)


def _tasks(settings: Settings) -> Iterator[tuple[str, Settings]]:
    for index, task in enumerate(settings.get("tasks", ())):
        path = f"tasks[{index}]"
        yield path, task
        nested = task.get("for_each_task", {}).get("task")
        if nested is not None:
            if "for_each_task" in nested:
                raise invalid_parameter(f"{path}.for_each_task.task cannot be a for_each_task itself")
            yield f"{path}.for_each_task.task", nested


def _check_task(task: Settings, path: str, known: Mapping[str, frozenset[str]]) -> None:
    _at_most_one(task, _COMPUTE, path)
    for name, keys in known.items():
        if name in task and task[name] not in keys:
            raise invalid_parameter(f"{path}.{name}: the job defines no {task[name]!r:.100}")
    parameters = task.get("notebook_task", {}).get("base_parameters", {})
    if len(orjson.dumps(parameters)) > MAX_BASE_PARAMETERS_BYTES:
        raise invalid_parameter(
            f"{path}.notebook_task.base_parameters must be at most {MAX_BASE_PARAMETERS_BYTES} bytes as JSON"
        )


def _keys(entries: Sequence[Settings], name: str, path: str) -> frozenset[str]:
    keys = [entry[name] for entry in entries]
    if len(set(keys)) < len(keys):
        raise invalid_parameter(f"{path}: a {name} occurs twice")
    return frozenset(keys)


def _at_most_one(values: Settings, names: Sequence[str], where: str) -> None:
    given = [name for name in names if name in values]
    if len(given) > 1:
        raise invalid_parameter(f"{where} can have only one of {', '.join(given)}")
