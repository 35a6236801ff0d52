"""Reading a connection from Airflow, in a worker and in a triggerer."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from airflow.sdk import BaseHook, Connection

from airbrick.operators.airflow_names import AirflowNotFoundException
from airbrick.operators.errors import ConnectionMissingError, ConnectionSettingsError
from airbrick.operators.workspace.connection import ConnectionSettings, RawConnection, read_settings


def read_connection(conn_id: str) -> ConnectionSettings:
    """Read and check a connection. Blocks.

    :raises ConnectionMissingError: it does not exist, or Airflow cannot tell.
    :raises ConnectionSettingsError: it cannot be used.
    """
    try:
        connection = BaseHook.get_connection(conn_id)
    except AirflowNotFoundException:
        raise ConnectionMissingError(conn_id) from None
    return _settings(connection, connection.extra_dejson)


async def aread_connection(conn_id: str) -> ConnectionSettings:
    """Read and check a connection without blocking the triggerer's loop.

    :raises ConnectionMissingError: it does not exist, or Airflow cannot tell.
    :raises ConnectionSettingsError: it cannot be used.
    """
    # Before Airflow 3.3.2 reading a connection masks its secrets by a blocking call: a thread may do that.
    if not hasattr(Connection, "aextra_dejson"):
        return await asyncio.to_thread(read_connection, conn_id)
    try:
        connection = await BaseHook.aget_connection(conn_id)
    except AirflowNotFoundException:
        # Under ``dag.test()`` Airflow answers only questions that block.
        return await asyncio.to_thread(read_connection, conn_id)
    # Once for each reading of the connection: every call sends each secret to the supervisor to be masked.
    return _settings(connection, await connection.aextra_dejson())


def _settings(connection: Connection, extra: object) -> ConnectionSettings:
    if connection.extra and not _is_object(connection.extra):
        raise ConnectionSettingsError(
            connection.conn_id, "extra", "is not a JSON object", fix="mend or empty the extra field"
        )
    return read_settings(
        RawConnection(
            conn_id=connection.conn_id,
            conn_type=connection.conn_type,
            host=connection.host,
            schema=connection.schema,
            port=connection.port,
            login=connection.login,
            password=connection.password,
            extra=extra if isinstance(extra, Mapping) else {},
        )
    )


def _is_object(text: str) -> bool:
    try:
        value: Any = json.loads(text)
    except ValueError:
        return False
    return isinstance(value, dict)
