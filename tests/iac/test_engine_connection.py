"""Airflow connections under the real engine, in a real Airflow."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from airbrick.contract import load

if TYPE_CHECKING:
    from tests.iac.project import Project
    from tests.iac.real_airflow import RealAirflow

    from airbrick.emulator import Emulator

pytestmark = [pytest.mark.end_to_end]

SECRET = "hush-hush-1"
OTHER = "hush-hush-2"


def program(name: str, *, secret: str = SECRET, more: str = "") -> str:
    return (
        f'conn = iac.airflow.DatabricksConnection("{name}", host="http://127.0.0.1:8443/",\n'
        f'    client_id="app", client_secret="{secret}"{more})\n'
        'iac.Contract(connections=[conn], path=".")\n'
    )


@pytest.fixture
def stack(project: Project, workspace: Emulator, airflow: RealAirflow) -> Project:
    project.config(
        host=workspace.host,
        token=workspace.token,
        airflow_endpoint=airflow.endpoint,
        airflow_username=airflow.username,
        airflow_password=airflow.password,
    )
    project.logs.clear()
    return project


def test_the_life_of_a_connection(stack: Project, airflow: RealAirflow) -> None:
    stack.program(program("orders", more=', description="größe", extra={"http_timeout_seconds": 30}'))
    assert stack.up() == {"create": 3}
    made = airflow.call("GET", "/connections/orders")
    assert (made["conn_type"], made["host"], made["login"]) == ("databricks", "http://127.0.0.1:8443", "app")
    assert (made["password"], made["description"]) == ("***", "größe")
    extra = json.loads(made["extra"])
    assert extra["service_principal_oauth"] is True
    assert extra["http_timeout_seconds"] == 30
    contract = load(stack.folder / "airbrick.contract.dev.json")
    assert contract.connections["orders"].auth == "service_principal_oauth"

    # The mask is neither drift nor sent back.
    assert stack.up() == {"same": 3}
    stack.run("refresh", "--yes", "--skip-preview")
    assert stack.up() == {"same": 3}

    # A changed secret is written, and only that is a change.
    stack.program(program("orders", secret=OTHER, more=', description="größe", extra={"http_timeout_seconds": 30}'))
    assert stack.up() == {"same": 2, "update": 1}

    # Edits in Airflow are taken back: of the host, of an extra.
    airflow.call("PATCH", "/connections/orders?update_mask=host", {**_base("orders"), "host": "http://elsewhere"})
    assert stack.up() == {"same": 2, "update": 1}
    assert airflow.call("GET", "/connections/orders")["host"] == "http://127.0.0.1:8443"
    edited = {**_base("orders"), "extra": json.dumps({**extra, "http_timeout_seconds": 5, "more": 1})}
    airflow.call("PATCH", "/connections/orders?update_mask=extra", edited)
    assert stack.up() == {"same": 2, "update": 1}
    assert json.loads(airflow.call("GET", "/connections/orders")["extra"]) == extra

    # One that was deleted is made again.
    airflow.call("DELETE", "/connections/orders")
    stack.up()
    assert airflow.call("GET", "/connections/orders")["login"] == "app"

    # Another id is another connection.
    stack.program(program("orders2", secret=OTHER))
    stack.up()
    assert airflow.call("GET", "/connections/orders2")["login"] == "app"
    assert "not found" in str(airflow.call("GET", "/connections/orders"))

    stack.run("destroy", "--yes", "--skip-preview")
    assert "not found" in str(airflow.call("GET", "/connections/orders2"))
    kept = json.dumps(stack.state()) + "".join(stack.logs)
    for secret in (SECRET, OTHER, airflow.password):
        assert secret not in kept


def test_a_connection_that_is_not_ours_is_left_alone_unless_adopted(stack: Project, airflow: RealAirflow) -> None:
    airflow.call("POST", "/connections", {**_base("foreign"), "login": "them"})
    stack.program(program("foreign"))
    failed = stack.run("up", "--yes", "--skip-preview", check=False)
    assert failed.returncode != 0
    assert "exists already, and this stack did not make it" in failed.stdout + failed.stderr
    assert "set adopt=True" in failed.stdout + failed.stderr
    assert airflow.call("GET", "/connections/foreign")["login"] == "them"
    stack.program(program("foreign", more=", adopt=True"))
    stack.up()
    assert airflow.call("GET", "/connections/foreign")["login"] == "app"
    stack.run("destroy", "--yes", "--skip-preview")


def test_a_connection_made_by_a_killed_up_is_taken_over(stack: Project, airflow: RealAirflow) -> None:
    stack.program(program("killed"))
    stack.up()
    state = stack.state()
    resources = state["deployment"]["resources"]
    state["deployment"]["resources"] = [item for item in resources if item["type"].startswith("pulumi:")]
    saved = stack.folder / "state.json"
    saved.write_text(json.dumps(state), encoding="utf-8")
    stack.run("stack", "import", "--file", str(saved))
    stack.up()
    assert stack.up() == {"same": 3}
    stack.run("destroy", "--yes", "--skip-preview")
    assert "not found" in str(airflow.call("GET", "/connections/killed"))


def test_an_existing_connection_is_imported(stack: Project, airflow: RealAirflow) -> None:
    extra = json.dumps({"service_principal_oauth": True})
    body = {**_base("old"), "host": "http://127.0.0.1:8443", "login": "app", "password": SECRET, "extra": extra}
    airflow.call("POST", "/connections", body)
    stack.program("")
    stack.run(
        "import", "airbrick:airflow:DatabricksConnection", "old", "old", "--yes", "--generate-code=false",
        "--skip-preview", "--protect=false",
    )  # fmt: skip
    stack.program(program("old"))
    # The secret could not be read, so it is written once.
    assert stack.up()["update"] == 1
    assert stack.up() == {"same": 3}
    stack.run("destroy", "--yes", "--skip-preview")


def test_airflow_that_does_not_answer_is_one_clear_error(stack: Project, workspace: Emulator) -> None:
    stack.config(
        host=workspace.host,
        token=workspace.token,
        airflow_endpoint="http://127.0.0.1:9",
        airflow_username="admin",
        airflow_password=SECRET,
    )
    stack.program(program("orders"))
    failed = stack.run("up", "--yes", "--skip-preview", check=False)
    said = failed.stdout + failed.stderr
    assert failed.returncode != 0
    assert "Airflow at http://127.0.0.1:9/auth/token" in said
    assert "start Airflow, or correct airbrick:airflow_endpoint" in said
    assert SECRET not in said


def test_a_wrong_airflow_password_is_one_clear_error(stack: Project, workspace: Emulator, airflow: RealAirflow) -> None:
    stack.config(
        host=workspace.host,
        token=workspace.token,
        airflow_endpoint=airflow.endpoint,
        airflow_username="admin",
        airflow_password="wrong-pass",
    )
    stack.program(program("orders"))
    failed = stack.run("up", "--yes", "--skip-preview", check=False)
    said = failed.stdout + failed.stderr
    assert "Airflow refused POST /auth/token (401)" in said
    assert "check airbrick:airflow_username" in said
    assert "wrong-pass" not in said


def _base(connection_id: str) -> dict[str, str]:
    return {"connection_id": connection_id, "conn_type": "databricks"}
