"""The whole way of the data on real parts: Pulumi engine, Airflow, and a workspace that really runs the job."""

import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.stacks import expected
from tools.demo.airflow import program
from tools.demo.display import Display
from tools.demo.errors import CommandError, ServiceError
from tools.demo.follow import RUN_DATE, TASK
from tools.demo.processes import Processes
from tools.demo.stage import CONNECTION, DAG, STACK, Stage, open_stage
from tools.demo.steps import Outcome, play

pytestmark = [pytest.mark.end_to_end, pytest.mark.slow]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with open_stage(tmp_path_factory.mktemp("main_job"), os.environ) as opened:
        yield opened


@pytest.fixture(scope="module")
def outcome(stage: Stage) -> Outcome:
    """The demo's own steps; they check that the second `up` changes nothing."""
    return play(stage, Display.quiet())


@pytest.fixture(scope="module")
def contract(stage: Stage, outcome: Outcome) -> dict[str, object]:
    document: dict[str, object] = json.loads(stage.contract.read_text(encoding="utf-8"))
    return document


def test_one_job_is_provisioned_with_its_settings(stage: Stage, outcome: Outcome) -> None:
    [job] = stage.workspace.jobs()
    settings = job["settings"]
    assert settings["name"] == "[dev] nightly_orders"
    assert [task["task_key"] for task in settings["tasks"]] == ["clean", "aggregate"]
    assert settings["tasks"][1]["depends_on"] == [{"task_key": "clean"}]
    assert settings["tasks"][0]["notebook_task"] == {
        "notebook_path": "/Workspace/Shared/orders/dev/clean_orders",
        "source": "WORKSPACE",
        "base_parameters": {"raw_orders": "raw_orders.csv", "data_dir": "/Volumes/main/orders/dev"},
    }
    assert settings["parameters"] == [{"name": "run_date", "default": ""}]
    assert settings["max_concurrent_runs"] == 1
    assert settings["queue"] == {"enabled": True}
    assert settings["timeout_seconds"] == 3600
    assert settings["tags"]["team"] == "orders"


def test_one_connection_is_provisioned_with_its_settings(stage: Stage, outcome: Outcome) -> None:
    [connection] = stage.api.connections()
    assert connection["connection_id"] == CONNECTION
    assert connection["conn_type"] == "databricks"
    assert connection["login"] == stage.workspace.client_id
    assert connection["password"] == "***"
    assert json.loads(connection["extra"])["service_principal_oauth"] is True


def test_everything_was_created_once(outcome: Outcome) -> None:
    assert {operation for operation, _, _ in outcome.provisioned.resources} == {"create"}
    assert sorted(name for _, _, name in outcome.provisioned.resources) == [
        "aggregate_orders",
        "clean_orders",
        "contract",
        "databricks_default",
        "nightly_orders",
        "raw_orders",
    ]


def test_the_linter_finds_the_seeded_mistakes_only(outcome: Outcome) -> None:
    assert outcome.clean == []
    assert {finding.code for finding in outcome.mistakes} >= {"DBX101", "DBX201", "DBX301", "DBX801", "DBX805"}


def test_the_dag_run_succeeded(stage: Stage, outcome: Outcome) -> None:
    [run] = stage.api.runs(DAG)
    assert (run["dag_run_id"], run["state"]) == (outcome.dag_run_id, "success")
    assert stage.api.task(DAG, outcome.dag_run_id, TASK)["try_number"] == 1


def test_exactly_one_run_reached_the_workspace(stage: Stage, outcome: Outcome) -> None:
    posted = [request for request in stage.workspace.requests() if request["path"].endswith("/jobs/run-now")]
    assert [request["status"] for request in posted] == [200]
    [job] = stage.workspace.jobs()
    [run] = stage.workspace.runs(job["job_id"])
    assert stage.api.xcom(DAG, outcome.dag_run_id, TASK, "run_id") in {run["run_id"], str(run["run_id"])}
    assert outcome.run_page_url == run["run_page_url"]


def test_the_result_is_the_independently_computed_one(stage: Stage, outcome: Outcome) -> None:
    result = dict(outcome.result)
    file = Path(result.pop("result_file"))
    assert result == expected.summary(run_date=RUN_DATE)
    assert file.is_relative_to(stage.folder.data)
    assert file.read_text(encoding="utf-8").splitlines()[1:] == [
        f"{RUN_DATE},{_quoted(customer)},{orders},{expected.euros(cents)}"
        for customer, orders, cents in expected.daily_totals(run_date=RUN_DATE)
    ]


def _quoted(field: str) -> str:
    escaped = field.replace('"', '""')
    return f'"{escaped}"' if {",", '"'} & set(field) else field


def test_no_secret_is_in_state_logs_or_contract(stage: Stage, outcome: Outcome) -> None:
    exported = json.dumps(stage.pulumi.export(), ensure_ascii=False)
    private = {stage.airflow.home / "passwords.json", stage.folder.work / "workspace.json"}
    files = [path for path in stage.folder.root.rglob("*") if path.is_file() and path not in private]
    assert stage.contract in files
    assert any(path.suffix == ".log" for path in files)
    assert {path.stat().st_mode & 0o077 for path in private} == {0}
    for secret in stage.secrets():
        assert len(secret) >= 16
        assert secret not in exported
        found = [path for path in files if secret.encode() in path.read_bytes()]
        assert found == []


def test_a_lost_contract_file_is_restored_byte_for_byte(stage: Stage, outcome: Outcome) -> None:
    written = stage.contract.read_bytes()
    stage.contract.unlink()
    stage.processes.run(
        "contract-pull",
        [program("airbrick"), "contract", "pull", "--stack", STACK, "--output", "dags/"],
        environ=stage.pulumi.full_environ(), cwd=stage.folder.stack, timeout_s=300,
    )  # fmt: skip
    assert stage.contract.read_bytes() == written
    assert stage.pulumi.preview().unchanged


def test_a_wrong_secret_is_one_clear_line(stage: Stage, outcome: Outcome) -> None:
    wrong = "not-the-client-secret"
    broken = replace(stage.pulumi, environ={**stage.pulumi.environ, "DATABRICKS_CLIENT_SECRET": wrong})
    with pytest.raises(CommandError) as caught:
        broken.preview()
    assert "invalid_client" in str(caught.value)
    assert "check the credentials" in str(caught.value)
    assert "Traceback" not in str(caught.value)
    assert wrong not in str(caught.value)


def test_an_unreachable_airflow_is_one_clear_line(stage: Stage, outcome: Outcome) -> None:
    nowhere = "http://127.0.0.1:9"
    broken = replace(stage.pulumi, environ={**stage.pulumi.environ, "AIRBRICK_AIRFLOW_ENDPOINT": nowhere})
    with pytest.raises(CommandError) as caught:
        broken.preview()
    assert nowhere in str(caught.value)
    assert "Traceback" not in str(caught.value)


def test_a_taken_port_names_the_server_and_its_log(stage: Stage, outcome: Outcome, tmp_path: Path) -> None:
    processes, environ = Processes("second-airflow", tmp_path), stage.airflow.environ(stage.environ)
    try:
        stage.airflow.start(processes, environ, "api-server")
        with pytest.raises(ServiceError, match=r"airflow-api-server ended .*address already in use.*\(log: "):
            _check_until_it_fails(processes)
    finally:
        processes.stop_all()


def _check_until_it_fails(processes: Processes) -> None:
    deadline_s = time.monotonic() + 600
    while time.monotonic() < deadline_s:
        processes.check()
        time.sleep(0.1)


def test_prod_reads_what_the_shops_deliver(stage: Stage, outcome: Outcome, tmp_path: Path) -> None:
    project = tmp_path / "stacks"
    shutil.copytree(stage.folder.stack, project, ignore=shutil.ignore_patterns("Pulumi.dev.yaml"))
    prod = replace(stage.pulumi, project=project, work=tmp_path / "pulumi")
    prod.init("prod")
    prod.set_config("client_id", stage.workspace.client_id)
    prod.set_config("client_secret", stage.workspace.client_secret, secret=True)
    planned = prod.preview()
    # No example data: prod's configuration says where the orders come from.
    assert sorted(planned.resources) == [
        ("create", "airbrick:airflow:DatabricksConnection", "databricks_default"),
        ("create", "airbrick:databricks:Job", "nightly_orders"),
        ("create", "airbrick:databricks:WorkspaceFile", "aggregate_orders"),
        ("create", "airbrick:databricks:WorkspaceFile", "clean_orders"),
        ("create", "airbrick:index:Contract", "contract"),
    ]
    assert len(stage.workspace.jobs()) == 1
