"""Keeps a workspace in a journal: says what is written of what changed it.

Handling is deterministic: every request happens at one moment, ids follow from how many were handed out before, and
runs follow from their plans and the clock. So it is enough to write the requests that changed something, and how many
ids were taken by what changed nothing.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from airbrick.emulator.errors import StateError

if TYPE_CHECKING:
    from airbrick.emulator.journal import Journal
    from airbrick.emulator.run import Run
    from airbrick.emulator.statements import StatementEnd
    from airbrick.emulator.store import Turn
    from airbrick.emulator.timeline import Attempt, TaskRunKey
    from airbrick.emulator.wire import Call

_HEADERS = ("authorization", "content-type")


class Keeper:
    """A workspace's way to its journal.

    :param journal: an open journal
    :param number: the workspace's place among those of the journal, from 0
    """

    def __init__(self, journal: Journal, number: int) -> None:
        self._journal = journal
        self._number = number

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
                "workspace": self._number,
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
            {
                "workspace": self._number,
                "at": turn.at_s,
                "ids": turn.ids,
                "run": run.run_id,
                "key": list(key),
                "attempt": attempt,
            }
        )

    def write_statement(self, key: str, end: StatementEnd) -> None:
        """Write how a SQL statement ended; any thread may.

        :raises StateError: it cannot be written
        """
        self._journal.append({"workspace": self._number, "statement": key, "end": end})

    def write_moment(self, at_s: float, ids: int) -> None:
        """Write how far the workspace came without a change.

        :raises StateError: it cannot be written
        """
        self._journal.append({"workspace": self._number, "at": at_s, "ids": ids})

    async def synced(self) -> None:
        """Wait until what was written so far is on the disk.

        :raises StateError: the disk refuses
        """
        await self._journal.synced()
