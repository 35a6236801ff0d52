"""Jobs: checks and diffs, over the protocol."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
from pulumi.runtime.proto import provider_pb2
from tests.iac.job_samples import JOB, NOTEBOOK, SETTINGS

from airbrick.contract import OWNER_TAG
from airbrick.iac.values import UNKNOWN, Secret

if TYPE_CHECKING:
    from tests.iac.wire import Wire


def test_check_fills_in_what_is_always_said(wire: Wire) -> None:
    checked, failures = wire.check(JOB, "nightly", {"description": None, "tasks": []})
    assert failures == {}
    assert checked == {"name": "nightly", "tasks": [], "max_concurrent_runs": 1, "queue": {"enabled": True}}
    assert wire.check(JOB, "nightly", checked) == (checked, {})


def test_check_keeps_order_unknown_settings_secrets_and_what_is_not_known_yet(wire: Wire) -> None:
    given = {**SETTINGS, "brand_new": {"a": [1.5]}, "description": Secret("x"), "budget_policy_id": UNKNOWN}
    assert wire.check(JOB, "nightly", given) == (given, {})


@pytest.mark.parametrize(
    ("change", "path", "reason"),
    [
        ({"max_concurrent_runs": "1"}, "max_concurrent_runs", "found text; write it without quotes"),
        ({"max_concurrent_runs": "two"}, "max_concurrent_runs", "expected a whole number, found text"),
        ({"max_concurrent_runs": True}, "max_concurrent_runs", "expected a whole number, found a boolean"),
        ({"max_concurrent_runs": 1.5}, "max_concurrent_runs", "expected a whole number, found a number"),
        ({"queue": True}, "queue", "expected a mapping, found a boolean"),
        ({"queue": {}}, "queue.enabled", "is missing"),
        ({"queue": {"enabled": "yes"}}, "queue.enabled", "expected true or false, found text"),
        ({"queue": {"enabled": "True"}}, "queue.enabled", "found text; write it without quotes"),
        ({"tags": {"a": 1}}, "tags.a", "expected text, found a number; write it in quotes"),
        ({"tags": {"a b": 1}}, 'tags["a b"]', "expected text"),
        ({"tasks": {"task_key": "a"}}, "tasks", "expected a list, found a mapping; put it in [ ]"),
        ({"tasks": [{"notebook_task": NOTEBOOK}]}, "tasks[0].task_key", "is missing; every Task needs it"),
        ({"tasks": [{"task_key": "a", "notebook_task": {}}]}, "tasks[0].notebook_task.notebook_path", "is missing"),
        ({"tasks": [{"task_key": "a"}, {"task_key": "a"}]}, "tasks[1].task_key", "'a' stands twice"),
        ({"parameters": [{"name": "a", "default": 1}]}, "parameters[0].default", "expected text, found a number"),
        ({"tasks": [{"task_key": "a", "notebook_task": NOTEBOOK, "depends_on": ["b"]}]}, "tasks[0].depends_on[0]",
         "expected a mapping, found text; write it as {'task_key': …}"),
        ({"schedule": {"quartz_cron_expression": "0 2 * * *", "timezone_id": "UTC"}}, "schedule.quartz_cron_expression",
         "expected the 6 or 7 fields of Quartz, seconds first"),
        ({"run_as": ["me"]}, "run_as", "expected a mapping, found a list"),
        ({"schedule": {"quartz_cron_expression": "0 0 0 * * ?", "timezone_id": "UTC"}, "continuous": {}}, "continuous",
         "excludes 'schedule'"),
        ({"tasks": [{"task_key": "a", "run_job_task": {"job_id": "x"}}]}, "tasks[0].run_job_task.job_id",
         "expected digits"),
        ({"tasks": [{"task_key": "a", "run_job_task": {"job_id": 2**60}}]}, "tasks[0].run_job_task.job_id",
         "write an id as text"),
        ({"tags": {OWNER_TAG: "me"}}, f"tags.{OWNER_TAG}", "airbrick's own tag"),
        ({"tags": {f"t{n}": "" for n in range(24)}}, "tags", "has 24 tags; a job takes 23"),
        ({"email_notifications": {"on_failure": "me@b.c"}}, "email_notifications.on_failure", "expected a list"),
        ({"name": Secret(5)}, "name", "expected text"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place(wire: Wire, change: dict[str, Any], path: str, reason: str) -> None:
    _, failures = wire.check(JOB, "nightly", {**SETTINGS, **change})
    assert list(failures) == [path]
    assert reason in failures[path]


def test_several_mistakes_are_named_at_once(wire: Wire) -> None:
    _, failures = wire.check(JOB, "nightly", {"max_concurrent_runs": "x", "timeout_seconds": "y"})
    assert sorted(failures) == ["max_concurrent_runs", "timeout_seconds"]


def test_a_setting_airbrick_does_not_know_is_a_warning_with_the_nearest_name(wire: Wire) -> None:
    given = {**SETTINGS, "timeout_second": 1, "tasks": [{"task_key": "a", "notbook_task": {}, "run_if": "ALL_SUCESS"}]}
    assert wire.check(JOB, "nightly", given) == (given, {})
    wire.check(JOB, "nightly", given)
    warnings = "\n".join(wire.engine.warnings)
    assert len(wire.engine.warnings) == 3
    assert "timeout_second: airbrick does not know the setting 'timeout_second'" in warnings
    assert "did you mean 'timeout_seconds'?" in warnings
    assert "tasks[0].notbook_task" in warnings
    assert "did you mean 'ALL_SUCCESS'?" in warnings


def test_no_message_holds_a_secret(wire: Wire) -> None:
    given = {"email_notifications": Secret({"on_failure": "hush-hush"}), "performance_target": Secret("hush-hush")}
    _, failures = wire.check(JOB, "nightly", given)
    assert "hush-hush" not in str(failures) + str(wire.engine.seen)


def test_automatic_names_follow_the_stack(wire: Wire) -> None:
    modes = provider_pb2.CheckRequest.AutonamingOptions
    enforced = wire.check(JOB, "nightly", {}, proposed_name="orders-nightly", mode=modes.ENFORCE)
    assert enforced[0]["name"] == "orders-nightly"
    # A pattern may hold random letters, which are others in each `up`.
    again = wire.check(JOB, "nightly", {}, enforced[0], proposed_name="orders-mondly", mode=modes.ENFORCE)
    assert again == enforced
    given = wire.check(JOB, "nightly", {"name": "own"}, enforced[0], proposed_name="x", mode=modes.ENFORCE)
    assert given[0]["name"] == "own"
    proposed = wire.check(JOB, "nightly", {}, proposed_name="nightly-7f3a", mode=modes.PROPOSE)
    assert proposed[0]["name"] == "nightly"
    _, failures = wire.check(JOB, "nightly", {}, proposed_name="", mode=modes.DISABLE)
    assert "disables automatic names" in failures["name"]


def test_a_diff_names_the_places_that_changed(wire: Wire) -> None:
    new = copy.deepcopy(SETTINGS)
    new["tasks"].reverse()
    assert wire.diff(JOB, "nightly", SETTINGS, new).changes == provider_pb2.DiffResponse.DIFF_NONE
    new["tasks"][0]["timeout_seconds"] = 5
    del new["tags"]
    answer = wire.diff(JOB, "nightly", SETTINGS, new)
    assert answer.changes == provider_pb2.DiffResponse.DIFF_SOME
    assert {path: kind.kind for path, kind in answer.detailedDiff.items()} == {
        "tasks[0].timeout_seconds": provider_pb2.PropertyDiff.ADD,
        "tags": provider_pb2.PropertyDiff.DELETE,
    }
    assert sorted(answer.diffs) == ["tags", "tasks"]
    assert not answer.replaces


def test_a_changed_secret_is_a_change_and_a_mark_alone_is_none(wire: Wire) -> None:
    old = {**SETTINGS, "description": Secret("a")}
    changes = provider_pb2.DiffResponse
    assert wire.diff(JOB, "n", old, {**old, "description": Secret("b")}).changes == changes.DIFF_SOME
    assert wire.diff(JOB, "n", old, {**old, "description": "a"}).changes == changes.DIFF_NONE
