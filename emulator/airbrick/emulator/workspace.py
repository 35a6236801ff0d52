"""A workspace as tests and demos see it: its credentials, and what makes it behave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airbrick.emulator.clock import Clock
from airbrick.emulator.faults import read_fault
from airbrick.emulator.plans import read_plan
from airbrick.emulator.rate_limits import read_rate_limit
from airbrick.emulator.statements import read_statement_plan

if TYPE_CHECKING:
    from airbrick.emulator.desk import Desk
    from airbrick.emulator.request_log import RecordedRequest


class Workspace:
    """A workspace that is served.

    What changes it goes the way of a request, so that it happens at one moment and a state file keeps it.

    :param desk: where it answers
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._store = desk.store

    @property
    def host(self) -> str:
        """The workspace's address, such as ``http://127.0.0.1:41233``."""
        return self._store.host

    @property
    def token(self) -> str:
        """A personal access token of the workspace's user."""
        return self._store.tokens.token

    def token_of(self, name: str) -> str:
        """Return a new personal access token of a user or a service principal.

        :param name: user name, or application id
        :raises ConfigurationError: the workspace has nobody with the name
        """
        return str(self._desk.steer("POST", "/_local/tokens", {"name": name})["token_value"])

    @property
    def client_id(self) -> str:
        """OAuth client id of the workspace's service principal."""
        return self._store.tokens.client_id

    @property
    def client_secret(self) -> str:
        """OAuth client secret of the workspace's service principal."""
        return self._store.tokens.client_secret

    @property
    def workspace_id(self) -> str:
        """The workspace's id."""
        return self._store.workspace_id

    @property
    def clock(self) -> Clock:
        """The clock that was given."""
        return self._store.clock.inner

    def advance(self, seconds: float) -> float:
        """Let time pass at once and return the new moment.

        :param seconds: how long, 0 or more
        :raises ConfigurationError: time would go backwards
        """
        return float(self._desk.steer("POST", "/_local/clock", {"advance_s": seconds})["now_s"])

    def plan(self, **values: Any) -> None:  # noqa: ANN401 - fields of Plan, checked there
        """Say how coming runs behave; the plan that was added last wins.

        :param values: fields of :class:`~airbrick.emulator.plans.Plan`
        :raises ConfigurationError: a field or value means nothing
        """
        read_plan(values)
        self._desk.steer("POST", "/_local/plans", values)

    def plan_statement(self, **values: Any) -> None:  # noqa: ANN401 - fields of StatementPlan, checked there
        """Say how coming SQL statements behave; the plan that was added last wins.

        :param values: fields of :class:`~airbrick.emulator.statements.StatementPlan`
        :raises ConfigurationError: a field or value means nothing
        """
        read_statement_plan(values)
        self._desk.steer("POST", "/_local/statement-plans", values)

    def fault(self, preset: str | None = None, /, **values: Any) -> None:  # noqa: ANN401 - fields of FaultRule
        """Make coming requests go wrong.

        :param preset: ``lost_ack``, ``throttle``, ``outage``, ``half_body``, ``token_expired``, ``slow``,
            ``stale_read``, ``bad_json``, or None
        :param values: fields of :class:`~airbrick.emulator.faults.FaultRule` that differ from the preset
        :raises ConfigurationError: an unknown preset, field or value
        """
        rule = read_fault(preset, values)
        with self._store.lock:
            self._store.faults.add(rule)

    def rate_limit(self, **values: Any) -> None:  # noqa: ANN401 - fields of RateLimit, checked there
        """Limit how many requests come through; the emulated clock counts.

        :param values: fields of :class:`~airbrick.emulator.rate_limits.RateLimit`
        :raises ConfigurationError: an unknown or missing field, or a wrong value
        """
        limit = read_rate_limit(values)
        with self._store.lock:
            self._store.rate_limits.add(limit, self._store.clock.now())

    def requests(self, method: str = "*", path: str = "*") -> list[RecordedRequest]:
        """Return the requests that came in, oldest first.

        :param method: HTTP method, or ``*``
        :param path: glob on the path
        """
        with self._store.lock:
            return self._store.requests.find(method, path)

    def wait_for_runs(self, timeout_s: float = 60.0) -> None:
        """Wait until every executed run is over; simulated runs wait for the clock alone.

        :param timeout_s: real seconds to wait
        :raises TimeoutError: a run was still executed then
        """
        engine = self._store.engine
        if engine is not None and not engine.wait(timeout_s):
            raise TimeoutError(f"a run was still executed after {timeout_s:g} seconds")

    def forget(self) -> None:
        """Forget recorded requests, faults, rate limits and plans; jobs, runs and files stay."""
        for what in ("requests", "faults", "rate-limits", "plans", "statement-plans"):
            self._desk.steer("DELETE", f"/_local/{what}", {})

    def reset(self) -> None:
        """Empty the workspace: jobs, runs, files, plans, faults, records. Credentials and clock stay.

        :raises ConfigurationError: runs are being executed
        """
        self._desk.steer("POST", "/_local/reset", {})
