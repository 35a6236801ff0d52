"""Snapshots: the workspaces of a journal as they were at one place of it, so that a start has little to do again.

A snapshot is a cache and no more. It counts for the code that wrote it and for the bytes that it was made of; where
either differs, all of the journal is handled again. So another release reads older state files, and a crash while a
snapshot is written loses nothing.

It is a pickle, since what a workspace holds are many small objects that know each other; only classes of the emulator
come out of it, and it lies beside the journal, for the same owner alone.
"""

from __future__ import annotations

import functools
import hashlib
import io
import logging
import os
import pickle
import sys
import tempfile
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from types import MethodType
from typing import TYPE_CHECKING, Any

import orjson

from airbrick.emulator.clock import HeldClock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airbrick.emulator.journal import Journal
    from airbrick.emulator.store import Origin, Store

_PARTS = (
    "tokens",
    "around",
    "files",
    "runs",
    "jobs",
    "job_quota",
    "clusters",
    "policies",
    "pools",
    "secrets",
    "directory",
    "warehouses",
    "statements",
    "plans",
)
_OTHERS = frozenset({("collections", "deque"), ("builtins", "set"), ("builtins", "frozenset"), ("builtins", "range")})
_CLOCK, _FIND_JOB = "clock", "find_job"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The workspaces of a journal at one place of it.

    :param size_bytes: how much of the journal it stands for
    :param at_s: the moment of the last entry before that place
    :param origins: what each workspace began with
    :param stores: each workspace, frozen
    """

    size_bytes: int
    at_s: float
    origins: Sequence[Origin]
    stores: Sequence[bytes]


def read_snapshot(journal: Journal) -> Snapshot | None:
    """Return the snapshot beside a journal; None without one that counts."""
    try:
        line, _, data = _path(journal).read_bytes().partition(b"\n")
        about = orjson.loads(line)
    except (OSError, orjson.JSONDecodeError):
        return None
    same = about["code"] == _code() and about["data"] == hashlib.sha256(data).hexdigest()
    if not same or about["journal"] != journal.digest(about["size_bytes"]):
        return None
    origins, stores = _Reader(io.BytesIO(data), {}).load()
    return Snapshot(about["size_bytes"], about["at_s"], origins, stores)


def write_snapshot(journal: Journal, at_s: float, origins: Sequence[Origin], stores: Sequence[Store]) -> None:
    """Write a snapshot beside a journal that was just read; one that cannot be written is done without."""
    try:
        data = pickle.dumps((list(origins), [freeze(store) for store in stores]))
        about = {
            "code": _code(),
            "journal": journal.digest(journal.size_bytes),
            "size_bytes": journal.size_bytes,
            "at_s": at_s,
            "data": hashlib.sha256(data).hexdigest(),
        }
        _replace(_path(journal), orjson.dumps(about) + b"\n" + data)
    except (OSError, pickle.PicklingError, TypeError, AttributeError, RecursionError) as error:
        _log.warning("cannot write %s: %s; the next start takes longer", _path(journal), error)


def freeze(store: Store) -> bytes:
    """Return what a workspace holds."""
    file = io.BytesIO()
    _Writer(file, store).dump({name: getattr(store, name) for name in _PARTS})
    return file.getvalue()


def thaw(store: Store, frozen: bytes) -> None:
    """Let a new workspace hold what another one held; options and address stay its own."""
    host, ttl_s, limits = store.around.host, store.tokens.oauth_ttl_s, store.job_quota.limits
    known = {_CLOCK: store.clock, _FIND_JOB: store.version_of}
    for name, part in _Reader(io.BytesIO(frozen), known).load().items():
        setattr(store, name, part)
    store.around.host, store.tokens.oauth_ttl_s, store.job_quota.limits = host, ttl_s, limits


class _Writer(pickle.Pickler):
    def __init__(self, file: io.BytesIO, store: Store) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self._find_job = store.version_of

    def persistent_id(self, obj: Any) -> str | None:  # noqa: ANN401 - any object
        if type(obj) is HeldClock:
            return _CLOCK
        return _FIND_JOB if type(obj) is MethodType and obj == self._find_job else None


class _Reader(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, known: dict[str, Any]) -> None:
        super().__init__(file)
        self._known = known

    def persistent_load(self, pid: str) -> Any:  # noqa: ANN401 - any object
        return self._known[pid]

    def find_class(self, module_name: str, global_name: str) -> Any:  # noqa: ANN401 - a class
        if not module_name.startswith("airbrick.emulator.") and (module_name, global_name) not in _OTHERS:
            raise pickle.UnpicklingError(f"{module_name}.{global_name} is no part of a workspace")
        found = super().find_class(module_name, global_name)
        if not isinstance(found, type):
            raise pickle.UnpicklingError(f"{module_name}.{global_name} is no class")
        return found


@functools.cache
def _code() -> str:
    """Return what stands for the code, and so for the form of what it freezes."""
    digest = hashlib.sha256(sys.version.encode())
    root = Path(str(resources.files("airbrick.emulator")))
    for path in sorted(root.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _path(journal: Journal) -> Path:
    return journal.path.with_name(f"{journal.path.name}.snapshot")


def _replace(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
