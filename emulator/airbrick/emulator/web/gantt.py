"""The timeline of a run: one row for each attempt at a task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from airbrick.emulator.html import Markup, tag
from airbrick.emulator.web.parts import duration, mood, name_of, path_of, pill

_TICKS = 4


def gantt(run: dict[str, Any], tasks: Sequence[dict[str, Any]], now_ms: int, *, apart: bool = False) -> Markup:
    """Return the timeline.

    :param run: a run as runs/get answers it
    :param tasks: the tasks to show
    :param now_ms: the present moment
    :param apart: the tasks' output is on pages of their own, not below
    """
    start = run["start_time"]
    ends = [task["start_time"] + _taken(task) for task in tasks if task["start_time"]]
    end = max([run.get("end_time") or now_ms, *ends, start + 1])
    ticks = [
        tag("span", duration((end - start) * n / _TICKS), style=f"left:{100 * n / _TICKS:g}%")
        for n in range(_TICKS + 1)
    ]
    axis = tag(
        "li",
        tag("span", "Task"),
        tag("span", "State"),
        tag("div", tag("div", *ticks, class_="ticks"), class_="line"),
        tag("span", "Time"),
        class_="axis",
        aria_hidden="true",
    )
    rows = [_row(task, start, end, path_of(task) if apart else f"#t{task['run_id']}") for task in tasks]
    return tag("ol", axis, *rows, class_="gantt card", style="padding:0", aria_label="Timeline of the tasks")


def _row(task: dict[str, Any], start: int, end: int, target: str) -> Markup:
    state = name_of(task["state"])
    after = ", ".join(item["task_key"] for item in task.get("depends_on", ()))
    small = tag("small", f"after {after}") if after else Markup()
    name = tag("span", tag("a", attempt_name(task), href=target), small, class_="task")
    taken = duration(_taken(task)) if task["start_time"] else ""
    track = tag("div", *_bars(task, start, end), class_="track")
    return tag(
        "li", name, tag("span", pill(state)), tag("div", track, class_="line"), tag("span", taken, class_="number")
    )


def _bars(task: dict[str, Any], start: int, end: int) -> list[Markup]:
    if not task["start_time"] or not (_taken(task) or task.get("end_time")):
        return []
    scale = 100 / (end - start)
    left = (task["start_time"] - start) * scale
    setup, ran = task["setup_duration"] * scale, (_taken(task) - task["setup_duration"]) * scale
    said = (
        f"Starts after {duration(task['start_time'] - start)}, set-up {duration(task['setup_duration'])}, "
        f"execution {duration(_taken(task) - task['setup_duration'])}"
    )
    colour = mood(name_of(task["state"]))
    bars = []
    if setup:
        bars.append(_bar(left, setup, f"bar setup {colour}", title=said))
    if ran or not setup:
        bars.append(_bar(left + setup, ran, f"bar {colour}", role="img", aria_label=said, title=said))
    return bars


def _bar(left: float, width: float, class_: str, **attributes: str) -> Markup:
    return tag("div", class_=class_, style=f"left:{left:.3f}%;width:{width:.3f}%", **attributes)


def _taken(task: dict[str, Any]) -> int:
    return int(task["setup_duration"] + task["execution_duration"] + task.get("cleanup_duration", 0))


def attempt_name(task: dict[str, Any]) -> str:
    """Return a task's key, with the attempt from the second on."""
    number = task.get("attempt_number", 0)
    return str(task["task_key"]) + (f" (attempt {number + 1})" if number else "")
