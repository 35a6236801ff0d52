"""Keeps a workspace in a journal: says what is written, and handles it once more when the workspace comes back.

Handling is deterministic: every request happens at one moment, ids follow from how many were handed out before, and
runs follow from their plans and the clock. So it is enough to write the requests that changed something, and how many
ids were taken by what changed nothing.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from airbrick.emulator.auth import Identity
from airbrick.emulator.errors import StateError
from airbrick.emulator.journal import FORMAT
from airbrick.emulator.results import Result
from airbrick.emulator.run import Run
from airbrick.emulator.timeline import NEVER, Attempt, Output, TaskRunKey
from airbrick.emulator.wire import Call

if TYPE_CHECKING:
    from airbrick.emulator.auth import Tokens
    from airbrick.emulator.journal import Entry, Journal
    from airbrick.emulator.store import Store, Turn

Handle = Callable[[Call], object]
_HEADERS = ("authorization", "content-type")
_CREDENTIALS = ("token", "client_id", "client_secret")


class Keeper:
    """A workspace's way to its journal.

    :param journal: an open journal
    :raises StateError: the journal is damaged, or of another version
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        try:
            self._entries = list(journal.read())
            self._check_format()
        except StateError:
            journal.close()
            raise

    def _check_format(self) -> None:
        if self._entries and self._entries[0].get("format") != FORMAT:
            found = self._entries[0].get("format")
            raise StateError(f"the state file has format {found}, and this airbrick writes {FORMAT}; name another file")

    def credentials(self, token: str | None, *, big_ids: bool) -> Mapping[str, str]:
        """Return the credentials of the workspace that is kept; empty for a new one.

        :param token: the personal access token that is asked for, or None for any
        :param big_ids: the kind of ids that is asked for
        :raises StateError: the workspace has another token or other ids
        """
        if not self._entries:
            return {}
        first = self._entries[0]
        if token is not None and token != first["token"]:
            self.close()
            raise StateError("the state file belongs to a workspace with another token; leave the token out")
        if big_ids is not first["big_ids"]:
            self.close()
            raise StateError("the state file belongs to a workspace with other ids; big and small ids do not mix")
        return {name: first[name] for name in _CREDENTIALS}

    def restore(self, store: Store, handle: Handle) -> None:
        """Make a new workspace the one that is kept, and keep it from now on.

        :param store: a new workspace, with the credentials that are kept
        :param handle: does what a request asks
        """
        if not self._entries:
            self._journal.append({"format": FORMAT, **_credentials(store.tokens), "big_ids": store.ids.big})
        for entry in self._entries[1:]:
            _redo(store, entry, handle)
        self._entries.clear()
        store.keeper = self

    @property
    def broken(self) -> str | None:
        """Why nothing can be kept any more; None while it can."""
        return self._journal.broken

    def check(self) -> None:
        """Check that a change could be kept.

        :raises StateError: it could not
        """
        if self._journal.broken is not None:
            raise StateError(self._journal.broken)

    def write_request(self, call: Call, turn: Turn) -> None:
        """Write a request that changed the workspace.

        Who asked is written, not how they proved it: what was granted is not judged again, and a request for a token
        alone keeps its credentials.

        :raises StateError: it cannot be written
        """
        body = {"body": call.raw.decode()} if call.raw.isascii() else {"body64": base64.b64encode(call.raw).decode()}
        self._journal.append(
            {
                "at": turn.at_s,
                "ids": turn.ids,
                "real": turn.real,
                "method": call.method,
                "path": call.path,
                "query": call.query,
                "query_string": call.query_string.decode("latin-1"),
                "who": call.identity,
                "headers": {
                    name: call.headers[name]
                    for name in _HEADERS
                    if name in call.headers and (call.identity is None or name != "authorization")
                },
                **body,
            }
        )

    def write_attempt(self, run: Run, key: TaskRunKey, attempt: Attempt, turn: Turn) -> None:
        """Write what an executed attempt did.

        :raises StateError: it cannot be written
        """
        self._journal.append(
            {"at": turn.at_s, "ids": turn.ids, "run": run.run_id, "key": list(key), "attempt": attempt}
        )

    def write_moment(self, at_s: float, ids: int) -> None:
        """Write how far the workspace came without a change.

        :raises StateError: it cannot be written
        """
        self._journal.append({"at": at_s, "ids": ids})

    async def synced(self) -> None:
        """Wait until what was written so far is on the disk.

        :raises StateError: the disk refuses
        """
        await self._journal.synced()

    def close(self) -> None:
        """Close the journal."""
        self._journal.close()


def _credentials(tokens: Tokens) -> dict[str, str]:
    return {"token": tokens.token, "client_id": tokens.client_id, "client_secret": tokens.client_secret}


def _redo(store: Store, entry: Entry, handle: Handle) -> None:
    store.clock.resume(entry["at"])
    store.begin(entry["at"])
    store.ids.count = entry["ids"]
    try:
        if "method" in entry:
            store.executes = entry["real"]
            handle(_call(entry))
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
