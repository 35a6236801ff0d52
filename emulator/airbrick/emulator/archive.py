"""The workspaces that a journal keeps: who they are, and how they come back."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from airbrick.emulator.auth import Identity
from airbrick.emulator.errors import StateError
from airbrick.emulator.journal import FORMAT
from airbrick.emulator.keeper import Keeper
from airbrick.emulator.results import Result
from airbrick.emulator.snapshot import read_snapshot, thaw, write_snapshot
from airbrick.emulator.statements import StatementEnd
from airbrick.emulator.store import Origin
from airbrick.emulator.timeline import NEVER, Attempt, Output, TaskRunKey
from airbrick.emulator.wire import Call

if TYPE_CHECKING:
    from pathlib import Path

    from airbrick.emulator.desk import Desk
    from airbrick.emulator.journal import Entry, Journal

Add = Callable[[Origin], "Desk"]
# How many entries a start handles again before it writes a snapshot; a second's worth.
_REDONE_AT_MOST = 1_000
_CREDENTIALS = ("token", "client_id", "client_secret")


class Archive:
    """The workspaces of a journal.

    :param journal: an open journal
    :raises StateError: the journal is damaged, or of another version
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._kept = 0
        try:
            self._first = next(journal.read(), None)
            self._check_format()
            self._snapshot = read_snapshot(journal)
            start = self._snapshot.size_bytes if self._snapshot is not None else 0
            self._entries = list(journal.read(start))
        except BaseException:
            journal.close()
            raise

    def _check_format(self) -> None:
        if self._first is not None and self._first.get("format") != FORMAT:
            found = self._first.get("format")
            raise StateError(f"the state file has format {found}, and this airbrick writes {FORMAT}; name another file")

    def origin(self, token: str | None, *, big_ids: bool) -> Origin:
        """Return what the first workspace began with, or is to begin with.

        :param token: the personal access token that is asked for, or None for any
        :param big_ids: the kind of ids that is asked for
        :raises StateError: the workspace has another token or other ids
        """
        first = self._first
        if first is None:
            return Origin({"token": token})
        if token is not None and token != first["token"]:
            self.close()
            raise StateError("the state file belongs to a workspace with another token; leave the token out")
        if big_ids is not first["big_ids"]:
            self.close()
            raise StateError("the state file belongs to a workspace with other ids; big and small ids do not mix")
        return _origin(first)

    def restore(self, first: Desk, add: Add) -> None:
        """Make new workspaces those that are kept, and keep them from now on.

        :param first: the first one, made of its :meth:`origin`
        :param add: makes another one
        :raises StateError: what was done once cannot be done again
        """
        if self._first is None:
            self.keep(first)
            return
        origins, desks, at_s = [_origin(self._first)], [first], self._first["at"]
        if self._snapshot is not None:
            at_s = self._snapshot.at_s
            first.store.clock.resume(at_s)
            for origin in self._snapshot.origins[1:]:
                origins.append(origin)
                desks.append(add(origin))
            for desk, frozen in zip(desks, self._snapshot.stores, strict=True):
                thaw(desk.store, frozen)
        else:
            del self._entries[0]
        for entry in self._entries:
            at_s = max(at_s, entry.get("at", at_s))
            if "token" in entry:
                origins.append(_origin(entry))
                desks.append(add(origins[-1]))
            else:
                _redo(desks[entry["workspace"]], entry)
        if len(self._entries) > _REDONE_AT_MOST:
            write_snapshot(self._journal, at_s, origins, [desk.store for desk in desks])
        self._entries, self._snapshot = [], None
        for number, desk in enumerate(desks):
            self._keep(desk, number)
        self._kept = len(desks)

    def keep(self, desk: Desk) -> None:
        """Keep a new workspace from now on.

        :raises StateError: it cannot be written
        """
        store = desk.store
        # A file that was deleted may have left a database behind.
        shutil.rmtree(self._folder(self._kept), ignore_errors=True)
        begun = {"at": store.begun_s, **{name: getattr(store.tokens, name) for name in _CREDENTIALS}}
        about = {"format": FORMAT, "big_ids": store.ids.big} if self._kept == 0 else {}
        self._journal.append({**about, **begun})
        self._keep(desk, self._kept)
        self._kept += 1

    def _keep(self, desk: Desk, number: int) -> None:
        desk.store.keeper = Keeper(self._journal, number)
        desk.store.statements.folder = self._folder(number)

    def _folder(self, number: int) -> Path:
        path = self._journal.path
        return path.with_name(f"{path.name}.sql") / str(number)

    def close(self) -> None:
        """Close the journal."""
        self._journal.close()


def _origin(entry: Entry) -> Origin:
    return Origin({name: entry[name] for name in _CREDENTIALS}, entry["at"])


def _redo(desk: Desk, entry: Entry) -> None:
    store = desk.store
    if "statement" in entry:
        store.statements.remember(entry["statement"], StatementEnd(**entry["end"]))
        return
    store.clock.resume(entry["at"])
    store.begin(entry["at"])
    store.ids.count = entry["ids"]
    try:
        if "method" in entry:
            store.executes = entry["real"]
            desk.redo(_call(entry))
        elif "attempt" in entry:
            run = store.runs.get(entry["run"])
            if run is not None:
                store.runs.record(run, TaskRunKey(*entry["key"]), _attempt(entry["attempt"]))
    finally:
        store.clock.release()


def _call(entry: Entry) -> Call:
    raw = entry["body"].encode() if "body" in entry else base64.b64decode(entry["body64"])
    query_string = entry["query_string"].encode("latin-1")
    who = None if entry["who"] is None else Identity(**entry["who"])
    return Call(
        entry["method"],
        entry["path"],
        entry["query"],
        entry["headers"],
        raw,
        query_string=query_string,
        identity=who,
    )


def _attempt(values: dict[str, Any]) -> Attempt:
    moments = {name: NEVER if value is None else value for name, value in values.items() if name.endswith("_s")}
    output = Output(**values["output"])
    others = {name: tuple(value) for name, value in values.items() if name in ("iterations", "inputs")}
    return Attempt(**values | moments | others | {"output": output, "result": Result(values["result"])})
