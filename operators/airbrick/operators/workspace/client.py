"""The workspace as a worker calls it: one request at a time, retried where that is safe."""

from collections.abc import Callable
from http import HTTPStatus
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import httpx

from airbrick.operators.errors import AirbrickError, ApiError, UnavailableError
from airbrick.operators.runs.view import RunView, read_run
from airbrick.operators.workspace import wire
from airbrick.operators.workspace.clock import Clock
from airbrick.operators.workspace.connection import ConnectionSettings
from airbrick.operators.workspace.retry import Backoff
from airbrick.operators.workspace.sign_in import SIGN_IN_ERRORS, SignedIn, SignIn, sign_in_error
from airbrick.operators.workspace.tls import mounts, trusted

USER_AGENT: Final = "airbrick"
REQUEST_TIMEOUT: Final = httpx.Timeout(30.0, connect=10.0)
RETRY_FOR_S: Final = 120.0
CANCEL_RETRY_FOR_S: Final = 20.0
"""A process that is told to stop has less time."""

PAGES_MAX: Final = 100

_T = TypeVar("_T")


class _Final(Exception):  # noqa: N818 -- carries an error past the retries
    """An error after which nothing is tried again."""

    def __init__(self, error: ApiError) -> None:
        self.error = error
        super().__init__(str(error))


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

        def once() -> dict[str, Any]:
            try:
                return self._send(call)
            except ApiError as error:
                if error.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS}:
                    raise
                raise _Final(error) from error

        try:
            return self._retrying(once, host=host)
        except _Final as final:
            raise final.error from None

    def run(self, run_id: int) -> RunView:
        """Look at a run, all pages of its tasks and its repairs included.

        :raises NotFoundError: the run does not exist.
        """
        body = self.call(wire.get_run(run_id, history=True))
        page, pages = body, 1
        while (page_token := page.get("next_page_token")) and pages < PAGES_MAX:
            page = self.call(wire.get_run(run_id, page_token=page_token, history=True))
            for name in ("tasks", "repair_history"):
                body[name] = [*(body.get(name) or []), *(page.get(name) or [])]
            pages += 1
        return read_run(body)

    def runs_since(self, job_id: int, started_from_s: float) -> list[RunView]:
        """List the runs of a job, ended or not.

        :param started_from_s: earliest start, in seconds since the epoch.
        """
        runs: list[RunView] = []
        page_token = ""
        for _ in range(PAGES_MAX):
            call = wire.list_runs(job_id, started_from_ms=int(started_from_s * 1000), page_token=page_token)
            page = self.call(call)
            runs += [read_run(item) for item in page.get("runs") or ()]
            page_token = str(page.get("next_page_token") or "")
            if not page_token:
                break
        return runs

    def _retrying(self, attempt: Callable[[], _T], *, host: str) -> _T:
        began = self._clock.monotonic()
        failures, renewed = 0, False
        while True:
            try:
                return attempt()
            except ApiError as error:
                if error.status == HTTPStatus.UNAUTHORIZED and not renewed:
                    renewed = True
                    self._sign_in.renew()
                    continue
                if not wire.is_transient(error):
                    raise
                failures += 1
                delay_s = self._backoff.delay_s(failures, retry_after_s=error.retry_after_s, unit=self._clock.unit())
                waited_s = self._clock.monotonic() - began
                if waited_s + delay_s > self._retry_for_s:
                    raise UnavailableError(host, waited_s=waited_s, last=str(error)) from error
            self._clock.sleep(delay_s)

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
                timeout=REQUEST_TIMEOUT,
                headers={"User-Agent": USER_AGENT},
                verify=context or False,
                mounts=mounts(settings.proxies, context) if context else None,
            )
        return self._http
