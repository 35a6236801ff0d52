"""The triggerer's connections against sockets that answer what they are told to."""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from airbrick.operators.errors import ApiError
from airbrick.operators.workspace import connections as connections_module
from airbrick.operators.workspace import wire
from airbrick.operators.workspace.connection import ConnectionSettings
from airbrick.operators.workspace.connections import Connections
from airbrick.operators.workspace.credentials import AuthKind, Credentials
from airbrick.operators.workspace.tls import trusted

CERTIFICATES = trusted("c", {})
GET = wire.get_run(1)
ANSWER = b'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{"run_id":1}'


class Socket:
    """Answers each request on a connection with the next bytes, and closes the connection when none are left."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.requests: list[str] = []
        self.opened = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        while head := await self._head(reader):
            length = next((line.split(":")[1] for line in head.splitlines() if line.startswith("Content-Length")), "0")
            self.requests.append(head + (await reader.readexactly(int(length))).decode())
            if not self.answers:
                break
            writer.write(self.answers.pop(0))
            await writer.drain()
        writer.close()

    async def _head(self, reader: asyncio.StreamReader) -> str:
        try:
            return (await reader.readuntil(b"\r\n\r\n")).decode()
        except asyncio.IncompleteReadError:
            return ""


def talk(
    socket: Socket,
    work: Callable[[Connections], Awaitable[Any]],
    *,
    host: str = "",
    proxy: str = "",
) -> Any:
    """Do work with connections to the socket, or through it as a proxy."""

    async def bounded() -> Any:
        server = await asyncio.start_server(socket.serve, "127.0.0.1")
        port = server.sockets[0].getsockname()[1]
        proxies = dict.fromkeys(("http", "https"), f"http://{proxy}@127.0.0.1:{port}") if proxy else {}
        pat = Credentials(AuthKind.PAT, {"token": "t"})
        settings = ConnectionSettings("c", host or f"http://127.0.0.1:{port}", pat, "pat", proxies=proxies)
        connections = Connections(settings, CERTIFICATES, at_once=2)
        try:
            return await asyncio.wait_for(work(connections), 60)
        finally:
            await connections.aclose()
            server.close()

    return asyncio.run(bounded())


def test_a_connection_is_used_again_and_says_who_asks() -> None:
    socket = Socket(ANSWER, ANSWER)

    async def twice(connections: Connections) -> list[Any]:
        return [await connections.send(GET, {"Authorization": "Bearer t"}) for _ in range(2)]

    assert talk(socket, twice) == [{"run_id": 1}] * 2
    assert socket.opened == 1
    first = socket.requests[0]
    assert first.startswith("GET /api/2.2/jobs/runs/get?run_id=1 HTTP/1.1")
    assert "Authorization: Bearer t" in first
    assert "User-Agent: airbrick" in first


def test_a_page_token_arrives_as_it_was_given() -> None:
    socket = Socket(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
    talk(socket, lambda connections: connections.send(wire.list_active_runs(page_token="a+/=&é"), {}))
    assert "page_token=a%2B%2F%3D%26%C3%A9 HTTP" in socket.requests[0]


def test_a_post_carries_json_and_one_without_a_body_says_so() -> None:
    socket = Socket(*[b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"] * 2)

    async def both(connections: Connections) -> None:
        await connections.send(wire.cancel_run(2**60), {})
        await connections.send(wire.cancel_statement("s"), {})

    talk(socket, both)
    assert "Content-Type: application/json" in socket.requests[0]
    assert socket.requests[0].endswith('{"run_id": 1152921504606846976}')
    assert "Content-Length: 0" in socket.requests[1]


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (b"", "ServerDisconnectedError"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", "ServerDisconnectedError"),
        (b'HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{"run_id": 1', "ClientPayloadError"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", "ClientPayloadError"),
        (b"nothing of the kind\r\n\r\n", "ClientResponseError"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n<html/>", "cut off"),
    ],
)
def test_an_answer_that_is_none_may_be_asked_for_again(answer: bytes, text: str) -> None:
    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    socket = Socket()
    socket.serve = cut  # type: ignore[method-assign]
    with pytest.raises(ApiError, match=text) as caught:
        talk(socket, lambda connections: connections.send(GET, {}))
    assert caught.value.status is None
    assert wire.is_transient(caught.value)


def test_a_host_that_is_not_there_is_named() -> None:
    with pytest.raises(ApiError, match=r"127\.0\.0\.1:9") as caught:
        talk(Socket(), lambda connections: connections.send(GET, {}), host="http://127.0.0.1:9")
    assert wire.is_transient(caught.value)


def test_an_answer_that_does_not_come_is_not_awaited_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections_module, "_TIMEOUT", aiohttp.ClientTimeout(sock_read=0.1))

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    socket = Socket()
    socket.serve = silent  # type: ignore[method-assign]
    with pytest.raises(ApiError, match="Timeout") as caught:
        talk(socket, lambda connections: connections.send(GET, {}))
    assert wire.is_transient(caught.value)


def test_a_redirect_is_not_followed_for_the_token_would_go_along() -> None:
    socket = Socket(b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\nContent-Length: 0\r\n\r\n")
    with pytest.raises(ApiError) as caught:
        talk(socket, lambda connections: connections.send(GET, {}))
    assert caught.value.status == 302


def test_what_a_throttled_answer_asks_for_is_read_from_its_headers() -> None:
    long = b"X-Long: " + b"x" * 20_000
    socket = Socket(b"HTTP/1.1 429 Slow\r\nRETRY-AFTER: 7\r\n" + long + b"\r\nContent-Length: 0\r\n\r\n")
    with pytest.raises(ApiError) as caught:
        talk(socket, lambda connections: connections.send(GET, {}))
    assert caught.value.retry_after_s == 7.0


def test_a_header_that_cannot_be_sent_is_not_shown() -> None:
    with pytest.raises(ApiError) as caught:
        talk(Socket(), lambda connections: connections.send(GET, {"Authorization": "Bearer hush\n"}))
    assert "hush" not in str(caught.value)


ASKED = f"Proxy-Authorization: Basic {base64.b64encode(b'me:hush@hush').decode()}"


def test_a_proxy_gets_the_whole_address_and_its_password() -> None:
    socket = Socket(ANSWER)
    talk(socket, lambda connections: connections.send(GET, {}), host="http://w.example", proxy="me:hush%40hush")
    assert socket.requests[0].startswith("GET http://w.example/api/2.2/jobs/runs/get?run_id=1 HTTP/1.1")
    assert ASKED in socket.requests[0]


def test_a_proxy_is_asked_for_a_tunnel_and_its_password_is_in_no_error() -> None:
    socket = Socket(b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n")
    with pytest.raises(ApiError, match="407") as caught:
        talk(socket, lambda connections: connections.send(GET, {}), host="https://w.example", proxy="me:hush%40hush")
    assert socket.requests[0].startswith("CONNECT w.example:443 HTTP/1.1")
    assert ASKED in socket.requests[0]
    assert "hush" not in str(caught.value)
    assert wire.is_transient(caught.value)
