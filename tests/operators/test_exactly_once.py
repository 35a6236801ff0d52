"""Exactly one run for each attempt, on a real Airflow, whatever crashes."""

import time
from typing import Any

import pytest
from tests.operators.dying import die_before
from tests.operators.helpers import Job, api, posts, provision, runs, tokens, wait_until_ended
from tests.operators.tasks import Airflow

from airbrick.emulator import Emulator, SystemClock
from airbrick.operators import execution
from airbrick.operators.announce import Announcer
from airbrick.operators.execution import Execution
from airbrick.operators.submission.record import Record, RecordStore
from airbrick.operators.submission.submit import Submission
from airbrick.operators.workspace.client import WorkspaceClient

ETL = 'RunNowOperator(task_id="etl", job="nightly", retries=3)'
RUN_NOW = "/api/2.2/jobs/run-now"


def one(workspace: Emulator) -> dict[str, Any]:
    (run,) = runs(workspace)
    return run


@pytest.mark.parametrize(
    ("owner", "name", "call"),
    [
        pytest.param(RecordStore, "write", 1, id="before the intent"),
        pytest.param(Submission, "_request", 1, id="before the request"),
        pytest.param(RecordStore, "write", 2, id="before the answer is stored"),
        pytest.param(Announcer, "started", 1, id="before the link"),
        pytest.param(WorkspaceClient, "run", 1, id="before the first look"),
        pytest.param(Execution, "_wait", 1, id="before deferring"),
    ],
)
def test_a_worker_that_dies_at_any_step_leaves_one_run_and_its_successor_finds_it(  # noqa: PLR0917 -- fixtures
    owner: type, name: str, call: int, airflow: Airflow, workspace: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.plan(run_s=100)
    task = airflow.dag_run(ETL)
    with monkeypatch.context() as dying:
        die_before(dying, owner, name, call=call)
        assert task.attempt().state == "up_for_retry"
    workspace.forget()
    workspace.plan(run_s=10)
    ended = task.to_the_end(task.attempt())
    assert ended.state == "success", ended.error
    assert task.xcoms()["run_id"] == one(workspace)["run_id"]


def test_a_worker_that_dies_while_the_run_succeeds_reports_that_run(airflow: Airflow, workspace: Emulator) -> None:
    workspace.plan(run_s=60, output='{"rows": 3}')
    task = airflow.dag_run(ETL)
    assert task.attempt().state == "deferred"
    run = wait_until_ended(workspace, one(workspace)["run_id"])
    ended = task.attempt()
    assert ended.state == "success", ended.error
    assert task.xcoms()["return_value"] == {"rows": 3}
    assert one(workspace)["run_id"] == run["run_id"]


@pytest.mark.parametrize("preset", ["lost_ack", "half_body", "outage", "throttle", "token_expired"])
@pytest.mark.parametrize("path", [RUN_NOW, "/api/2.2/jobs/runs/*"])
def test_faults_on_the_way_leave_one_run(preset: str, path: str, airflow: Airflow, workspace: Emulator) -> None:
    workspace.fault(preset, path=path, times=1 if preset == "token_expired" else 2)
    task = airflow.dag_run(ETL)
    ended = task.to_the_end(task.attempt())
    assert ended.state == "success", ended.error
    one(workspace)


def test_a_retry_after_a_failed_run_starts_another_under_the_next_token(airflow: Airflow, workspace: Emulator) -> None:
    workspace.plan(result="FAILED", error="boom")
    task = airflow.dag_run(ETL)
    first = task.to_the_end(task.attempt())
    assert first.state == "up_for_retry"
    workspace.plan(result="SUCCESS")
    second = task.to_the_end(task.attempt())
    assert second.state == "success", second.error
    assert len(runs(workspace)) == 2
    assert len(set(tokens(workspace))) == posts(workspace) == 2


def test_clearing_a_task_that_succeeded_runs_the_job_again(airflow: Airflow, workspace: Emulator) -> None:
    task = airflow.dag_run(ETL)
    assert task.to_the_end(task.attempt()).state == "success"
    task.clear()
    assert task.to_the_end(task.attempt()).state == "success"
    assert len(runs(workspace)) == 2


def test_a_run_whose_answer_comes_when_the_task_is_cleared_already_is_cancelled(
    airflow: Airflow, workspace: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.plan(run_s=100_000)
    task = airflow.dag_run(ETL)
    write = RecordStore.write

    def cleared(store: RecordStore, record: Record) -> None:
        if record.run_id is not None:
            task.clear()
        write(store, record)

    with monkeypatch.context() as clearing:
        clearing.setattr(RecordStore, "write", cleared)
        # Airflow takes nothing of the earlier attempt any more.
        assert task.attempt().state == "up_for_retry"
    first = one(workspace)["run_id"]
    assert wait_until_ended(workspace, first)["state"]["result_state"] == "CANCELED"


@pytest.mark.parametrize("trigger_failed", [False, True])
def test_clearing_a_task_while_it_reports_runs_the_job_again(
    trigger_failed: bool, airflow: Airflow, workspace: Emulator
) -> None:
    task = airflow.dag_run(ETL)
    event = task.watch(task.attempt())
    task.set_state("running")
    task.clear()
    again = task.trigger_failed(new_attempt=True) if trigger_failed else task.resume(event, new_attempt=True)
    ended = task.to_the_end(again)
    assert ended.state == "success", ended.error
    assert len(runs(workspace)) == 2


def test_clearing_after_retries_were_lowered_runs_the_job_again(airflow: Airflow, workspace: Emulator) -> None:
    body = 'RunNowOperator(task_id="etl", job="nightly", retries={})'
    dag_id, path = airflow.write_dag(body.format(1))
    task = airflow.start(dag_id, path, task_id="etl", run_id="manual__lowered")
    assert task.to_the_end(task.attempt()).state == "success"
    path.write_text(path.read_text().replace("retries=1", "retries=0"))
    task = airflow.reload(task)
    task.clear()
    ended = task.to_the_end(task.attempt())
    assert ended.state == "success", ended.error
    first, second = tokens(workspace)
    assert first != second
    assert len(runs(workspace)) == 2


def test_clearing_while_the_run_goes_on_ends_it_before_the_next_starts(airflow: Airflow, workspace: Emulator) -> None:
    workspace.plan(run_s=100_000)
    task = airflow.dag_run(ETL)
    assert task.attempt().state == "deferred"
    old = one(workspace)["run_id"]
    task.clear()
    workspace.plan(run_s=5)
    ended = task.to_the_end(task.attempt())
    assert ended.state == "success", ended.error
    by_id = {run["run_id"]: run for run in runs(workspace)}
    assert len(by_id) == 2
    assert by_id[old]["state"]["result_state"] == "CANCELED"
    (new,) = by_id.keys() - {old}
    assert by_id[new]["start_time"] >= by_id[old]["end_time"]


def test_clearing_after_an_answer_was_lost_for_good_leaves_no_orphan(
    airflow: Airflow, workspace: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.plan(run_s=100_000)
    task = airflow.dag_run(ETL)
    with monkeypatch.context() as dying:
        die_before(dying, RecordStore, "write", call=2)
        task.attempt()
    orphan = one(workspace)["run_id"]
    task.clear()
    workspace.plan(run_s=5)
    ended = task.to_the_end(task.attempt())
    assert ended.state == "success", ended.error
    results = {run["run_id"]: run["state"]["result_state"] for run in runs(workspace)}
    assert results.pop(orphan) == "CANCELED"
    assert list(results.values()) == ["SUCCESS"]


def test_clearing_after_the_request_never_arrived_starts_no_run_to_cancel(
    airflow: Airflow, workspace: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = airflow.dag_run(ETL)
    with monkeypatch.context() as dying:
        die_before(dying, Submission, "_request")
        task.attempt()
    task.clear()
    assert task.to_the_end(task.attempt()).state == "success"
    assert one(workspace)["state"]["result_state"] == "SUCCESS"


def test_a_dag_run_made_again_under_its_old_id_does_not_report_the_old_success(
    airflow: Airflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Real time: the check compares the run's start with the dag run's.
    with Emulator(clock=SystemClock()) as workspace:
        workspace.plan(setup_s=0, run_s=0)
        job = provision(workspace, "nightly")
        other = Airflow(airflow.dags, workspace, monkeypatch)
        other.connect()
        other.write_contract([job])
        task = other.dag_run(ETL)
        assert task.to_the_end(task.attempt()).state == "success"
        other.delete_dag_run(task)
        time.sleep(3.1)  # clocks are compared to two seconds
        again = other.again(task)
        ended = again.to_the_end(again.attempt())
        assert ended.state == "success", ended.error
        first, *_, last = tokens(workspace)
        assert first != last
        assert len(runs(workspace)) == 2


def test_each_mapped_task_instance_has_its_own_run(airflow: Airflow, workspace: Emulator) -> None:
    body = """
    RunNowOperator.partial(task_id="etl", job="nightly").expand(
        job_parameters=[{"run_date": "2026-01-01"}, {"run_date": "2026-01-02"}]
    )
    """
    dag_id, path = airflow.write_dag(body)
    first = airflow.start(dag_id, path, task_id="etl", run_id="manual__mapped")
    for index in (0, 1):
        task = airflow.expanded(first, index)
        ended = task.to_the_end(task.attempt())
        assert ended.state == "success", ended.error
    assert len(set(tokens(workspace))) == 2
    dates = sorted(request.body["job_parameters"]["run_date"] for request in workspace.requests("POST", RUN_NOW))
    assert dates == ["2026-01-01", "2026-01-02"]


def test_two_deployments_that_share_a_workspace_start_their_own_runs(airflow: Airflow, workspace: Emulator) -> None:
    task = airflow.dag_run(ETL)
    for deployment in ("dev", "prod"):
        airflow.connect(
            conn_type="databricks",
            host=workspace.host,
            password=workspace.token,
            extra={"airbrick_deployment": deployment},
        )
        airflow.delete_dag_run(task)
        task = airflow.again(task)
        assert task.to_the_end(task.attempt()).state == "success"
    assert len(set(tokens(workspace))) == 2


def test_a_run_deleted_in_databricks_is_replaced_on_retry(airflow: Airflow, workspace: Emulator, job: Job) -> None:
    workspace.plan(run_s=100_000)
    task = airflow.dag_run(ETL)
    deferred = task.attempt()
    assert deferred.state == "deferred"
    old = one(workspace)["run_id"]
    api(workspace, "POST", "/api/2.2/jobs/runs/cancel", run_id=old)
    wait_until_ended(workspace, old)
    workspace.fault(
        None,
        path="/api/2.2/jobs/runs/get",
        status=400,
        error_code="INVALID_PARAMETER_VALUE",
        message=f"Run {old} does not exist.",
    )
    workspace.plan(run_s=5)
    ended = task.to_the_end(task.attempt())
    assert ended.state == "success", ended.error
    assert len(runs(workspace)) == 2


@pytest.mark.parametrize("body", [{"error_code": "ENDPOINT_NOT_FOUND", "message": "No API found"}, {}])
def test_a_404_of_a_proxy_or_router_does_not_mean_that_the_run_is_gone(
    body: dict[str, str], airflow: Airflow, workspace: Emulator
) -> None:
    workspace.plan(run_s=100_000)
    task = airflow.dag_run(ETL)
    assert task.attempt().state == "deferred"
    workspace.fault(path="/api/2.2/jobs/runs/get", status=404, body=body, times=1)
    task.attempt()
    assert task.attempt().state == "deferred"
    assert one(workspace)["run_id"] == task.xcoms()["run_id"]


@pytest.mark.parametrize("path", [RUN_NOW, "/api/2.2/jobs/runs/get"])
def test_a_success_that_says_nothing_is_asked_again(path: str, airflow: Airflow, workspace: Emulator) -> None:
    workspace.plan(run_s=100_000)
    workspace.fault(path=path, status=200, body={}, when="after", times=1)
    task = airflow.dag_run('RunNowOperator(task_id="etl", job="nightly")')
    assert task.attempt().state == "deferred"
    assert one(workspace)["run_id"] == task.xcoms()["run_id"]


class TestWithoutStateStore:
    """Airflow 3.1 and 3.2 have no task state store: the token alone must do."""

    @pytest.fixture(autouse=True)
    def _no_store(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(execution, "record_store", lambda _: RecordStore(None))

    def test_a_worker_that_dies_is_followed_by_one_that_finds_its_run(
        self, airflow: Airflow, workspace: Emulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        workspace.plan(run_s=100)
        task = airflow.dag_run(ETL)
        with monkeypatch.context() as dying:
            die_before(dying, Announcer, "started")
            assert task.attempt().state == "up_for_retry"
        ended = task.to_the_end(task.attempt())
        assert ended.state == "success", ended.error
        one(workspace)

    def test_a_retry_after_a_failed_run_starts_another(self, airflow: Airflow, monkeypatch: pytest.MonkeyPatch) -> None:
        # Real time: without a store, the start of the attempt tells its runs from earlier ones.
        with Emulator(clock=SystemClock()) as workspace:
            real = Airflow(airflow.dags, workspace, monkeypatch)
            real.connect()
            real.write_contract([provision(workspace, "nightly")])
            workspace.plan(setup_s=0, run_s=0, result="FAILED")
            task = real.dag_run(ETL)
            assert task.to_the_end(task.attempt()).state == "up_for_retry"
            time.sleep(3.1)  # clocks are compared to two seconds
            workspace.plan(setup_s=0, run_s=0)
            ended = task.to_the_end(task.attempt())
            assert ended.state == "success", ended.error
            assert len(runs(workspace)) == 2

    def test_after_a_failed_trigger_the_worker_waits_for_the_run(self, airflow: Airflow, workspace: Emulator) -> None:
        workspace.plan(run_s=150, output="5")
        task = airflow.dag_run(ETL)
        assert task.attempt().state == "deferred"
        ended = task.trigger_failed()
        assert ended.state == "success", ended.error
        assert task.xcoms()["return_value"] == 5
        assert posts(workspace) == 1

    def test_after_a_failed_trigger_a_mapped_task_waits_for_its_own_run(
        self, airflow: Airflow, workspace: Emulator
    ) -> None:
        workspace.plan(run_s=150)
        airflow.write_contract([provision(workspace, "many", parameters={"day": ""}, max_concurrent_runs=2)])
        dag_id, path = airflow.write_dag(
            'RunNowOperator.partial(task_id="etl", job="many").expand(job_parameters=[{"day": "1"}, {"day": "2"}])'
        )
        first = airflow.start(dag_id, path, task_id="etl", run_id="manual__mapped_own")
        for task in [airflow.expanded(first, 0), airflow.expanded(first, 1)]:
            assert task.attempt().state == "deferred"
        ended = task.trigger_failed()
        assert ended.state == "success", ended.error
        assert runs(workspace)[0]["run_id"] == task.xcoms()["run_id"]

    def test_without_any_trace_of_the_run_the_next_attempt_finds_it(
        self, airflow: Airflow, workspace: Emulator
    ) -> None:
        workspace.plan(run_s=150)
        task = airflow.dag_run(ETL.replace(")", ", do_xcom_push=False)"))
        assert task.attempt().state == "deferred"
        assert task.trigger_failed().state == "up_for_retry"
        assert task.to_the_end(task.attempt()).state == "success"
        one(workspace)
