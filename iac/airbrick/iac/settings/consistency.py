"""Mistakes in a job's settings that only show when its parts are seen together."""

from collections.abc import Iterator, Mapping
from typing import Final

from airbrick.contract import suggest
from airbrick.iac.settings.validation import Finding
from airbrick.iac.values import Properties, Value, is_unknown, reveal

_STARTERS: Final = ("schedule", "trigger", "continuous")


def check_consistency(settings: Properties) -> Iterator[Finding]:
    """Find starters that exclude each other, dependencies on tasks that do not exist, and cycles.

    The settings must have passed :func:`airbrick.iac.settings.validation.validate`.
    """
    starters = [name for name in _STARTERS if settings.get(name) is not None]
    for name in starters[1:]:
        yield Finding((name,), f"excludes {starters[0]!r}; keep one of them")
    tasks = reveal(settings.get("tasks"))
    if isinstance(tasks, list) and all(isinstance(task, Mapping) for task in tasks):
        yield from _check_dependencies(tasks)


def _check_dependencies(tasks: list[Mapping[str, Value]]) -> Iterator[Finding]:
    if any(is_unknown(task.get("task_key")) or is_unknown(task.get("depends_on")) for task in tasks):
        return
    keys = [str(task.get("task_key")) for task in tasks]
    graph: dict[str, list[str]] = {}
    for index, (key, task) in enumerate(zip(keys, tasks, strict=True)):
        wanted = [str(item.get("task_key")) for item in task.get("depends_on") or [] if isinstance(item, Mapping)]
        graph[key] = wanted
        for position, other in enumerate(wanted):
            if other not in keys:
                near = suggest(other, keys)
                hint = f"; did you mean {near!r}?" if near else f"; tasks are: {', '.join(keys)}"
                yield Finding(("tasks", index, "depends_on", position, "task_key"), f"there is no task {other!r}{hint}")
    if cycle := _cycle(graph):
        yield Finding(("tasks", keys.index(cycle[0]), "depends_on"), f"tasks wait for each other: {' -> '.join(cycle)}")


def _cycle(graph: Mapping[str, list[str]]) -> list[str]:
    finished: set[str] = set()
    for start in graph:
        trail: list[str] = []
        pending = [(start, 0)]
        while pending:
            key, depth = pending.pop()
            del trail[depth:]
            if key in trail:
                return [*trail[trail.index(key) :], key]
            if key in finished or key not in graph:
                continue
            trail.append(key)
            pending.extend((other, depth + 1) for other in graph[key])
        finished.update(_reachable(graph, start))
    return []


def _reachable(graph: Mapping[str, list[str]], start: str) -> set[str]:
    seen: set[str] = set()
    pending = [start]
    while pending:
        key = pending.pop()
        if key not in seen:
            seen.add(key)
            pending.extend(graph.get(key, ()))
    return seen
