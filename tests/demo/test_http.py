import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from tools.demo.errors import ApiError
from tools.demo.http import call, free_port


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, body = {"/refused": (403, b"not for you"), "/page": (200, b"<html>")}.get(self.path, (200, b'{"a": 1}'))
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_reads_json(url: str) -> None:
    assert call("GET", url) == {"a": 1}


def test_a_proxy_is_never_asked(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert call("GET", url) == {"a": 1}


def test_a_refusal_gives_status_and_words(url: str) -> None:
    with pytest.raises(ApiError, match=r"GET .*/refused answered 403: not for you") as caught:
        call("GET", f"{url}/refused", token="t0ken")
    assert caught.value.status == 403
    assert "t0ken" not in str(caught.value)


def test_a_page_is_not_json(url: str) -> None:
    with pytest.raises(ApiError, match="answered nothing: Expecting value"):
        call("GET", f"{url}/page")


def test_nobody_there_is_an_error() -> None:
    with pytest.raises(ApiError, match=r"answered nothing: .*refused"):
        call("GET", f"http://127.0.0.1:{free_port()}/")
