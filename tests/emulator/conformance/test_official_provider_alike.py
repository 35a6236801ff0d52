"""The official provider in the emulator and in a real workspace alike."""

from __future__ import annotations

import json
import subprocess
from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest
from tests.emulator.provider.environment import Passing, Provider, connection

if TYPE_CHECKING:
    from tests.emulator.conformance.target import Target


@pytest.fixture
def provider(provider_process: subprocess.Popen[str], target: Target) -> Provider:
    config = target.client.config
    if not config.token:
        pytest.skip("needs a personal access token in DATABRICKS_TOKEN")
    return Provider(provider_process, connection(config.host, config.token))


def test_both_hooks_read_the_same_run(target: Target, provider: Provider) -> None:
    job_id = target.job()
    assert provider.call("find_job_id_by_name", f"{target.prefix}-job") == job_id
    run_id = provider.call("run_now", {"job_id": job_id})
    target.finish(run_id)
    state = provider.call("get_run_state", run_id)
    assert state == provider.call_async("a_get_run_state", run_id)
    target.snapshot.check("state", state)


def test_the_deferrable_operator_sees_the_end_of_its_run(target: Target, provider: Provider) -> None:
    with Passing(target.emulator) if target.emulator is not None else nullcontext():
        done = provider.run_deferred(job_id=target.job())
    assert json.loads(done["event"]["run_state"])["result_state"] == "SUCCESS"
    assert done["pushed"]["run_id"] == done["event"]["run_id"]
    target.snapshot.check("event", {**done["event"], "run_state": json.loads(done["event"]["run_state"])})
