"""Job settings as requests carry them: checked, changed in part, limited."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from airbrick.emulator.consistency import check_consistency
from airbrick.emulator.errors import invalid_parameter
from airbrick.emulator.graph import RUN_IFS, TASK_SUFFIX, task_nodes
from airbrick.emulator.normalise import normalise_job
from airbrick.emulator.run import JobVersion
from airbrick.emulator.spec import check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airbrick.emulator.policies import ClusterPolicy

MAX_TASKS = 1_000
MAX_CONCURRENT_RUNS = 1_000
MAX_TAGS = 25
MAX_NAME_BYTES = 4_096
_PARAMETER_NAME = re.compile(r"[\w.-]+")
_TASK_KEY = re.compile(r"[\w-]{1,100}")
# Lists that jobs/update merges by key; every other top-level field is replaced.
_KEYED_LISTS = {"tasks": "task_key", "job_clusters": "job_cluster_key"}


def make_version(
    settings: dict[str, Any], run_as: Mapping[str, str], policies: Mapping[str, ClusterPolicy]
) -> JobVersion:
    """Return checked and normalised settings with their graph.

    :param settings: settings as a request carried them, or as they were stored
    :param run_as: identity that the job runs as unless the settings name one
    :param policies: cluster policies by id, for the clusters that name one
    :raises ApiError: 400 naming the field that is wrong
    """
    checked = check("CreateJob", settings)
    _check_limits(checked)
    check_consistency(checked)
    job = normalise_job(checked, run_as, policies)
    return JobVersion(job, task_nodes(job.get("tasks", [])))


def merge(current: Mapping[str, Any], changes: Mapping[str, Any], removed: list[Any]) -> dict[str, Any]:
    """Return settings changed in part, as jobs/update does.

    :param changes: ``new_settings``: fields to replace; entries of tasks and job_clusters are merged by key
    :param removed: ``fields_to_remove``: top-level fields, or ``tasks/KEY`` and ``job_clusters/KEY``
    :raises ApiError: 400, a path to remove is not understood
    """
    merged = dict(current)
    for name in removed:
        _remove(merged, name)
    for name, value in changes.items():
        key = _KEYED_LISTS.get(name)
        if key is None or not isinstance(value, list) or name not in merged:
            merged[name] = value
        else:
            merged[name] = _merge_keyed(merged[name], value, key)
    return merged


def _merge_keyed(current: list[dict[str, Any]], changes: list[Any], key: str) -> list[Any]:
    replaced = {item[key]: item for item in changes if isinstance(item, dict) and isinstance(item.get(key), str)}
    kept = [replaced.pop(item[key], item) for item in current]
    added = [item for item in changes if not isinstance(item, dict) or item.get(key) in replaced or key not in item]
    return kept + added


def _remove(settings: dict[str, Any], path: object) -> None:
    if not isinstance(path, str):
        raise invalid_parameter("fields_to_remove must be a list of strings")
    name, _, key = path.partition("/")
    if not key:
        settings.pop(name, None)
    elif name in _KEYED_LISTS:
        settings[name] = [item for item in settings.get(name, ()) if item.get(_KEYED_LISTS[name]) != key]
    else:
        raise invalid_parameter(
            f"fields_to_remove: {path!r} cannot be removed; only top-level fields, tasks/KEY and job_clusters/KEY can"
        )


def _check_limits(settings: Mapping[str, Any]) -> None:
    tasks = settings.get("tasks", [])
    if len(tasks) > MAX_TASKS:
        raise invalid_parameter(f"tasks: a job can have at most {MAX_TASKS} tasks; this one has {len(tasks)}")
    if len(settings.get("name", "").encode()) > MAX_NAME_BYTES:
        raise invalid_parameter(f"name must be at most {MAX_NAME_BYTES} bytes in UTF-8")
    if not 0 <= settings.get("max_concurrent_runs", 1) <= MAX_CONCURRENT_RUNS:
        raise invalid_parameter(f"max_concurrent_runs must be from 0 to {MAX_CONCURRENT_RUNS}")
    if settings.get("timeout_seconds", 0) < 0:
        raise invalid_parameter("timeout_seconds must be 0 or more")
    if len(settings.get("tags", {})) > MAX_TAGS:
        raise invalid_parameter(f"tags: a job can have at most {MAX_TAGS} tags")
    _check_parameters(settings)
    for index, task in enumerate(tasks):
        _check_task(task, f"tasks[{index}]")
        nested = task.get("for_each_task", {}).get("task")
        if nested is not None:
            _check_task(nested, f"tasks[{index}].for_each_task.task")


def _check_parameters(settings: Mapping[str, Any]) -> None:
    names = [parameter["name"] for parameter in settings.get("parameters", [])]
    for index, name in enumerate(names):
        if not _PARAMETER_NAME.fullmatch(name):
            raise invalid_parameter(f"parameters[{index}].name may hold letters, digits, '_', '-' and '.' alone")
    if len(set(names)) < len(names):
        raise invalid_parameter("parameters: a name occurs twice")


def _check_task(task: Mapping[str, Any], path: str) -> None:
    if not _TASK_KEY.fullmatch(task["task_key"]):
        raise invalid_parameter(f"{path}.task_key must have from 1 to 100 letters, digits, '_' and '-'")
    kinds = [name for name in task if name.endswith(TASK_SUFFIX)]
    if len(kinds) != 1:
        raise invalid_parameter(f"{path} must have exactly one kind of task; it has {', '.join(kinds) or 'none'}")
    if task.get("run_if", RUN_IFS[0]) not in RUN_IFS:
        raise invalid_parameter(f"{path}.run_if must be one of {', '.join(RUN_IFS)}")
    if task.get("timeout_seconds", 0) < 0 or task.get("min_retry_interval_millis", 0) < 0:
        raise invalid_parameter(f"{path}: timeout_seconds and min_retry_interval_millis must be 0 or more")
    if task.get("max_retries", 0) < -1:
        raise invalid_parameter(f"{path}.max_retries must be -1 or more")
