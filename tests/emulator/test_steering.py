"""Tasks that steer others: if/else conditions, for-each loops, runs of other jobs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from tests.emulator.helpers import JOBS, Api, task

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

    from airbrick.emulator import Emulator, ManualClock


def condition(op: str = "EQUAL_TO", left: str = "a", right: str = "a", key: str = "if", *after: str) -> dict[str, Any]:
    made: dict[str, Any] = {"task_key": key, "condition_task": {"op": op, "left": left, "right": right}}
    if after:
        made["depends_on"] = [{"task_key": name} for name in after]
    return made


def branch(key: str, outcome: str) -> dict[str, Any]:
    return {**task(key), "depends_on": [{"task_key": "if", "outcome": outcome}]}


def loop(inputs: str, concurrency: int = 1, **values: Any) -> dict[str, Any]:
    return {
        "task_key": "each",
        "for_each_task": {"inputs": inputs, "concurrency": concurrency, "task": task("each_one", **values)},
    }


def results(run: dict[str, Any]) -> dict[str, str]:
    return {item["task_key"]: item["state"]["result_state"] for item in run["tasks"]}


@pytest.mark.parametrize(
    ("operands", "outcome"),
    [
        (("EQUAL_TO", "12.0", "12"), "false"),
        (("EQUAL_TO", "true", "true"), "true"),
        (("NOT_EQUAL", "12.0", "12"), "true"),
        (("GREATER_THAN_OR_EQUAL", "12.0", "12"), "true"),
        (("GREATER_THAN_OR_EQUAL", "10.0", "12"), "false"),
        (("GREATER_THAN", "9007199254740993", "9007199254740992"), "true"),
        (("LESS_THAN", "-1e3", "0"), "true"),
        (("LESS_THAN_OR_EQUAL", " 2 ", "1"), "false"),
    ],
)
def test_a_condition_compares_and_one_branch_runs(
    api: Api, clock: ManualClock, operands: tuple[str, str, str], outcome: str
) -> None:
    op, left, right = operands
    job_id = api.create(tasks=[condition(op, left, right), branch("yes", "true"), branch("no", "false")])
    run_id = api.run_now(job_id)
    clock.advance(100)
    run = api.run(run_id)
    taken, left_out = ("yes", "no") if outcome == "true" else ("no", "yes")
    assert results(run) == {"if": "SUCCESS", taken: "SUCCESS", left_out: "EXCLUDED"}
    shown = next(item for item in run["tasks"] if item["task_key"] == "if")
    assert shown["condition_task"] == {"op": op, "left": left, "right": right, "outcome": outcome}
    assert run["state"]["result_state"] == "SUCCESS"


def test_a_condition_that_cannot_be_decided_fails(api: Api, clock: ManualClock) -> None:
    tasks = [condition("LESS_THAN", "many", "3"), branch("yes", "true"), branch("no", "false")]
    run_id = api.run_now(api.create(tasks=tasks))
    clock.advance(100)
    run = api.run(run_id)
    assert results(run) == {"if": "FAILED", "yes": "UPSTREAM_FAILED", "no": "UPSTREAM_FAILED"}
    assert "'many' is none" in run["tasks"][0]["state"]["state_message"]
    assert run["tasks"][0]["status"]["termination_details"]["code"] == "INVALID_RUN_CONFIGURATION"


def test_a_condition_reads_task_values_and_shows_what_it_read(
    api: Api, workspace: Emulator, clock: ManualClock
) -> None:
    workspace.plan(task="load", values={"rows": 3})
    operand = "{{tasks.load.values.rows}}"
    tasks = [task("load"), condition("GREATER_THAN", operand, "{{job.parameters.least}}", "if", "load")]
    run_id = api.run_now(api.create(tasks=tasks, parameters=[{"name": "least", "default": "2"}]))
    path = {"include_resolved_values": "true"}
    assert "resolved_values" not in api.run(run_id, **path)["tasks"][1]
    clock.advance(100)
    shown = api.run(run_id, **path)["tasks"][1]
    assert shown["resolved_values"] == {"condition_task": {"left": "3", "right": "2"}}
    assert shown["condition_task"]["outcome"] == "true"
    assert shown["condition_task"]["left"] == operand
    assert "resolved_values" not in api.run(run_id)["tasks"][1]


def test_a_value_that_no_task_set_fails_the_task_by_name(api: Api, clock: ManualClock) -> None:
    tasks = [task("load"), condition("EQUAL_TO", "{{tasks.load.values.rows}}", "1", "if", "load")]
    run_id = api.run_now(api.create(tasks=tasks))
    clock.advance(100)
    run = api.run(run_id)
    assert results(run) == {"load": "SUCCESS", "if": "FAILED"}
    assert "{{tasks.load.values.rows}} stands for nothing" in run["tasks"][1]["state"]["state_message"]


def test_a_plan_that_names_a_condition_decides_it(api: Api, workspace: Emulator, clock: ManualClock) -> None:
    workspace.plan(task="if", outcome="false")
    run_id = api.run_now(api.create(tasks=[condition(), branch("yes", "true")]))
    clock.advance(100)
    assert results(api.run(run_id)) == {"if": "SUCCESS", "yes": "EXCLUDED"}


def test_a_loop_runs_its_task_for_each_input(api: Api, workspace: Emulator, clock: ManualClock) -> None:
    workspace.plan(setup_s=0, run_s=10)
    run_id = api.run_now(api.create(tasks=[loop('["a", {"k": 1}, 3]', concurrency=2), task("after", "each")]))
    clock.advance(5)
    each = api.run(run_id)["tasks"][0]
    assert each["for_each_task"]["stats"]["task_run_stats"] == {
        "total_iterations": 3,
        "scheduled_iterations": 2,
        "active_iterations": 2,
        "completed_iterations": 0,
        "succeeded_iterations": 0,
        "failed_iterations": 0,
    }
    shown = api.get(f"{JOBS}/runs/get", run_id=each["run_id"])
    assert [item["state"]["life_cycle_state"] for item in shown["iterations"]] == ["RUNNING", "RUNNING"]
    clock.advance(100)
    run = api.run(run_id)
    assert results(run) == {"each": "SUCCESS", "after": "SUCCESS"}
    shown = api.get(f"{JOBS}/runs/get", run_id=each["run_id"])
    starts = [item["start_time"] - run["start_time"] for item in shown["iterations"]]
    assert starts == [0, 0, 10_000]
    assert run["tasks"][0]["run_duration"] == 20_000
    one = shown["iterations"][1]
    assert one["task_key"] == "each_one"
    output = api.get(f"{JOBS}/runs/get-output", run_id=one["run_id"])
    assert output["metadata"]["run_id"] == one["run_id"]
    assert output["metadata"]["state"]["result_state"] == "SUCCESS"


def test_inputs_come_from_parameters_and_task_values(api: Api, workspace: Emulator, clock: ManualClock) -> None:
    workspace.plan(task="load", values={"tables": ["x", "y"]})
    looping = loop("{{tasks.load.values.tables}}", notebook_task=_notebook("{{input}}"))
    tasks = [task("load"), {**looping, "depends_on": [{"task_key": "load"}]}]
    run_id = api.run_now(api.create(tasks=tasks))
    clock.advance(100)
    each = api.run(run_id)["tasks"][1]
    shown = api.get(f"{JOBS}/runs/get", run_id=each["run_id"], include_resolved_values="true")
    values = [item["resolved_values"]["notebook_task"]["base_parameters"]["it"] for item in shown["iterations"]]
    assert values == ["x", "y"]


def _notebook(value: str) -> dict[str, Any]:
    return {"notebook_path": "/Shared/n", "base_parameters": {"it": value}}


def test_a_failed_iteration_fails_the_loop_after_all_have_run(
    api: Api, workspace: Emulator, clock: ManualClock
) -> None:
    workspace.plan(task="each_one", attempt=0, result="FAILED", error="no table", setup_s=0, run_s=1)
    run_id = api.run_now(api.create(tasks=[loop("[1, 2]", max_retries=0)]))
    clock.advance(100)
    each = api.run(run_id)["tasks"][0]
    assert each["state"]["result_state"] == "FAILED"
    assert each["for_each_task"]["stats"]["task_run_stats"]["failed_iterations"] == 2
    assert each["for_each_task"]["stats"]["error_message_stats"] == [
        {"error_message": "no table", "termination_category": "FAILED", "count": 2}
    ]


def test_iterations_are_retried_by_themselves(api: Api, workspace: Emulator, clock: ManualClock) -> None:
    workspace.plan(task="each_one", attempt=0, result="FAILED", setup_s=0, run_s=1)
    run_id = api.run_now(api.create(tasks=[loop("[1, 2]", max_retries=1)]))
    clock.advance(100)
    each = api.run(run_id)["tasks"][0]
    assert each["state"]["result_state"] == "SUCCESS"
    iterations = api.get(f"{JOBS}/runs/get", run_id=each["run_id"])["iterations"]
    assert [(item["attempt_number"], item["state"]["result_state"]) for item in iterations] == [
        (0, "FAILED"),
        (1, "SUCCESS"),
    ] * 2
    assert len({item["run_id"] for item in iterations}) == 4


def test_iterations_are_paged_by_a_hundred(api: Api, clock: ManualClock) -> None:
    run_id = api.run_now(api.create(tasks=[loop(str(list(range(150))), concurrency=100)]))
    clock.advance(100)
    each = api.run(run_id)["tasks"][0]["run_id"]
    first = api.get(f"{JOBS}/runs/get", run_id=each)
    second = api.get(f"{JOBS}/runs/get", run_id=each, page_token=first["next_page_token"])
    assert (len(first["iterations"]), len(second["iterations"])) == (100, 50)
    assert "next_page_token" not in second


@pytest.mark.parametrize(
    ("inputs", "result", "message"),
    [
        ("[]", "SUCCESS", ""),
        ("{}", "FAILED", "must be a JSON array"),
        ("[1", "FAILED", "no JSON"),
        ('["' + "x" * 50_000 + '"]', "FAILED", "at most 49152 bytes"),
    ],
)
def test_odd_inputs(api: Api, clock: ManualClock, inputs: str, result: str, message: str) -> None:
    run_id = api.run_now(api.create(tasks=[loop(inputs)]))
    clock.advance(100)
    state = api.run(run_id)["tasks"][0]["state"]
    assert state["result_state"] == result
    assert message in state["state_message"]


def test_a_cancel_stops_iterations_and_starts_no_more(api: Api, workspace: Emulator, clock: ManualClock) -> None:
    workspace.plan(setup_s=0, run_s=10)
    run_id = api.run_now(api.create(tasks=[loop("[1, 2, 3]")]))
    clock.advance(15)
    api.post(f"{JOBS}/runs/cancel", {"run_id": run_id})
    clock.advance(100)
    run = api.run(run_id)
    assert run["state"]["result_state"] == "CANCELED"
    iterations = api.get(f"{JOBS}/runs/get", run_id=run["tasks"][0]["run_id"])["iterations"]
    assert [item["state"]["result_state"] for item in iterations] == ["SUCCESS", "CANCELED", "CANCELED"]


def test_a_loops_time_limit_ends_it(api: Api, workspace: Emulator, clock: ManualClock) -> None:
    workspace.plan(setup_s=0, run_s=10)
    run_id = api.run_now(api.create(tasks=[{**loop("[1, 2, 3]"), "timeout_seconds": 15}]))
    clock.advance(100)
    run = api.run(run_id)
    assert results(run) == {"each": "TIMEDOUT"}
    assert run["tasks"][0]["run_duration"] == 16_000
    assert run["state"]["result_state"] == "FAILED"


def test_a_run_job_task_waits_for_its_run(
    api: Api, client: WorkspaceClient, workspace: Emulator, clock: ManualClock
) -> None:
    workspace.plan(setup_s=0, run_s=10)
    inner = api.create("inner", parameters=[{"name": "day", "default": ""}])
    call = {"job_id": inner, "job_parameters": {"day": "{{job.start_time.iso_date}}"}}
    tasks = [task("before"), {"task_key": "run", "run_job_task": call, "depends_on": [{"task_key": "before"}]}]
    run_id = api.run_now(api.create("outer", tasks=tasks))
    clock.advance(5)
    assert "runs" not in api.get(f"{JOBS}/runs/list", job_id=inner)
    clock.advance(10)
    child = api.get(f"{JOBS}/runs/list", job_id=inner)["runs"][0]
    run = api.run(run_id)
    assert (child["trigger"], child["state"]["life_cycle_state"]) == ("RUN_JOB_TASK", "RUNNING")
    assert child["start_time"] == run["start_time"] + 10_000
    assert child["trigger_info"] == {"run_id": run["tasks"][1]["run_id"]}
    day = datetime.fromtimestamp(run["start_time"] / 1000, UTC).date().isoformat()
    assert child["job_parameters"] == [{"name": "day", "value": day, "default": ""}]
    clock.advance(100)
    assert results(api.run(run_id)) == {"before": "SUCCESS", "run": "SUCCESS"}
    output = client.jobs.get_run_output(run["tasks"][1]["run_id"])
    assert output.run_job_output is not None
    assert output.run_job_output.run_id == child["run_id"]


def outer(api: Api, inner: int, **values: Any) -> int:
    return api.create("outer", tasks=[{"task_key": "run", "run_job_task": {"job_id": inner}, **values}])


def test_a_failed_child_fails_the_task_and_a_retry_makes_another(
    api: Api, workspace: Emulator, clock: ManualClock
) -> None:
    workspace.plan(job="inner", result="FAILED")
    inner = api.create("inner")
    run_id = api.run_now(outer(api, inner, max_retries=1))
    clock.advance(100)
    run = api.run(run_id)
    assert [item["state"]["result_state"] for item in run["tasks"]] == ["FAILED", "FAILED"]
    children = api.get(f"{JOBS}/runs/list", job_id=inner)["runs"]
    assert len(children) == 2
    assert str(children[1]["run_id"]) in run["tasks"][0]["state"]["state_message"]


def test_a_cancel_goes_down_to_the_child(api: Api, workspace: Emulator, clock: ManualClock) -> None:
    workspace.plan(run_s=1000, cancel_s=3)
    inner = api.create("inner")
    run_id = api.run_now(outer(api, inner))
    clock.advance(5)
    api.post(f"{JOBS}/runs/cancel", {"run_id": run_id})
    assert api.run(run_id)["state"]["life_cycle_state"] == "TERMINATING"
    clock.advance(3)
    child = api.get(f"{JOBS}/runs/list", job_id=inner)["runs"][0]
    run = api.run(run_id)
    assert child["state"]["result_state"] == run["state"]["result_state"] == "CANCELED"
    assert run["end_time"] == child["end_time"] == run["start_time"] + 8_000


@pytest.mark.parametrize("where", ["task", "job"])
def test_a_time_limit_above_ends_the_child(api: Api, workspace: Emulator, clock: ManualClock, where: str) -> None:
    workspace.plan(run_s=1000, cancel_s=2)
    inner = api.create("inner")
    tasks = [{"task_key": "run", "run_job_task": {"job_id": inner}}]
    limit = {"timeout_seconds": 30}
    settings: dict[str, Any] = {"tasks": [tasks[0] | limit]} if where == "task" else {"tasks": tasks, **limit}
    run_id = api.run_now(api.create("outer", **settings))
    clock.advance(500)
    run = api.run(run_id)
    child = api.get(f"{JOBS}/runs/list", job_id=inner)["runs"][0]
    assert child["state"]["result_state"] == "CANCELED"
    assert child["end_time"] == run["start_time"] + 32_000
    assert run["tasks"][0]["end_time"] == child["end_time"]
    assert results(run)["run"] == ("TIMEDOUT" if where == "task" else "CANCELED")
    assert run["state"]["result_state"] == ("FAILED" if where == "task" else "TIMEDOUT")


def test_a_child_cancelled_by_itself_cancels_the_task(api: Api, workspace: Emulator, clock: ManualClock) -> None:
    workspace.plan(run_s=1000)
    inner = api.create("inner")
    run_id = api.run_now(outer(api, inner))
    clock.advance(5)
    child = api.get(f"{JOBS}/runs/list", job_id=inner)["runs"][0]["run_id"]
    api.post(f"{JOBS}/runs/cancel", {"run_id": child})
    clock.advance(5)
    assert results(api.run(run_id)) == {"run": "CANCELED"}
    assert api.run(run_id)["state"]["result_state"] == "CANCELED"


def test_a_repair_of_the_child_leaves_the_parent_as_it_ended(api: Api, workspace: Emulator, clock: ManualClock) -> None:
    workspace.plan(job="inner", attempt=0, result="FAILED")
    inner = api.create("inner")
    run_id = api.run_now(outer(api, inner))
    clock.advance(100)
    before = api.run(run_id)
    child = api.get(f"{JOBS}/runs/list", job_id=inner)["runs"][0]["run_id"]
    api.post(f"{JOBS}/runs/repair", {"run_id": child, "rerun_all_failed_tasks": True})
    clock.advance(100)
    assert api.run(child)["state"]["result_state"] == "SUCCESS"
    assert api.run(run_id) == before


def test_a_child_over_the_limit_fails_the_task_unless_it_is_queued(api: Api, clock: ManualClock) -> None:
    inner = api.create("inner")
    api.run_now(inner)
    skipped = api.run_now(outer(api, inner))
    clock.advance(100)
    state = api.run(skipped)["tasks"][0]["state"]
    assert state["result_state"] == "FAILED"
    assert "MAXIMUM_CONCURRENT_RUNS_REACHED" in state["state_message"]
    queueing = api.create("queueing", queue={"enabled": True})
    api.run_now(queueing)
    waiting = api.run_now(outer(api, queueing))
    clock.advance(100)
    run = api.run(waiting)
    assert results(run) == {"run": "SUCCESS"}
    assert run["run_duration"] == 14_000


def test_a_job_that_does_not_exist_cannot_be_run(api: Api, clock: ManualClock) -> None:
    run_id = api.run_now(outer(api, 5))
    clock.advance(100)
    shown = api.run(run_id)["tasks"][0]
    assert shown["state"]["result_state"] == "FAILED"
    assert shown["state"]["state_message"] == "Job 5 does not exist."
    assert shown["status"]["termination_details"]["code"] == "RESOURCE_NOT_FOUND"


def test_a_job_that_runs_itself_comes_to_an_end(api: Api, clock: ManualClock) -> None:
    job_id = api.create("self", max_concurrent_runs=1000)
    tasks = [{"task_key": "run", "run_job_task": {"job_id": job_id}}]
    api.post(f"{JOBS}/update", {"job_id": job_id, "new_settings": {"tasks": tasks}, "fields_to_remove": ["tasks"]})
    run_id = api.run_now(job_id)
    clock.advance(100)
    assert api.run(run_id)["state"]["result_state"] == "FAILED"
    assert len(api.get(f"{JOBS}/runs/list", limit=25)["runs"]) == 11


def test_a_loop_runs_another_job_for_each_input(api: Api, clock: ManualClock) -> None:
    inner = api.create("inner", parameters=[{"name": "n", "default": ""}], max_concurrent_runs=5)
    call = {"job_id": inner, "job_parameters": {"n": "{{input.n}}"}}
    nested = {"task_key": "one", "run_job_task": call}
    each = {"task_key": "each", "for_each_task": {"inputs": '[{"n": 1}, {"n": 2}]', "concurrency": 2, "task": nested}}
    run_id = api.run_now(api.create("outer", tasks=[each]))
    clock.advance(100)
    assert results(api.run(run_id)) == {"each": "SUCCESS"}
    children = api.get(f"{JOBS}/runs/list", job_id=inner)["runs"]
    assert sorted(run["job_parameters"][0]["value"] for run in children) == ["1", "2"]


def test_repairing_a_loop_or_a_call_runs_it_again(api: Api, workspace: Emulator, clock: ManualClock) -> None:
    workspace.plan(job="inner", result="FAILED")
    workspace.plan(task="each_one", result="FAILED")
    inner = api.create("inner")
    call = {"task_key": "run", "run_job_task": {"job_id": inner}}
    run_id = api.run_now(api.create("outer", tasks=[call, loop("[1, 2]")]))
    clock.advance(100)
    assert results(api.run(run_id)) == {"run": "FAILED", "each": "FAILED"}
    workspace.plan(result="SUCCESS")
    workspace.plan(task="each_one", result="SUCCESS")
    api.post(f"{JOBS}/runs/repair", {"run_id": run_id, "rerun_all_failed_tasks": True})
    clock.advance(100)
    run = api.run(run_id)
    assert run["state"]["result_state"] == "SUCCESS"
    loops = [item["run_id"] for item in run["tasks"] if item["task_key"] == "each"]
    found = [api.get(f"{JOBS}/runs/get", run_id=number)["iterations"] for number in loops]
    assert [[item["state"]["result_state"] for item in items] for items in found] == [["FAILED"] * 2, ["SUCCESS"] * 2]
    numbers = [item["run_id"] for items in found for item in items]
    assert len(set(numbers)) == 4
    assert len(api.get(f"{JOBS}/runs/list", job_id=inner)["runs"]) == 2
