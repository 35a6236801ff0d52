"""A workspace that executes code, and proof that what it started is gone."""

from __future__ import annotations

import base64
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from databricks.sdk import WorkspaceClient
from databricks.sdk.service import jobs, workspace
from databricks.sdk.service.jobs import NotebookTask, SparkPythonTask, Task

from airbrick.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import Callable

HEADER = "# Databricks notebook source\n"


@dataclass
class Lab:
    workspace: Emulator
    client: WorkspaceClient

    def upload(self, path: str, text: str) -> None:
        content = base64.b64encode(text.encode()).decode()
        self.client.workspace.import_(path, content=content, format=workspace.ImportFormat.AUTO, overwrite=True)

    def start(self, tasks: list[Task], *, parameters: dict[str, str] | None = None, **settings: Any) -> int:
        definitions = [jobs.JobParameterDefinition(name=name, default="") for name in parameters or ()]
        created = self.client.jobs.create(name="job", tasks=tasks, parameters=definitions, **settings)
        assert created.job_id is not None
        run = self.client.jobs.run_now(created.job_id, job_parameters=parameters).run_id
        assert run is not None
        return run

    def run(self, tasks: list[Task], **named: Any) -> dict[str, Any]:
        run_id = self.start(tasks, **named)
        self.workspace.wait_for_runs(30)
        return self.client.jobs.get_run(run_id).as_dict()

    def output(self, run: dict[str, Any], task_key: str) -> dict[str, Any]:
        task_run_id = next(task["run_id"] for task in run["tasks"] if task["task_key"] == task_key)
        return self.client.jobs.get_run_output(task_run_id).as_dict()

    def notebook(self, code: str, **named: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        self.upload("/Shared/note.py", HEADER + code)
        run = self.run([Task(task_key="note", notebook_task=NotebookTask("/Shared/note"))], **named)
        return run, self.output(run, "note")

    def script(self, code: str, arguments: list[str], **named: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        self.upload("/Shared/script.py", code)
        task = Task(task_key="script", spark_python_task=SparkPythonTask("/Shared/script.py", parameters=arguments))
        run = self.run([task], **named)
        return run, self.output(run, "script")


class Lifeline:
    """A named pipe that executed code holds open: its end proves that every process is gone."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.path = path
        self._pipe = os.open(path, os.O_RDONLY | os.O_NONBLOCK)

    def wait_for_word(self, timeout_s: float = 60) -> None:
        self._wait(lambda data: data == b"up", timeout_s)

    def wait_for_end(self, timeout_s: float = 60) -> None:
        self._wait(lambda data: data == b"", timeout_s)
        os.close(self._pipe)

    def _wait(self, done: Callable[[bytes | None], bool], timeout_s: float) -> None:
        deadline_s = time.monotonic() + timeout_s
        while not done(self._read()):
            assert time.monotonic() < deadline_s
            threading.Event().wait(0.01)

    def _read(self) -> bytes | None:
        try:
            return os.read(self._pipe, 100)
        except BlockingIOError:
            return None

    @property
    def code(self) -> str:
        return f"import time\nf = open({str(self.path)!r}, 'w')\nf.write('up')\nf.flush()\ntime.sleep(600)\n"
