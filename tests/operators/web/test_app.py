"""The page in Airflow's real web application, with its own database and its own users."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.operators.tasks import Airflow, Ended, TaskUnderTest

from airbrick.emulator import Emulator

PAGE = "/airbrick/runs"


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Airflow's web application, as ``airflow api-server`` makes it."""
    import json
    import os

    from fastapi.testclient import TestClient

    passwords = tmp_path_factory.mktemp("web") / "passwords.json"
    passwords.write_text(json.dumps({"admin": "secret"}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS", "admin:admin")
        patch.setenv("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE", str(passwords))
        patch.setenv("AIRFLOW__API_AUTH__JWT_SECRET", "x" * 64)
        from airflow.api_fastapi.app import create_app

        assert os.environ["AIRFLOW_HOME"]
        with TestClient(create_app(apps="core"), base_url="http://testserver") as client:
            yield client


def signed_in(web: Any) -> dict[str, str]:
    answer = web.post("/auth/token", json={"username": "admin", "password": "secret"})
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def deferred(airflow: Airflow, body: str) -> tuple[TaskUnderTest, Ended]:
    """Give a task that is deferred, with its trigger in the database as Airflow stores it."""
    task = airflow.dag_run(body)
    ended = task.attempt()
    assert ended.state == "deferred", ended.error
    return task, ended


def test_deferred_tasks_are_listed_with_their_runs(
    web: Any, airflow: Airflow, workspace: Emulator, warehouse: str
) -> None:
    workspace.plan(run_s=1_000_000)
    workspace.plan_statement(run_s=1_000_000)
    run, _ = deferred(airflow, 'RunNowOperator(task_id="etl", job="nightly")')
    statement, _ = deferred(
        airflow, f'SqlStatementOperator(task_id="etl", statement="select 1", warehouse_id={warehouse!r})'
    )
    answer = web.get(PAGE, headers=signed_in(web))
    assert answer.status_code == 200
    assert f"run {run.xcoms()['run_id']}</a>" in answer.text
    assert run.xcoms()["run_page_url"] in answer.text
    assert f"statement {statement.xcoms()['statement_id']}" in answer.text
    assert run.dag.dag_id in answer.text


def test_a_task_that_waits_no_more_is_not_listed(web: Any, airflow: Airflow, workspace: Emulator) -> None:
    workspace.plan(run_s=1_000_000)
    task, _ = deferred(airflow, 'RunNowOperator(task_id="etl", job="nightly")')
    assert task.dag.dag_id in web.get(PAGE, headers=signed_in(web)).text
    task.set_state("failed")
    assert task.dag.dag_id not in web.get(PAGE, headers=signed_in(web)).text


def test_who_is_not_signed_in_sees_nothing(web: Any, airflow: Airflow) -> None:
    web.cookies.clear()
    assert web.get(PAGE).status_code == 401


def test_airflow_shows_the_page_in_its_menu(web: Any, airflow: Airflow) -> None:
    found = web.get("/api/v2/plugins", headers=signed_in(web)).json()["plugins"]
    (ours,) = [plugin for plugin in found if plugin["name"] == "airbrick"]
    (view,) = ours["external_views"]
    assert (view["name"], view["href"], view["url_route"]) == ("Databricks runs", "./airbrick/runs", "databricks-runs")
