from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from click.testing import CliRunner

from airbrick.emulator import Emulator, PortInUseError, StartError
from airbrick.emulator.cli import emulator

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def start(tmp_path: Path, *options: str) -> subprocess.Popen[str]:
    ready = tmp_path / "ready.json"
    command = [sys.executable, "-m", "airbrick.cli", "emulator", "--port", "0", "--ready-file", str(ready), *options]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert server.stdout is not None
    assert "ready" in server.stdout.readline()
    return server


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_told_to_stop(tmp_path: Path, number: signal.Signals) -> None:
    ready = tmp_path / "ready.json"
    with start(tmp_path, "--execute", "--data-dir", str(tmp_path / "data")) as server:
        values = json.loads(ready.read_text())
        assert set(values) == {"host", "token", "client_id", "client_secret", "workspace_id"}
        assert ready.stat().st_mode & 0o777 == 0o600
        headers = {"Authorization": f"Bearer {values['token']}"}
        assert httpx.get(f"{values['host']}/api/2.2/jobs/list", headers=headers).status_code == 200
        assert httpx.get(f"{values['host']}/_local/health").json()["executes"] is True
        server.send_signal(number)
        output, errors = server.communicate(timeout=60)
    assert server.returncode == 0
    assert (output, errors) == ("", "")
    assert not ready.exists()
    with pytest.raises(httpx.ConnectError):
        httpx.get(values["host"])


def test_a_token_is_taken_from_a_file_and_never_shown(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("dapi-fixed\n")
    with start(tmp_path, "--token-file", str(token), "--manual-clock", "--small-ids") as server:
        host = json.loads((tmp_path / "ready.json").read_text())["host"]
        headers = {"Authorization": "Bearer dapi-fixed"}
        body = {"tasks": [{"task_key": "t", "notebook_task": {"notebook_path": "/x"}}]}
        made = httpx.post(f"{host}/api/2.2/jobs/create", json=body, headers=headers).json()
        assert made["job_id"] < 100
        assert httpx.get(f"{host}/_local/clock").json()["speed"] == 0
        server.send_signal(signal.SIGINT)
        output, errors = server.communicate(timeout=60)
    assert "dapi-fixed" not in output + errors


@pytest.mark.parametrize(("variable", "below"), [("XDG_RUNTIME_DIR", ""), ("XDG_CACHE_HOME", ""), ("HOME", ".cache")])
def test_without_a_ready_file_the_credentials_are_in_a_private_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, below: str
) -> None:
    for name in ("XDG_RUNTIME_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, str(tmp_path))
    command = [sys.executable, "-m", "airbrick.cli", "emulator", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        line = server.stdout.readline()
        path = Path(line.rpartition(" in ")[2].strip())
        assert path.parent == tmp_path / below / "airbrick"
        assert path.stat().st_mode & 0o777 == 0o600
        assert json.loads(path.read_text())["host"] in line
        assert json.loads(path.read_text())["token"] not in line
        server.send_signal(signal.SIGINT)
    assert not path.exists()


def test_a_port_in_use_is_one_clear_line(taken: int) -> None:
    result = CliRunner().invoke(emulator, ["--port", str(taken)])
    assert result.exit_code == 2
    assert result.output == (
        f"Error: port {taken} on 127.0.0.1 is in use; choose another with --port, or --port 0 for a free one\n"
    )


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.com"])
def test_other_machines_are_kept_out_unless_asked(host: str) -> None:
    result = CliRunner().invoke(emulator, ["--host", host])
    assert result.exit_code == 2
    assert "--allow-remote" in result.output


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--speed", "0"], "speed must be above 0"),
        (["--host", "256.1.1.1", "--allow-remote"], "cannot listen on 256.1.1.1"),
        (["--token-file", "nowhere"], "cannot read nowhere"),
        (["--port", "70000"], "70000"),
    ],
)
def test_what_cannot_start_says_why(options: list[str], message: str) -> None:
    result = CliRunner().invoke(emulator, options)
    assert result.exit_code == 2
    assert message in result.output


@pytest.mark.parametrize("content", [b"", b"two words", "tökén".encode(), b"\xff"])
def test_a_token_file_that_holds_none_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "token"
    path.write_bytes(content)
    result = CliRunner().invoke(emulator, ["--token-file", str(path)])
    assert result.exit_code == 2
    assert str(path) in result.output


def test_a_ready_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    result = CliRunner().invoke(emulator, ["--port", "0", "--ready-file", str(tmp_path / "no" / "ready.json")])
    assert result.exit_code == 2
    assert "cannot write" in result.output


@pytest.mark.parametrize("columns", [80, 140])
def test_help_has_examples_and_exit_codes_and_fits_the_terminal(columns: int) -> None:
    result = CliRunner().invoke(emulator, ["--help"], terminal_width=columns)
    assert result.exit_code == 0
    assert "airbrick emulator --execute" in result.output
    assert "Exit codes: 0" in result.output
    assert max(map(len, result.output.splitlines())) <= columns
    for word in ("--port PORT", "--tls DIRECTORY", "--ready-file FILE", "default: 8447"):
        assert word in result.output


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--manual-clock", "--speed", "5"], "--manual-clock stands still"),
        (["--data-dir", "data"], "add --execute"),
        (["--speed", "0"], "speed must be above 0"),
        (["--speed", "fast"], "'fast' is not a valid float"),
        (["--port", "70000"], "70000 is not in the range"),
        (["--tls", __file__], "is a file"),
    ],
)
def test_an_option_that_means_nothing_is_refused(options: list[str], said: str) -> None:
    result = CliRunner().invoke(emulator, options)
    assert result.exit_code == 2
    assert said in result.output


def test_errors_of_the_context_manager_carry_the_port(taken: int) -> None:
    with pytest.raises(PortInUseError) as caught:
        Emulator(port=taken).start()
    assert (caught.value.host, caught.value.port) == ("127.0.0.1", taken)
    with pytest.raises(StartError, match="from 0 to 65535"):
        Emulator(port=99_999).start()


def has_ipv6_loopback() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as sock:
            sock.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_ipv6_loopback(), reason="this machine has no IPv6 loopback")
def test_it_listens_on_the_other_loopback_too() -> None:
    with Emulator(host="::1") as workspace:
        assert workspace.host.startswith("http://[::1]:")
        assert httpx.get(f"{workspace.host}/_local/health").status_code == 200
