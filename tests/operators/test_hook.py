import pytest
from tests.operators.tasks import Airflow

from airbrick.emulator import Emulator
from airbrick.operators import WorkspaceHook
from airbrick.operators.workspace import wire


def test_a_hook_reaches_the_workspace(airflow: Airflow, workspace: Emulator) -> None:
    with WorkspaceHook().get_conn() as client:
        assert client.call(wire.current_user())["userName"]


def test_a_connection_that_works_says_who_it_is(airflow: Airflow, workspace: Emulator) -> None:
    airflow.connect(
        conn_type="databricks",
        host=workspace.host,
        login=workspace.client_id,
        password=workspace.client_secret,
        extra={"service_principal_oauth": True},
    )
    assert WorkspaceHook().test_connection() == (
        True,
        f"signed in at {workspace.host} as {workspace.client_id}",
    )


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"conn_type": "databricks", "password": "dapi-x"}, "host: is missing"),
        ({"conn_type": "databricks", "host": "HOST", "password": "dapi-wrong"}, "401 UNAUTHENTICATED"),
    ],
)
def test_a_connection_that_does_not_says_why_without_its_secret(
    fields: dict[str, str], says: str, airflow: Airflow, workspace: Emulator
) -> None:
    airflow.connect(**{name: workspace.host if value == "HOST" else value for name, value in fields.items()})
    ok, text = WorkspaceHook().test_connection()
    assert not ok
    assert says in text
    assert "dapi-" not in text


def test_airflows_test_button_uses_it(airflow: Airflow) -> None:
    from airflow.sdk import Connection

    ok, text = Connection.get("databricks_default").test_connection()
    assert ok, text
