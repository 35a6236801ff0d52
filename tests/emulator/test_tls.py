"""TLS as clients meet it."""

from __future__ import annotations

import ssl
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from databricks.sdk import WorkspaceClient

from airbrick.emulator import Emulator, StartError, tls


def trusting(ca: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_a_strict_client_that_trusts_the_authority_is_answered(tmp_path: Path, name: str) -> None:
    with Emulator(tls_dir=tmp_path) as workspace:
        assert workspace.host.startswith("https://127.0.0.1:")
        url = workspace.host.replace("127.0.0.1", name)
        answer = httpx.get(f"{url}/_local/health", verify=trusting(tmp_path / "ca.pem"))
        assert answer.json()["status"] == "ok"


def test_a_client_that_does_not_trust_it_is_not(tmp_path: Path) -> None:
    with Emulator(tls_dir=tmp_path) as workspace, pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(workspace.host)


def test_a_page_of_the_workspace_may_steer_it_over_tls(tmp_path: Path) -> None:
    with (
        Emulator(tls_dir=tmp_path) as workspace,
        httpx.Client(base_url=workspace.host, verify=trusting(tmp_path / "ca.pem")) as http,
    ):
        assert http.post("/_local/reset", headers={"Origin": workspace.host}).status_code == 200
        plain = workspace.host.replace("https", "http")
        assert http.post("/_local/reset", headers={"Origin": plain}).status_code == 403


def test_a_service_principal_signs_in_over_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Emulator(tls_dir=tmp_path) as workspace:
        for name, value in workspace.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("DATABRICKS_TOKEN")
        client = WorkspaceClient(client_id=workspace.client_id, client_secret=workspace.client_secret)
        assert client.current_user.me().user_name == workspace.client_id


def test_a_lost_answer_is_lost_over_tls_too(tmp_path: Path) -> None:
    with (
        Emulator(tls_dir=tmp_path) as workspace,
        httpx.Client(base_url=workspace.host, verify=trusting(tmp_path / "ca.pem")) as http,
    ):
        http.headers["Authorization"] = f"Bearer {workspace.token}"
        workspace.fault("lost_ack", path="/api/2.2/jobs/list")
        with pytest.raises(httpx.HTTPError):
            http.get("/api/2.2/jobs/list")
        assert http.get("/api/2.2/jobs/list").status_code == 200


def test_a_certificate_is_kept_until_it_ends_soon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "new" / "folder"
    first = tls.certificate(folder, "127.0.0.1")
    assert first.server.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    before = first.ca.read_bytes()
    assert tls.certificate(folder, "127.0.0.1").ca.read_bytes() == before
    later = SimpleNamespace(now=lambda zone: datetime.now(zone) + timedelta(days=340))
    monkeypatch.setattr(tls, "datetime", later)
    assert tls.certificate(folder, "127.0.0.1").ca.read_bytes() != before


def test_a_certificate_for_other_names_is_made_anew(tmp_path: Path) -> None:
    before = tls.certificate(tmp_path, "127.0.0.1").ca.read_bytes()
    assert tls.certificate(tmp_path, "0.0.0.0").ca.read_bytes() != before
    after = tls.certificate(tmp_path, "0.0.0.0").ca.read_bytes()
    assert tls.certificate(tmp_path, "127.0.0.1").ca.read_bytes() == after


@pytest.mark.parametrize("damage", [b"", b"no certificate", None])
def test_damaged_files_are_made_anew(tmp_path: Path, damage: bytes | None) -> None:
    files = tls.certificate(tmp_path, "127.0.0.1")
    other = tls.certificate(tmp_path / "other", "127.0.0.1").ca.read_bytes()
    files.ca.write_bytes(other if damage is None else damage)
    with Emulator(tls_dir=tmp_path) as workspace:
        assert httpx.get(f"{workspace.host}/_local/health", verify=trusting(files.ca)).status_code == 200


def test_the_authoritys_key_is_nowhere(tmp_path: Path) -> None:
    tls.certificate(tmp_path, "127.0.0.1")
    assert {path.name for path in tmp_path.iterdir()} == {"ca.pem", "server.pem"}
    assert (tmp_path / "server.pem").read_text().count("PRIVATE KEY-----") == 2
    assert "PRIVATE" not in (tmp_path / "ca.pem").read_text()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StartError, match=r"cannot keep a certificate in .*file"):
        Emulator(tls_dir=tmp_path / "file").start()


def test_the_command_prints_what_clients_need(tmp_path: Path) -> None:
    folder = tmp_path / "a folder"
    command = [sys.executable, "-m", "airbrick.cli", "emulator", "--port", "0", "--tls", str(folder)]
    with subprocess.Popen(
        [*command, "--ready-file", str(tmp_path / "ready.json")], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        lines = [server.stdout.readline().strip() for _ in range(3)]
        server.terminate()
    assert lines[0].startswith("airbrick emulator ready on https://127.0.0.1:")
    assert lines[1:] == [f"export {name}='{folder}/ca.pem'" for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")]
