"""Where a workspace answers: fault, authenticate, dispatch, record."""

from __future__ import annotations

import math
import traceback
from collections.abc import Mapping
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import orjson

from airbrick.emulator.access import check_access, only_visible
from airbrick.emulator.api.oidc import TOKEN_PATH, client_of
from airbrick.emulator.errors import ApiError, ConfigurationError, StateError, no_such_endpoint, not_implemented
from airbrick.emulator.wire import READING, Call, Reply, Router, read_body

if TYPE_CHECKING:
    from airbrick.emulator.faults import FaultRule
    from airbrick.emulator.store import Store
    from airbrick.emulator.wire import Found, Route

MAX_BODY_BYTES = 64 * 1024 * 1024
_FIRST_ERROR = 400
_LOCAL_NAMES = frozenset({"localhost", "testserver"})


class Desk:
    """Answers the calls of one workspace.

    :param store: the workspace
    :param router: the routes
    """

    def __init__(self, store: Store, router: Router) -> None:
        self.store = store
        self._router = router

    def redo(self, call: Call) -> None:
        """Handle a request that was handled before, when the workspace was another process's.

        :raises StateError: it fails now
        """
        with self.store.believing():
            reply = self._dispatch(call, self._router.find(call.method, call.path))
        if not _changed(call, reply):
            text = f"{call.method} {call.path} of the state file fails now: {reply.encode().decode(errors='replace')}"
            raise StateError(text)

    def steer(self, method: str, path: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Do what a request asks, for code in this process; it is kept as a request is, and neither recorded nor hit.

        The workspace's user asks, and any route may be asked.

        :param values: the parameters
        :raises ConfigurationError: the request is refused
        :raises StateError: it cannot be kept
        """
        call = Call(method, path, {}, {}, orjson.dumps(values), identity=self.store.tokens.user)
        with self.store.lock:
            reply = self._kept(call, self._router.find(method, path))
        body = reply.body if isinstance(reply.body, Mapping) else {}
        if reply.status >= _FIRST_ERROR:
            raise ConfigurationError(body["message"])
        return body

    def answer(self, call: Call, client: str) -> tuple[Reply, FaultRule | None]:
        """Answer a call, and name the fault that hit it.

        :param client: address that it came from
        """
        store = self.store
        with store.lock:
            found = self._router.find(call.method, call.path)
            if found is not None and found[0].access == "process":
                found = None
            if found is not None and found[0].access in ("local", "admin"):
                return self._local(call, found[0], found[1], client), None
            limited = self._limited(call)
            if limited is not None:
                store.requests.add(call, at_s=store.clock.now(), status=limited.status, fault="rate_limit")
                return limited, None
            fault = store.faults.hit(call.method, call.path, _bearer(call))
            if fault is not None and fault.when == "before" and not fault.passes:
                reply = _faulty(fault) or Reply({})
                _read_quietly(call)
            else:
                reply = self._turn(call, found, stale_s=fault.stale_s if fault is not None else 0.0)
            status = reply.status
            if fault is not None and fault.when == "after":
                reply = _faulty(fault) or reply
            store.requests.add(call, at_s=store.clock.now(), status=status, fault=fault.name if fault else None)
            return reply, fault

    def _limited(self, call: Call) -> Reply | None:
        wait_s = self.store.rate_limits.wait_s(call.method, call.path, self.store.clock.now())
        if not wait_s:
            return None
        message = "Current request has to be rejected due to rate limiting. Please try again later."
        body = {"error_code": "REQUEST_LIMIT_EXCEEDED", "message": message}
        _read_quietly(call)
        return Reply(body, status=429, headers={"Retry-After": str(math.ceil(wait_s))})

    def _turn(self, call: Call, found: Found | None, stale_s: float = 0.0) -> Reply:
        try:
            return self._kept(call, found, stale_s)
        except StateError as error:
            return not_kept(error)

    def _kept(self, call: Call, found: Found | None, stale_s: float = 0.0) -> Reply:
        store, kept = self.store, False
        if store.keeper is not None and call.method not in READING:
            store.keeper.check()
        turn = store.begin()
        if stale_s:
            store.clock.hold(turn.at_s - stale_s)
        try:
            reply = self._dispatch(call, found)
            if store.keeper is not None and found is not None and _changed(call, reply):
                if found[0].kept == "request":
                    store.keeper.write_request(call, turn)
                    kept = True
                elif found[0].kept == "moment":
                    store.keeper.write_moment(store.clock.inner.now(), store.ids.count)
            return reply
        finally:
            store.end(turn, kept=kept)

    def _dispatch(self, call: Call, found: Found | None) -> Reply:
        try:
            answer = self._handle(call, found)
        except ApiError as error:
            return Reply(error.body(), status=error.status)
        except StateError as error:
            return not_kept(error)
        except Exception:  # noqa: BLE001 - a defect must become an answer, and must be seen
            traceback.print_exc()
            body = {"error_code": "INTERNAL_ERROR", "message": "Defect in the airbrick emulator; see its output."}
            return Reply(body, status=500)
        return answer if isinstance(answer, Reply) else Reply(answer)

    def _handle(self, call: Call, found: Found | None) -> Reply | Mapping[str, Any]:
        if found is None and self._router.knows(call.path):
            raise no_such_endpoint(call.method, call.path)
        if found is None:
            raise not_implemented(f"The airbrick emulator does not implement {call.method} {call.path}.")
        route, call.path_params = found
        if route.access == "token" and call.identity is None:
            call.identity = self.store.tokens.identify(call.headers.get("authorization"), self.store.directory)
        if len(call.raw) > MAX_BODY_BYTES:
            raise ApiError(413, "REQUEST_ENTITY_TOO_LARGE", "The request body is too large.")
        if route.reads_json:
            read_body(call)
        if route.access == "token":
            check_access(self.store, route, call)
        answer = route.handler(self.store, call)
        return answer if isinstance(answer, Reply) else only_visible(self.store, route, call, answer)

    def _local(self, call: Call, route: Route, path_params: Any, client: str) -> Reply:  # noqa: ANN401 - a mapping
        if not (_is_loopback(client) and _is_loopback(_host_name(call.headers.get("host", "")))):
            return Reply({"error_code": "PERMISSION_DENIED", "message": "Only this machine may open this."}, status=403)
        scheme = self.store.host.partition("://")[0]
        origin = call.headers.get("origin")
        if origin is not None and origin != f"{scheme}://{call.headers.get('host')}":
            return Reply({"error_code": "PERMISSION_DENIED", "message": "Other sites may not ask this."}, status=403)
        if route.access == "admin" and not self.store.admin:
            message = "This emulator was started with --no-admin."
            return Reply({"error_code": "PERMISSION_DENIED", "message": message}, status=403)
        return self._turn(call, (route, path_params))


class Desks:
    """The workspaces behind one address: who asks decides which one answers.

    A call without credentials is the first workspace's, unless ``o=WORKSPACE_ID`` in its query names another, as
    addresses of Databricks' pages do. Credentials that nobody knows are refused by the first workspace.

    :param first: of the workspace that was there from the start
    """

    def __init__(self, first: Desk) -> None:
        self._desks = [first]

    def add(self, desk: Desk) -> None:
        """Let one more workspace answer."""
        self._desks.append(desk)

    def all(self) -> list[Desk]:
        """Return the desks, the first workspace's first."""
        return list(self._desks)

    def of(self, call: Call) -> Desk:
        """Return where a call is answered."""
        if len(self._desks) == 1:
            return self._desks[0]
        wanted = call.query.get("o")
        authorization = call.headers.get("authorization")
        client_id = client_of(call)[0] if call.path == TOKEN_PATH else None
        for desk in self._desks:
            store = desk.store
            if store.tokens.knows(authorization) or (client_id and store.directory.by_name(client_id)):
                return desk
        return next((desk for desk in self._desks if desk.store.workspace_id == wanted), self._desks[0])


def not_kept(error: StateError) -> Reply:
    """Return the answer to a request whose effect is not on the disk."""
    return Reply({"error_code": "INTERNAL_ERROR", "message": str(error)}, status=500)


def _changed(call: Call, reply: Reply) -> bool:
    return reply.status < _FIRST_ERROR and (call.changes or call.method not in READING)


def _faulty(fault: FaultRule) -> Reply | None:
    if fault.status is None:
        return None
    headers = {} if fault.retry_after_s is None else {"Retry-After": str(fault.retry_after_s)}
    body = fault.answer() if fault.text is None else fault.text.encode()
    return Reply(body, status=fault.status, headers=headers)


def _bearer(call: Call) -> str | None:
    scheme, _, token = call.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _read_quietly(call: Call) -> None:
    try:
        read_body(call)
    except ApiError:
        call.body = None


def _host_name(host: str) -> str:
    return host.rpartition("]")[0].lstrip("[") if host.startswith("[") else host.partition(":")[0]


def _is_loopback(name: str) -> bool:
    if name in _LOCAL_NAMES:
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
