"""runs/repair: tasks of a run that is over run again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.emulator.helpers import JOBS, Api, task

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

    from airbrick.emulator import Emulator, ManualClock

REPAIR = f"{JOBS}/runs/repair"


def results(run: dict[str, Any]) -> list[tuple[str, int, str | None]]:
    return [(t["task_key"], t["attempt_number"], t["state"].get("result_state")) for t in run["tasks"]]


@pytest.fixture
def failed(api: Api, workspace: Emulator, clock: ManualClock) -> int:
    """Return a run of a, b and c in a row, of which b failed."""
    workspace.plan(task="b", attempt=0, result="FAILED", setup_s=0, run_s=5)
    run_id = api.run_now(api.create(tasks=[task("a"), task("b", "a"), task("c", "b")]))
    clock.advance(100)
    assert results(api.run(run_id)) == [("a", 0, "SUCCESS"), ("b", 0, "FAILED"), ("c", 0, "UPSTREAM_FAILED")]
    return run_id


def test_all_failed_tasks_run_again_and_the_others_stay(api: Api, clock: ManualClock, failed: int) -> None:
    before = api.run(failed)
    repair_id = api.post(REPAIR, {"run_id": failed, "rerun_all_failed_tasks": True})["repair_id"]
    run = api.run(failed)
    assert run["state"]["life_cycle_state"] in ("PENDING", "RUNNING")
    assert "result_state" not in run["state"]
    assert "end_time" not in run
    clock.advance(100)
    run = api.run(failed, include_history="true")
    assert run["state"]["result_state"] == "SUCCESS"
    assert run["start_time"] == before["start_time"]
    assert run["end_time"] > before["end_time"]
    assert results(run) == [
        ("a", 0, "SUCCESS"),
        ("b", 0, "FAILED"),
        ("b", 1, "SUCCESS"),
        ("c", 0, "UPSTREAM_FAILED"),
        ("c", 1, "SUCCESS"),
    ]
    original, repaired = run["repair_history"]
    assert (original["type"], original["state"]["result_state"]) == ("ORIGINAL", "FAILED")
    assert "id" not in original
    assert (repaired["type"], repaired["id"], repaired["state"]["result_state"]) == ("REPAIR", repair_id, "SUCCESS")
    assert original["end_time"] <= repaired["start_time"] <= repaired["end_time"]
    first, again = before["tasks"][1]["run_id"], run["tasks"][2]["run_id"]
    assert first in original["task_run_ids"]
    assert again in repaired["task_run_ids"]
    assert first not in repaired["task_run_ids"]
    assert "repair_history" not in api.run(failed)


def test_attempts_of_a_repair_have_their_own_output(api: Api, clock: ManualClock, failed: int) -> None:
    api.post(REPAIR, {"run_id": failed, "rerun_tasks": ["b"]})
    clock.advance(100)
    old, new = (t["run_id"] for t in api.run(failed)["tasks"] if t["task_key"] == "b")
    assert "error" in api.get(f"{JOBS}/runs/get-output", run_id=old)
    output = api.get(f"{JOBS}/runs/get-output", run_id=new)
    assert "error" not in output
    assert output["metadata"]["attempt_number"] == 1


def test_named_tasks_run_again_alone_or_with_what_depends_on_them(api: Api, clock: ManualClock, failed: int) -> None:
    repair_id = api.post(REPAIR, {"run_id": failed, "rerun_tasks": ["b"]})["repair_id"]
    clock.advance(100)
    assert results(api.run(failed))[-1] == ("c", 0, "UPSTREAM_FAILED")
    assert api.run(failed)["state"]["result_state"] == "FAILED"
    body = {"run_id": failed, "rerun_tasks": ["a"], "rerun_dependent_tasks": True, "latest_repair_id": repair_id}
    api.post(REPAIR, body)
    clock.advance(100)
    run = api.run(failed)
    assert [(key, number) for key, number, _ in results(run)] == [
        ("a", 0),
        ("a", 1),
        ("b", 0),
        ("b", 1),
        ("b", 2),
        ("c", 0),
        ("c", 1),
    ]
    assert run["state"]["result_state"] == "SUCCESS"


def test_the_latest_repair_must_be_known(api: Api, clock: ManualClock, failed: int) -> None:
    body = {"run_id": failed, "rerun_tasks": ["b"]}
    status, code, message = api.error("POST", REPAIR, {**body, "latest_repair_id": 5})
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert "was not repaired yet" in message
    first = api.post(REPAIR, body)["repair_id"]
    clock.advance(100)
    assert f"last repaired by repair {first}" in api.error("POST", REPAIR, body)[2]
    second = api.post(REPAIR, {**body, "latest_repair_id": first})["repair_id"]
    clock.advance(100)
    assert f"repair {second}" in api.error("POST", REPAIR, {**body, "latest_repair_id": first})[2]


def test_a_run_in_progress_is_not_repaired(api: Api, failed: int) -> None:
    api.post(REPAIR, {"run_id": failed, "rerun_tasks": ["b"]})
    status, code, message = api.error("POST", REPAIR, {"run_id": failed, "rerun_tasks": ["b"]})
    assert (status, code) == (400, "INVALID_STATE")
    assert "still active" in message


def test_a_repair_uses_the_jobs_present_settings_and_new_parameters(
    api: Api, workspace: Emulator, clock: ManualClock
) -> None:
    workspace.plan(attempt=0, result="FAILED")
    job_id = api.create(parameters=[{"name": "p", "default": "old"}, {"name": "q", "default": "q"}])
    run_id = api.run_now(job_id, job_parameters={"q": "given"})
    clock.advance(100)
    changed = task("t", notebook_task={"notebook_path": "/Shared/mended"})
    new = {"name": "job", "tasks": [changed, task("more")], "parameters": [{"name": "p", "default": "new"}]}
    api.post(f"{JOBS}/reset", {"job_id": job_id, "new_settings": new})
    api.post(REPAIR, {"run_id": run_id, "rerun_all_failed_tasks": True, "job_parameters": {"r": "repair"}})
    clock.advance(100)
    run = api.run(run_id)
    assert [t["notebook_task"]["notebook_path"] for t in run["tasks"]] == [
        "/Shared/t",
        "/Shared/mended",
        "/Shared/more",
    ]
    assert {item["name"]: item["value"] for item in run["job_parameters"]} == {"p": "new", "q": "given", "r": "repair"}


def test_a_repair_can_be_cancelled_and_repaired(api: Api, clock: ManualClock, failed: int) -> None:
    first = api.post(REPAIR, {"run_id": failed, "rerun_all_failed_tasks": True})["repair_id"]
    api.post(f"{JOBS}/runs/cancel", {"run_id": failed})
    clock.advance(10)
    run = api.run(failed, include_history="true")
    assert run["state"]["result_state"] == "CANCELED"
    assert [item["state"]["result_state"] for item in run["repair_history"]] == ["FAILED", "CANCELED"]
    api.post(REPAIR, {"run_id": failed, "rerun_all_failed_tasks": True, "latest_repair_id": first})
    clock.advance(100)
    run = api.run(failed, include_history="true")
    assert [item["state"]["result_state"] for item in run["repair_history"]] == ["FAILED", "CANCELED", "SUCCESS"]


def test_a_repair_counts_among_the_jobs_runs(api: Api, clock: ManualClock, failed: int) -> None:
    job_id = api.run(failed)["job_id"]
    api.post(REPAIR, {"run_id": failed, "rerun_all_failed_tasks": True})
    assert api.run(api.run_now(job_id))["state"]["life_cycle_state"] == "SKIPPED"
    assert [r["run_id"] for r in api.get(f"{JOBS}/runs/list", active_only="true")["runs"]] == [failed]


def test_the_official_client_repairs_and_waits(client: WorkspaceClient, workspace: Emulator, failed: int) -> None:
    workspace.plan(setup_s=0, run_s=0)
    run = client.jobs.repair_run_and_wait(failed, rerun_all_failed_tasks=True)
    assert run.state is not None
    assert str(run.state.result_state) == "RunResultState.SUCCESS"


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({}, "either rerun_tasks or rerun_all_failed_tasks"),
        ({"rerun_tasks": ["b"], "rerun_all_failed_tasks": True}, "either rerun_tasks or rerun_all_failed_tasks"),
        ({"rerun_tasks": ["x"]}, "no task 'x'"),
        ({"rerun_tasks": "b"}, "rerun_tasks must be a list"),
        ({"rerun_tasks": ["b"], "job_parameters": {"a": 1}}, "job_parameters.a must be a string"),
    ],
)
def test_wrong_repairs_are_refused(api: Api, failed: int, values: dict[str, Any], names: str) -> None:
    before = api.run(failed)
    status, code, message = api.error("POST", REPAIR, {"run_id": failed, **values})
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert names in message
    assert api.run(failed) == before


def test_a_run_without_failed_tasks_has_none_to_repair(api: Api, clock: ManualClock) -> None:
    run_id = api.run_now(api.create())
    clock.advance(100)
    assert "no failed task" in api.error("POST", REPAIR, {"run_id": run_id, "rerun_all_failed_tasks": True})[2]


def test_a_skipped_run_has_nothing_to_repair(api: Api) -> None:
    job_id = api.create()
    api.run_now(job_id)
    skipped = api.run_now(job_id)
    status, code, _ = api.error("POST", REPAIR, {"run_id": skipped, "rerun_all_failed_tasks": True})
    assert (status, code) == (400, "INVALID_STATE")
