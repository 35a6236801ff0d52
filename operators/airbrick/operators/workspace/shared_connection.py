"""The Airflow connections that lead one identity to one workspace: any of them will do."""

from collections import deque
from collections.abc import Awaitable, Callable

from airbrick.operators.errors import AirflowConnectionError
from airbrick.operators.workspace.connection import ConnectionSettings


class SharedConnection:
    """Connections by different ids, taken for one; the one that was used last comes first.

    One of them may be deleted, lead elsewhere, or keep a secret that was rotated in another.

    :param read: reads an Airflow connection by its id.
    """

    def __init__(self, host: str, identity: str, *, read: Callable[[str], Awaitable[ConnectionSettings]]) -> None:
        self._known = (host, identity)
        self._read = read
        self._conn_ids: deque[str] = deque()

    def add(self, conn_id: str) -> None:
        """Add a connection that leads to the workspace as the identity."""
        if conn_id not in self._conn_ids:
            self._conn_ids.append(conn_id)

    def turn(self) -> None:
        """Begin with the next connection from now on: what this one says was refused."""
        self._conn_ids.rotate(-1)

    async def read(self) -> ConnectionSettings:
        """Read the first connection that still leads to the workspace as the identity; else one that can be read.

        :raises AirflowConnectionError: none can be used.
        """
        elsewhere: ConnectionSettings | None = None
        failed: AirflowConnectionError | None = None
        for conn_id in tuple(self._conn_ids):
            try:
                settings = await self._read(conn_id)
            except AirflowConnectionError as error:
                failed = error
            else:
                if (settings.host, settings.identity) == self._known:
                    return settings
                elsewhere = settings
            self.turn()
        if elsewhere is not None:
            return elsewhere
        assert failed is not None  # noqa: S101 -- whoever reads has added a connection
        raise failed
