"""The ASGI application: fault, authenticate, dispatch, record, answer."""

from __future__ import annotations

import asyncio
import math
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from airbrick.emulator.access import check_access, only_visible
from airbrick.emulator.errors import ApiError, StateError, no_such_endpoint, not_implemented
from airbrick.emulator.wire import Call, Reply, Router, read_body

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airbrick.emulator.faults import FaultRule
    from airbrick.emulator.store import Store
    from airbrick.emulator.wire import Route

MAX_BODY_BYTES = 64 * 1024 * 1024
_FIRST_ERROR = 400
_LOCAL_NAMES = frozenset({"localhost", "testserver"})

Disconnect = Callable[[Any], None]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class App:
    """Answers HTTP requests from one workspace.

    :param store: the workspace
    :param router: the routes
    :param disconnect: cuts the connection of a client address at once, for faults
    """

    def __init__(self, store: Store, router: Router, disconnect: Disconnect) -> None:
        self._store = store
        self._router = router
        self._disconnect = disconnect

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        raw = await _body(receive)
        if raw is None:
            return
        call = Call(
            method=scope["method"],
            path=scope["path"],
            query=dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)),
            query_string=scope["query_string"],
            headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
            raw=raw,
        )
        reply, fault = self._answer(call, scope["client"][0] if scope["client"] else "")
        if self._store.keeper is not None:
            await self._store.keeper.synced()
        if fault is not None and fault.delay_s:
            await asyncio.sleep(fault.delay_s)
        if fault is not None and fault.drop != "none":
            await self._drop(scope, send, reply if fault.drop == "mid_body" else None)
            return
        if reply.later is not None:
            await reply.later.wait()
            with self._store.lock:
                reply = Reply(reply.later.finish())
        body = reply.encode()
        await send({"type": "http.response.start", "status": reply.status, "headers": _headers(reply, len(body))})
        await send({"type": "http.response.body", "body": body})

    def redo(self, call: Call) -> None:
        """Handle a request that was handled before, when the workspace was another process's.

        :raises StateError: it fails now
        """
        enforces, self._store.enforces = self._store.enforces, False
        reply = self._dispatch(call, self._router.find(call.method, call.path))
        self._store.enforces = enforces
        if not _changed(call, reply):
            text = f"{call.method} {call.path} of the state file fails now: {reply.encode().decode(errors='replace')}"
            raise StateError(text)

    def _answer(self, call: Call, client: str) -> tuple[Reply, FaultRule | None]:
        store = self._store
        with store.lock:
            found = self._router.find(call.method, call.path)
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
        wait_s = self._store.rate_limits.wait_s(call.method, call.path, self._store.clock.now())
        if not wait_s:
            return None
        message = "Current request has to be rejected due to rate limiting. Please try again later."
        body = {"error_code": "REQUEST_LIMIT_EXCEEDED", "message": message}
        _read_quietly(call)
        return Reply(body, status=429, headers={"Retry-After": str(math.ceil(wait_s))})

    def _turn(self, call: Call, found: tuple[Route, Any] | None, stale_s: float = 0.0) -> Reply:
        store, kept = self._store, False
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
        except StateError as error:
            return Reply({"error_code": "INTERNAL_ERROR", "message": str(error)}, status=500)
        else:
            return reply
        finally:
            store.end(turn, kept=kept)

    def _dispatch(self, call: Call, found: tuple[Route, Any] | None) -> Reply:
        try:
            answer = self._handle(call, found)
        except ApiError as error:
            return Reply(error.body(), status=error.status)
        except Exception:  # noqa: BLE001 - a defect must become an answer, and must be seen
            traceback.print_exc()
            body = {"error_code": "INTERNAL_ERROR", "message": "Defect in the airbrick emulator; see its output."}
            return Reply(body, status=500)
        return answer if isinstance(answer, Reply) else Reply(answer)

    def _handle(self, call: Call, found: tuple[Route, Any] | None) -> Reply | Mapping[str, Any]:
        if found is None and self._router.knows(call.path):
            raise no_such_endpoint(call.method, call.path)
        if found is None:
            raise not_implemented(f"The airbrick emulator does not implement {call.method} {call.path}.")
        route, call.path_params = found
        if route.access == "token":
            call.identity = self._store.tokens.identify(call.headers.get("authorization"), self._store.directory)
        if len(call.raw) > MAX_BODY_BYTES:
            raise ApiError(413, "REQUEST_ENTITY_TOO_LARGE", "The request body is too large.")
        if route.reads_json:
            read_body(call)
        if route.access == "token":
            check_access(self._store, route, call)
        answer = route.handler(self._store, call)
        return answer if isinstance(answer, Reply) else only_visible(self._store, route, call, answer)

    def _local(self, call: Call, route: Route, path_params: Any, client: str) -> Reply:  # noqa: ANN401 - a mapping
        if not (_is_loopback(client) and _is_loopback(_host_name(call.headers.get("host", "")))):
            return Reply({"error_code": "PERMISSION_DENIED", "message": "Only this machine may open this."}, status=403)
        scheme = self._store.host.partition("://")[0]
        origin = call.headers.get("origin")
        if origin is not None and origin != f"{scheme}://{call.headers.get('host')}":
            return Reply({"error_code": "PERMISSION_DENIED", "message": "Other sites may not ask this."}, status=403)
        if route.access == "admin" and not self._store.admin:
            message = "This emulator was started with --no-admin."
            return Reply({"error_code": "PERMISSION_DENIED", "message": message}, status=403)
        return self._turn(call, (route, path_params))

    async def _drop(self, scope: Scope, send: Send, reply: Reply | None) -> None:
        if reply is not None:
            body = reply.encode()
            headers = _headers(reply, max(len(body), 2))
            await send({"type": "http.response.start", "status": reply.status, "headers": headers})
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
            await asyncio.sleep(0)
        self._disconnect(scope["client"])
        # The server notices the end of the connection in its next turns; until then it would answer for us.
        for _ in range(3):
            await asyncio.sleep(0)


async def _body(receive: Receive) -> bytes | None:
    """Return the body, or a little more of it than the limit allows; None when the client went away."""
    chunks: list[bytes] = []
    size_bytes = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        if size_bytes <= MAX_BODY_BYTES:
            chunks.append(message.get("body", b""))
            size_bytes += len(chunks[-1])
        if not message.get("more_body", False):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _headers(reply: Reply, size_bytes: int) -> list[tuple[bytes, bytes]]:
    own = [(b"content-type", reply.content_type.encode()), (b"content-length", b"%d" % size_bytes)]
    return own + [(name.lower().encode(), value.encode()) for name, value in reply.headers.items()]


def _changed(call: Call, reply: Reply) -> bool:
    return reply.status < _FIRST_ERROR and (call.changes or call.method not in ("GET", "HEAD"))


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
