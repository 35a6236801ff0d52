"""The journal file: whole lines, or none."""

from __future__ import annotations

import asyncio
import resource
import signal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airbrick.emulator.errors import StateError
from airbrick.emulator.journal import Journal

if TYPE_CHECKING:
    from pathlib import Path

ENTRIES: list[dict[str, Any]] = [{"n": 1}, {"text": "é\n\u2028"}, {"list": [1, None, 2**62]}]


def write(path: Path) -> None:
    journal = Journal(path)
    assert list(journal.read()) == []
    for entry in ENTRIES:
        journal.append(entry)
    asyncio.run(journal.synced())
    journal.close()


def read(path: Path) -> list[object]:
    journal = Journal(path)
    try:
        return list(journal.read())
    finally:
        journal.close()


def test_what_was_written_comes_back_and_the_file_is_private(tmp_path: Path) -> None:
    path = tmp_path / "state"
    write(path)
    assert read(path) == ENTRIES
    assert path.stat().st_mode & 0o777 == 0o600


@given(st.integers(1, 200))
def test_a_line_that_was_not_written_to_its_end_is_dropped(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    path = tmp_path_factory.mktemp("journal") / "state"
    write(path)
    data = path.read_bytes()
    path.write_bytes(data[: max(0, len(data) - cut)])
    kept = read(path)
    assert kept == ENTRIES[: len(kept)]
    assert len(kept) < len(ENTRIES)
    journal = Journal(path)
    list(journal.read())
    journal.append({"after": True})
    journal.close()
    assert read(path) == [*kept, {"after": True}]


def test_damage_before_the_end_is_refused_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "state"
    write(path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[1].replace(b"text", b"test") + lines[2])
    with pytest.raises(StateError, match=f"damaged at byte {len(lines[0])}"):
        read(path)


def test_a_file_belongs_to_one_emulator_at_a_time(tmp_path: Path) -> None:
    first = Journal(tmp_path / "state")
    with pytest.raises(StateError, match="in use by another emulator"):
        Journal(tmp_path / "state")
    first.close()
    Journal(tmp_path / "state").close()


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="No such file"):
        Journal(tmp_path / "missing" / "state")


def test_a_full_disk_loses_nothing_and_takes_no_more(tmp_path: Path) -> None:
    path = tmp_path / "state"
    journal = Journal(path)
    list(journal.read())
    journal.append({"n": 1})
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 20, before[1]))
        with pytest.raises(StateError, match="takes no more changes"):
            journal.append({"text": "x" * 100})
        with pytest.raises(StateError, match="takes no more changes"):
            journal.append({})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
        journal.close()
    assert read(path) == [{"n": 1}]
