"""Runs SQL statements with DuckDB, in threads of its own, shut off from files and the network.

The dialect is DuckDB's, not Databricks'.
"""

from __future__ import annotations

import importlib.util
import json
import re
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from airbrick.emulator.errors import StateError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

INLINE_LIMIT_BYTES = 25 * 1024 * 1024
_WORKERS = 4
_FETCHED_AT_ONCE = 1_000
_INTERRUPTED_EVERY_S = 0.05
_CONFIGURATION: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": "1GB",
    "threads": "2",
}
# Strings, quoted names, comments and casts hold no markers.
_MARKER = re.compile(
    r"""'(?:[^']|'')*' | "(?:[^"]|"")*" | --[^\n]* | /\*.*?\*/ | :: | :(?P<name>[A-Za-z_]\w*)""", re.VERBOSE | re.DOTALL
)
_TYPE_NAME = re.compile(r"([A-Z_]+)(\(\d{1,2}(?:,\s*\d{1,2})?\))?")
# Databricks' name of a type -> DuckDB's
_TYPES = {
    "STRING": "VARCHAR",
    "BOOLEAN": "BOOLEAN",
    "BYTE": "TINYINT",
    "TINYINT": "TINYINT",
    "SHORT": "SMALLINT",
    "SMALLINT": "SMALLINT",
    "INT": "INTEGER",
    "INTEGER": "INTEGER",
    "LONG": "BIGINT",
    "BIGINT": "BIGINT",
    "FLOAT": "FLOAT",
    "DOUBLE": "DOUBLE",
    "DECIMAL": "DECIMAL",
    "DATE": "DATE",
    "TIMESTAMP": "TIMESTAMP",
    "BINARY": "BLOB",
}
# DuckDB's name of a type -> Databricks' type_name and type_text
_SHOWN = {
    "BOOLEAN": ("BOOLEAN", "BOOLEAN"),
    "TINYINT": ("BYTE", "TINYINT"),
    "SMALLINT": ("SHORT", "SMALLINT"),
    "INTEGER": ("INT", "INT"),
    "BIGINT": ("LONG", "BIGINT"),
    "HUGEINT": ("DECIMAL", "DECIMAL(38,0)"),
    "FLOAT": ("FLOAT", "FLOAT"),
    "DOUBLE": ("DOUBLE", "DOUBLE"),
    "DATE": ("DATE", "DATE"),
    "TIMESTAMP": ("TIMESTAMP", "TIMESTAMP"),
    "BLOB": ("BINARY", "BINARY"),
    "INTERVAL": ("INTERVAL", "INTERVAL"),
    "NULL": ("NULL", "VOID"),
}


class SqlError(Exception):
    """A statement that DuckDB refused or could not finish."""


class SqlCanceledError(SqlError):
    """A statement that was cancelled."""

    def __init__(self) -> None:
        super().__init__("The statement was canceled.")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named parameter.

    :param type_name: Databricks' name of its type
    """

    value: str | None
    type_name: str = "STRING"


@dataclass(frozen=True, slots=True)
class Table:
    """What a statement returns.

    :param columns: name and Databricks' type of each column
    :param rows: values as text, None for NULL
    :param truncated: a row limit or byte limit cut it
    """

    columns: Sequence[tuple[str, str]] = ()
    rows: Sequence[Sequence[str | None]] = ()
    truncated: bool = False


@dataclass(slots=True)
class Execution:
    """A statement that is executed or waits for it."""

    outcome: Future[Table]
    cancelled: threading.Event = field(default_factory=threading.Event)
    _cursor: Any = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def cancel(self) -> None:
        """Stop the statement; one that is over stays as it is."""
        self.cancelled.set()
        self.outcome.cancel()
        with self._lock:
            if self._cursor is not None:
                self._cursor.interrupt()

    def use(self, cursor: Any) -> None:  # noqa: ANN401 - DuckDB may not be installed
        """Name the cursor that a cancel interrupts, or None once it is closed."""
        with self._lock:
            self._cursor = cursor


def is_available() -> bool:
    """Tell whether DuckDB is installed."""
    return importlib.util.find_spec("duckdb") is not None


class SqlEngine:
    """A database; statements that arrive together run together.

    :param path: the database's file, made with its folder when it is missing; None for a database in memory
    :raises StateError: the file cannot be opened
    """

    def __init__(self, path: Path | None = None) -> None:
        import duckdb

        self.dialect = f"duckdb {duckdb.__version__}"
        self._error = duckdb.Error
        try:
            if path is not None:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._connection = duckdb.connect(path or ":memory:", config=_CONFIGURATION)
        except (OSError, duckdb.Error) as error:
            raise StateError(f"cannot open the SQL database {path}: {error}") from None
        self._connection.execute("SET lock_configuration = true")
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="airbrick-sql")
        self._executions: list[Execution] = []

    def submit(
        self,
        text: str,
        parameters: Mapping[str, Parameter],
        *,
        row_limit: int | None = None,
        byte_limit: int | None = None,
        schema: Sequence[str] = (),
        ended: Callable[[SqlError | None], None] = lambda _error: None,
    ) -> Execution:
        """Begin to execute a statement.

        :param parameters: by the names of the statement's markers, such as ``:day``
        :param row_limit: rows that it may return
        :param byte_limit: bytes that its values may have
        :param schema: catalog and schema, or one of them, in which names without one are looked up
        :param ended: is told in the engine's thread how the statement ended, before anybody else is
        """
        holder: list[Execution] = []
        ready = threading.Event()

        def _run() -> Table:
            ready.wait()
            try:
                table = self._run(
                    holder[0], text, parameters, schema, lambda cursor: _fetch(cursor, row_limit, byte_limit)
                )
            except SqlError as error:
                ended(error)
                raise
            ended(None)
            return table

        execution = Execution(self._pool.submit(_run))
        holder.append(execution)
        self._executions = [*(item for item in self._executions if not item.outcome.done()), execution]
        ready.set()
        return execution

    def close(self) -> None:
        """Stop all statements and drop the database."""
        # A statement that is about to begin does not notice an interrupt yet.
        while running := [item.outcome for item in self._executions if not item.outcome.done()]:
            for execution in self._executions:
                execution.cancel()
            wait(running, timeout=_INTERRUPTED_EVERY_S)
        self._pool.shutdown(wait=True)
        self._connection.close()

    def _run(
        self,
        execution: Execution,
        text: str,
        parameters: Mapping[str, Parameter],
        schema: Sequence[str],
        fetch: Callable[[Any], Table],
    ) -> Table:
        cursor = self._connection.cursor()
        execution.use(cursor)
        try:
            if execution.cancelled.is_set():
                raise SqlCanceledError
            if schema:
                cursor.execute(f"USE {'.'.join(map(_quoted, schema))}")
            sql, values = with_markers(text, parameters)
            for statement in cursor.extract_statements(sql):
                if execution.cancelled.is_set():
                    raise SqlCanceledError
                cursor.execute(statement, {name: values[name] for name in statement.named_parameters})
            return fetch(cursor)
        except self._error as error:
            raise SqlCanceledError if execution.cancelled.is_set() else SqlError(str(error)) from None
        finally:
            execution.use(None)
            cursor.close()


def with_markers(text: str, parameters: Mapping[str, Parameter]) -> tuple[str, dict[str, str | None]]:
    """Return a statement with DuckDB's markers in place of Databricks', and the values that it uses.

    :raises SqlError: a marker has no parameter
    """
    used: dict[str, str | None] = {}

    def _replace(match: re.Match[str]) -> str:
        name = match["name"]
        if name is None:
            return match[0]
        if name not in parameters:
            raise SqlError(f"[UNBOUND_SQL_PARAMETER] Found the unbound parameter: {name}.")
        used[name] = parameters[name].value
        return f"CAST(${name} AS {duckdb_type(parameters[name].type_name)})"

    return _MARKER.sub(_replace, text), used


def duckdb_type(name: str) -> str:
    """Return DuckDB's name of a type.

    :raises SqlError: the type is unknown
    """
    match = _TYPE_NAME.fullmatch(name.upper().strip())
    if match is None or match[1] not in _TYPES or (match[2] and match[1] != "DECIMAL"):
        raise SqlError(f"Parameters of type {name[:40]!r} are not known; use one of {', '.join(_TYPES)}.")
    return _TYPES[match[1]] + (match[2] or "")


def databricks_type(name: str) -> tuple[str, str]:
    """Return Databricks' ``type_name`` and ``type_text`` of a DuckDB type."""
    base = name.partition("(")[0].strip('"')
    if name.endswith("]"):
        return "ARRAY", f"ARRAY<{databricks_type(name.rpartition('[')[0])[1]}>"
    if base == "DECIMAL":
        return "DECIMAL", name
    if base in ("STRUCT", "MAP"):
        return base, name
    return _SHOWN.get("TIMESTAMP" if base.startswith("TIMESTAMP") else base, ("STRING", "STRING"))


def as_text(value: object) -> str | None:
    """Return a value as results of statements show it."""
    if value is None or isinstance(value, str):
        return value
    for kinds, show in _TEXTS:
        if isinstance(value, kinds):
            return show(value)
    return str(value)


_TEXTS: tuple[tuple[type | tuple[type, ...], Callable[[Any], str]], ...] = (
    (bool, lambda value: "true" if value else "false"),
    (datetime, lambda value: value.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"),
    (date, date.isoformat),
    (bytes, bytes.hex),
    ((list, dict, tuple), lambda value: json.dumps(value, default=as_text, ensure_ascii=False)),
)


def _fetch(cursor: Any, row_limit: int | None, byte_limit: int | None) -> Table:  # noqa: ANN401 - DuckDB may not be installed
    if cursor.description is None:
        return Table()
    columns = [(str(column[0]), str(column[1])) for column in cursor.description]
    rows: list[list[str | None]] = []
    size_bytes = 0
    while batch := cursor.fetchmany(_FETCHED_AT_ONCE):
        for values in batch:
            row = [as_text(value) for value in values]
            size_bytes += sum(len(text.encode()) for text in row if text is not None)
            over = byte_limit is not None and size_bytes > byte_limit
            if over or (row_limit is not None and len(rows) >= row_limit):
                return Table(columns, rows, truncated=True)
            if size_bytes > INLINE_LIMIT_BYTES:
                raise SqlError(
                    "Inline byte limit exceeded. Statements executed with disposition=INLINE can have a result size "
                    f"of at most {INLINE_LIMIT_BYTES} bytes."
                )
            rows.append(row)
    return Table(columns, rows)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
