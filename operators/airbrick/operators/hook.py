"""The hook: a signed-in workspace for people's own tasks and triggers, and for Airflow's "Test" button."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from airflow.sdk import BaseHook

from airbrick.operators.errors import AirbrickError

if TYPE_CHECKING:
    from airbrick.operators.workspace.client import WorkspaceClient
    from airbrick.operators.workspace.clock import Clock
    from airbrick.operators.workspace.patient_client import PatientClient

_TEST_FOR_S: Final = 10.0


class WorkspaceHook(BaseHook):
    """Reach the Databricks workspace of an Airflow connection.

    Its clients sign in, retry and fail as the operators do. A request that may be sent twice goes through ``call``;
    one that may not, because it makes something that no token names, through ``call_once``.

    :param databricks_conn_id: Airflow connection of type ``databricks``.
    """

    conn_name_attr = "databricks_conn_id"
    default_conn_name = "databricks_default"
    conn_type = "databricks"
    hook_name = "Databricks"

    def __init__(self, databricks_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.databricks_conn_id = databricks_conn_id

    @property
    def clock(self) -> "Clock":
        """Give the time the hook's clients go by."""
        from airbrick.operators.workspace.clock import Clock

        return Clock()

    def get_conn(self) -> "WorkspaceClient":
        """Give a client of the workspace; close it, or use it as a context manager."""
        return self._client(retry_for_s=None)

    @asynccontextmanager
    async def get_async_conn(self) -> AsyncIterator["PatientClient"]:
        """Give a client for triggers and asynchronous tasks; nothing it does blocks the event loop.

        All that ask one workspace from one event loop share sign-in, connections and a budget of requests, the
        operators' own triggers included.

        :raises AirflowConnectionError: the connection cannot be used.
        """
        from airbrick.operators.poller.registry import registry_of_loop
        from airbrick.operators.workspace.airflow_connection import aread_connection
        from airbrick.operators.workspace.patient_client import PatientClient

        registry = registry_of_loop(aread_connection)
        poller = await registry.poller(self.databricks_conn_id)
        async with poller.client as client:
            yield PatientClient(client, clock=registry.clock)

    def test_connection(self) -> tuple[bool, str]:
        """Sign in and ask the workspace who that is.

        :returns: whether it worked, and what to show.
        """
        from airbrick.operators.workspace import wire

        try:
            with self._client(retry_for_s=_TEST_FOR_S) as client:
                user = client.call(wire.current_user())
                host = client.signed_in().settings.host
        except AirbrickError as error:
            return False, str(error)
        return True, f"signed in at {host} as {user.get('userName') or user.get('displayName') or 'an unnamed user'}"

    def _client(self, *, retry_for_s: float | None) -> "WorkspaceClient":
        from airbrick.operators.workspace.airflow_connection import read_connection
        from airbrick.operators.workspace.client import WorkspaceClient
        from airbrick.operators.workspace.patience import RETRY_FOR_S
        from airbrick.operators.workspace.sign_in import SignIn

        sign_in = SignIn(lambda: read_connection(self.databricks_conn_id))
        return WorkspaceClient(sign_in, clock=self.clock, retry_for_s=retry_for_s or RETRY_FOR_S)
