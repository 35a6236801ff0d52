"""An object of a workspace is looked for where it was made, over the protocol."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime.proto import provider_pb2
from tests.iac.job_samples import JOB, SETTINGS
from tests.iac.wire import init_failed, refusal

from airbrick.iac.provider.codec import decode, encode
from airbrick.iac.provider.home import HOME, bare
from airbrick.iac.provider.registry import handlers
from airbrick.iac.values import UNKNOWN, Secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.iac.wire import Wire

    from airbrick.emulator import Emulator

SCOPE = "airbrick:databricks:SecretScope"
CONTRACT = "airbrick:index:Contract"
ELSEWHERE = {"host": "https://other.example", "workspace_id": "7"}
ANY = {"any": "thing"}


def home(wire: Wire, token: str, name: str = "x") -> Any:
    return wire.internal[wire.urn(token, name)].get(HOME)


def asked(workspace: Emulator) -> list[str]:
    return [request.path for request in workspace.requests(path="/api/*")]


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(grpc.RpcError) as caught:
        call()
    code, message = refusal(caught.value)
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    return message


@pytest.mark.parametrize("token", handlers())
@pytest.mark.parametrize("number", ["7", None])
def test_no_object_of_another_workspace_is_looked_for(
    provider: Wire, workspace: Emulator, token: str, number: str | None
) -> None:
    made: dict[str, Any] = {HOME: {**ELSEWHERE, "workspace_id": number}}
    calls: list[Callable[[], object]] = [
        lambda: provider.read(token, "x", "1", ANY, **made),
        lambda: provider.diff(token, "x", ANY, ANY, "1", **made),
        lambda: provider.update(token, "x", "1", ANY, ANY, preview=True, **made),
        lambda: provider.update(token, "x", "1", ANY, ANY, **made),
        lambda: provider.delete(token, "x", "1", ANY, **made),
    ]
    for call in calls:
        message = refused(call)
        there = "https://other.example" + (" (workspace 7)" if number else "")
        assert f"airbrick:host: names {workspace.host} (workspace {workspace.workspace_id}), but " in message
        assert f"{token.rpartition(':')[2]} '1' was made in {there}; set it (or DATABRICKS_HOST) back" in message
        assert "run `pulumi up --refresh --run-program` once" in message
        assert "`pulumi state delete`" in message
    assert asked(workspace) == []


@pytest.mark.parametrize(
    ("name", "place"),
    [("eu", "host of iac.Provider('eu')"), ("default_0_1_0", "airbrick:host"), ("", "airbrick:host")],
)
def test_the_provider_that_names_another_workspace_is_told(
    wire: Wire, workspace: Emulator, name: str, place: str
) -> None:
    args = encode({"host": workspace.host, "token": Secret(workspace.token)})
    wire.stub.Configure(provider_pb2.ConfigureRequest(name=name, args=args, acceptSecrets=True))
    message = refused(lambda: wire.diff(JOB, "x", SETTINGS, SETTINGS, "1", **{HOME: ELSEWHERE}))
    assert message.startswith(f"{place}: names {workspace.host} (workspace {workspace.workspace_id}), but Job '1' was")
    assert "was made in https://other.example (workspace 7); " in message
    assert "a resource that got another provider needs its former one, or another logical name as well" in message


def test_a_contract_is_of_one_workspace(provider: Wire, workspace: Emulator) -> None:
    inputs = {"project": "orders", "stack": "dev", "workspace": ELSEWHERE, "jobs": {}, "connections": {}}
    provider.create(CONTRACT, "x", inputs)
    assert home(provider, CONTRACT) == {"host": workspace.host, "workspace_id": workspace.workspace_id}


def test_one_workspace_may_have_several_addresses(provider: Wire, workspace: Emulator) -> None:
    here = {"host": workspace.host, "workspace_id": workspace.workspace_id}
    scope = {"name": "orders", "adopt": False}
    resource_id, _ = provider.create(SCOPE, "x", scope)
    assert home(provider, SCOPE) == here
    vanity: dict[str, Any] = {HOME: {**here, "host": "https://vanity.example"}}
    assert provider.read(SCOPE, "x", resource_id, scope, **vanity)[0] == "orders"
    assert home(provider, SCOPE) == here
    provider.delete(SCOPE, "x", resource_id, scope, **vanity)
    # Gone there is gone.
    assert provider.read(SCOPE, "x", resource_id, scope, **vanity)[0] == ""


def test_workspaces_behind_one_address_are_told_apart(provider: Wire, workspace: Emulator) -> None:
    other = {"host": workspace.host, "workspace_id": "7"}
    assert "(workspace 7)" in refused(lambda: provider.read(SCOPE, "x", "orders", {"name": "orders"}, **{HOME: other}))


def test_a_workspace_that_does_not_tell_its_id_is_known_by_its_address(provider: Wire, workspace: Emulator) -> None:
    scope = {"name": "orders", "adopt": False}
    resource_id, _ = provider.create(SCOPE, "x", scope)
    workspace.fault(path="/.well-known/databricks-config", status=404, times=99)
    provider.next_up()
    assert provider.read(SCOPE, "x", resource_id, scope)[0] == "orders"
    # What it told once still holds.
    assert home(provider, SCOPE) == {"host": workspace.host, "workspace_id": workspace.workspace_id}
    provider.next_up()
    record = {HOME: {"host": workspace.host.replace("http://", "https://"), "workspace_id": workspace.workspace_id}}
    assert provider.read(SCOPE, "x", resource_id, scope, **record)[0] == "orders"
    assert "names" in refused(lambda: provider.read(SCOPE, "x", resource_id, scope, **{HOME: ELSEWHERE}))


def test_what_was_made_before_places_were_noted_is_taken_to_be_here(provider: Wire, workspace: Emulator) -> None:
    scope = {"name": "orders", "adopt": False}
    resource_id, outputs = provider.create(SCOPE, "x", scope)
    here = home(provider, SCOPE)
    provider.internal.clear()
    assert provider.update(SCOPE, "x", resource_id, scope, scope, **outputs) == outputs
    provider.internal.clear()
    assert provider.read(SCOPE, "x", resource_id, scope, **outputs)[2] == outputs
    assert home(provider, SCOPE) == here
    # So is what is imported.
    assert provider.read(SCOPE, "x", resource_id)[0] == "orders"
    assert home(provider, SCOPE) == here


def test_a_preview_keeps_the_place_and_cannot_know_a_new_one(provider: Wire) -> None:
    provider.create(JOB, "x", SETTINGS, preview=True)
    assert home(provider, JOB) is None
    job_id, outputs = provider.create(JOB, "x", SETTINGS)
    here = home(provider, JOB)
    coming = provider.update(JOB, "x", job_id, SETTINGS, {**SETTINGS, "name": UNKNOWN}, preview=True, **outputs)
    assert (coming["job_name"], home(provider, JOB)) == (UNKNOWN, here)


def test_what_is_not_complete_has_a_place_too(provider: Wire, next_provider: Wire, workspace: Emulator) -> None:
    provider.create(JOB, "x", SETTINGS)
    workspace.fault("outage", path="/api/2.2/jobs/reset", times=1)
    with pytest.raises(grpc.RpcError) as caught:
        next_provider.create(JOB, "x", SETTINGS)
    assert decode(init_failed(caught.value).properties)[HOME] == home(provider, JOB)


def test_a_place_that_is_kept_secret_is_a_place(provider: Wire) -> None:
    made = {HOME: Secret(ELSEWHERE)}
    assert "was made in https://other.example" in refused(lambda: provider.read(JOB, "x", "1", SETTINGS, **made))


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("HTTPS://Admin:p%40ss@Airflow.Example:8080/Prod/?token=hush#x", "https://airflow.example:8080/Prod"),
        ("http://a@b@[::1]:8080", "http://[::1]:8080"),
        ("https://w.example/", "https://w.example"),
        ("admin:hush@localhost:8080", "localhost:8080"),
        ("http://[", "http://["),
        ("", ""),
    ],
)
def test_an_address_is_kept_without_credentials(address: str, kept: str) -> None:
    assert bare(address) == kept


@given(st.text())
def test_any_address_is_kept_in_one_spelling(address: str) -> None:
    once = bare(address)
    assert bare(once) == once
    assert re.search(r"[?#]", once) is None
