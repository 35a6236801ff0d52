import pytest
from tests.operators.helpers import Job, api, posts, runs, wait_until_ended
from tests.operators.tasks import Airflow

from airbrick.emulator import Emulator
from airbrick.operators import cancel_run
from airbrick.operators.errors import RunStillEndingError, UsageError
from airbrick.operators.hook import WorkspaceHook
from airbrick.operators.workspace.clock import Clock

CANCEL = 'CancelRunOperator(task_id="etl", run_id={!r}, {})'


@pytest.fixture
def run_id(workspace: Emulator, job: Job) -> int:
    workspace.plan(run_s=100_000)
    number: int = api(workspace, "POST", "/api/2.2/jobs/run-now", job_id=job.job_id)["run_id"]
    return number


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cancel_run, "_LOOK_S", 0.01)


def test_a_run_is_cancelled_and_seen_to_end(airflow: Airflow, workspace: Emulator, run_id: int) -> None:
    ended = airflow.dag_run(CANCEL.format(run_id, "")).attempt()
    assert ended.state == "success", ended.error
    assert runs(workspace)[0]["state"]["result_state"] == "CANCELED"


def test_the_run_of_another_task_is_named_by_template(airflow: Airflow, workspace: Emulator, run_id: int) -> None:
    ended = airflow.dag_run(CANCEL.format(f"{{{{ {run_id} }}}}", "")).attempt()
    assert ended.state == "success", ended.error


def test_a_run_that_has_ended_is_left_alone(airflow: Airflow, workspace: Emulator, run_id: int) -> None:
    api(workspace, "POST", "/api/2.2/jobs/runs/cancel", run_id=run_id)
    wait_until_ended(workspace, run_id)
    before = posts(workspace, "/api/2.2/jobs/runs/cancel")
    assert airflow.dag_run(CANCEL.format(run_id, "")).attempt().state == "success"
    assert posts(workspace, "/api/2.2/jobs/runs/cancel") == before


def test_a_run_that_does_not_exist_is_as_good_as_cancelled(airflow: Airflow, workspace: Emulator) -> None:
    assert airflow.dag_run(CANCEL.format(12345, "")).attempt().state == "success"


def test_a_run_that_does_not_end_in_time_fails_the_attempt(
    airflow: Airflow, workspace: Emulator, run_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = iter(range(0, 100_000, 50))
    clock = Clock(monotonic=lambda: float(next(ticks)), sleep=lambda _: None)
    monkeypatch.setattr(WorkspaceHook, "clock", clock)
    ended = airflow.dag_run(CANCEL.format(run_id, "timeout=30, retries=1")).attempt()
    assert ended.state == "up_for_retry"
    assert isinstance(ended.error, RunStillEndingError)


def test_without_waiting_the_cancel_is_only_asked_for(airflow: Airflow, workspace: Emulator, run_id: int) -> None:
    ended = airflow.dag_run(CANCEL.format(run_id, "wait_for_termination=False")).attempt()
    assert ended.state == "success"
    assert posts(workspace, "/api/2.2/jobs/runs/cancel") == 1


def test_a_template_that_renders_to_nothing_is_not_retried(airflow: Airflow, workspace: Emulator) -> None:
    ended = airflow.dag_run(CANCEL.format("{{ params.none }}", "params={'none': ''}, retries=3")).attempt()
    assert ended.state == "failed"
    assert isinstance(ended.error, UsageError)
