"""The parts of a job that policies look at, wherever they stand."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from airbrick.iac.values import UNKNOWN, Path, Properties


def tasks(job: Mapping[str, Any]) -> Iterator[tuple[Path, Properties]]:
    """Visit every task, those inside ``for_each_task`` included, with its place."""
    for path, task in _objects(job, "tasks"):
        yield path, task
        loop = task.get("for_each_task")
        inner = loop.get("task") if isinstance(loop, Mapping) else None
        if isinstance(inner, Mapping):
            yield (*path, "for_each_task", "task"), dict(inner)


def every_task(job: Properties, holds: Callable[[Properties], bool]) -> bool:
    """Tell whether something holds for each of the job's own tasks, of which there is one at least.

    A task that is not known yet may turn out as wanted, and is not held against anyone.
    """
    found = job.get("tasks")
    if found is UNKNOWN:
        return True
    known = [task for _, task in _objects(job, "tasks")]
    return all(map(holds, known)) and (bool(known) or (isinstance(found, list) and UNKNOWN in found))


def clusters(job: Properties) -> Iterator[tuple[Path, Properties]]:
    """Visit every cluster specification, shared or a task's own, with its place."""
    shared = _objects(job, "job_clusters")
    for path, holder in (*shared, *tasks(job)):
        cluster = holder.get("new_cluster")
        if isinstance(cluster, Mapping):
            yield (*path, "new_cluster"), dict(cluster)


def libraries(job: Properties) -> Iterator[tuple[Path, Properties]]:
    """Visit every library of every task, with its place."""
    for path, task in tasks(job):
        for inner, library in _objects(task, "libraries"):
            yield (*path, *inner), library


def dependencies(job: Properties) -> Iterator[tuple[Path, str]]:
    """Visit every dependency of every serverless environment, with its place."""
    for path, environment in _objects(job, "environments"):
        spec = environment.get("spec")
        found = spec.get("dependencies") if isinstance(spec, Mapping) else None
        for index, dependency in enumerate(found if isinstance(found, list) else []):
            if isinstance(dependency, str):
                yield (*path, "spec", "dependencies", index), dependency


def is_positive(value: Any) -> bool:  # noqa: ANN401 - any JSON value, or one that is not known yet
    """Tell whether a value is a number above 0, or not known yet and so not to be held against anyone."""
    if isinstance(value, bool) or value is None:
        return False
    return value > 0 if isinstance(value, int | float) else True


def _objects(holder: Mapping[str, Any], key: str) -> list[tuple[Path, Properties]]:
    found = holder.get(key)
    elements = found if isinstance(found, list | tuple) else ()
    return [((key, index), dict(item)) for index, item in enumerate(elements) if isinstance(item, Mapping)]
