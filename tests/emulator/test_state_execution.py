"""Executed runs of a workspace that is kept in a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from databricks.sdk import WorkspaceClient
from databricks.sdk.service.jobs import QueueSettings, SparkPythonTask, Task
from tests.emulator.lab import Lab, Lifeline

from airbrick.emulator import Emulator

if TYPE_CHECKING:
    from pathlib import Path


def lab_of(workspace: Emulator) -> Lab:
    return Lab(workspace, WorkspaceClient(host=workspace.host, token=workspace.token))


def script(key: str, **values: object) -> Task:
    return Task(task_key=key, spark_python_task=SparkPythonTask(f"/Shared/{key}.py"), **values)  # type: ignore[arg-type]  # fields of Task


def test_executed_runs_come_back_and_lost_code_fails(tmp_path: Path) -> None:
    with Emulator(execute=True, state=tmp_path / "s") as first:
        lab = Lab(first, WorkspaceClient(host=first.host, token=first.token))
        run, output = lab.script("print('kept')", [])
        line = Lifeline(tmp_path / "pipe")
        lab.upload("/Shared/long.py", line.code)
        lost = lab.start([Task(task_key="long", spark_python_task=SparkPythonTask("/Shared/long.py"), max_retries=1)])
        line.wait_for_word()
    with Emulator(execute=True, state=tmp_path / "s") as second:
        lab = Lab(second, WorkspaceClient(host=second.host, token=second.token))
        assert lab.output(run, "script")["logs"] == output["logs"] == "kept\n"
        attempts = lab.client.jobs.get_run(lost).as_dict()["tasks"]
        assert attempts[0]["state"]["result_state"] == "FAILED"
        assert "was restarted" in attempts[0]["state"]["state_message"]
        assert len(attempts) == 2
        lab.client.jobs.cancel_run(lost)
        second.wait_for_runs(20)


def test_what_had_not_begun_is_executed_after_a_restart(tmp_path: Path) -> None:
    queue = QueueSettings(enabled=True)
    with Emulator(execute=True, state=tmp_path / "s") as first:
        lab, line = lab_of(first), Lifeline(tmp_path / "pipe")
        lab.upload("/Shared/long.py", line.code)
        job_id = lab.client.jobs.create(name="j", tasks=[script("long")], queue=queue).job_id
        runs = [lab.client.jobs.run_now(job_id or 0).run_id or 0 for _ in range(2)]
        line.wait_for_word()
        lab.upload("/Shared/long.py", "print('short')")
    with Emulator(execute=True, state=tmp_path / "s") as second:
        lab = lab_of(second)
        second.wait_for_runs(30)
        lost, queued = (lab.client.jobs.get_run(run_id).as_dict() for run_id in runs)
        assert lost["state"]["result_state"] == "FAILED"
        assert queued["state"]["result_state"] == "SUCCESS"
        assert lab.output(queued, "long")["logs"] == "short\n"


def test_without_execution_what_was_executed_is_cancelled_and_that_is_kept(tmp_path: Path) -> None:
    queue = QueueSettings(enabled=True)
    with Emulator(execute=True, state=tmp_path / "s") as first:
        lab, line = lab_of(first), Lifeline(tmp_path / "pipe")
        lab.upload("/Shared/long.py", line.code)
        job_id = lab.client.jobs.create(name="j", tasks=[script("long", max_retries=3)], queue=queue).job_id or 0
        runs = [lab.client.jobs.run_now(job_id).run_id or 0 for _ in range(2)]
        line.wait_for_word()
    shown = []
    for execute in (False, True):
        with Emulator(execute=execute, state=tmp_path / "s") as workspace:
            lab = lab_of(workspace)
            shown.append([lab.client.jobs.get_run(run_id).as_dict() for run_id in runs])
            assert [run["state"]["result_state"] for run in shown[-1]] == ["CANCELED", "CANCELED"]
    ends = [[run["end_time"] for run in both] for both in shown]
    assert ends[0] == ends[1]


def test_a_repair_without_execution_is_simulated(tmp_path: Path) -> None:
    with Emulator(execute=True, state=tmp_path / "s") as first:
        lab = lab_of(first)
        run, _ = lab.script("raise SystemExit(1)", [])
        assert run["state"]["result_state"] == "FAILED"
    with Emulator(state=tmp_path / "s") as second:
        lab = lab_of(second)
        lab.client.jobs.repair_run(run["run_id"], rerun_all_failed_tasks=True)
        second.advance(100)
        again = lab.client.jobs.get_run(run["run_id"]).as_dict()
        assert again["state"]["result_state"] == "SUCCESS"
        assert "imulated" in again["tasks"][-1]["state"]["state_message"]
