"""What is done to a deployment while it runs: providers are killed, an engine that waits for ever is interrupted."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.iac.faults.rack import Rack

# Longer than any fault makes a caller wait.
STILL_S = 10.0


@dataclass
class Watch:
    """Watches one ``up``.

    :param said: the file that the engine writes its events to.
    """

    phase: str
    racks: Sequence[Rack]
    engine: subprocess.Popen[bytes]
    said: Path
    waiting: list[Rack] = field(init=False)
    seen: tuple[int, int] = (0, 0)
    since_s: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.waiting = [rack for rack in self.racks if rack.held]

    def until_end(self, *, timeout_s: float = 300.0) -> None:
        """Look at everything until the engine ends.

        :raises AssertionError: it did not end in time, or a command line showed a secret.
        """
        end_s = time.monotonic() + timeout_s
        while self.engine.poll() is None:
            assert time.monotonic() < end_s, f"{self.phase}: up has not ended after {timeout_s:.0f} s"
            self._kill_due(still=self._is_still())
            commands = " ".join(" ".join(item.info["cmdline"] or []) for item in psutil.process_iter(["cmdline"]))
            leaked = [rack.name for rack in self.racks if any(text in commands for text in rack.secrets)]
            assert leaked == [], f"{self.phase}: a command line showed a secret of {leaked}"
            with suppress(subprocess.TimeoutExpired):
                self.engine.wait(0.2)

    def _is_still(self) -> bool:
        """Tell whether nothing has been asked, answered or said for a while."""
        seen = self.said.stat().st_size, sum(rack.asked for rack in self.racks)
        if seen != self.seen:
            self.seen, self.since_s = seen, time.monotonic()
        return time.monotonic() - self.since_s > STILL_S

    def _kill_due(self, *, still: bool) -> None:
        """Kill each provider whose calls are all held; or, where nothing else moves, with some that are held.

        The first read that fails ends the engine's reading: before that, all that are to be killed while it reads must
        be held.
        """
        held = [rack for rack in self.waiting if rack.is_held()]
        due = held if self.phase != "refresh" or held == self.waiting else []
        for rack in due or [rack for rack in self.waiting if still and rack.is_held(all_of_them=False)]:
            if rack.kill():
                self.waiting.remove(rack)
                still = False
        if still and self._was_not_deleted():
            self.engine.send_signal(signal.SIGINT)
            self.since_s = time.monotonic()

    def _was_not_deleted(self) -> bool:
        """Tell whether an old object was to go before its replacement comes, and did not.

        With ``--continue-on-error`` the engine then waits for ever for the replacement, which nobody makes: whoever
        runs it ends it by Ctrl-C.
        """
        events = (json.loads(line) for line in self.said.read_text("utf-8").splitlines() if line.startswith("{"))
        failed = [(event.get("resOpFailedEvent") or {}).get("metadata", {}).get("op") for event in events]
        return "delete-replaced" in failed
