"""The workspace as a worker calls it: one request at a time, retried where that is safe."""

from collections.abc import Callable
from http import HTTPStatus
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import httpx

from airbrick.operators.errors import AirbrickError, ApiError
from airbrick.operators.runs.view import RunView
from airbrick.operators.workspace import pages, wire
from airbrick.operators.workspace.clock import Clock
from airbrick.operators.workspace.connection import ConnectionSettings
from airbrick.operators.workspace.patience import RETRY_FOR_S, Patience
from airbrick.operators.workspace.retry import Backoff
from airbrick.operators.workspace.sign_in import SIGN_IN_ERRORS, SignedIn, SignIn, sign_in_error
from airbrick.operators.workspace.tls import mounts, trusted

USER_AGENT: Final = "airbrick"
TIMEOUT_S: Final = 30.0
"""Longest wait for a free connection, and for each part of an answer."""

CONNECT_TIMEOUT_S: Final = 10.0
CANCEL_RETRY_FOR_S: Final = 20.0
"""A process that is told to stop has less time."""

_T = TypeVar("_T")


class WorkspaceClient:
    """A Databricks workspace, called from a worker.

    Every request it makes may be sent twice: reads, cancels, and run-now, whose token names the run. So each is
    retried after a lost answer, a cut body, throttling or a server error, until ``retry_for_s`` is used up.

    :param sign_in: proves who asks; asked again when the workspace answers 401.
    :param retry_for_s: how long one request is tried, in seconds.
    """

    def __init__(
        self,
        sign_in: SignIn,
        *,
        clock: Clock,
        retry_for_s: float = RETRY_FOR_S,
        backoff: Backoff | None = None,
    ) -> None:
        self._sign_in = sign_in
        self._clock = clock
        self._retry_for_s = retry_for_s
        self._backoff = backoff or Backoff()
        self._http: httpx.Client | None = None
        self.clock_offset_s = 0.0
        """The workspace's clock less this worker's, from the last answer; to the second."""

    def __enter__(self) -> Self:
        """Use the client as a context manager."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        if self._http is not None:
            self._http.close()

    def signed_in(self) -> SignedIn:
        """Give the sign-in, made when first needed and retried as requests are."""
        return self._retrying(self._signed_in_once, host="the workspace")

    def call(self, call: wire.Call) -> dict[str, Any]:
        """Send a request and read its answer.

        :raises UnavailableError: no useful answer came in time.
        :raises NotFoundError: what was asked for does not exist.
        :raises ApiError: the workspace refused.
        """
        host = self.signed_in().settings.host
        return self._retrying(lambda: self._send(call), host=host)

    def call_once(self, call: wire.Call) -> dict[str, Any]:
        """Send a request that must not be sent twice; only one that was surely not accepted is tried again.

        :raises UnavailableError: the workspace refused it for too long.
        :raises ApiError: the workspace refused, or whether it accepted cannot be told.
        """
        host = self.signed_in().settings.host
        return self._retrying(lambda: self._send(call), host=host, repeatable=False)

    def run(self, run_id: int) -> RunView:
        """Look at a run, all pages of its tasks and its repairs included.

        :raises NotFoundError: the run does not exist.
        """
        return self._read(pages.whole_run(run_id))

    def task_values(self, run_id: int) -> dict[str, dict[str, Any]]:
        """Ask for the task values that tasks of a run refer to, by task key and name.

        :raises NotFoundError: the run does not exist.
        """
        return self._read(pages.task_values(run_id))

    def runs_since(self, job_id: int, started_from_s: float) -> list[RunView]:
        """List the runs of a job, ended or not.

        :param started_from_s: earliest start, in seconds since the epoch.
        """
        return self._read(pages.runs_since(job_id, started_from_s))

    def _read(self, reading: "pages.Reading[_T]") -> _T:
        try:
            call = next(reading)
            while True:
                call = reading.send(self.call(call))
        except StopIteration as done:
            value: _T = done.value
            return value

    def _retrying(self, attempt: Callable[[], _T], *, host: str, repeatable: bool = True) -> _T:
        clock, renewed = self._clock, False
        patience = Patience(host, clock.monotonic(), self._retry_for_s, self._backoff, repeatable)
        while True:
            try:
                return attempt()
            except ApiError as error:
                if error.status == HTTPStatus.UNAUTHORIZED and not renewed:
                    renewed = True
                    self._sign_in.renew()
                    continue
                delay_s = patience.wait_s(error, now=clock.monotonic(), unit=clock.unit())
            clock.sleep(delay_s)

    def _signed_in_once(self) -> SignedIn:
        try:
            return self._sign_in.current()
        except AirbrickError:
            raise
        except SIGN_IN_ERRORS as error:
            raise sign_in_error("the workspace", error) from None

    def _send(self, call: wire.Call) -> dict[str, Any]:
        signed_in = self._signed_in_once()
        host = signed_in.settings.host
        try:
            headers = dict(self._sign_in.headers())
        except SIGN_IN_ERRORS as error:
            raise sign_in_error(host, error) from None
        try:
            answer = self._connections(signed_in.settings).request(
                call.method, f"{host}{call.path}", params=call.params, json=call.body, headers=headers
            )
        except httpx.HTTPError as error:
            raise wire.transport_error(call, error) from None
        if (server_s := wire.server_time_s(answer.headers)) is not None:
            self.clock_offset_s = server_s - self._clock.now()
        return wire.read_answer(call, answer.status_code, answer.headers, answer.content)

    def _connections(self, settings: ConnectionSettings) -> httpx.Client:
        if self._http is None:
            # Plain HTTP needs no certificates, and loading them takes tens of milliseconds.
            needed = settings.host.startswith("https:") or bool(settings.proxies)
            context = trusted(settings.conn_id) if needed else None
            self._http = httpx.Client(
                timeout=httpx.Timeout(TIMEOUT_S, connect=CONNECT_TIMEOUT_S),
                headers={"User-Agent": USER_AGENT},
                verify=context or False,
                mounts=mounts(settings.proxies, context) if context else None,
            )
        return self._http
