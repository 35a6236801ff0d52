"""``airbrick doctor``."""

import json
import stat
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from airbrick.cli import main
from airbrick.commands import probes
from airbrick.commands.probes import Status
from airbrick.contract import Contract, Job, Workspace, write


def program(folder: Path, name: str, output: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{output}'\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def test_a_missing_engine_is_named_with_the_fix(tmp_path: Path) -> None:
    finding = probes.engine({"PATH": str(tmp_path)})
    assert finding.status is Status.FAILED
    assert "pulumi and pulumi-language-python not found on PATH" in finding.detail
    assert "3.259.0" in finding.fix


@pytest.mark.parametrize(
    ("version", "status"), [("v3.259.0", Status.OK), ("v3.258.9", Status.FAILED), ("", Status.FAILED)]
)
def test_the_engines_version_is_checked(tmp_path: Path, version: str, status: Status) -> None:
    program(tmp_path, "pulumi", version)
    program(tmp_path, "pulumi-language-python", "")
    assert probes.engine({"PATH": str(tmp_path)}).status is status


def test_an_engine_that_does_not_run_is_a_finding(tmp_path: Path) -> None:
    program(tmp_path, "pulumi-language-python", "")
    (tmp_path / "pulumi").write_text("#!/nowhere/sh\n")
    (tmp_path / "pulumi").chmod(0o755)
    assert probes.engine({"PATH": str(tmp_path)}).status is Status.FAILED


def test_the_plugin_is_found_beside_the_interpreter() -> None:
    finding = probes.plugin({"PATH": ""})
    assert finding.status is Status.OK
    assert "pulumi-resource-airbrick" in finding.detail


def test_nothing_configured_is_skipped_and_not_an_error(tmp_path: Path) -> None:
    assert probes.workspace({}).status is Status.SKIPPED
    assert probes.airflow(None).status is Status.SKIPPED
    assert probes.contract(tmp_path, {}).status is Status.SKIPPED


def test_a_contract_is_read(tmp_path: Path) -> None:
    contract = Contract("orders", "dev", Workspace("https://w"), jobs={"a": Job("1", "a")})
    write(tmp_path / "airbrick.contract.dev.json", contract)
    finding = probes.contract(tmp_path, {})
    assert finding.status is Status.OK
    assert "stack dev, 1 job" in finding.detail


def test_a_broken_contract_is_named(tmp_path: Path) -> None:
    (tmp_path / "airbrick.contract.dev.json").write_text("{")
    finding = probes.contract(tmp_path, {})
    assert finding.status is Status.FAILED
    assert "airbrick.contract.dev.json:1:2" in finding.detail


class FakeAirflow(BaseHTTPRequestHandler):
    health = "healthy"

    def do_GET(self) -> None:
        body = {"version": "3.3.2"} if self.path.endswith("/version") else {"scheduler": {"status": self.health}}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def airflow_url() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), FakeAirflow) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_airflows_version_is_shown(airflow_url: str) -> None:
    assert probes.airflow(airflow_url).detail == f"Airflow 3.3.2 at {airflow_url}"


def test_an_ill_part_of_airflow_is_named(airflow_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeAirflow, "health", "unhealthy")
    finding = probes.airflow(airflow_url)
    assert finding.status is Status.FAILED
    assert "not healthy: scheduler" in finding.detail


def test_airflow_is_looked_for_where_the_provider_looks(
    airflow_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRBRICK_AIRFLOW_ENDPOINT", airflow_url)
    assert (
        f"✓ airflow: Airflow 3.3.2 at {airflow_url}" in CliRunner().invoke(main, ["doctor", "-C", str(tmp_path)]).output
    )


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "file:///etc/passwd", "nonsense"])
def test_an_unreachable_airflow_is_a_finding(url: str) -> None:
    finding = probes.airflow(url)
    assert finding.status is Status.FAILED
    assert url in finding.detail


def test_the_command_exits_1_when_something_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("DATABRICKS_HOST", raising=False)
    result = CliRunner().invoke(main, ["doctor", "-C", str(tmp_path)])
    assert result.exit_code == 1
    assert "✗ engine" in result.output


def test_json_is_for_scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "pulumi", "v3.300.0")
    program(tmp_path, "pulumi-language-python", "")
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    monkeypatch.delenv("DATABRICKS_HOST", raising=False)
    result = CliRunner().invoke(main, ["doctor", "-C", str(tmp_path), "--json"])
    assert result.exit_code == 0, result.output
    assert {entry["subject"] for entry in json.loads(result.output)} >= {"engine", "workspace", "airflow", "contract"}
