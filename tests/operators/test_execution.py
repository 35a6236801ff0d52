"""What a task does with its run, on a real Airflow: results, refusals, errors, lost triggers."""

import json
from typing import Any

import pytest
from tests.operators.helpers import Job, api, contract_of, impatient, posts, provision, runs, wait_until_ended
from tests.operators.tasks import Airflow, Ended, trigger_of

from airbrick.contract import FINGERPRINT_TAG, dumps
from airbrick.contract import Workspace as ContractWorkspace
from airbrick.emulator import Emulator
from airbrick.operators.errors import (
    ConnectionMissingError,
    ConnectionSettingsError,
    ContractMissingError,
    JobDeletedError,
    ParameterValueError,
    RefusedError,
    RunFailedError,
    RunLostError,
    RunRejectedError,
    RunUnwatchedError,
    StaleContractError,
    UnknownParameterError,
    UsageError,
    WrongWorkspaceError,
)

ETL = 'RunNowOperator(task_id="etl", job="nightly", retries=3)'
LONG_S = 100_000


def refused(ended: Ended, kind: type[BaseException], workspace: Emulator, *, asked: int = 0) -> str:
    """Expect an error that is not retried, and no run."""
    assert ended.state == "failed", ended.error
    assert isinstance(ended.error, kind)
    assert posts(workspace) == asked
    return str(ended.error)


class TestResults:
    def test_json_comes_back_decoded(self, airflow: Airflow, workspace: Emulator) -> None:
        workspace.plan(output=json.dumps({"rows": 12, "largest": 2**60, "name": "Île"}))
        task = airflow.dag_run(ETL)
        assert task.to_the_end(task.attempt()).state == "success"
        assert task.xcoms()["return_value"] == {"rows": 12, "largest": 2**60, "name": "Île"}

    def test_a_named_task_gives_the_result(self, airflow: Airflow, workspace: Emulator) -> None:
        job = provision(workspace, "two", tasks=["first", "second"])
        airflow.write_contract([job])
        workspace.plan(task="first", output="1")
        workspace.plan(task="second", output="2", run_s=50)
        last = airflow.dag_run('RunNowOperator(task_id="etl", job="two")')
        named = airflow.dag_run('RunNowOperator(task_id="etl", job="two", result_task="first")')
        for task, value in ((last, 2), (named, 1)):
            assert task.to_the_end(task.attempt()).state == "success"
            assert task.xcoms()["return_value"] == value

    def test_without_xcoms_only_the_link_is_pushed(self, airflow: Airflow, workspace: Emulator) -> None:
        workspace.plan(output="1")
        task = airflow.dag_run('RunNowOperator(task_id="etl", job="nightly", do_xcom_push=False)')
        assert task.to_the_end(task.attempt()).state == "success"
        assert set(task.xcoms()) == {"_link_RunLink"}
        assert not workspace.requests(path="/api/2.2/jobs/runs/get-output")

    def test_the_link_is_there_while_the_task_is_deferred(
        self, airflow: Airflow, workspace: Emulator, capsys: pytest.CaptureFixture[str]
    ) -> None:
        workspace.plan(run_s=LONG_S)
        task = airflow.dag_run(ETL)
        assert task.attempt().state == "deferred"
        xcoms = task.xcoms()
        (run,) = runs(workspace)
        assert xcoms["run_id"] == run["run_id"]
        assert xcoms["_link_RunLink"] == xcoms["run_page_url"] == run["run_page_url"]
        assert capsys.readouterr().out.count(f"run {run['run_id']}: {run['run_page_url']}") == 1

    def test_without_waiting_the_task_ends_when_the_run_is_started(self, airflow: Airflow, workspace: Emulator) -> None:
        workspace.plan(run_s=LONG_S)
        task = airflow.dag_run('RunNowOperator(task_id="etl", job="nightly", wait_for_termination=False)')
        assert task.attempt().state == "success"
        assert runs(workspace)[0]["state"]["life_cycle_state"] in {"PENDING", "RUNNING"}

    def test_a_worker_may_wait_itself(self, airflow: Airflow, workspace: Emulator) -> None:
        workspace.plan(output="7")
        workspace.fault("outage", path="/api/2.2/jobs/runs/get", skip=1, times=2)
        task = airflow.dag_run('RunNowOperator(task_id="etl", job="nightly", deferrable=False)')
        ended = task.attempt()
        assert ended.state == "success", ended.error
        assert task.xcoms()["return_value"] == 7
        assert posts(workspace) == 1

    def test_parameters_are_rendered_and_sent_as_text(self, airflow: Airflow, workspace: Emulator) -> None:
        task = airflow.dag_run(
            'RunNowOperator(task_id="etl", job="nightly", job_parameters={"run_date": "{{ run_id }}", "région": 5})'
        )
        assert task.to_the_end(task.attempt()).state == "success"
        (request,) = workspace.requests("POST", "/api/2.2/jobs/run-now")
        assert request.body["job_parameters"] == {"run_date": task.run_id, "région": "5"}

    def test_a_job_id_runs_a_job_no_contract_names(self, airflow: Airflow, workspace: Emulator, job: Job) -> None:
        task = airflow.dag_run(f'RunNowOperator(task_id="etl", job_id="{{{{ {job.job_id} }}}}")')
        ended = task.to_the_end(task.attempt())
        assert ended.state == "success", ended.error
        assert not workspace.requests(path="/api/2.2/jobs/get")

    def test_the_contract_may_come_from_an_airflow_variable(
        self, airflow: Airflow, workspace: Emulator, job: Job, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        airflow.remove()
        monkeypatch.setenv("AIRFLOW_VAR_AIRBRICK_CONTRACT", dumps(contract_of(workspace, [job])))
        task = airflow.dag_run(ETL)
        ended = task.to_the_end(task.attempt())
        assert ended.state == "success", ended.error


class TestRefusals:
    def test_a_connection_to_another_host(self, airflow: Airflow, workspace: Emulator, job: Job) -> None:
        airflow.write_contract([job], workspace=ContractWorkspace("https://other.example.com", None))
        task = airflow.dag_run(ETL)
        text = refused(task.attempt(), WrongWorkspaceError, workspace)
        assert "https://other.example.com" in text
        assert workspace.host in text

    def test_a_connection_to_another_workspace_of_the_host(
        self, airflow: Airflow, workspace: Emulator, job: Job
    ) -> None:
        airflow.write_contract([job], workspace=ContractWorkspace(workspace.host, "42"))
        assert "workspace 42" in refused(airflow.dag_run(ETL).attempt(), WrongWorkspaceError, workspace)

    def test_a_deleted_job(self, airflow: Airflow, workspace: Emulator, job: Job) -> None:
        api(workspace, "POST", "/api/2.2/jobs/delete", job_id=job.job_id)
        text = refused(airflow.dag_run(ETL).attempt(), JobDeletedError, workspace)
        assert str(job.job_id) in text
        assert "pulumi up" in text

    def test_a_deleted_job_named_by_id(self, airflow: Airflow, workspace: Emulator, job: Job) -> None:
        api(workspace, "POST", "/api/2.2/jobs/delete", job_id=job.job_id)
        task = airflow.dag_run(f'RunNowOperator(task_id="etl", job_id={job.job_id}, retries=3)')
        refused(task.attempt(), JobDeletedError, workspace, asked=1)

    @pytest.mark.parametrize("on_stale", ["warn", "fail"])
    def test_a_job_that_changed_since_the_contract_was_written(
        self, on_stale: str, airflow: Airflow, workspace: Emulator, capfd: pytest.CaptureFixture[str]
    ) -> None:
        job = provision(workspace, "stale", tags={FINGERPRINT_TAG: "new"}, fingerprint="sha256:old")
        airflow.write_contract([job])
        task = airflow.dag_run(f'RunNowOperator(task_id="etl", job="stale", on_stale="{on_stale}", retries=3)')
        ended = task.attempt()
        if on_stale == "fail":
            refused(ended, StaleContractError, workspace)
            return
        assert task.to_the_end(ended).state == "success"
        assert "job 'stale' changed in the workspace" in capfd.readouterr().out

    @pytest.mark.parametrize("refusal", [StaleContractError, JobDeletedError, WrongWorkspaceError])
    def test_a_run_that_goes_on_is_watched_whatever_a_new_one_would_be_refused_for(
        self, refusal: type[RefusedError], airflow: Airflow, workspace: Emulator
    ) -> None:
        job = provision(workspace, "kept", tags={FINGERPRINT_TAG: "old"}, fingerprint="sha256:old")
        airflow.write_contract([job])
        workspace.plan(setup_s=0, run_s=600, result="FAILED")
        task = airflow.dag_run('RunNowOperator(task_id="etl", job="kept", on_stale="fail", retries=3)')
        assert task.attempt().state == "deferred"
        if refusal is StaleContractError:
            tags = {FINGERPRINT_TAG: "new"}
            api(workspace, "POST", "/api/2.2/jobs/update", job_id=job.job_id, new_settings={"tags": tags})
        elif refusal is JobDeletedError:
            api(workspace, "POST", "/api/2.2/jobs/delete", job_id=job.job_id)
        else:
            airflow.write_contract([job], workspace=ContractWorkspace(workspace.host, "42"))
            task = airflow.reload(task)
        again = task.attempt()
        assert again.state == "deferred", again.error
        assert isinstance(task.to_the_end(again).error, RunFailedError)
        refused(task.attempt(), refusal, workspace, asked=1)

    def test_a_job_that_did_not_change_is_not_warned_about(
        self, airflow: Airflow, workspace: Emulator, capfd: pytest.CaptureFixture[str]
    ) -> None:
        job = provision(workspace, "same", tags={FINGERPRINT_TAG: "x"}, fingerprint="sha256:x")
        airflow.write_contract([job])
        task = airflow.dag_run('RunNowOperator(task_id="etl", job="same", on_stale="fail")')
        assert task.to_the_end(task.attempt()).state == "success"
        assert "changed in the workspace" not in capfd.readouterr().out

    @pytest.mark.parametrize(
        ("fields", "says"),
        [
            ({"conn_type": "http", "host": "x"}, "use a connection of type 'databricks'"),
            ({"conn_type": "databricks", "host": "x"}, "credentials: is missing"),
            ({"conn_type": "databricks", "password": "dapi-secret"}, "host: is missing"),
        ],
    )
    def test_a_connection_that_cannot_be_used(
        self, fields: dict[str, Any], says: str, airflow: Airflow, workspace: Emulator
    ) -> None:
        airflow.connect(**fields)
        text = refused(airflow.dag_run(ETL).attempt(), ConnectionSettingsError, workspace)
        assert says in text
        assert "dapi-secret" not in text

    def test_a_connection_that_does_not_exist_is_looked_for_again(self, airflow: Airflow, workspace: Emulator) -> None:
        task = airflow.dag_run('RunNowOperator(task_id="etl", job="nightly", databricks_conn_id="gone", retries=3)')
        ended = task.attempt()
        assert (ended.state, posts(workspace)) == ("up_for_retry", 0)
        assert isinstance(ended.error, ConnectionMissingError)
        assert "connection 'gone': does not exist, or Airflow could not tell" in str(ended.error)
        airflow.connect("gone")
        assert task.to_the_end(task.attempt()).state == "success"

    def test_a_contract_that_is_nowhere_is_looked_for_again(
        self, airflow: Airflow, workspace: Emulator, job: Job, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        airflow.remove()
        task = airflow.dag_run(ETL)
        ended = task.attempt()
        assert (ended.state, posts(workspace)) == ("up_for_retry", 0)
        assert isinstance(ended.error, ContractMissingError)
        assert "no Airflow Variable 'airbrick_contract', or Airflow could not tell" in str(ended.error)
        monkeypatch.setenv("AIRFLOW_VAR_AIRBRICK_CONTRACT", dumps(contract_of(workspace, [job])))
        assert task.to_the_end(task.attempt()).state == "success"

    def test_a_broken_contract_in_the_variable(
        self, airflow: Airflow, workspace: Emulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        airflow.remove()
        monkeypatch.setenv("AIRFLOW_VAR_AIRBRICK_CONTRACT", "{")
        text = refused(airflow.dag_run(ETL).attempt(), UsageError, workspace)
        assert "Airflow Variable 'airbrick_contract':1:2" in text

    @pytest.mark.parametrize(
        ("parameters", "kind"),
        [
            ("{{ {'run_dat': 'x'} }}", UnknownParameterError),
            ("{{ {'run_date': None} }}", ParameterValueError),
            ("{{ {'run_date': [1]} }}", ParameterValueError),
            ("{{ {'run_date': 'x' * 10000} }}", ParameterValueError),
            ("{{ 7 }}", UsageError),
        ],
    )
    def test_parameters_that_are_wrong_once_rendered(
        self, parameters: str, kind: type[UsageError], airflow: Airflow, workspace: Emulator
    ) -> None:
        dag_id, path = airflow.write_dag(
            f'RunNowOperator(task_id="etl", job="nightly", retries=3, job_parameters="{parameters}")'
        )
        path.write_text(path.read_text().replace("schedule=None", "schedule=None, render_template_as_native_obj=True"))
        task = airflow.start(dag_id, path, task_id="etl", run_id="manual__parameters")
        refused(task.attempt(), kind, workspace)

    def test_a_job_id_that_renders_to_nothing(self, airflow: Airflow, workspace: Emulator) -> None:
        task = airflow.dag_run('RunNowOperator(task_id="etl", job_id="{{ params.get(1, \'\') }}", retries=3)')
        refused(task.attempt(), UsageError, workspace)


class TestFailures:
    def test_the_error_names_code_task_error_trace_and_link(self, airflow: Airflow, workspace: Emulator) -> None:
        workspace.plan(result="FAILED", error="ValueError: bad date", error_trace="Traceback…\nValueError: bad date")
        task = airflow.dag_run(ETL)
        ended = task.to_the_end(task.attempt())
        assert ended.state == "up_for_retry"
        assert isinstance(ended.error, RunFailedError)
        text = str(ended.error)
        assert "job 'nightly' did not succeed: RUN_EXECUTION_ERROR" in text
        assert "task 'load': FAILED: ValueError: bad date" in text
        assert "Traceback…" in text
        assert ended.error.url in text

    def test_a_run_that_a_person_cancels_in_databricks_is_not_retried(
        self, airflow: Airflow, workspace: Emulator
    ) -> None:
        workspace.plan(run_s=LONG_S)
        task = airflow.dag_run(ETL)
        deferred = task.attempt()
        api(workspace, "POST", "/api/2.2/jobs/runs/cancel", run_id=runs(workspace)[0]["run_id"])
        ended = task.to_the_end(deferred)
        assert ended.state == "failed"
        assert isinstance(ended.error, RunRejectedError)

    def test_a_run_that_was_switched_off_skips_the_task(self, airflow: Airflow, workspace: Emulator) -> None:
        workspace.plan(run_s=LONG_S)
        task = airflow.dag_run(ETL)
        deferred = task.attempt()
        body = {"run_id": runs(workspace)[0]["run_id"], "state": {"life_cycle_state": "SKIPPED"}}
        body["status"] = {"state": "TERMINATED", "termination_details": {"code": "DISABLED"}}
        workspace.fault(None, path="/api/2.2/jobs/runs/get", times=None, status=200, body=body)
        assert task.to_the_end(deferred).state == "skipped"

    def test_a_run_deleted_while_deferred_is_told(self, airflow: Airflow, workspace: Emulator) -> None:
        workspace.plan(run_s=LONG_S)
        task = airflow.dag_run(ETL)
        deferred = task.attempt()
        workspace.fault(
            None,
            path="/api/2.2/jobs/runs/get",
            times=None,
            status=400,
            error_code="INVALID_PARAMETER_VALUE",
            message="Run 1 does not exist.",
        )
        ended = task.to_the_end(deferred)
        assert isinstance(ended.error, RunLostError)

    def test_a_connection_that_is_gone_while_a_run_goes_on_is_looked_for_again(
        self, airflow: Airflow, workspace: Emulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        workspace.plan(run_s=LONG_S)
        task = airflow.dag_run(ETL)
        assert task.attempt().state == "deferred"
        run_id = runs(workspace)[0]["run_id"]
        monkeypatch.delenv("AIRFLOW_CONN_DATABRICKS_DEFAULT")
        for ended in (task.resume({"run_id": run_id}), task.attempt()):
            assert ended.state == "up_for_retry"
            assert isinstance(ended.error, RunUnwatchedError)
            assert f"run {run_id} of job 'nightly' may go on: connection 'databricks_default'" in str(ended.error)
        airflow.connect()
        assert task.attempt().state == "deferred"
        assert posts(workspace) == 1


class TestTriggerFailures:
    def test_a_failed_trigger_leaves_an_active_run_alone_and_waits_again(
        self, airflow: Airflow, workspace: Emulator
    ) -> None:
        workspace.plan(run_s=LONG_S)
        task = airflow.dag_run(ETL)
        assert task.attempt().state == "deferred"
        again = task.trigger_failed()
        assert again.state == "deferred"
        assert trigger_of(again).run_id == runs(workspace)[0]["run_id"]
        assert posts(workspace) == 1

    def test_after_a_failed_trigger_an_ended_run_is_reported(self, airflow: Airflow, workspace: Emulator) -> None:
        workspace.plan(run_s=60, output="5")
        task = airflow.dag_run(ETL)
        assert task.attempt().state == "deferred"
        wait_until_ended(workspace, runs(workspace)[0]["run_id"])
        assert task.trigger_failed(error="Trigger timeout").state == "success"
        assert task.xcoms()["return_value"] == 5

    def test_a_trigger_that_fails_again_and_again_is_replaced_by_the_worker(
        self, airflow: Airflow, workspace: Emulator
    ) -> None:
        workspace.plan(run_s=150)
        task = airflow.dag_run(ETL)
        assert task.attempt().state == "deferred"
        assert [task.trigger_failed().state for _ in range(3)] == ["deferred", "deferred", "success"]
        assert posts(workspace) == 1

    def test_an_event_that_came_too_early_is_not_believed(self, airflow: Airflow, workspace: Emulator) -> None:
        workspace.plan(run_s=LONG_S)
        task = airflow.dag_run(ETL)
        assert task.attempt().state == "deferred"
        run_id = runs(workspace)[0]["run_id"]
        assert task.resume({"run_id": run_id}).state == "deferred"

    def test_an_outage_when_the_task_wakes_does_not_fail_it(
        self, airflow: Airflow, workspace: Emulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        workspace.plan(run_s=60, output="5")
        task = airflow.dag_run(ETL)
        assert task.attempt().state == "deferred"
        run_id = runs(workspace)[0]["run_id"]
        impatient(monkeypatch)
        workspace.fault("outage", path="/api/2.2/jobs/runs/get", times=1)
        again = task.resume({"run_id": run_id})
        assert again.state == "deferred", again.error
        assert task.to_the_end(again).state == "success"
        assert posts(workspace) == 1
