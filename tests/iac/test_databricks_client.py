from collections.abc import Iterator

import pytest
from tests.iac.wire import SimulatedPause

from airbrick.emulator import Emulator
from airbrick.iac.clients.databricks import Workspace
from airbrick.iac.errors import UnauthenticatedError, UnreachableError
from airbrick.iac.provider.config import ProviderConfig


class NoPatience:
    """Fails a test that waits."""

    def now_s(self) -> float:
        return 0.0

    def wait(self, seconds: float) -> bool:
        raise AssertionError(f"waited {seconds} s")


@pytest.fixture(autouse=True)
def no_credentials_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOST", "TOKEN", "CLIENT_ID", "CLIENT_SECRET", "AUTH_TYPE"):
        monkeypatch.delenv(f"DATABRICKS_{name}", raising=False)
    monkeypatch.setenv("DATABRICKS_CONFIG_FILE", "/dev/null")


@pytest.fixture
def workspace() -> Iterator[Emulator]:
    with Emulator() as started:
        yield started


def test_a_wrong_client_secret_is_refused_at_once(workspace: Emulator) -> None:
    config = ProviderConfig(host=workspace.host, client_id=workspace.client_id, client_secret="not-the-secret")
    with pytest.raises(UnauthenticatedError, match=r"invalid_client.*check the credentials.*oauth-m2m") as caught:
        Workspace(config, NoPatience()).get("/api/2.2/jobs/list")
    assert caught.value.code == "invalid_client"
    assert "not-the-secret" not in str(caught.value)


def test_a_wrong_token_is_refused_at_once(workspace: Emulator) -> None:
    config = ProviderConfig(host=workspace.host, token="not-the-token")
    with pytest.raises(UnauthenticatedError, match=r"check the credentials.*pat") as caught:
        Workspace(config, NoPatience()).get("/api/2.2/jobs/list")
    assert "not-the-token" not in str(caught.value)
    assert "Config:" not in str(caught.value)


def test_a_host_of_the_environment_without_its_scheme_is_told_by_what_to_mend(
    workspace: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABRICKS_HOST", workspace.host.removeprefix("http://"))
    with pytest.raises(UnreachableError, match=r"no TLS connection.*check airbrick:host \(or DATABRICKS_HOST\)"):
        Workspace(ProviderConfig(token=workspace.token), SimulatedPause()).get("/api/2.2/jobs/list")
