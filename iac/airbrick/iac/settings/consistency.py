"""Mistakes in a job's settings that only show when its parts are seen together."""

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Final

from airbrick.contract import suggest
from airbrick.iac.settings.starters import STARTERS
from airbrick.iac.settings.validation import Finding
from airbrick.iac.values import UNKNOWN, Path, Properties, Value, is_unknown, reveal

_GIT_REFERENCES: Final = ("git_branch", "git_tag", "git_commit")
_PRINCIPALS: Final = ("user_name", "service_principal_name", "group_name")
_CLUSTERS: Final = ("existing_cluster_id", "new_cluster", "job_cluster_key")
# A task's reference to a list of the job: its name in the task, the list, and the list's key.
_REFERENCES: Final = (
    ("job_cluster_key", "job_clusters", "job_cluster_key"),
    ("environment_key", "environments", "environment_key"),
    ("environment_variables_key", "environment_variables", "environment_variables_key"),
)
_WORK: Final = "_task"

Json = Mapping[str, Value]


def check_consistency(settings: Properties) -> Iterator[Finding]:
    """Find what excludes each other, what refers to nothing, and tasks that wait for each other.

    The settings must have passed :func:`airbrick.iac.settings.validation.validate`.
    """
    job: Json = reveal(settings)
    yield from _exclusive(job, STARTERS, ())
    yield from _exclusive(_mapping(job.get("git_source")), _GIT_REFERENCES, ("git_source",))
    yield from _exclusive(_mapping(job.get("run_as")), _PRINCIPALS, ("run_as",))
    for index, holder in _elements(job.get("job_clusters")):
        yield from _check_cluster(_mapping(holder.get("new_cluster")), ("job_clusters", index, "new_cluster"))
    for index, task in _elements(job.get("tasks")):
        yield from _check_task(task, job, ("tasks", index))
    yield from _check_dependencies(job.get("tasks"))


def _check_task(task: Json, job: Json, path: Path) -> Iterator[Finding]:
    # The engine tells properties in any order.
    works = sorted(key for key, value in task.items() if key.endswith(_WORK) and value is not None)
    if not works:
        yield Finding(path, "does not say what to do; give it one of notebook_task, spark_python_task, sql_task …")
    yield from _exclusive(task, works, path)
    yield from _exclusive(task, _CLUSTERS, path)
    yield from _check_cluster(_mapping(task.get("new_cluster")), (*path, "new_cluster"))
    for name, held_in, key in _REFERENCES:
        yield from _check_reference(task.get(name), job.get(held_in), held_in, key, (*path, name))
    if job.get("git_source") is None:
        for place, source in _sources(task, works, path):
            if source == "GIT":
                yield Finding(place, "is GIT, but the job has no git_source")
    inner = _mapping(task.get("for_each_task")).get("task")
    if isinstance(inner, Mapping):
        place = (*path, "for_each_task", "task")
        if inner.get("for_each_task") is not None:
            yield Finding((*place, "for_each_task"), "stands inside another for_each_task; start a job of its own")
        yield from _check_task(inner, job, place)


def _check_cluster(cluster: Json, path: Path) -> Iterator[Finding]:
    scale = _mapping(cluster.get("autoscale"))
    if scale and cluster.get("num_workers") not in (None, 0, UNKNOWN):
        yield Finding((*path, "num_workers"), "excludes 'autoscale'; keep one of them")
    low, high = scale.get("min_workers"), scale.get("max_workers")
    if isinstance(low, int) and isinstance(high, int) and low > high:
        yield Finding((*path, "autoscale", "min_workers"), "is more than max_workers")


def _check_reference(wanted: Value, elements: Value, held_in: str, key: str, path: Path) -> Iterator[Finding]:
    if wanted is None or is_unknown(wanted) or is_unknown(elements):
        return
    known = [str(element.get(key)) for _, element in _elements(elements)]
    if wanted not in known:
        near = suggest(wanted, known)
        others = f"{held_in} has: {', '.join(known)}" if known else f"the job has no {held_in}"
        yield Finding(path, f"{held_in} has no {wanted!r}; " + (f"did you mean {near!r}?" if near else others))


def _sources(task: Json, works: Sequence[str], path: Path) -> Iterator[tuple[Path, Value]]:
    for work in works:
        body = _mapping(task[work])
        yield (*path, work, "source"), body.get("source")
        yield (*path, work, "file", "source"), _mapping(body.get("file")).get("source")


def _check_dependencies(tasks: Value) -> Iterator[Finding]:
    found = _elements(tasks)
    if tasks is UNKNOWN or any(task is UNKNOWN for task in tasks or ()):
        return
    if any(is_unknown(task.get("task_key")) or is_unknown(task.get("depends_on")) for _, task in found):
        return
    by_key = {str(task.get("task_key")): task for _, task in found}
    keys = list(by_key)
    places = {str(task.get("task_key")): index for index, task in found}
    graph: dict[str, list[str]] = {key: [] for key in keys}
    for index, task in found:
        key = str(task.get("task_key"))
        for position, item in _elements(task.get("depends_on")):
            place, other = ("tasks", index, "depends_on", position), str(item.get("task_key"))
            if other not in by_key:
                near = suggest(other, keys)
                hint = f"; did you mean {near!r}?" if near else f"; tasks are: {', '.join(keys)}"
                yield Finding((*place, "task_key"), f"there is no task {other!r}{hint}")
                continue
            graph[key].append(other)
            if item.get("outcome") is not None and by_key[other].get("condition_task") is None:
                yield Finding((*place, "outcome"), f"task {other!r} is no condition_task: it has no outcome")
    if cycle := _cycle(graph):
        yield Finding(("tasks", places[cycle[0]], "depends_on"), f"tasks wait for each other: {' -> '.join(cycle)}")


def _cycle(graph: Mapping[str, Sequence[str]]) -> list[str]:
    """Give tasks that wait for each other, from the first of them back to it."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        members = list(reversed(error.args[1]))[1:]
        first = min(members, key=list(graph).index)
        start = members.index(first)
        return [*members[start:], *members[:start], first]
    return []


def _exclusive(settings: Json, names: Sequence[str], path: Path) -> Iterator[Finding]:
    # What is not known yet may turn out to be nothing.
    given = [name for name in names if settings.get(name) not in (None, UNKNOWN)]
    for name in given[1:]:
        yield Finding((*path, name), f"excludes {given[0]!r}; keep one of them")


def _mapping(value: Value) -> Json:
    return value if isinstance(value, Mapping) else {}


def _elements(value: Value) -> list[tuple[int, Json]]:
    """Give the elements of a list that are known, with their places."""
    found = value if isinstance(value, list) else []
    return [(index, item) for index, item in enumerate(found) if isinstance(item, Mapping)]
