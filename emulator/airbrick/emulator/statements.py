"""SQL statements: executed, or simulated by a plan; their states and results in chunks."""

from __future__ import annotations

import shutil
import uuid
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from airbrick.emulator.errors import ConfigurationError, not_found
from airbrick.emulator.sql_engine import Execution, SqlEngine, Table, databricks_type

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from airbrick.emulator.ids import IdSource

CHUNK_ROWS = 10_000
MAX_STATEMENTS = 1_000
KEPT_S = 12 * 3600.0
RESULTS = ("SUCCEEDED", "FAILED", "CANCELED", "CLOSED")
TERMINAL = frozenset(RESULTS)
_CANCELED = "CANCELED"
_LOST = "The airbrick emulator was restarted while this statement ran; whether it took effect is not known."


@dataclass(frozen=True, slots=True)
class StatementPlan:
    """How the statements that match behave.

    :param statement: glob on the statement's text, in lower case
    :param warehouse: glob on the warehouse's name
    :param run_s: emulated seconds that it is RUNNING
    :param result: one of SUCCEEDED, FAILED, CANCELED, CLOSED
    :param error: error text of a statement that failed
    :param error_code: error code of a statement that failed
    :param sql_state: SQLSTATE of a statement that failed
    :param columns: name and type of each column, such as ``["id", "BIGINT"]``
    :param rows: values as text, or None
    """

    statement: str = "*"
    warehouse: str = "*"
    run_s: float = 1.0
    result: str = "SUCCEEDED"
    error: str = "Planned failure."
    error_code: str = "BAD_REQUEST"
    sql_state: str | None = None
    columns: tuple[tuple[str, str], ...] = ()
    rows: tuple[tuple[str | None, ...], ...] = ()

    def __post_init__(self) -> None:
        if self.result not in RESULTS:
            raise ConfigurationError(f"statement plan: result must be one of {', '.join(RESULTS)}, not {self.result!r}")
        number = type(self.run_s) in (int, float)
        if not (number and 0 <= self.run_s < float("inf")):
            raise ConfigurationError(f"statement plan: run_s must be a number, 0 or more, not {self.run_s!r}")

    def matches(self, statement: str, warehouse: str) -> bool:
        """Tell whether the plan covers a statement."""
        return fnmatchcase(statement.lower(), self.statement.lower()) and fnmatchcase(warehouse, self.warehouse)


def read_statement_plan(values: dict[str, Any]) -> StatementPlan:
    """Return a plan made of JSON values.

    :raises ConfigurationError: a key is unknown or a value has the wrong type
    """
    known = {item.name for item in fields(StatementPlan)}
    if unknown := sorted(set(values) - known):
        raise ConfigurationError(f"statement plan: unknown key {unknown[0]!r}; known are {', '.join(sorted(known))}")
    read = dict(values)
    for name, value in values.items():
        if name in ("columns", "rows"):
            read[name] = _table(name, value)
        elif name != "run_s" and not (isinstance(value, str) or (name == "sql_state" and value is None)):
            raise ConfigurationError(f"statement plan: {name} must be a string, not {value!r}")
    width = len(read.get("columns", ()))
    if any(len(row) != width for row in read.get("rows", ())):
        raise ConfigurationError(f"statement plan: each row must have {width} values, as there are columns")
    if any(len(column) != 2 or None in column for column in read.get("columns", ())):  # noqa: PLR2004 - name and type
        raise ConfigurationError("statement plan: each column must be a name and a type")
    return StatementPlan(**read)


@dataclass(frozen=True, slots=True)
class StatementEnd:
    """How an executed statement ended, as far as it outlives its engine: without its result.

    :param engine: what executed it
    """

    state: str
    engine: str
    error: str | None = None


@dataclass(slots=True)
class Statement:
    """A statement that was sent.

    :param starts_s: when its warehouse runs
    :param plan: what it follows; None for one that is executed
    :param execution: what executes it; None for one that follows a plan, or was executed by another process
    :param engine: what gave its result, as answers name it
    :param end: how another process's engine ended it
    """

    statement_id: str
    created_s: float
    starts_s: float
    engine: str
    plan: StatementPlan | None = None
    execution: Execution | None = None
    cancelled_s: float | None = None
    end: StatementEnd | None = None

    def state(self, now_s: float) -> str:
        """Return the state at a moment."""
        state = self._executed() if self.plan is None else self._planned(self.plan, now_s)
        return "CLOSED" if state == "SUCCEEDED" and now_s >= self.created_s + KEPT_S else state

    def cancel(self, now_s: float) -> None:
        """Cancel the statement; one that is over stays as it is."""
        unknown = self.plan is None and self.execution is None and self.end is None
        if unknown or self.state(now_s) not in TERMINAL:
            self.cancelled_s = now_s
            if self.execution is not None:
                self.execution.cancel()

    def table(self) -> Table:
        """Return the result of a statement that succeeded."""
        if self.plan is not None:
            return Table(self.plan.columns, self.plan.rows)
        assert self.execution is not None  # noqa: S101 - a statement has a plan or is executed
        return self.execution.outcome.result()

    def error(self) -> dict[str, str]:
        """Return the error of a statement that failed."""
        if self.plan is not None:
            return {"error_code": self.plan.error_code, "message": self.plan.error}
        if self.execution is None:
            message = (self.end and self.end.error) or _LOST
        else:
            message = str(self.execution.outcome.exception())
        return {"error_code": "BAD_REQUEST", "message": message}

    def _planned(self, plan: StatementPlan, now_s: float) -> str:
        ends_s = self.starts_s + plan.run_s
        if self.cancelled_s is not None:
            return _CANCELED
        if now_s >= ends_s:
            return plan.result
        return "PENDING" if now_s < self.starts_s else "RUNNING"

    def _executed(self) -> str:
        if self.execution is None:
            return self._remembered()
        if self.cancelled_s is not None:
            # A statement that was about to begin may have missed the first interrupt.
            self.execution.cancel()
            return _CANCELED
        outcome = self.execution.outcome
        if not outcome.done():
            return "RUNNING" if outcome.running() else "PENDING"
        if outcome.cancelled():
            return _CANCELED
        return "SUCCEEDED" if outcome.exception() is None else "FAILED"

    def _remembered(self) -> str:
        if self.cancelled_s is not None:
            return _CANCELED
        state = "FAILED" if self.end is None else self.end.state
        return "CLOSED" if state == "SUCCEEDED" else state


@dataclass(slots=True)
class StatementBook:
    """The last statements of a workspace, and the plans for coming ones.

    :param ids: where statement ids come from
    :param folder: where the database is kept; None for one in memory
    """

    ids: IdSource
    plans: tuple[StatementPlan, ...] = ()
    engine: SqlEngine | None = None
    folder: Path | None = None
    _databases: int = 0
    _statements: dict[str, Statement] = field(default_factory=dict)
    _ends: dict[str, StatementEnd] = field(default_factory=dict)

    def clear(self) -> None:
        """Forget statements and plans, and drop the database."""
        self._statements.clear()
        self.plans = ()
        self.close()
        self._databases += 1

    def running_engine(self) -> SqlEngine:
        """Return the engine; it is made when there is none.

        :raises StateError: the database cannot be opened
        """
        if self.engine is None:
            path = None
            if self.folder is not None:
                # What a reset dropped goes when its reset is certain to be kept.
                own = self.folder / str(self._databases)
                for old in self.folder.glob("*"):
                    if old != own:
                        shutil.rmtree(old, ignore_errors=True)
                path = own / "workspace.duckdb"
            self.engine = SqlEngine(path)
        return self.engine

    def remember(self, key: str, end: StatementEnd) -> None:
        """Take note of how another process's engine ended a statement, which may be added only after that."""
        if key in self._statements:
            self._statements[key].end, self._statements[key].engine = end, end.engine
        else:
            self._ends[key] = end

    def close(self) -> None:
        """Stop what is executed."""
        if self.engine is not None:
            self.engine.close()
            self.engine = None

    def plan_for(self, statement: str, warehouse: str) -> StatementPlan | None:
        """Return the plan that covers a statement: the one that was added last wins."""
        return next((plan for plan in reversed(self.plans) if plan.matches(statement, warehouse)), None)

    def add(self, **values: Any) -> Statement:  # noqa: ANN401 - fields of Statement
        """Keep a new statement and return it."""
        key = str(uuid.uuid5(uuid.NAMESPACE_OID, f"statement {self.ids.next()}"))
        self._statements[key] = made = Statement(key, **values)
        if key in self._ends:
            self.remember(key, self._ends.pop(key))
        if len(self._statements) > MAX_STATEMENTS:
            del self._statements[next(iter(self._statements))]
        return made

    def get(self, key: str) -> Statement:
        """Return a statement.

        :raises ApiError: 404, there is none
        """
        found = self._statements.get(key)
        if found is None:
            raise not_found(f"The statement {key} was not found.")
        return found


def show_statement(statement: Statement, now_s: float) -> dict[str, Any]:
    """Return a statement as execute and get show it, with the first chunk of its result."""
    state = statement.state(now_s)
    answer: dict[str, Any] = {
        "statement_id": statement.statement_id,
        "status": {"state": state},
        "engine": statement.engine,
    }
    if state == "FAILED":
        answer["status"]["error"] = statement.error()
        if statement.plan is not None and statement.plan.sql_state:
            answer["status"]["sql_state"] = statement.plan.sql_state
    if state == "SUCCEEDED":
        table = statement.table()
        answer |= {"manifest": _manifest(table), "result": show_chunk(statement, 0)}
    return answer


def show_chunk(statement: Statement, index: int) -> dict[str, Any]:
    """Return a chunk of a statement's result.

    :raises ApiError: 404, there is no such chunk
    """
    chunks = list(_chunks(statement.table()))
    if not 0 <= index < max(1, len(chunks)):
        raise not_found(f"The statement {statement.statement_id} has no chunk {index}.")
    if not chunks:
        return {}
    shown: dict[str, Any] = {**chunks[index]}
    rows = statement.table().rows[shown["row_offset"] : shown["row_offset"] + shown["row_count"]]
    if index + 1 < len(chunks):
        following = f"/api/2.0/sql/statements/{statement.statement_id}/result/chunks/{index + 1}"
        shown |= {
            "next_chunk_index": index + 1,
            "next_chunk_internal_link": f"{following}?row_offset={chunks[index + 1]['row_offset']}",
        }
    return shown | {"data_array": rows}


def _chunks(table: Table) -> Iterator[dict[str, int]]:
    for index, start in enumerate(range(0, len(table.rows), CHUNK_ROWS)):
        yield {"chunk_index": index, "row_offset": start, "row_count": min(CHUNK_ROWS, len(table.rows) - start)}


def _manifest(table: Table) -> dict[str, Any]:
    chunks = list(_chunks(table))
    columns = []
    for position, (name, kind) in enumerate(table.columns):
        type_name, type_text = databricks_type(kind)
        columns.append({"name": name, "position": position, "type_name": type_name, "type_text": type_text})
    return {
        "format": "JSON_ARRAY",
        "schema": {"column_count": len(columns), "columns": columns},
        "total_chunk_count": len(chunks),
        "total_row_count": len(table.rows),
        "truncated": table.truncated,
        **({"chunks": chunks} if chunks else {}),
    }


def _table(name: str, value: object) -> tuple[tuple[str | None, ...], ...]:
    rows = value if isinstance(value, list | tuple) else None
    if rows is None or not all(
        isinstance(row, list | tuple) and all(item is None or isinstance(item, str) for item in row) for row in rows
    ):
        raise ConfigurationError(f"statement plan: {name} must be a list of lists of strings")
    return tuple(tuple(row) for row in rows)
