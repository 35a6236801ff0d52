"""The journal: what changed a workspace, in order, on disk, so that the same workspace comes back after a crash.

An append-only file rather than a database, because what changes a workspace is already in a form that can be done
again: the request. A line holds one request; a new emulator handles the lines once more, at the moments and with the
ids that they had. So no group of endpoints has to know how its state is stored, and a change is on disk as a whole
or not at all.

A line is written before its request is answered, and forced to the disk together with those that wait beside it.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import hashlib
import logging
import os
import threading
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import orjson

from airbrick.emulator.errors import StateError

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 2
_MODE = 0o600
_READ_BYTES = 1 << 20
_log = logging.getLogger(__name__)

Entry = dict[str, Any]


class Journal:
    """A journal file, open for as long as the emulator runs.

    :param path: the file; made when it is missing, for its owner alone since it holds credentials
    ``broken`` says why nothing can be written any more; it is None while all is well.

    :raises StateError: the file cannot be opened, is in use, or is damaged
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, _MODE)
        except OSError as error:
            raise StateError(f"cannot open {path}: {error.strerror}") from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            raise StateError(f"{path} is in use by another emulator; stop it or name another file") from None
        self._lock = threading.Lock()
        self._written = 0
        self._synced = 0
        self._syncing: asyncio.Future[None] | None = None
        self._unsynced: str | None = None
        self.broken: str | None = None

    @property
    def size_bytes(self) -> int:
        """How long the file is, after it was read."""
        return self._written

    def digest(self, size_bytes: int) -> str:
        """Return what stands for the first bytes of the file."""
        digest = hashlib.sha256()
        with os.fdopen(os.dup(self._file), "rb") as file:
            file.seek(0)
            while size_bytes > 0 and (data := file.read(min(size_bytes, _READ_BYTES))):
                digest.update(data)
                size_bytes -= len(data)
        return digest.hexdigest()

    def read(self, start: int = 0) -> Iterator[Entry]:
        """Yield all entries, oldest first, and drop a last one that was not written to its end.

        :param start: the byte to begin at
        :raises StateError: an entry before the last is damaged
        """
        end = start
        with os.fdopen(os.dup(self._file), "rb") as file:
            file.seek(start)
            for line in file:
                entry = _parse(line)
                if entry is None:
                    if any(_parse(later) is not None for later in file):
                        raise StateError(f"{self.path} is damaged at byte {end}; restore it from a copy")
                    os.ftruncate(self._file, end)
                    break
                yield entry
                end += len(line)
        self._written = self._synced = end

    def append(self, entry: Entry) -> None:
        """Write an entry; any thread may.

        :raises StateError: it cannot be written; nothing can be from then on
        """
        if self.broken is not None:
            raise StateError(self.broken)
        data = orjson.dumps(entry)
        line = b"%08x %s\n" % (zlib.crc32(data), data)
        # Several workspaces may write at once.
        with self._lock:
            try:
                written = os.write(self._file, line)
            except OSError as error:
                raise self._break(error.strerror or "error") from None
            if written < len(line):
                raise self._break("the disk is full")
            self._written += len(line)

    async def synced(self) -> None:
        """Wait until what was written so far is on the disk.

        :raises StateError: the disk refused once; what it then says of the same bytes is worth nothing
        """
        wanted = self._written
        while self._synced < wanted:
            if self._unsynced is not None:
                raise StateError(self._unsynced)
            if self._syncing is None:
                self._syncing = asyncio.ensure_future(self._sync())
            await asyncio.shield(self._syncing)

    def close(self) -> None:
        """Force everything to the disk and close the file."""
        with contextlib.suppress(OSError):
            os.fsync(self._file)
        os.close(self._file)

    async def _sync(self) -> None:
        written = self._written
        try:
            await asyncio.get_running_loop().run_in_executor(None, os.fdatasync, self._file)
            self._synced = written
        except OSError as error:
            self._unsynced = str(self._break(error.strerror or "error"))
        finally:
            self._syncing = None

    def _break(self, why: str) -> StateError:
        self.broken = f"cannot write {self.path}: {why}; the emulator takes no more changes until it is restarted"
        _log.error("%s", self.broken)
        # A line that is there by half is dropped when the file is read.
        with contextlib.suppress(OSError):
            os.ftruncate(self._file, self._written)
        return StateError(self.broken)


def _parse(line: bytes) -> Entry | None:
    checksum, _, data = line.partition(b" ")
    if not data.endswith(b"\n") or checksum != b"%08x" % zlib.crc32(data[:-1]):
        return None
    entry: Entry = orjson.loads(data)
    return entry
