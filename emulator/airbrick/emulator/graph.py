"""A job's tasks as a graph, in an order in which every task follows what it depends on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from airbrick.emulator.errors import invalid_parameter

RUN_IFS = ("ALL_SUCCESS", "ALL_DONE", "ALL_FAILED", "AT_LEAST_ONE_SUCCESS", "AT_LEAST_ONE_FAILED", "NONE_FAILED")
# Fields under which a task says what it runs end so.
TASK_SUFFIX = "_task"


@dataclass(frozen=True, slots=True)
class Dependency:
    """An edge to an upstream task.

    :param outcome: the outcome of a condition task that this edge needs
    """

    task_key: str
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class TaskNode:
    """What the state of a task's runs depends on.

    :param timeout_s: 0 for none; applies to each attempt
    :param max_retries: how often a failed attempt is followed by another; -1 for ever
    :param kind: the field that says what the task runs, such as ``notebook_task``
    :param details: that field's value
    :param nested: the task that a for-each task repeats
    """

    task_key: str
    depends_on: tuple[Dependency, ...] = ()
    run_if: str = "ALL_SUCCESS"
    timeout_s: float = 0.0
    max_retries: int = 0
    retry_interval_s: float = 0.0
    retry_on_timeout: bool = False
    kind: str = ""
    details: Mapping[str, Any] = field(default_factory=dict, compare=False)
    nested: TaskNode | None = None


def task_nodes(tasks: list[dict[str, Any]]) -> tuple[TaskNode, ...]:
    """Return the nodes of normalised tasks, upstream first.

    :raises ApiError: a task key occurs twice, a dependency is unknown, or there is a cycle
    """
    nodes: dict[str, TaskNode] = {}
    # A task that a loop repeats has a key of its own in the job.
    taken: set[str] = set()
    for task in tasks:
        node = _node(task)
        for key in (node.task_key, *((node.nested.task_key,) if node.nested else ())):
            if key in taken:
                raise invalid_parameter(f"Duplicate task key: '{key}'.")
            taken.add(key)
        nodes[node.task_key] = node
    for node in nodes.values():
        for dependency in node.depends_on:
            if dependency.task_key not in nodes:
                raise invalid_parameter(
                    f"Task '{node.task_key}' depends on task '{dependency.task_key}', which does not exist."
                )
    return _upstream_first(nodes)


def leaves(nodes: tuple[TaskNode, ...]) -> frozenset[str]:
    """Return the keys of the tasks that nothing depends on."""
    upstream = {dependency.task_key for node in nodes for dependency in node.depends_on}
    return frozenset(node.task_key for node in nodes) - upstream


def select(nodes: tuple[TaskNode, ...], wanted: list[str]) -> frozenset[str]:
    """Return the keys of the tasks that run-now's ``only`` names.

    ``+key`` also names what is upstream of the task, ``key+`` what is downstream.

    :raises ApiError: 400, a task is unknown
    """
    before = {node.task_key: {dependency.task_key for dependency in node.depends_on} for node in nodes}
    after: dict[str, set[str]] = {key: set() for key in before}
    for key, others in before.items():
        for other in others:
            after[other].add(key)
    chosen: set[str] = set()
    for item in wanted:
        key = item.removeprefix("+").removesuffix("+")
        if key not in before:
            raise invalid_parameter(f"only: the job has no task '{key}'")
        chosen.add(key)
        if item.startswith("+"):
            chosen |= _reachable(key, before)
        if item.endswith("+"):
            chosen |= _reachable(key, after)
    return frozenset(chosen)


def _reachable(start: str, edges: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for key in edges[waiting.pop()] - found:
            found.add(key)
            waiting.append(key)
    return found


def downstream(nodes: tuple[TaskNode, ...], keys: Iterable[str]) -> frozenset[str]:
    """Return the keys of the tasks that depend on some tasks, at any remove."""
    found = set(keys)
    for node in nodes:
        if any(dependency.task_key in found for dependency in node.depends_on):
            found.add(node.task_key)
    return frozenset(found) - frozenset(keys)


def task_kind(task: Mapping[str, Any]) -> str:
    """Return the field of a task that says what it runs."""
    return next((name for name in task if name.endswith(TASK_SUFFIX)), "")


def _node(task: Mapping[str, Any]) -> TaskNode:
    kind = task_kind(task)
    details = task.get(kind, {})
    return TaskNode(
        task_key=task["task_key"],
        depends_on=tuple(Dependency(item["task_key"], item.get("outcome")) for item in task.get("depends_on", ())),
        run_if=task.get("run_if", "ALL_SUCCESS"),
        timeout_s=float(task.get("timeout_seconds", 0)),
        max_retries=task.get("max_retries", 0),
        retry_interval_s=task.get("min_retry_interval_millis", 0) / 1000,
        retry_on_timeout=task.get("retry_on_timeout", False),
        kind=kind,
        details=details,
        nested=_node(details["task"]) if kind == "for_each_task" else None,
    )


def _upstream_first(nodes: Mapping[str, TaskNode]) -> tuple[TaskNode, ...]:
    waiting = {key: len({d.task_key for d in node.depends_on}) for key, node in nodes.items()}
    after: dict[str, list[str]] = {key: [] for key in nodes}
    for key, node in nodes.items():
        for upstream in {d.task_key for d in node.depends_on}:
            after[upstream].append(key)
    ready = [key for key, count in waiting.items() if count == 0]
    ordered: list[TaskNode] = []
    for key in ready:
        ordered.append(nodes[key])
        for following in after[key]:
            waiting[following] -= 1
            if waiting[following] == 0:
                ready.append(following)
    if len(ordered) < len(nodes):
        cycle = ", ".join(sorted(key for key, count in waiting.items() if count))
        raise invalid_parameter(f"The tasks' dependencies form a cycle through: {cycle}.")
    return tuple(ordered)
