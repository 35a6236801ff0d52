"""What a stack's presets make of a job's settings. Pure; what a job says itself wins."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import pulumi

from airbrick.iac.settings.starters import STARTERS

Json = Mapping[str, Any]

DEFAULT_CLUSTER_KEY: Final = "default"
_COMPUTE: Final = ("existing_cluster_id", "new_cluster", "job_cluster_key", "environment_key", "compute")
# Tasks that run on a cluster, or on serverless compute where they name none.
_CLUSTERED: Final = frozenset(
    {"notebook_task", "spark_python_task", "spark_jar_task", "spark_submit_task", "python_wheel_task", "dbt_task"}
)


def prefixed(prefix: str, name: Any) -> Any:  # noqa: ANN401 - an input of Pulumi
    """Put a prefix before a name."""
    return pulumi.Output.concat(prefix, name) if isinstance(name, pulumi.Output) else f"{prefix}{name}"


def merged(preset: Json, own: Any) -> Any:  # noqa: ANN401 - an input of Pulumi
    """Merge mappings; the job's own entries win."""
    return dict(preset) if own is None else _with(own, lambda known: {**preset, **known})


def paused(settings: Json) -> dict[str, Any]:
    """Pause whatever starts the job, unless it says itself whether it is paused."""
    return {
        name: _with(settings[name], _each(_pause) if name == "triggers" else _pause)
        for name in STARTERS
        if settings.get(name) is not None
    }


def clusters(settings: Json, change: Callable[[Json], Json]) -> dict[str, Any]:
    """Change every cluster that the job makes for itself, those inside loops too."""
    held = _holder(change)
    places = {"job_clusters": _each(held), "tasks": _each(_task(held))}
    return {
        name: _with(settings[name], change_all) for name, change_all in places.items() if settings.get(name) is not None
    }


def on_default_cluster(settings: Json, cluster: Json) -> dict[str, Any]:
    """Give tasks that name no compute a cluster of the job's own, which they share."""
    tasks = settings.get("tasks")
    if not isinstance(tasks, list | tuple):
        # A list that is known later cannot be looked into; its tasks name their compute themselves.
        return {}
    placed = [_placed(task) for task in tasks]
    if placed == list(tasks):
        return {}
    own = settings.get("job_clusters")
    made = {"job_cluster_key": DEFAULT_CLUSTER_KEY, "new_cluster": dict(cluster)}
    return {"tasks": placed, "job_clusters": _with(own if own is not None else [], lambda known: [*known, made])}


def _pause(starter: Json) -> Json:
    return starter if starter.get("pause_status") is not None else {**starter, "pause_status": "PAUSED"}


def _placed(task: Any) -> Any:  # noqa: ANN401 - an input of Pulumi
    if not isinstance(task, Mapping):
        return task
    loop = task.get("for_each_task")
    if isinstance(loop, Mapping):
        inner = _placed(loop.get("task"))
        return task if inner == loop.get("task") else {**task, "for_each_task": {**loop, "task": inner}}
    if _CLUSTERED.isdisjoint(task) or any(task.get(name) is not None for name in _COMPUTE) or _on_warehouse(task):
        return task
    return {**task, "job_cluster_key": DEFAULT_CLUSTER_KEY}


def _on_warehouse(task: Json) -> bool:
    notebook = task.get("notebook_task")
    return isinstance(notebook, Mapping) and notebook.get("warehouse_id") is not None


def _each(change: Callable[[Json], Json]) -> Callable[[Any], list[Any]]:
    return lambda known: [_with(item, change) for item in known]


def _holder(change: Callable[[Json], Json]) -> Callable[[Json], Json]:
    def apply(holder: Json) -> Json:
        if holder.get("new_cluster") is None:
            return holder
        return {**holder, "new_cluster": _with(holder["new_cluster"], change)}

    return apply


def _task(each: Callable[[Json], Json]) -> Callable[[Json], Json]:
    def apply(task: Json) -> Json:
        loop = task.get("for_each_task")
        if isinstance(loop, Mapping) and loop.get("task") is not None:
            task = {**task, "for_each_task": {**loop, "task": _with(loop["task"], apply)}}
        return each(task)

    return apply


def _with(value: Any, change: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - an input of Pulumi
    """Change a value now, or when it is known."""
    return value.apply(change) if isinstance(value, pulumi.Output) else change(value)
