"""A SQL statement as the Statement Execution API shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

# Source: databricks-sdk 0.156, StatementState.
_GOING_ON: Final = frozenset({"PENDING", "RUNNING"})


@dataclass(frozen=True, slots=True)
class StatementView:
    """One statement.

    :param state: as the workspace names it; one that is not known here counts as ended without success.
    :param truncated: the result has more rows than were given.
    :param columns: names of the result's columns.
    :param rows: rows of the first chunk, values as text or ``None``.
    """

    statement_id: str
    state: str
    error_code: str = ""
    message: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str | None, ...], ...] = ()
    chunks: int = 0
    truncated: bool = False

    @property
    def ended(self) -> bool:
        """Tell whether the statement has ended."""
        return self.state not in _GOING_ON

    @property
    def succeeded(self) -> bool:
        """Tell whether the statement has succeeded, even if its rows are no longer kept.

        Source: databricks-sdk 0.156, ``StatementStatus.state``.
        """
        return self.state in {"SUCCEEDED", "CLOSED"}

    @property
    def cancelled(self) -> bool:
        """Tell whether the statement was cancelled."""
        return self.state == "CANCELED"

    @property
    def closed(self) -> bool:
        """Tell whether its rows are no longer kept."""
        return self.state == "CLOSED"


def read_statement(body: Mapping[str, Any]) -> StatementView:
    """Read an answer of execute or get.

    :raises KeyError: it names no statement.
    """
    status, manifest = body.get("status") or {}, body.get("manifest") or {}
    error = status.get("error") or {}
    schema = manifest.get("schema") or {}
    return StatementView(
        statement_id=str(body["statement_id"]),
        state=str(status.get("state") or ""),
        error_code=str(error.get("error_code") or ""),
        message=str(error.get("message") or ""),
        columns=tuple(str(column.get("name")) for column in schema.get("columns") or ()),
        rows=read_rows(body.get("result") or {}),
        chunks=int(manifest.get("total_chunk_count") or 0),
        truncated=bool(manifest.get("truncated")),
    )


def read_rows(result: Mapping[str, Any]) -> tuple[tuple[str | None, ...], ...]:
    """Read the rows of one chunk."""
    return tuple(tuple(row) for row in result.get("data_array") or ())
