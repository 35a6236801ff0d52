"""A local Databricks workspace that runs what it is given."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tools.demo.airflow import program
from tools.demo.http import call

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tools.demo.processes import Processes


@dataclass(frozen=True)
class Workspace:
    """The workspace's address and credentials.

    :param host: its address
    :param client_id: OAuth client of its service principal
    :param workspace_id: its id
    """

    host: str
    client_id: str
    workspace_id: str
    client_secret: str = field(repr=False)
    token: str = field(repr=False)

    def secrets(self) -> tuple[str, ...]:
        """Give what must be found nowhere but here and in private files."""
        return (self.client_secret, self.token)

    def jobs(self) -> list[dict[str, Any]]:
        """Every job with its settings."""
        answer = call("GET", f"{self.host}/api/2.2/jobs/list?expand_tasks=true", token=self.token)
        jobs: list[dict[str, Any]] = answer.get("jobs", [])
        return jobs

    def job(self, job_id: str) -> dict[str, Any]:
        """One job."""
        answer: dict[str, Any] = call("GET", f"{self.host}/api/2.2/jobs/get?job_id={job_id}", token=self.token)
        return answer

    def runs(self, job_id: str) -> list[dict[str, Any]]:
        """Every run of a job, newest first, with its tasks."""
        place = f"/api/2.2/jobs/runs/list?job_id={job_id}&expand_tasks=true"
        answer = call("GET", f"{self.host}{place}", token=self.token)
        runs: list[dict[str, Any]] = answer.get("runs", [])
        return runs

    def run(self, run_id: str) -> dict[str, Any]:
        """One run of a job."""
        answer: dict[str, Any] = call("GET", f"{self.host}/api/2.2/jobs/runs/get?run_id={run_id}", token=self.token)
        return answer

    def requests(self) -> list[dict[str, Any]]:
        """Every request that came in, oldest first."""
        answer = call("GET", f"{self.host}/_local/requests")
        requests: list[dict[str, Any]] = answer["requests"]
        return requests


def start(processes: Processes, environ: Mapping[str, str], work: Path, data: Path) -> Path:
    """Start the workspace.

    :param work: folder for the file with its credentials
    :param data: folder that stands for its volumes
    :return: that file; it is there once the workspace is up
    :raises ServiceError: when it does not start
    """
    ready = work / "workspace.json"
    command = [
        program("airbrick"), "emulator", "--port", "0", "--execute",
        "--data-dir", str(data), "--ready-file", str(ready),
    ]  # fmt: skip
    processes.start("workspace", command, environ=environ, cwd=work)
    return ready


def read(ready: Path) -> Workspace | None:
    """Read the credentials; None while the workspace is not up."""
    try:
        values: dict[str, str] = json.loads(ready.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Workspace(**values)
