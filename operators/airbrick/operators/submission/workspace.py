"""What starting a run, or sending a statement, needs of a workspace."""

from typing import Any, Protocol

from airbrick.operators.runs.view import RunView
from airbrick.operators.workspace import wire


class Workspace(Protocol):
    """A workspace; :class:`~airbrick.operators.workspace.client.WorkspaceClient` is one."""

    clock_offset_s: float
    """The workspace's clock less this worker's."""

    def call(self, call: wire.Call) -> dict[str, Any]:
        """Send a request, retried while that may help."""

    def run(self, run_id: int) -> RunView:
        """Look at a run, all of its tasks and repairs included."""


class StatementWorkspace(Protocol):
    """What sending a statement needs; :class:`~airbrick.operators.workspace.client.WorkspaceClient` has it."""

    def call(self, call: wire.Call) -> dict[str, Any]:
        """Send a request, retried while that may help."""

    def call_once(self, call: wire.Call) -> dict[str, Any]:
        """Send a request that must not be sent twice."""
