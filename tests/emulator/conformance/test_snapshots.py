"""The machinery that compares the emulator with a real workspace; a second emulator stands in for the real one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.emulator.conformance.snapshots import Snapshot, Transformer

from airbrick.emulator import Emulator, SystemClock

SUITE = Path(__file__).with_name("test_workspace_contract.py")
CHOSEN = "test_a_job_comes_back_with_the_defaults_of_the_workspace"


def run_suite(snapshots: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DATABRICKS_")}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", f"{SUITE}::{CHOSEN}"],
        env={**kept, "AIRBRICK_SNAPSHOTS": str(snapshots), **environment},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_answers_of_the_named_workspace_are_recorded_and_bind_the_emulator(tmp_path: Path) -> None:
    with Emulator(clock=SystemClock(speed=100)) as stand_in:
        recorded = run_suite(tmp_path, **stand_in.environment())
        assert recorded.returncode == 0, recorded.stdout
        (path,) = tmp_path.iterdir()
        text = path.read_text()
        for private in (stand_in.host, stand_in.token, "engineer@example.com", str(2**61)[:6]):
            assert private not in text
        jobs = [record for record in stand_in.requests(path="*/jobs/delete") if record.status == 200]
        assert len(jobs) == 1, "the suite leaves a job behind"
    kept = json.loads(text)
    kept["answers"]["job"]["settings"]["max_concurrent_runs"] = 7
    path.write_text(json.dumps(kept))
    differs = run_suite(tmp_path)
    assert differs.returncode == 1
    assert f"recorded on {kept['recorded']}" in differs.stdout


def test_equal_ids_stay_equal_and_what_differs_each_time_becomes_a_word() -> None:
    transformer = Transformer({"https://w.example": "<host>", "me@example.com": "<user>"})
    value = {
        "job_id": 123,
        "tasks": [{"run_id": 7, "start_time": 5, "end_time": 0, "setup_duration": 9}],
        "job_run_id": 123,
        "task_run_ids": [7, 8],
        "run_page_url": "https://w.example/jobs/123/runs/7?o=1234",
        "creator": "me@example.com",
        "has_more": True,
        "attempt_number": 0,
    }
    assert transformer.apply(value) == {
        "job_id": "<id 1>",
        "tasks": [{"run_id": "<id 2>", "start_time": "<moment>", "end_time": 0, "setup_duration": "<duration>"}],
        "job_run_id": "<id 1>",
        "task_run_ids": ["<id 2>", "<id 3>"],
        "run_page_url": "<host>/jobs/<id 1>/runs/<id 2>?o=1234",
        "creator": "<user>",
        "has_more": True,
        "attempt_number": 0,
    }


def test_nothing_is_written_against_the_emulator(tmp_path: Path) -> None:
    snapshot = Snapshot(tmp_path / "one.json", Transformer({}), records=False)
    snapshot.check("answer", {"a": 1})
    snapshot.save()
    assert list(tmp_path.iterdir()) == []


def test_an_answer_that_differs_from_the_recorded_one_fails(tmp_path: Path) -> None:
    first = Snapshot(tmp_path / "one.json", Transformer({}), records=True)
    first.check("answer", {"a": 1})
    first.save()
    second = Snapshot(tmp_path / "one.json", Transformer({}), records=False)
    second.check("answer", {"a": 1})
    with pytest.raises(AssertionError, match="recorded on"):
        second.check("answer", {"a": 2})
