"""What the conformance tests talk to: the emulator, or the real workspace that ``DATABRICKS_HOST`` names."""

from __future__ import annotations

import base64
import os
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from databricks.sdk import WorkspaceClient
from databricks.sdk.errors.base import DatabricksError
from databricks.sdk.service.workspace import ImportFormat, Language
from tests.emulator.conformance.snapshots import Snapshot, Transformer

from airbrick.emulator import Emulator, ManualClock

JOBS = "/api/2.2/jobs"
NOTEBOOK = "# Databricks notebook source\nprint('working')\ndbutils.notebook.exit('42 rows')\n"
SNAPSHOTS = Path(os.environ.get("AIRBRICK_SNAPSHOTS") or Path(__file__).with_name("snapshots"))


@dataclass
class Target:
    """A workspace, and what a test made in it.

    :param emulator: None for a real workspace
    :param prefix: begins the names of all that the test makes
    :param folder: workspace folder of the test
    """

    client: WorkspaceClient
    emulator: Emulator | None
    prefix: str
    folder: str
    snapshot: Snapshot
    cleanup: ExitStack = field(default_factory=ExitStack)

    def ask(self, method: str, path: str, /, **values: Any) -> Any:
        """Return an answer as it comes over the wire."""
        query = {name: str(value) for name, value in values.items()} if method == "GET" else None
        return self.client.api_client.do(method, path, query=query, body=None if method == "GET" else values)

    def refusal(self, method: str, path: str, /, **values: Any) -> dict[str, Any]:
        """Return the error that official clients raise."""
        try:
            self.ask(method, path, **values)
        except DatabricksError as error:
            return {"class": type(error).__name__, "error_code": error.error_code, "message": str(error)}
        raise AssertionError(f"{method} {path} was not refused")

    def job(self, **settings: Any) -> int:
        """Make a job of one notebook; it goes when the test ends."""
        path = f"{self.folder}/work"
        content = base64.b64encode(NOTEBOOK.encode()).decode()
        self.client.workspace.import_(
            path, content=content, format=ImportFormat.SOURCE, language=Language.PYTHON, overwrite=True
        )
        task = {"task_key": "work", "notebook_task": {"notebook_path": path}}
        made = self.ask("POST", f"{JOBS}/create", **{"name": f"{self.prefix}-job", "tasks": [task], **settings})
        self.cleanup.callback(self.client.jobs.delete, made["job_id"])
        return int(made["job_id"])

    def finish(self, run_id: int) -> dict[str, Any]:
        """Wait until a run is over, and return it."""
        if self.emulator is not None:
            self.emulator.advance(3600)
        else:
            self.client.jobs.wait_get_run_job_terminated_or_skipped(run_id)
        run = self.ask("GET", f"{JOBS}/runs/get", run_id=run_id)
        assert isinstance(run, dict)
        return run


@contextmanager
def target_of(test: str) -> Iterator[Target]:
    """Give a test its workspace, and clean up what it made.

    :param test: the test's name
    """
    with ExitStack() as stack:
        emulator = None
        if os.environ.get("DATABRICKS_HOST"):
            client = WorkspaceClient()
        else:
            emulator = stack.enter_context(Emulator(clock=ManualClock()))
            emulator.plan(output="42 rows")
            client = WorkspaceClient(host=emulator.host, token=emulator.token)
        user = client.current_user.me().user_name or ""
        prefix = f"airbrick-conformance-{uuid.uuid4().hex[:8]}"
        folder = f"/Users/{user}/{prefix}"
        client.workspace.mkdirs(folder)
        names = {prefix: "<prefix>", user: "<user>", client.config.host or "": "<host>"}
        snapshot = Snapshot(SNAPSHOTS / f"{test}.json", Transformer(names), records=emulator is None)
        target = Target(client, emulator, prefix, folder, snapshot)
        target.cleanup.callback(client.workspace.delete, folder, recursive=True)
        with target.cleanup:
            yield target
        snapshot.save()
