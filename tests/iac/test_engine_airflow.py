"""Airflow's objects under the real engine, in a real Airflow."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from airbrick.iac.clients.airflow import Airflow, Collection
from airbrick.iac.clients.transport import Pause
from airbrick.iac.errors import NotFoundError, WrongAddressError
from airbrick.iac.provider.config import ProviderConfig

if TYPE_CHECKING:
    from tests.iac.project import Project
    from tests.iac.real_airflow import RealAirflow

    from airbrick.emulator import Emulator

pytestmark = [pytest.mark.end_to_end]

SECRETS = ("hush-hush-1", "hush-hush-2", "hush-hush-3")
PROGRAM = """
import pulumi
iac.airflow.Connection("warehouse", conn_type="postgres", host="db.example", login="etl", password="hush-hush-1",
    schema="orders", port=5432, extra={"sslmode": "require", "api_key": pulumi.Output.secret("hush-hush-2")})
iac.airflow.DatabricksConnection("federated", host="https://w.example", client_id="app", federation="kubernetes")
iac.airflow.DatabricksConnection("provided", host="https://w.example", client_id="app", token_provider="a.b")
away = iac.airflow.DatabricksConnection("away", host="https://w.example", client_id="a", client_secret="hush-hush-1",
    in_airflow=False)
pulumi.export("uri", away.uri)
iac.airflow.Variable("region", value="eu", description="where we are")
iac.airflow.Variable("limits", value={"grösse": [1, 2.5, None], "token": pulumi.Output.secret("hush-hush-3")})
iac.airflow.Variable("api_secret", value=pulumi.Output.secret("hush-hush-3"))
iac.airflow.Pool("databricks", slots=SLOTS, description="runs at once")
"""


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


def test_the_life_of_airflows_objects(stack: Project, airflow: RealAirflow) -> None:
    stack.program(PROGRAM.replace("SLOTS", "8"))
    assert stack.up() == {"create": 9}
    warehouse = airflow.call("GET", "/connections/warehouse")
    assert (warehouse["port"], warehouse["schema"], warehouse["password"]) == (5432, "orders", "***")
    federated = airflow.call("GET", "/connections/federated")
    assert (federated["password"], json.loads(federated["extra"])["federated_k8s"]) == (None, True)
    assert "not found" in str(airflow.call("GET", "/connections/away"))
    assert airflow.call("GET", "/variables/region")["value"] == "eu"
    assert airflow.call("GET", "/pools/databricks")["slots"] == 8

    # Masks, Airflow's own spelling of JSON and our marks are no drift.
    assert stack.up() == {"same": 9}
    stack.run("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    assert stack.up() == {"same": 9}

    # Edits in Airflow are taken back, and a change of the program is made in place.
    airflow.call("PATCH", "/variables/region", {"key": "region", "value": "us"})
    stack.program(PROGRAM.replace("SLOTS", "2"))
    assert stack.up() == {"same": 7, "update": 2}
    assert airflow.call("GET", "/variables/region")["value"] == "eu"
    assert airflow.call("GET", "/pools/databricks")["slots"] == 2
    assert stack.up() == {"same": 9}

    stack.run("destroy", "--yes", "--skip-preview")
    for path in ("/connections/warehouse", "/variables/limits", "/pools/databricks"):
        assert "not found" in str(airflow.call("GET", path))
    kept = json.dumps(stack.state()) + "".join(stack.logs)
    assert [secret for secret in SECRETS if secret in kept] == []


@pytest.mark.parametrize("collection", ["connections", "variables", "pools"])
def test_only_airflows_own_word_means_that_an_object_is_gone(airflow: RealAirflow, collection: Collection) -> None:
    def at(endpoint: str) -> Airflow:
        token = airflow.token()
        return Airflow(ProviderConfig(airflow_endpoint=endpoint, airflow_token=token), Pause())

    key = "no`such/key" if collection == "variables" else "no-such-key"
    with pytest.raises(NotFoundError):
        at(airflow.endpoint).get(collection, key)
    with pytest.raises(NotFoundError):
        at(airflow.endpoint).delete(collection, key)
    for below in ("/api", "/api/v2/dags"):
        with pytest.raises(WrongAddressError):
            at(airflow.endpoint + below).delete(collection, key)
