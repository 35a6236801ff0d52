"""What a task instance remembers about its SQL statement, across crashes, retries and clears."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from airbrick.operators.submission.decide import Attempt
from airbrick.operators.submission.record import StateStore, Store

STORE_KEY: Final = "airbrick_statement"


@dataclass(frozen=True, slots=True)
class StatementRecord:
    """The intent to send a statement, and the statement once it is known.

    :param host: the workspace.
    :param statement_id: ``None`` until Databricks answered.
    :param max_tries: Airflow's own; a retry keeps it, a clear of a finished task changes it.
    :param try_number: the attempt that sent it, or took it over.
    :param clear_number: how often the dag run had been cleared; ``None`` where Airflow does not tell.
    :param settled: its end is already accounted for: it must not be reported again.
    :param began_at: when that attempt began, in seconds since the epoch; 0 where it was not stored.
    """

    host: str
    statement_id: str | None
    max_tries: int
    try_number: int
    clear_number: int | None
    settled: bool = False
    began_at: float = 0.0


class StatementStore(Store[StatementRecord]):
    """Keeps the record of a statement.

    :param store: as :class:`Store`'s, and so is ``never_expire``.
    """

    def __init__(self, store: StateStore | None, *, never_expire: object = None) -> None:
        super().__init__(store, key=STORE_KEY, parse=_parse, never_expire=never_expire)


def record_of(attempt: Attempt, *, host: str, max_tries: int) -> StatementRecord:
    """Give the record of an attempt that has no statement yet."""
    return StatementRecord(host, None, max_tries, attempt.try_number, attempt.clear_number, began_at=attempt.started_at)


def _parse(value: Mapping[str, Any]) -> StatementRecord | None:
    try:
        statement_id, clear_number = value["statement_id"], value["clear_number"]
        return StatementRecord(
            host=str(value["host"]),
            statement_id=None if statement_id is None else str(statement_id),
            max_tries=int(value["max_tries"]),
            try_number=int(value["try_number"]),
            clear_number=None if clear_number is None else int(clear_number),
            settled=bool(value.get("settled", False)),
            began_at=float(value.get("began_at", 0.0)),
        )
    except (KeyError, TypeError, ValueError):
        return None
