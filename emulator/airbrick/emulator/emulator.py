"""The emulator as a context manager, for tests and demos."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Self

from airbrick.emulator.api import all_routes
from airbrick.emulator.app import App
from airbrick.emulator.clock import Clock, SystemClock
from airbrick.emulator.errors import ConfigurationError
from airbrick.emulator.execute.engine import LocalEngine
from airbrick.emulator.faults import read_fault
from airbrick.emulator.journal import Journal
from airbrick.emulator.keeper import Keeper, resume_execution
from airbrick.emulator.limits import JobQuota, Limits
from airbrick.emulator.plans import read_plan
from airbrick.emulator.rate_limits import read_rate_limit
from airbrick.emulator.server import Connections, Server, listen
from airbrick.emulator.statements import read_statement_plan
from airbrick.emulator.store import new_store
from airbrick.emulator.wire import Call, Router

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from airbrick.emulator.request_log import RecordedRequest
    from airbrick.emulator.tls import Certificate

LOOPBACK = "127.0.0.1"


class Emulator:
    """A Databricks workspace on a loopback port.

    ::

        with Emulator(clock=ManualClock()) as workspace:
            client = WorkspaceClient(host=workspace.host, token=workspace.token)

    :param clock: tells the time in the workspace; the machine's clock unless given
    :param host: address to listen on
    :param port: port to listen on; 0 for a free one
    :param token: personal access token, or None for a random one
    :param oauth_ttl_s: real seconds that an OAuth token lives
    :param big_ids: hand out ids that no double can hold
    :param execute: really run notebooks and Python files of jobs, unless a plan covers them
    :param data_dir: folder that executed tasks share; it is AIRBRICK_DATA in their environment, and parameters that
        begin with ``/Volumes/`` are given to them as a path below it. None for a folder that ends with the emulator
    :param tls_dir: serve over TLS; this folder holds the certificate and the authority that clients must trust, and
        both are made when they are missing. None for plain HTTP
    :param enforce_permissions: answer 403 to whoever lacks a permission; without it permissions are only kept
    :param limits: how many jobs the workspace takes
    :param state: a file in which the workspace is kept; it comes back when an emulator is started with the same file.
        Faults and the record of requests are not kept. The file holds credentials. None to keep nothing
    :param admin: answer ``/_local`` and the forms of the pages
    :raises StartError: the port is taken, or the server does not come up
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        host: str = LOOPBACK,
        port: int = 0,
        token: str | None = None,
        oauth_ttl_s: float = 3600.0,
        big_ids: bool = True,
        execute: bool = False,
        data_dir: Path | None = None,
        tls_dir: Path | None = None,
        admin: bool = True,
        enforce_permissions: bool = False,
        limits: Limits | None = None,
        state: Path | None = None,
    ) -> None:
        self._keeper = None if state is None else Keeper(Journal(state))
        self._clock = clock or SystemClock()
        kept = {} if self._keeper is None else self._keeper.credentials(token, big_ids=big_ids)
        self._store = new_store(self._clock, token=token, oauth_ttl_s=oauth_ttl_s, big_ids=big_ids, credentials=kept)
        self._store.admin = admin
        self._store.enforces = enforce_permissions
        self._store.job_quota = JobQuota(limits or Limits())
        self._address = (host, port)
        self._tls_dir = tls_dir
        self._certificate: Certificate | None = None
        self._execute = execute
        self._data_dir = data_dir
        self._server: Server | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start to serve.

        :raises StartError: the port is taken, the certificate cannot be kept, or the server does not come up
        """
        host, port = self._address
        if self._tls_dir is not None:
            self._certificate = _certificate(self._tls_dir, host)
        sock = listen(host, port)
        shown = f"[{host}]" if ":" in host else host
        scheme = "http" if self._certificate is None else "https"
        self._store.around.host = f"{scheme}://{shown}:{sock.getsockname()[1]}"
        connections = Connections()
        app = App(self._store, Router(all_routes()), connections.cut)
        if self._keeper is not None:
            self._keeper.restore(self._store, app.redo)
        self._store.executes = self._execute
        if self._execute:
            self._store.engine = LocalEngine(self._store, data_dir=self._data_dir)
        if self._keeper is not None:
            resume_execution(self._store)
        server_file = None if self._certificate is None else self._certificate.server
        self._server = Server(app, sock, connections.protocol(), server_file)
        self._server.start()

    def stop(self) -> None:
        """Kill what is executed and stop to serve."""
        if self._store.engine is not None:
            self._store.engine.stop_all()
            self._store.engine = None
        self._store.statements.close()
        if self._server is not None:
            self._server.stop()
            self._server = None
        if self._keeper is not None:
            self._keeper.close()
            self._keeper = self._store.keeper = None

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
        with self._store.lock:
            found = self._store.directory.by_name(name)
            if found is None:
                raise ConfigurationError(f"the workspace has no user and no service principal {name!r}")
            return self._store.tokens.create_pat(found.id, "made by token_of", None)[0]

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
    def ca_file(self) -> Path | None:
        """The authority that clients must trust; None without TLS."""
        return None if self._certificate is None else self._certificate.ca

    def environment(self) -> dict[str, str]:
        """Return the variables by which official clients find the workspace, sign in and trust it."""
        trust = {} if self._certificate is None else self._certificate.environment()
        return {"DATABRICKS_HOST": self.host, "DATABRICKS_TOKEN": self.token, **trust}

    @property
    def clock(self) -> Clock:
        """The clock that was given."""
        return self._clock

    def advance(self, seconds: float) -> float:
        """Let time pass at once and return the new moment.

        :param seconds: how long, 0 or more
        :raises ConfigurationError: time would go backwards
        """
        return self._store.clock.advance(seconds)

    def plan(self, **values: Any) -> None:  # noqa: ANN401 - fields of Plan, checked there
        """Say how coming runs behave; the plan that was added last wins.

        :param values: fields of :class:`~airbrick.emulator.plans.Plan`
        :raises ConfigurationError: a field or value means nothing
        """
        plan = read_plan(values)
        with self._store.lock:
            self._store.plans = (*self._store.plans, plan)
            self._keep("POST", "/_local/plans", values)

    def plan_statement(self, **values: Any) -> None:  # noqa: ANN401 - fields of StatementPlan, checked there
        """Say how coming SQL statements behave; the plan that was added last wins.

        :param values: fields of :class:`~airbrick.emulator.statements.StatementPlan`
        :raises ConfigurationError: a field or value means nothing
        """
        plan = read_statement_plan(values)
        with self._store.lock:
            self._store.statements.plans = (*self._store.statements.plans, plan)
            self._keep("POST", "/_local/statement-plans", values)

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
            self._store.rate_limits.add(limit, self._clock.now())

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
        with self._store.lock:
            self._store.requests.clear()
            self._store.faults.clear()
            self._store.rate_limits.clear()
            self._store.plans = ()
            self._store.statements.plans = ()
            self._keep("DELETE", "/_local/plans", {})

    def reset(self) -> None:
        """Empty the workspace: jobs, runs, files, plans, faults, records. Credentials and clock stay.

        :raises ConfigurationError: runs are being executed
        """
        with self._store.lock:
            self._store.advance()
            if self._store.is_executing():
                raise ConfigurationError("runs are being executed; cancel them before a reset")
            self._store.clear()
            self._keep("POST", "/_local/reset", {})

    def _keep(self, method: str, path: str, values: dict[str, Any]) -> None:
        if self._store.keeper is not None:
            turn = self._store.begin()
            self._store.keeper.write_request(Call(method, path, {}, {}, json.dumps(values).encode()), turn)
            self._store.end(turn, kept=True)


def _certificate(folder: Path, host: str) -> Certificate:
    # cryptography takes a tenth of a second to import, and most workspaces speak plain HTTP.
    from airbrick.emulator.tls import certificate

    return certificate(folder, host)
