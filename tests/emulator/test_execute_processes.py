"""The processes of executed tasks: how they start in turn, and that they always end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.service import jobs
from databricks.sdk.service.jobs import RunIf, SparkPythonTask, Task, TaskDependency
from tests.emulator.lab import Lab, Lifeline

from airbrick.emulator import Emulator, ManualClock


def test_a_cancel_kills_the_whole_process_group(lab: Lab, tmp_path: Path) -> None:
    line = Lifeline(tmp_path / "alive")
    child = f"import subprocess, sys, time\nsubprocess.Popen([sys.executable, '-c', {line.code!r}])\ntime.sleep(600)"
    lab.upload("/Shared/long.py", child)
    run_id = lab.start([Task(task_key="long", spark_python_task=SparkPythonTask("/Shared/long.py"))])
    line.wait_for_word()
    lab.client.jobs.cancel_run(run_id)
    line.wait_for_end()
    lab.workspace.wait_for_runs(30)
    run = lab.client.jobs.get_run(run_id).as_dict()
    assert run["state"]["result_state"] == "CANCELED"
    assert run["tasks"][0]["state"]["result_state"] == "CANCELED"
    assert run["status"]["termination_details"]["code"] == "USER_CANCELED"


def test_code_that_ignores_the_request_to_end_is_killed(lab: Lab, tmp_path: Path) -> None:
    line = Lifeline(tmp_path / "alive")
    lab.upload("/Shared/long.py", "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + line.code)
    run_id = lab.start([Task(task_key="long", spark_python_task=SparkPythonTask("/Shared/long.py"))])
    line.wait_for_word()
    lab.client.jobs.cancel_run(run_id)
    line.wait_for_end()


@pytest.mark.parametrize("level", ["job", "task"])
def test_a_timeout_on_the_clock_kills_the_task(level: str, tmp_path: Path) -> None:
    clock = ManualClock()
    line = Lifeline(tmp_path / "alive")
    with Emulator(clock=clock, execute=True) as emulator:
        lab = Lab(emulator, WorkspaceClient(host=emulator.host, token=emulator.token))
        lab.upload("/Shared/long.py", line.code)
        task = Task(task_key="long", spark_python_task=SparkPythonTask("/Shared/long.py"))
        settings: dict[str, Any] = {}
        if level == "task":
            task.timeout_seconds = 60
        else:
            settings["timeout_seconds"] = 60
        run_id = lab.start([task], **settings)
        line.wait_for_word()
        clock.advance(61)
        line.wait_for_end()
        emulator.wait_for_runs(30)
        run = lab.client.jobs.get_run(run_id).as_dict()
    assert run["state"]["result_state"] == ("TIMEDOUT" if level == "job" else "FAILED")
    assert run["tasks"][0]["state"]["result_state"] == ("CANCELED" if level == "job" else "TIMEDOUT")


def test_stopping_the_emulator_kills_what_it_executes(tmp_path: Path) -> None:
    line = Lifeline(tmp_path / "alive")
    emulator = Emulator(execute=True)
    emulator.start()
    lab = Lab(emulator, WorkspaceClient(host=emulator.host, token=emulator.token))
    lab.upload("/Shared/long.py", line.code)
    lab.start([Task(task_key="long", spark_python_task=SparkPythonTask("/Shared/long.py"))])
    line.wait_for_word()
    emulator.stop()
    line.wait_for_end()


def test_code_ends_when_the_emulator_is_killed(tmp_path: Path) -> None:
    line = Lifeline(tmp_path / "alive")
    ready = tmp_path / "ready.json"
    command = [sys.executable, "-m", "airbrick.cli", "emulator", "--execute", "--port", "0", "--ready-file", str(ready)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": str(tmp_path)}
    ) as server:
        assert server.stdout is not None
        assert "ready" in server.stdout.readline()
        values = json.loads(ready.read_text())
        lab = Lab(Emulator(), WorkspaceClient(host=values["host"], token=values["token"]))
        lab.upload("/Shared/long.py", line.code)
        lab.start([Task(task_key="long", spark_python_task=SparkPythonTask("/Shared/long.py"))])
        line.wait_for_word()
        server.kill()
        line.wait_for_end()


def test_a_queued_run_is_executed_when_the_one_before_it_ended(lab: Lab, tmp_path: Path) -> None:
    gates = [tmp_path / "one", tmp_path / "two"]
    lab.upload("/Shared/gated.py", "import sys\nprint(open(sys.argv[1]).read())")
    file = SparkPythonTask("/Shared/gated.py", parameters=["{{job.parameters.gate}}"])
    job_id = lab.client.jobs.create(
        name="j",
        tasks=[Task(task_key="t", spark_python_task=file)],
        parameters=[jobs.JobParameterDefinition(name="gate", default="")],
        queue=jobs.QueueSettings(enabled=True),
    ).job_id
    assert job_id is not None
    runs = []
    for gate in gates:
        os.mkfifo(gate)
        runs.append(lab.client.jobs.run_now(job_id, job_parameters={"gate": str(gate)}).run_id or 0)
    assert lab.client.jobs.get_run(runs[1]).as_dict()["state"]["life_cycle_state"] == "QUEUED"
    for gate in gates:
        gate.write_text(gate.name)
    lab.workspace.wait_for_runs(30)
    logs = [lab.output(lab.client.jobs.get_run(run_id).as_dict(), "t")["logs"] for run_id in runs]
    assert logs == ["one\n", "two\n"]


def test_code_sees_neither_the_emulators_environment_nor_its_input(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_SHELL", "s3cret")
    _, output = lab.script("import os, sys\nprint(sorted(os.environ))\nprint(repr(sys.stdin.read()))", [])
    assert "SECRET_OF_THE_SHELL" not in output["logs"]
    assert "AIRBRICK_DATA" in output["logs"]
    assert output["logs"].endswith("''\n")


def test_no_thread_or_folder_is_left_behind() -> None:
    before = set(threading.enumerate())
    with Emulator(execute=True) as emulator:
        lab = Lab(emulator, WorkspaceClient(host=emulator.host, token=emulator.token))
        _, output = lab.script("import os\nprint(os.environ['AIRBRICK_DATA'])", [])
        data = output["logs"].strip()
        assert Path(data).is_dir()
    assert not Path(data).exists()
    assert set(threading.enumerate()) <= before


def test_who_waits_for_all_runs_meets_none_that_has_not_begun(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []
    started = threading.Thread.start

    def start(thread: threading.Thread) -> None:
        if thread.name.startswith("airbrick-run-"):
            lab.workspace.wait_for_runs(0)
            begun.append(thread.name)
        started(thread)

    monkeypatch.setattr(threading.Thread, "start", start)
    lab.script("print(1)", [])
    assert len(begun) == 1


def test_a_cancel_counts_even_when_the_clock_stands(tmp_path: Path) -> None:
    line = Lifeline(tmp_path / "alive")
    with Emulator(clock=ManualClock(), execute=True) as emulator:
        lab = Lab(emulator, WorkspaceClient(host=emulator.host, token=emulator.token))
        lab.upload("/Shared/long.py", line.code)
        run_id = lab.start([Task(task_key="long", spark_python_task=SparkPythonTask("/Shared/long.py"))])
        line.wait_for_word()
        lab.client.jobs.cancel_run(run_id)
        line.wait_for_end()
        emulator.wait_for_runs(30)
        run = lab.client.jobs.get_run(run_id).as_dict()
    assert run["state"]["result_state"] == "CANCELED"
    assert run["tasks"][0]["state"]["result_state"] == "CANCELED"


def test_a_repair_before_the_end_was_noticed_executes_the_code_once(tmp_path: Path) -> None:
    done, log = tmp_path / "done", tmp_path / "log"
    code = f"import os, time\nopen({str(log)!r}, 'a').write('x')\ntime.sleep(0.2)\nos.stat({str(done)!r})"
    with Emulator(clock=ManualClock(), execute=True) as emulator:
        lab = Lab(emulator, WorkspaceClient(host=emulator.host, token=emulator.token))
        lab.upload("/Shared/once.py", code)
        file = SparkPythonTask("/Shared/once.py")
        task = Task(task_key="once", spark_python_task=file, max_retries=1, min_retry_interval_millis=600_000)
        run_id = lab.start([task])
        deadline_s = time.monotonic() + 60
        while len(lab.client.jobs.get_run(run_id).tasks or ()) < 2:
            assert time.monotonic() < deadline_s
            threading.Event().wait(0.01)
        done.touch()
        lab.client.jobs.cancel_run(run_id)
        lab.client.jobs.repair_run(run_id, rerun_tasks=["once"])
        emulator.wait_for_runs(30)
        assert lab.client.jobs.get_run(run_id).as_dict()["state"]["result_state"] == "SUCCESS"
    assert log.read_text() == "xx"


def test_a_defect_ends_the_run_with_all_its_retries(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("airbrick.emulator.execute.engine.program_of", None)
    lab.upload("/Shared/never.py", "")
    never = Task(task_key="never", spark_python_task=SparkPythonTask("/Shared/never.py"), max_retries=2)
    after = Task(
        task_key="after",
        spark_python_task=SparkPythonTask("/Shared/never.py"),
        depends_on=[TaskDependency("never")],
        run_if=RunIf.ALL_DONE,
    )
    run = lab.run([never, after])
    assert [item["state"]["result_state"] for item in run["tasks"]] == ["FAILED"] * 4
    assert "Defect" in run["tasks"][0]["state"]["state_message"]
    assert "TypeError" in capsys.readouterr().err
