"""The hook: a signed-in workspace for people's own tasks and for Airflow's "Test" button."""

from typing import TYPE_CHECKING, Final

from airflow.sdk import BaseHook

from airbrick.operators.errors import AirbrickError

if TYPE_CHECKING:
    from airbrick.operators.workspace.client import WorkspaceClient
    from airbrick.operators.workspace.clock import Clock

_TEST_FOR_S: Final = 10.0


class WorkspaceHook(BaseHook):
    """Reach the Databricks workspace of an Airflow connection.

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
        from airbrick.operators.workspace.client import RETRY_FOR_S, WorkspaceClient
        from airbrick.operators.workspace.sign_in import SignIn

        sign_in = SignIn(lambda: read_connection(self.databricks_conn_id))
        return WorkspaceClient(sign_in, clock=self.clock, retry_for_s=retry_for_s or RETRY_FOR_S)
