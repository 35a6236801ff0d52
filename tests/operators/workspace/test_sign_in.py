"""Signing in when the workspace is slow, down, or says no."""

import asyncio
import threading
import time

import pytest

from airbrick.emulator import Emulator
from airbrick.operators.workspace import sign_in as sign_in_module
from airbrick.operators.workspace.connection import ConnectionSettings
from airbrick.operators.workspace.credentials import AuthKind, Credentials
from airbrick.operators.workspace.sign_in import SIGN_IN_ERRORS, SignedIn, SignIn, sign_in, sign_in_error
from airbrick.operators.workspace.threads import arun_bounded, run_bounded
from airbrick.operators.workspace.wire import is_transient


def principal(workspace: Emulator, *, secret: str | None = None) -> ConnectionSettings:
    return ConnectionSettings(
        "c",
        workspace.host,
        Credentials(
            AuthKind.OAUTH_M2M, {"client_id": workspace.client_id, "client_secret": secret or workspace.client_secret}
        ),
        "sp",
    )


def headers_of(settings: ConnectionSettings) -> object:
    return sign_in(settings).headers()


@pytest.mark.parametrize("preset", ["outage", "half_body"])
@pytest.mark.parametrize("path", ["/.well-known/databricks-config", "/oidc/v1/token"])
def test_an_outage_while_signing_in_may_pass(preset: str, path: str, workspace: Emulator) -> None:
    workspace.fault(preset, path=path, times=None)
    with pytest.raises(SIGN_IN_ERRORS) as caught:
        headers_of(principal(workspace))
    error = sign_in_error(workspace.host, caught.value)
    assert is_transient(error), error
    assert workspace.client_secret not in str(error)


def test_a_wrong_secret_does_not_pass(workspace: Emulator) -> None:
    with pytest.raises(SIGN_IN_ERRORS) as caught:
        headers_of(principal(workspace, secret="dose-wrong"))
    error = sign_in_error(workspace.host, caught.value)
    assert error.status == 401
    assert "dose-wrong" not in str(error)


def test_settings_of_the_machine_do_not_leak_in(workspace: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABRICKS_HOST", "https://elsewhere.example.com")
    monkeypatch.setenv("DATABRICKS_TOKEN", "dapi-of-the-machine")
    signed_in = sign_in(principal(workspace))
    assert signed_in.settings.host == workspace.host
    assert "dapi-of-the-machine" not in str(dict(signed_in.headers()))
    assert workspace.requests(path="/oidc/v1/token")


def test_a_sign_in_that_hangs_is_given_up(workspace: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in_module, "SIGN_IN_TIMEOUT_S", 0.05)
    release = threading.Event()

    def hang(settings: ConnectionSettings) -> SignedIn:
        release.wait(10)
        raise AssertionError

    with pytest.raises(TimeoutError) as caught:
        SignIn(lambda: principal(workspace), make=hang).current()
    release.set()
    assert is_transient(sign_in_error(workspace.host, caught.value))


class TestThreads:
    def test_results_and_errors_come_back(self) -> None:
        assert run_bounded(lambda: 5, 10) == 5
        assert asyncio.run(arun_bounded(lambda: 6, 10)) == 6
        with pytest.raises(ZeroDivisionError):
            run_bounded(lambda: 1 // 0, 10)
        with pytest.raises(ZeroDivisionError):
            asyncio.run(arun_bounded(lambda: 1 // 0, 10))

    def test_nobody_waits_for_work_that_hangs(self) -> None:
        release = threading.Event()
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            asyncio.run(arun_bounded(lambda: release.wait(600), 0.01))
        with pytest.raises(TimeoutError):
            run_bounded(lambda: release.wait(600), 0.01)
        assert time.monotonic() - began < 60
        release.set()
