"""The emulator as a context manager, for tests and demos."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from airbrick.emulator.api import all_routes
from airbrick.emulator.app import App
from airbrick.emulator.archive import Archive
from airbrick.emulator.clock import Clock, SystemClock
from airbrick.emulator.desk import Desk, Desks
from airbrick.emulator.errors import ConfigurationError, StartError
from airbrick.emulator.execute.engine import LocalEngine
from airbrick.emulator.execute.resume import resume_execution
from airbrick.emulator.journal import Journal
from airbrick.emulator.limits import JobQuota, Limits
from airbrick.emulator.server import Connections, Server, listen
from airbrick.emulator.store import WORKSPACE_ID, Origin, Store, new_store
from airbrick.emulator.wire import Router
from airbrick.emulator.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path
    from socket import socket
    from types import TracebackType

    from airbrick.emulator.tls import Certificate

LOOPBACK = "127.0.0.1"


class Emulator(Workspace):
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
    :param state: a file in which the workspaces are kept; they come back when an emulator is started with the same
        file. Faults and the record of requests are not kept. The file holds credentials. None to keep nothing
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
        self._state = state
        self._archive = None if state is None else Archive(Journal(state))
        self._clock = clock or SystemClock()
        origin = Origin({"token": token}) if self._archive is None else self._archive.origin(token, big_ids=big_ids)
        self._oauth_ttl_s, self._big_ids = oauth_ttl_s, big_ids
        self._rules = (admin, enforce_permissions, limits or Limits())
        self._router = Router(all_routes())
        super().__init__(Desk(self._new_store(WORKSPACE_ID, origin), self._router))
        self._desks = Desks(self._desk)
        self._address = (host, port)
        self._tls_dir = tls_dir
        self._certificate: Certificate | None = None
        self._execute = execute
        self._data_dir = data_dir
        self._sock: socket | None = None
        self._server: Server | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start to serve; an emulator that could not holds neither its port nor its state file.

        :raises StartError: the port is taken, the certificate cannot be kept, the state file is no good or was closed,
            or the server does not come up
        """
        if self._archive is None and self._state is not None:
            raise StartError(f"this emulator closed {self._state}; make a new Emulator to open it again")
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        host, port = self._address
        if self._tls_dir is not None:
            self._certificate = _certificate(self._tls_dir, host)
        self._sock = sock = listen(host, port)
        shown = f"[{host}]" if ":" in host else host
        scheme = "http" if self._certificate is None else "https"
        self._store.around.host = f"{scheme}://{shown}:{sock.getsockname()[1]}"
        connections = Connections()
        app = App(self._desks, connections.cut)
        if self._archive is not None:
            self._archive.restore(self._desk, self._make)
        for desk in self._desks.all():
            self._let_execute(desk.store)
            resume_execution(desk)
        server_file = None if self._certificate is None else self._certificate.server
        self._server = Server(app, sock, connections.protocol(), server_file)
        self._server.start()

    def stop(self) -> None:
        """Kill what is executed and stop to serve."""
        for desk in self._desks.all():
            if desk.store.engine is not None:
                desk.store.engine.stop_all()
                desk.store.engine = None
            desk.store.statements.close()
        if self._server is not None:
            self._server.stop()
            self._server = None
        if self._sock is not None:
            self._sock.close()
            self._sock = None
        if self._archive is not None:
            for desk in self._desks.all():
                desk.store.keeper = None
            self._archive.close()
            self._archive = None

    def add_workspace(self) -> Workspace:
        """Serve one more workspace behind the same address, on the same clock.

        It is empty, and has an id and credentials of its own: whose token a request carries decides which workspace
        answers it.

        :raises ConfigurationError: the emulator is not started
        :raises StateError: it cannot be kept in the state file
        """
        return Workspace(self._add())

    def add(self) -> Store:
        """Make the state of one more workspace; :meth:`add_workspace` is the way to it."""
        return self._add().store

    def _add(self) -> Desk:
        if self._server is None:
            raise ConfigurationError("the emulator is not started; add workspaces while it serves")
        with self._store.lock:
            desk = self._make(Origin(), self._archive)
        self._let_execute(desk.store)
        return desk

    def _make(self, origin: Origin, archive: Archive | None = None) -> Desk:
        store = self._new_store(str(int(WORKSPACE_ID) + len(self._desks.all())), origin)
        store.around.host = self.host
        desk = Desk(store, self._router)
        if archive is not None:
            archive.keep(desk)
        self._desks.add(desk)
        return desk

    def _let_execute(self, store: Store) -> None:
        store.executes = self._execute
        if self._execute:
            store.engine = LocalEngine(store, data_dir=self._data_dir)

    def ids(self) -> list[str]:
        """Return the ids of the workspaces, the first one's first."""
        return [desk.store.workspace_id for desk in self._desks.all()]

    def _new_store(self, workspace_id: str, origin: Origin) -> Store:
        store = new_store(
            self._clock,
            workspace_id=workspace_id,
            oauth_ttl_s=self._oauth_ttl_s,
            big_ids=self._big_ids,
            origin=origin,
        )
        store.others = self
        store.admin, store.enforces, limits = self._rules
        store.job_quota = JobQuota(limits)
        return store

    @property
    def ca_file(self) -> Path | None:
        """The authority that clients must trust; None without TLS."""
        return None if self._certificate is None else self._certificate.ca

    def environment(self) -> dict[str, str]:
        """Return the variables by which official clients find the workspace, sign in and trust it."""
        trust = {} if self._certificate is None else self._certificate.environment()
        return {"DATABRICKS_HOST": self.host, "DATABRICKS_TOKEN": self.token, **trust}


def _certificate(folder: Path, host: str) -> Certificate:
    # cryptography takes a tenth of a second to import, and most workspaces speak plain HTTP.
    from airbrick.emulator.tls import certificate

    return certificate(folder, host)
