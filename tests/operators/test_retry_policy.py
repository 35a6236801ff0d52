from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from tests.operators.tasks import Airflow

from airbrick.emulator import Emulator
from airbrick.operators import RunRetryPolicy
from airbrick.operators.errors import RunBusyError, RunFailedError, UnavailableError

BUSY = RunBusyError("full", run_id=1, url="")


def context(delay: timedelta) -> Any:
    return {"task": SimpleNamespace(retry_delay=delay)}


@pytest.mark.parametrize(("usual_s", "expected_s"), [(60, 600), (3600, 3600)])
def test_what_is_full_is_tried_again_later_and_a_longer_delay_wins(usual_s: int, expected_s: int) -> None:
    decision = RunRetryPolicy().evaluate(BUSY, 1, 3, context(timedelta(seconds=usual_s)))
    assert decision.retry_delay == timedelta(seconds=expected_s)


def test_a_run_that_failed_by_itself_is_retried_as_usual() -> None:
    decision = RunRetryPolicy().evaluate(RunFailedError("boom", run_id=1, url=""), 1, 3, context(timedelta(seconds=1)))
    assert (decision.action.value, decision.retry_delay) == ("default", None)


def test_an_outage_is_waited_out() -> None:
    error = UnavailableError("https://w", waited_s=120.0, last="503")
    assert RunRetryPolicy(timedelta(minutes=5)).evaluate(error, 1, 3).retry_delay == timedelta(minutes=5)


def test_a_policy_survives_serialisation() -> None:
    policy = RunRetryPolicy(timedelta(minutes=7))
    assert RunRetryPolicy.deserialize(policy.serialize()).busy_delay == timedelta(minutes=7)


def test_airflow_takes_the_delay(airflow: Airflow, workspace: Emulator) -> None:
    workspace.plan(result="FAILED", termination_code="CLUSTER_REQUEST_LIMIT_EXCEEDED")
    task = airflow.dag_run(
        "from airbrick.operators import RunRetryPolicy\n"
        'RunNowOperator(task_id="etl", job="nightly", retries=3, retry_policy=RunRetryPolicy())'
    )
    ended = task.to_the_end(task.attempt())
    assert ended.state == "up_for_retry", ended.error
    assert isinstance(ended.error, RunBusyError)
    assert ended.message.retry_delay_seconds == 600.0
