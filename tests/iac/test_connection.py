"""How a workspace is reached, and what its answers mean."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.iac.wire import SimulatedPause

from airbrick.emulator import Emulator
from airbrick.iac import errors
from airbrick.iac.clients.databricks import Workspace
from airbrick.iac.provider.config import ProviderConfig

LIST = "/api/2.2/jobs/list"
VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@dataclass
class Server:
    """Answers every request in one way.

    :param asked: the first line of each request, without the protocol.
    """

    host: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[Server]:
    answers = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            # The SDK asks a host about itself; that is none of ours.
            ours = "/api/" in self.path
            if ours:
                answers.asked.append(f"{self.command} {self.path}")
            self.send_response(answers.status if ours else 404)
            for name, value in {**answers.headers, "Content-Length": str(len(answers.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answers.body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        answers.host = f"http://127.0.0.1:{listening.server_port}"
        yield answers
        listening.shutdown()


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("DATABRICKS_CONFIG_FILE", "/dev/null")


def asked(host: str, query: dict[str, Any] | None = None) -> dict[str, Any]:
    return Workspace(ProviderConfig(host=host, token="dapi-1"), SimulatedPause()).get(LIST, query)


@pytest.mark.parametrize(
    ("status", "body", "kind", "said"),
    [
        (400, {"error_code": "BAD_REQUEST", "message": "no"}, errors.InvalidRequestError, r"\(400 BAD_REQUEST\): no$"),
        (404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "gone"}, errors.NotFoundError, "gone"),
        (400, {"error_code": "INVALID_PARAMETER_VALUE", "message": "Job 1 does not exist."}, errors.NotFoundError, "1"),
        (404, {"error_code": "ENDPOINT_NOT_FOUND", "message": "No API"}, errors.WrongAddressError, "No API"),
        (409, {"error_code": "RESOURCE_ALREADY_EXISTS", "message": "there"}, errors.ConflictError, "there"),
        (500, {"error_code": "RESOURCE_EXHAUSTED", "message": "slow"}, errors.ThrottledError, "slow"),
        (403, {"detail": "not you", "status": "403"}, errors.ForbiddenError, "not you"),
        (403, {"error": "old style"}, errors.ForbiddenError, "old style"),
        (400, "INVALID_STATE: not now", errors.InvalidRequestError, r"INVALID_STATE\): not now"),
        (404, "<html><title>Not here</title></html>", errors.WrongAddressError, "Not here"),
        (404, "", errors.WrongAddressError, "Not Found"),
        (403, [1], errors.ForbiddenError, "Forbidden"),
        (501, {"message": "not built"}, errors.ApiError, "not built"),
        (500, {"error_code": "INTERNAL_ERROR", "message": "oh"}, errors.UnclearError, r"no usable answer \(oh\)"),
        (418, "tea", errors.UnclearError, "no usable answer"),
        (200, "<html>", errors.UnclearError, "no usable answer"),
    ],
)
def test_each_refusal_is_of_its_kind(
    status: int, body: object, kind: type[errors.IacError], said: str, server: Server
) -> None:
    server.status = status
    server.body = (body if isinstance(body, str) else json.dumps(body)).encode()
    with pytest.raises(kind, match=said) as caught:
        asked(server.host)
    assert type(caught.value) is kind


@pytest.mark.parametrize("body", [b"", b"null", b"{}"])
def test_an_answer_without_anything_is_an_empty_object(body: bytes, server: Server) -> None:
    server.body = body
    assert asked(server.host) == {}


@pytest.mark.parametrize(("header", "wait_s"), [("7", 7.0), ("Wed, 21 Oct 2026 07:28:00 GMT", 1.0), (None, 1.0)])
def test_a_throttled_request_waits_as_long_as_it_is_told(header: str | None, wait_s: float, server: Server) -> None:
    server.status = 429
    server.headers = {"Retry-After": header} if header else {}
    with pytest.raises(errors.ThrottledError) as caught:
        asked(server.host)
    assert caught.value.retry_after_s == wait_s


def test_a_workspace_that_sends_us_elsewhere_is_not_followed(server: Server) -> None:
    server.status, server.headers = 302, {"Location": "https://elsewhere.example/login?state=dapi-1"}
    with pytest.raises(errors.WrongAddressError, match=r"sends us on to https://elsewhere.example/login;") as caught:
        asked(server.host)
    assert "dapi-1" not in str(caught.value)
    assert len(server.asked) == 1


def test_a_workspace_behind_a_private_link_says_so(server: Server) -> None:
    server.status, server.headers = 302, {"Location": "/login.html?error=private-link-validation-error:1"}
    with pytest.raises(errors.ForbiddenError, match="private link"):
        asked(server.host)


def test_what_is_asked_for_is_written_as_an_address_wants_it(server: Server) -> None:
    asked(server.host, {"name": "Größe & co", "limit": 1})
    assert server.asked == [f"GET {LIST}?name=Gr%C3%B6%C3%9Fe+%26+co&limit=1"]


def test_the_proxy_of_the_environment_is_used(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", server.host)
    asked("http://workspace.example")
    assert server.asked == [f"GET http://workspace.example{LIST}"]


def test_a_host_that_the_environment_excepts_is_reached_directly(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    asked(server.host)
    assert server.asked == [f"GET {LIST}"]


def test_an_authority_of_the_environment_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Emulator(tls_dir=tmp_path) as workspace:
        config = ProviderConfig(host=workspace.host, token=workspace.token)
        with pytest.raises(errors.UnreachableError, match="no TLS connection"):
            Workspace(config, SimulatedPause()).get(LIST)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
        assert Workspace(config, SimulatedPause()).get(LIST) == {"has_more": False}


def test_certificates_that_are_not_where_the_environment_says_are_named(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
    with pytest.raises(errors.ConfigError, match=r"REQUESTS_CA_BUNDLE.*/nowhere/ca.pem.*correct its path"):
        asked(server.host.replace("http:", "https:"))


def test_a_connection_is_kept_open(monkeypatch: pytest.MonkeyPatch) -> None:
    with Emulator() as started:
        workspace = Workspace(ProviderConfig(host=started.host, token=started.token), SimulatedPause())
        workspace.get(LIST)
        monkeypatch.setattr("socket.create_connection", None)
        monkeypatch.setattr("urllib3.util.connection.create_connection", None)
        workspace.get(LIST)
