"""A workspace and a task state store in memory, in which a worker can die before or after any step."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from airbrick.operators.errors import ApiError, NotFoundError
from airbrick.operators.runs.view import Phase, Repair, RunView
from airbrick.operators.workspace import wire
from airbrick.operators.workspace.clock import Clock

CANCEL_TAKES_S = 30.0
CANCEL_SHOWS_S = 4.0
"""A cancel is a request: until then the run looks as if nobody had sent one."""


class Died(BaseException):
    """The worker's process ends here."""


@dataclass
class Fuse:
    """Lets the worker die at its n-th step.

    :param steps: how many half steps it has left; every step has one before and one after its effect.
    """

    steps: int | None = None

    def burn(self) -> None:
        if self.steps is not None:
            if self.steps == 0:
                raise Died
            self.steps -= 1


@dataclass
class Run:
    run_id: int
    token: str
    started_at: float
    result: str = ""
    code: str = ""
    ends_at: float | None = None
    shows_at: float = 0.0
    repairs: list[Repair] = field(default_factory=list)


@dataclass
class SimulatedWorkspace:
    """Keeps the promises of the Jobs API that starting a run relies on.

    :param overlaps: how often a run was started while another was active.
    """

    fuse: Fuse
    lost_answers: Iterator[bool]
    now: float = 1000.0
    clock_offset_s: float = 0.0
    runs: dict[int, Run] = field(default_factory=dict)
    overlaps: int = 0
    ids: Iterator[int] = field(default_factory=lambda: count(2**60))

    def clock(self) -> Clock:
        def sleep(seconds: float) -> None:
            self.now += max(0.0, seconds)

        return Clock(now=lambda: self.now, monotonic=lambda: self.now, sleep=sleep, unit=lambda: 0.5)

    def active(self) -> list[Run]:
        return [run for run in self.runs.values() if not self._ended(run)]

    def unbroken(self) -> list[Run]:
        """Give the active run, unless it is ending."""
        return [run for run in self.active() if run.ends_at is None]

    def end(self, result: str, code: str, *, takes_s: float = 0.0) -> None:
        """Let the active run end by itself.

        :param takes_s: how long its clusters take to stop, in seconds.
        """
        for run in self.unbroken():
            run.result, run.code, run.ends_at = result, code, self.now + takes_s
            run.repairs = [Repair(item.repair_id, item.started_at, ended=True) for item in run.repairs]

    def call(self, call: wire.Call) -> dict[str, Any]:
        answer = self._once(call)
        # The answer is lost and the client asks again.
        if call.method == "POST" and next(self.lost_answers):
            answer = self._once(call)
        return answer

    def _once(self, call: wire.Call) -> dict[str, Any]:
        self.fuse.burn()
        answer = self._answer(call)
        self.fuse.burn()
        return answer

    def run(self, run_id: int) -> RunView:
        self.fuse.burn()
        if run_id not in self.runs:
            raise NotFoundError("GET run", status=400, message=f"Run {run_id} does not exist.")
        return self._view(self.runs[run_id])

    def _answer(self, call: wire.Call) -> dict[str, Any]:
        body = dict(call.body or {})
        if call.path.endswith("/run-now"):
            return {"run_id": self.start(body["idempotency_token"])}
        if call.path.endswith("/cancel"):
            self.cancel(self.runs[body["run_id"]])
            return {}
        if call.path.endswith("/repair"):
            return {"repair_id": self._repaired(self.runs[body["run_id"]], body.get("latest_repair_id"))}
        assert call.path.endswith("/list")
        return {"runs": [{"run_id": run.run_id, "start_time": run.started_at * 1000.0} for run in self.active()]}

    def start(self, token: str) -> int:
        """Start the run of a token, or find it."""
        for run in self.runs.values():
            if run.token == token:
                return run.run_id
        self.overlaps += bool(self.active())
        run = Run(next(self.ids), token, self.now + self.clock_offset_s)
        self.runs[run.run_id] = run
        return run.run_id

    def cancel(self, run: Run) -> None:
        if run.ends_at is None:
            run.result, run.code = "CANCELED", "USER_CANCELED"
            run.ends_at, run.shows_at = self.now + CANCEL_TAKES_S, self.now + CANCEL_SHOWS_S

    def _repaired(self, run: Run, latest: int | None) -> int:
        if not self._ended(run):
            raise ApiError("POST repair", status=400, message="the run is in progress")
        if latest != (run.repairs[-1].repair_id if run.repairs else None):
            raise ApiError("POST repair", status=400, message="latest_repair_id is not the latest")
        self.overlaps += bool(self.active())
        run.result, run.code, run.ends_at = "", "", None
        run.repairs.append(Repair(next(self.ids), self.now + self.clock_offset_s, ended=False))
        return run.repairs[-1].repair_id

    def _ended(self, run: Run) -> bool:
        return run.ends_at is not None and run.ends_at <= self.now

    def _view(self, run: Run) -> RunView:
        ended = self._ended(run)
        goes_on = run.ends_at is None or self.now < run.shows_at
        phase = Phase.ENDED if ended else Phase.RUNNING if goes_on else Phase.TERMINATING
        result, code = (run.result, run.code) if ended else ("", "")
        return RunView(
            run.run_id,
            7,
            phase,
            str(phase),
            result,
            code,
            started_at=run.started_at,
            repairs=tuple(run.repairs),
        )


@dataclass
class SimulatedStore:
    """Airflow's task state store."""

    fuse: Fuse
    values: dict[str, Any] = field(default_factory=dict)

    def get(self, key: str) -> Any:
        return self.values.get(key)

    def set(self, key: str, value: Any, **_: Any) -> None:
        self.fuse.burn()
        self.values[key] = value
        self.fuse.burn()
