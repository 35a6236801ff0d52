from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.emulator.helpers import JOBS, Api, task

from airbrick.emulator import behaviour
from airbrick.emulator.behaviour import life_of

if TYPE_CHECKING:
    from airbrick.emulator import Emulator, ManualClock
    from airbrick.emulator.run import Round, Run
    from airbrick.emulator.timeline import RunTimeline


def ids(answer: dict[str, Any]) -> list[int]:
    return [run["run_id"] for run in answer.get("runs", [])]


def test_run_now_answers_with_the_run_alone(api: Api) -> None:
    answer = api.post(f"{JOBS}/run-now", {"job_id": api.create()})
    assert answer == {"run_id": answer["run_id"], "number_in_job": answer["run_id"]}


def test_a_known_token_names_the_run_it_made_whatever_became_of_it(api: Api, clock: ManualClock) -> None:
    job_id = api.create()
    run_id = api.run_now(job_id, idempotency_token="once")
    clock.advance(1000)
    assert api.run_now(job_id, idempotency_token="once") == run_id
    api.post(f"{JOBS}/delete", {"job_id": job_id})
    assert api.run_now(job_id, idempotency_token="once") == run_id
    assert len(ids(api.get(f"{JOBS}/runs/list"))) == 1


def test_other_tokens_and_no_token_make_new_runs(api: Api) -> None:
    job_id = api.create(max_concurrent_runs=5)
    made = {api.run_now(job_id, idempotency_token=token) for token in ("a", "b", "", None)}
    assert len(made) == 4


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({"idempotency_token": "x" * 65}, "at most 64 characters"),
        ({"idempotency_token": 5}, "idempotency_token must be a string"),
        ({"job_parameters": {"a": 1}}, "job_parameters.a must be a string"),
        ({"job_parameters": ["a"]}, "job_parameters must be an object"),
        ({"job_parameters": {"a": "1"}, "notebook_params": {"a": "1"}}, "cannot be combined with notebook_params"),
        ({"notebook_params": {"a": "x" * 10_000}}, "at most 10000 bytes"),
        ({"only": ["nope"]}, "no task 'nope'"),
        ({"queue": {}}, "queue.enabled"),
        ({"performance_target": "FAST"}, "performance_target must be one of"),
        ({"job_id": None}, "job_id"),
    ],
)
def test_wrong_runs_are_refused(api: Api, values: dict[str, Any], names: str) -> None:
    body = {"job_id": api.create(), **values}
    status, code, message = api.error("POST", f"{JOBS}/run-now", body)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert names in message
    assert ids(api.get(f"{JOBS}/runs/list")) == []


def test_a_job_without_tasks_cannot_run(api: Api) -> None:
    job_id = api.post(f"{JOBS}/create", {"name": "empty"})["job_id"]
    assert "no tasks" in api.error("POST", f"{JOBS}/run-now", {"job_id": job_id})[2]


def test_a_simulated_run_follows_its_plan_in_both_vocabularies(
    api: Api, workspace: Emulator, clock: ManualClock
) -> None:
    workspace.plan(setup_s=10, run_s=20, output="42", logs="hello")
    start_ms = int(clock.now() * 1000)
    run_id = api.run_now(api.create("nightly", parameters=[{"name": "p", "default": "d"}]), job_parameters={"q": "v"})
    run = api.run(run_id)
    assert run["state"]["life_cycle_state"] == "PENDING"
    assert run["status"] == {"state": "PENDING"}
    assert run["start_time"] == start_ms
    assert "end_time" not in run
    clock.advance(15)
    run = api.run(run_id)
    assert run["state"]["life_cycle_state"] == run["status"]["state"] == "RUNNING"
    assert "result_state" not in run["state"]
    assert run["tasks"][0]["setup_duration"] == 10_000
    clock.advance(15)
    run = api.run(run_id)
    assert run["state"] == {
        "life_cycle_state": "TERMINATED",
        "result_state": "SUCCESS",
        "state_message": "Simulated by the airbrick emulator: no code was run.",
        "user_cancelled_or_timedout": False,
    }
    assert run["status"]["termination_details"] == {
        "code": "SUCCESS",
        "type": "SUCCESS",
        "message": "Simulated by the airbrick emulator: no code was run.",
    }
    assert (run["end_time"], run["run_duration"]) == (start_ms + 30_000, 30_000)
    assert run["job_parameters"] == [{"name": "p", "value": "d", "default": "d"}, {"name": "q", "value": "v"}]
    assert run["run_page_url"] == f"{workspace.host}/jobs/{run['job_id']}/runs/{run_id}?o={workspace.workspace_id}"
    output = api.get(f"{JOBS}/runs/get-output", run_id=run["tasks"][0]["run_id"])
    assert output["notebook_output"] == {"result": "42", "truncated": False}
    assert output["logs"] == "hello"
    assert output["metadata"]["state"]["result_state"] == "SUCCESS"


def test_a_planned_failure_names_the_task_and_skips_the_rest(api: Api, workspace: Emulator, clock: ManualClock) -> None:
    workspace.plan(job="night*", task="load", result="FAILED", error="boom", error_trace="line 1")
    run_id = api.run_now(api.create("nightly", tasks=[task("load"), task("sum", "load")]))
    clock.advance(100)
    run = api.run(run_id)
    assert (run["state"]["life_cycle_state"], run["state"]["result_state"]) == ("INTERNAL_ERROR", "FAILED")
    assert run["state"]["state_message"].startswith("Task load failed with message: Workload failed")
    assert run["state"]["state_message"].endswith("all downstream tasks to get skipped.")
    details = run["status"]["termination_details"]
    assert (run["status"]["state"], details["code"], details["type"]) == (
        "TERMINATED",
        "RUN_EXECUTION_ERROR",
        "CLIENT_ERROR",
    )
    load, total = run["tasks"]
    assert total["state"]["result_state"] == "UPSTREAM_FAILED"
    assert total["status"]["termination_details"]["code"] == "SKIPPED"
    output = api.get(f"{JOBS}/runs/get-output", run_id=load["run_id"])
    assert (output["error"], output["error_trace"]) == ("boom", "line 1")
    skipped = api.get(f"{JOBS}/runs/get-output", run_id=total["run_id"])
    assert set(skipped) == {"metadata"}


def test_a_plan_may_give_any_termination_code(api: Api, workspace: Emulator, clock: ManualClock) -> None:
    workspace.plan(result="FAILED", termination_code="CLOUD_FAILURE", termination_type="CLOUD_FAILURE")
    run_id = api.run_now(api.create())
    clock.advance(100)
    for shown in (api.run(run_id), api.run(run_id)["tasks"][0]):
        details = shown["status"]["termination_details"]
        assert (details["code"], details["type"]) == ("CLOUD_FAILURE", "CLOUD_FAILURE")


def test_plans_apply_to_coming_runs_alone_and_the_last_one_wins(
    api: Api, workspace: Emulator, clock: ManualClock
) -> None:
    job_id = api.create(max_concurrent_runs=3)
    before = api.run_now(job_id)
    workspace.plan(result="FAILED")
    workspace.plan(task="other", result="CANCELED")
    after = api.run_now(job_id)
    clock.advance(100)
    assert [api.run(run)["state"]["result_state"] for run in (before, after)] == ["SUCCESS", "FAILED"]


def test_each_attempt_is_a_task_run_of_its_own(api: Api, workspace: Emulator, clock: ManualClock) -> None:
    workspace.plan(attempt=0, setup_s=0, run_s=10, result="FAILED")
    workspace.plan(attempt=1, setup_s=0, run_s=10)
    run_id = api.run_now(api.create(tasks=[task("t", max_retries=1, min_retry_interval_millis=5000)]))
    clock.advance(12)
    attempts = api.run(run_id)["tasks"]
    assert [item["state"]["life_cycle_state"] for item in attempts] == ["TERMINATED", "WAITING_FOR_RETRY"]
    assert attempts[1]["status"]["state"] == "WAITING"
    clock.advance(100)
    attempts = api.run(run_id)["tasks"]
    assert [(item["attempt_number"], item["state"]["result_state"]) for item in attempts] == [
        (0, "FAILED"),
        (1, "SUCCESS"),
    ]
    assert len({item["run_id"] for item in attempts}) == 2
    assert api.run(attempts[1]["run_id"])["state"]["result_state"] == "SUCCESS"
    assert api.run(run_id)["state"]["result_state"] == "SUCCESS"


def test_a_cancel_is_asynchronous_and_final(api: Api, workspace: Emulator, clock: ManualClock) -> None:
    workspace.plan(setup_s=0, run_s=100, cancel_s=3)
    run_id = api.run_now(api.create(tasks=[task("a"), task("b", "a")]))
    assert api.post(f"{JOBS}/runs/cancel", {"run_id": run_id}) == {}
    assert api.run(run_id)["state"]["life_cycle_state"] == "TERMINATING"
    clock.advance(3)
    run = api.run(run_id)
    assert (run["state"]["life_cycle_state"], run["state"]["result_state"]) == ("TERMINATED", "CANCELED")
    assert run["state"]["user_cancelled_or_timedout"] is True
    assert run["status"]["termination_details"]["code"] == "USER_CANCELED"
    assert [item["state"]["result_state"] for item in run["tasks"]] == ["CANCELED", "CANCELED"]
    clock.advance(1000)
    assert api.post(f"{JOBS}/runs/cancel", {"run_id": run_id}) == {}
    assert api.run(run_id) == run


def test_a_task_runs_id_cancels_its_run(api: Api, clock: ManualClock) -> None:
    run_id = api.run_now(api.create())
    api.post(f"{JOBS}/runs/cancel", {"run_id": api.run(run_id)["tasks"][0]["run_id"]})
    clock.advance(5)
    assert api.run(run_id)["state"]["result_state"] == "CANCELED"


def test_a_job_timeout_ends_the_run(api: Api, workspace: Emulator, clock: ManualClock) -> None:
    workspace.plan(run_s=1000)
    run_id = api.run_now(api.create(timeout_seconds=60))
    clock.advance(100)
    run = api.run(run_id)
    assert run["state"]["result_state"] == "TIMEDOUT"
    assert run["status"]["termination_details"]["code"] == "CANCELED"


def test_a_run_over_the_limit_is_skipped(api: Api) -> None:
    job_id = api.create()
    api.run_now(job_id)
    run = api.run(api.run_now(job_id))
    assert run["state"]["life_cycle_state"] == "SKIPPED"
    assert run["state"]["result_state"] == "MAXIMUM_CONCURRENT_RUNS_REACHED"
    assert run["status"]["state"] == "TERMINATED"
    assert run["status"]["termination_details"]["code"] == "MAX_CONCURRENT_RUNS_EXCEEDED"
    assert "end_time" in run


@pytest.mark.parametrize("where", ["job", "run"])
def test_a_queue_holds_a_run_until_its_turn(api: Api, clock: ManualClock, where: str) -> None:
    queue: dict[str, Any] = {"queue": {"enabled": True}}
    job_id = api.create(**(queue if where == "job" else {}))
    api.run_now(job_id)
    run_id = api.run_now(job_id, **(queue if where == "run" else {}))
    run = api.run(run_id)
    assert run["state"]["life_cycle_state"] == run["status"]["state"] == "QUEUED"
    assert run["status"]["queue_details"]["code"] == "MAX_CONCURRENT_RUNS_REACHED"
    assert run["tasks"][0]["state"]["life_cycle_state"] == "BLOCKED"
    clock.advance(8)
    run = api.run(run_id)
    assert run["state"]["life_cycle_state"] == "PENDING"
    assert run["queue_duration"] == 7000
    clock.advance(100)
    assert api.run(run_id)["state"]["result_state"] == "SUCCESS"


def test_only_the_named_tasks_run(api: Api, clock: ManualClock) -> None:
    run_id = api.run_now(api.create(tasks=[task("a"), task("b", "a"), task("c", "b")]), only=["b+"])
    clock.advance(100)
    results = [item["state"]["result_state"] for item in api.run(run_id)["tasks"]]
    assert results == ["DISABLED", "SUCCESS", "SUCCESS"]


def test_a_run_keeps_the_settings_with_which_it_started(api: Api, clock: ManualClock) -> None:
    job_id = api.create("old")
    run_id = api.run_now(job_id)
    api.post(f"{JOBS}/reset", {"job_id": job_id, "new_settings": {"name": "new", "tasks": [task("x")]}})
    run = api.run(run_id)
    assert run["run_name"] == "old"
    assert run["tasks"][0]["task_key"] == "t"
    api.post(f"{JOBS}/delete", {"job_id": job_id})
    clock.advance(100)
    assert api.run(run_id)["state"]["result_state"] == "SUCCESS"


def test_tasks_of_a_run_are_paged_by_a_hundred(api: Api) -> None:
    run_id = api.run_now(api.create(tasks=[task(f"t{n}") for n in range(150)]))
    first = api.run(run_id)
    second = api.get(f"{JOBS}/runs/get", run_id=run_id, page_token=first["next_page_token"])
    assert [item["task_key"] for item in first["tasks"] + second["tasks"]] == [f"t{n}" for n in range(150)]
    assert "next_page_token" not in second


def test_a_missing_run_is_named(api: Api) -> None:
    for method, path in (("GET", "runs/get"), ("GET", "runs/get-output"), ("POST", "runs/cancel")):
        status, code, message = api.error(method, f"{JOBS}/{path}", {"run_id": 5})
        assert (status, code, message) == (400, "INVALID_PARAMETER_VALUE", "Run 5 does not exist.")


def test_the_output_of_a_job_run_is_refused(api: Api) -> None:
    status, _, message = api.error("GET", f"{JOBS}/runs/get-output", run_id=api.run_now(api.create()))
    assert status == 400
    assert "multiple tasks is not supported" in message


def test_the_output_of_a_task_that_still_runs_has_no_result(api: Api, workspace: Emulator) -> None:
    workspace.plan(output="early")
    run = api.run(api.run_now(api.create()))
    assert set(api.get(f"{JOBS}/runs/get-output", run_id=run["tasks"][0]["run_id"])) == {"metadata"}


def test_runs_are_listed_newest_first_and_pages_hold_when_runs_are_added(api: Api) -> None:
    job_id = api.create(max_concurrent_runs=100)
    made = [api.run_now(job_id) for _ in range(30)]
    first = api.get(f"{JOBS}/runs/list", limit=10)
    assert ids(first) == made[:19:-1]
    api.run_now(job_id)
    second = api.get(f"{JOBS}/runs/list", limit=10, page_token=first["next_page_token"])
    assert ids(second) == made[19:9:-1]
    third = api.get(f"{JOBS}/runs/list", limit=10, page_token=second["next_page_token"])
    assert ids(third) == made[9::-1]
    assert third["has_more"] is False
    assert "next_page_token" not in third


@pytest.mark.parametrize(("limit", "shown"), [(None, 20), (0, 25), (25, 25), (1, 1)])
def test_the_limit_of_a_page_of_runs(api: Api, limit: int | None, shown: int) -> None:
    job_id = api.create(max_concurrent_runs=100)
    for _ in range(30):
        api.run_now(job_id)
    query = {} if limit is None else {"limit": limit}
    assert len(ids(api.get(f"{JOBS}/runs/list", **query))) == shown


def test_runs_are_filtered_by_job_activity_and_start(api: Api, clock: ManualClock) -> None:
    one, other = api.create(max_concurrent_runs=9), api.create()
    done = api.run_now(one)
    clock.advance(100)
    middle_ms = int(clock.now() * 1000)
    active = api.run_now(one)
    clock.advance(1)
    elsewhere = api.run_now(other)
    skipped = api.run_now(other)
    path = f"{JOBS}/runs/list"
    assert ids(api.get(path, job_id=one)) == [active, done]
    assert ids(api.get(path, active_only="true")) == [elsewhere, active]
    assert ids(api.get(path, completed_only="true")) == [skipped, done]
    assert ids(api.get(path, job_id=one, active_only="true")) == [active]
    assert ids(api.get(path, start_time_from=middle_ms, start_time_to=middle_ms)) == [active]
    assert ids(api.get(path, start_time_to=middle_ms)) == [active, done]
    assert ids(api.get(path, offset=1, limit=2)) == [elsewhere, active]
    assert ids(api.get(path, run_type="SUBMIT_RUN")) == []
    assert ids(api.get(path, job_id=5)) == []


def test_lists_show_tasks_only_when_expanded(api: Api) -> None:
    api.run_now(api.create())
    assert "tasks" not in api.get(f"{JOBS}/runs/list")["runs"][0]
    expanded = api.get(f"{JOBS}/runs/list", expand_tasks="true")["runs"][0]
    assert [item["task_key"] for item in expanded["tasks"]] == ["t"]
    assert expanded["has_more"] is False


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 26},
        {"limit": -1},
        {"page_token": "AAAA"},
        {"page_token": "é"},
        {"job_id": "x"},
        {"active_only": "1"},
        {"active_only": "true", "completed_only": "true"},
    ],
)
def test_wrong_list_parameters_are_refused(api: Api, query: dict[str, Any]) -> None:
    status, code, message = api.error("GET", f"{JOBS}/runs/list", **query)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert next(iter(query)) in message


def test_the_life_of_a_run_that_is_over_is_worked_out_once_for_an_answer(
    api: Api, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = api.run_now(api.create(tasks=[task(f"t{number}") for number in range(30)]))
    clock.advance(100)
    assert api.run(run_id)["state"]["result_state"] == "SUCCESS"
    worked_out = []

    def counted(run: Run, current: Round) -> RunTimeline:
        worked_out.append(run.run_id)
        return life_of(run, current)

    monkeypatch.setattr(behaviour, "life_of", counted)
    assert len(api.run(run_id, include_history=True)["tasks"]) == 30
    assert len(worked_out) <= 1
