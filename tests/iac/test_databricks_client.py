from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.iac.wire import SimulatedPause

from airbrick.emulator import Emulator
from airbrick.iac.clients.databricks import Workspace
from airbrick.iac.errors import ConfigError, UnauthenticatedError, UnreachableError
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


HERE = "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (ProviderConfig(), "airbrick:host: no workspace is named; set airbrick:host, or DATABRICKS_HOST"),
        (
            ProviderConfig(host=HERE),
            f"airbrick:host: no credentials are found for {HERE}; set airbrick:client_id with ",
        ),
        (ProviderConfig(host=HERE, client_id="a"), f"airbrick:host: no credentials are found for {HERE}; set "),
        (
            ProviderConfig(host=HERE, token="hush", auth_type="oauth-m2n"),
            f"airbrick:auth_type: by 'oauth-m2n' databricks-sdk cannot sign in to {HERE} with what is set; correct it ",
        ),
        (
            ProviderConfig(host=HERE, token="hush", client_id="a", client_secret="hush"),
            "airbrick:auth_type: more than one way to sign in is set (oauth and pat); take all but one out, or choose ",
        ),
        (
            ProviderConfig(host=f"{HERE}/jobs/7?o=5", token="hush"),
            f"airbrick:host: '{HERE}/jobs/7?o=5' is the address of a page; write the workspace's: {HERE}",
        ),
    ],
)
def test_what_is_not_set_or_set_twice_is_named_with_what_to_do(config: ProviderConfig, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Workspace(config, NoPatience())
    assert str(caught.value).startswith(said)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "token"),
    [
        ("http://ann:hush@127.0.0.1:9", "dapi-1"),
        ("ann:hush@127.0.0.1:9", ""),
        ("http://ann:hush/1@127.0.0.1:9", "dapi-1"),
        ("http://ann:1#hush@127.0.0.1:9", ""),
    ],
)
@pytest.mark.parametrize("profile", ["", "dev"])
def test_credentials_in_the_address_are_refused_unseen(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, host: str, token: str, profile: str
) -> None:
    if profile:
        (tmp_path / "databrickscfg").write_text("[dev]\ntoken = dapi-2\n", encoding="utf-8")
        monkeypatch.setenv("DATABRICKS_CONFIG_FILE", str(tmp_path / "databrickscfg"))
        monkeypatch.setenv("DATABRICKS_CONFIG_PROFILE", profile)
    monkeypatch.setenv("DATABRICKS_HOST", host)
    with pytest.raises(
        ConfigError, match=r"^airbrick:host: holds credentials, .*DATABRICKS_HOST.*airbrick:token"
    ) as caught:
        Workspace(ProviderConfig(token=token), NoPatience())
    assert "hush" not in str(caught.value)


def test_a_workspace_of_the_environment_is_named_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABRICKS_HOST", HERE)
    with pytest.raises(ConfigError, match=rf"no credentials are found for {HERE}; .* or DATABRICKS_TOKEN$"):
        Workspace(ProviderConfig(), NoPatience())


def test_a_profile_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    profiles = tmp_path / "databrickscfg"
    profiles.write_text("[mine]\nhost = https://w\n")
    monkeypatch.setenv("DATABRICKS_CONFIG_FILE", str(profiles))
    monkeypatch.setenv("DATABRICKS_CONFIG_PROFILE", "yours")
    with pytest.raises(ConfigError, match=r"DATABRICKS_CONFIG_PROFILE: .*yours.*; correct it, or the profile"):
        Workspace(ProviderConfig(), NoPatience())
