"""The ASGI application: reads a request, lets a workspace answer it, sends the answer or cuts the connection."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from airbrick.emulator.desk import MAX_BODY_BYTES, not_kept
from airbrick.emulator.errors import StateError
from airbrick.emulator.wire import READING, Call, Reply

if TYPE_CHECKING:
    from airbrick.emulator.desk import Desks

Disconnect = Callable[[Any], None]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class App:
    """Answers HTTP requests.

    :param desks: where the workspaces answer
    :param disconnect: cuts the connection of a client address at once, for faults
    """

    def __init__(self, desks: Desks, disconnect: Disconnect) -> None:
        self._desks = desks
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
        desk = self._desks.of(call)
        reply, fault = desk.answer(call, scope["client"][0] if scope["client"] else "")
        if desk.store.keeper is not None:
            try:
                await desk.store.keeper.synced()
            except StateError as error:
                if call.method not in READING:
                    reply = not_kept(error)
        if fault is not None and fault.delay_s:
            await asyncio.sleep(fault.delay_s)
        if fault is not None and fault.drop != "none":
            await self._drop(scope, send, reply if fault.drop == "mid_body" else None)
            return
        if reply.later is not None:
            await reply.later.wait()
            with desk.store.lock:
                reply = Reply(reply.later.finish())
        body = reply.encode()
        await send({"type": "http.response.start", "status": reply.status, "headers": _headers(reply, len(body))})
        await send({"type": "http.response.body", "body": body})

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
