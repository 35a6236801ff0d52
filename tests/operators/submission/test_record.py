import json
from dataclasses import replace
from typing import Any

import pytest

from airbrick.operators.submission.record import STORE_KEY, Record, RecordStore

RECORD = Record(3, "t", "https://w", 2**60, run_id=2**60 + 1, try_number=1, clear_number=None, asked_at=1.5)


class JsonStore:
    """Holds what Airflow's store holds: JSON."""

    def __init__(self) -> None:
        self.rows: dict[str, str] = {}
        self.options: dict[str, Any] = {}

    def get(self, key: str) -> Any:
        return json.loads(self.rows[key]) if key in self.rows else None

    def set(self, key: str, value: Any, **options: Any) -> None:
        self.rows[key] = json.dumps(value)
        self.options = options


def test_a_record_comes_back_as_it_was_written() -> None:
    backend = JsonStore()
    store = RecordStore(backend, never_expire="never")
    assert store.read() is None
    store.write(RECORD)
    assert store.read() == RECORD
    assert backend.options == {"retention": "never"}
    assert store.durable


def test_a_record_that_does_not_say_when_its_attempt_began_is_read() -> None:
    backend = JsonStore()
    RecordStore(backend).write(replace(RECORD, began_at=7.0))
    stored = backend.get(STORE_KEY)
    del stored["began_at"]
    backend.set(STORE_KEY, stored)
    assert RecordStore(backend).read() == RECORD


def test_without_a_store_nothing_is_remembered() -> None:
    store = RecordStore(None)
    store.write(RECORD)
    assert store.read() is None
    assert not store.durable


@pytest.mark.parametrize("value", [None, [], "x", {}, {"k": "no"}, {"k": 1, "token": "t"}])
def test_what_this_version_cannot_read_counts_as_no_record(value: object) -> None:
    backend = JsonStore()
    backend.set(STORE_KEY, value)
    assert RecordStore(backend).read() is None
