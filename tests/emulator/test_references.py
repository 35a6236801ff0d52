"""Dynamic value references: what stands between double braces."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airbrick.emulator.graph import TaskNode
from airbrick.emulator.ids import IdSource
from airbrick.emulator.references import UnknownReferenceError, resolve, resolve_all
from airbrick.emulator.results import Result
from airbrick.emulator.run import JobVersion, Round, Run, Surroundings
from airbrick.emulator.run_values import values_of
from airbrick.emulator.timeline import Attempt, Iteration, Output, TaskTimeline, Turn

START_S = 1_767_323_045.678
PARAMETERS = {"day": "2026-01-02", "a.b": "dotted", "id": "{{job.id}}", "self": "{{job.parameters.self}}"}
NODE = TaskNode("t", kind="notebook_task", details={"notebook_path": "/Shared/t"})


def lookup(iteration: Iteration | None = None, **values: Any) -> Any:
    version = JobVersion({"name": "nightly", "tasks": [{"task_key": "load"}, {"task_key": "t"}]}, (NODE,))
    around = Surroundings(IdSource(big=False), "http://localhost:1", "99")
    first = Round(version, {}, PARAMETERS, {}, start_s=START_S)
    run = Run(5, 5, 7, START_S, "me", around, queued=False, real=False, rounds=(first,))
    output = Output(task_values={"rows": 3, "name": "x", "good": True, "list": ["a", 1]} | values)
    load = TaskTimeline("load", 10, Result.SUCCESS, (Attempt(0, 0, 0, 10, Result.SUCCESS, output=output),))
    late = TaskTimeline("late", 99, Result.SUCCESS, (Attempt(0, 0, 0, 99, Result.SUCCESS),))
    return values_of(run, first, Turn(NODE, 0, 20, {"load": load, "late": late}, None, iteration))


@pytest.mark.parametrize(
    ("text", "resolved"),
    [
        ("plain", "plain"),
        ("{{job.id}}/{{ job.parameters.day }}", "7/2026-01-02"),
        ("{{job.name}} {{job.run_id}} {{job.repair_count}} {{job.trigger.type}}", "nightly 5 0 one_time"),
        ("{{job.parameters.a.b}} {{job.parameters.`a.b`}}", "dotted dotted"),
        ("{{job.parameters.id}}", "7"),
        ("{{tasks.load.values.rows}} {{tasks.load.values.name}}", "3 x"),
        ("{{tasks.load.values.good}} {{tasks.load.values.list}}", 'true ["a",1]'),
        ("{{tasks.load.result_state}} {{tasks.load.execution_count}}", "success 1"),
        ("{{tasks.load.error_code}}", "SUCCESS"),
        ("{{task.name}} {{task.execution_count}} {{task.run_id}} {{task.notebook_path}}", "t 1 6 /Shared/t"),
        ("{{job.start_time.iso_date}}", "2026-01-02"),
        ("{{job.start_time.iso_datetime}}", "2026-01-02T03:04:05.678Z"),
        ("{{job.start_time.timestamp_ms}}", "1767323045678"),
        ("{{job.start_time.year}}-{{job.start_time.month}}-{{job.start_time.day}}", "2026-01-02"),
        ("{{job.start_time.iso_weekday}} {{job.trigger.time.is_weekday}}", "5 true"),
        ("{{workspace.id}} {{workspace.url}}", "99 http://localhost:1"),
        ("{{job_id}} {{run_id}} {{parent_run_id}} {{task_key}} {{start_date}}", "7 6 5 t 2026-01-02"),
        (
            "{single} {{}} {{ secrets.a }} {{my_value}} {{job.id}",
            "{single} {{}} {{ secrets.a }} {{my_value}} {{job.id}",
        ),
    ],
)
def test_references_are_resolved(text: str, resolved: str) -> None:
    assert resolve(text, lookup()) == resolved


@pytest.mark.parametrize(
    "reference",
    [
        "job.naem",
        "job.parameters.nope",
        "job.parameters",
        "job.start_time.century",
        "tasks.load.values.nope",
        "tasks.load.values",
        "tasks.late.values.x",
        "tasks.x",
        "workspace.region",
        "input",
        "input.key",
    ],
)
def test_unknown_references_into_a_known_namespace_are_named(reference: str) -> None:
    with pytest.raises(UnknownReferenceError) as caught:
        resolve(f"a {{{{{reference}}}}} b", lookup())
    assert caught.value.reference == reference


@pytest.mark.parametrize(
    ("value", "text", "resolved"),
    [
        ("x", "{{input}}", "x"),
        (3, "{{input}}", "3"),
        ({"k": {"n": 1}}, "{{input.k}} {{input.k.n}}", '{"n":1} 1'),
        (None, "{{input}}", "null"),
    ],
)
def test_the_input_of_an_iteration(value: object, text: str, resolved: str) -> None:
    assert resolve(text, lookup(Iteration(0, value, 0))) == resolved


def test_a_value_is_not_resolved_again() -> None:
    assert resolve("{{tasks.load.values.name}}", lookup(name="{{job.id}}")) == "{{job.id}}"
    with pytest.raises(UnknownReferenceError):
        resolve("{{job.parameters.self}}", lookup())


def test_references_are_resolved_at_every_level_of_a_value() -> None:
    value = {"a": ["{{job.id}}", 1, None], "b": {"c": "{{job.name}}"}}
    assert resolve_all(value, lookup()) == {"a": ["7", 1, None], "b": {"c": "nightly"}}


@given(st.text(alphabet="{}`. abjoinputks\n\u00e9", max_size=30))
def test_any_text_is_resolved_or_named(text: str) -> None:
    try:
        assert isinstance(resolve(text, lookup()), str)
    except UnknownReferenceError:
        assert "{{" in text
