"""Secret scopes, secrets and their permissions, over the protocol."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2
from tests.iac.wire import refusal

from airbrick.iac.values import UNKNOWN, Secret

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient
    from tests.iac.wire import Wire

    from airbrick.emulator import Emulator

SCOPE, SECRET, ACL = (f"airbrick:databricks:{name}" for name in ("SecretScope", "Secret", "SecretAcl"))
ORDERS: dict[str, Any] = {"name": "orders", "adopt": False}
VALUE: dict[str, Any] = {
    "scope": "orders", "key": "password", "string_value": Secret("hush-größe"), "adopt": False,
}  # fmt: skip
READ: dict[str, Any] = {"scope": "orders", "principal": "analysts", "permission": "READ", "adopt": False}


@pytest.fixture
def scope(provider: Wire) -> str:
    return provider.create(SCOPE, "orders", ORDERS)[0]


def stored(client: WorkspaceClient, key: str = "password") -> str:
    answer: Any = client.api_client.do("GET", "/api/2.0/secrets/get", query={"scope": "orders", "key": key})
    return base64.b64decode(answer["value"]).decode()


def put(client: WorkspaceClient, value: str) -> None:
    body = {"scope": "orders", "key": "password", "string_value": value}
    client.api_client.do("POST", "/api/2.0/secrets/put", body=body)


@pytest.mark.parametrize(
    ("token", "inputs", "path", "reason"),
    [
        (SCOPE, {"name": "a b"}, "name", "expected 1 to 128 letters"),
        (SCOPE, {"name": "a", "backend_azure_keyvault": {"dns_name": "x"}}, "backend_azure_keyvault.resource_id",
         "is missing"),
        (SECRET, {"key": "k", "string_value": "v"}, "scope", "is missing"),
        (SECRET, {**VALUE, "key": "a/b"}, "key", "expected 1 to 128 letters"),
        (SECRET, {**VALUE, "string_value": Secret("x" * 131_073)}, "string_value", "has more than 131072 bytes"),
        (SECRET, {**VALUE, "string_value": Secret("***")}, "string_value", "give the real value"),
        (ACL, {**READ, "permission": "read"}, "permission", "expected one of READ, WRITE, MANAGE"),
        (ACL, {**READ, "principle": "x"}, "principle", "did you mean 'principal'?"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place(
    wire: Wire, token: str, inputs: dict[str, Any], path: str, reason: str
) -> None:
    _, failures = wire.check(token, "x", inputs)
    assert list(failures) == [path]
    assert reason in failures[path]


def test_check_marks_a_value_whoever_wrote_it(wire: Wire) -> None:
    assert wire.check(SECRET, "password", {"scope": "orders", "string_value": "hush-größe"}) == (VALUE, {})
    assert wire.check(SECRET, "password", {"scope": UNKNOWN, "string_value": UNKNOWN})[1] == {}


def test_the_life_of_a_secret(provider: Wire, client: WorkspaceClient, scope: str) -> None:
    resource_id, outputs = provider.create(SECRET, "password", VALUE)
    assert (resource_id, outputs["reference"]) == ("orders/password", "{{secrets/orders/password}}")
    assert "hush" not in str(outputs)
    assert stored(client) == "hush-größe"
    assert provider.read(SECRET, "password", resource_id, VALUE, **outputs) == (resource_id, VALUE, outputs)
    new = {**VALUE, "string_value": Secret("other-word")}
    assert list(provider.diff(SECRET, "password", VALUE, new).diffs) == ["string_value"]
    outputs = provider.update(SECRET, "password", resource_id, VALUE, new, **outputs)
    assert stored(client) == "other-word"
    assert provider.read(SECRET, "password", resource_id, new, **outputs)[1] == new
    provider.delete(SECRET, "password", resource_id)
    provider.delete(SECRET, "password", resource_id)
    assert provider.read(SECRET, "password", resource_id, VALUE)[0] == ""


def test_a_value_written_by_another_is_drift_and_never_read(
    provider: Wire, client: WorkspaceClient, workspace: Emulator, scope: str
) -> None:
    resource_id, outputs = provider.create(SECRET, "password", VALUE)
    # The time of a write counts milliseconds.
    while provider.read(SECRET, "password", resource_id, VALUE, **outputs)[1] == VALUE:
        put(client, "edited-value")
    workspace.forget()
    _, seen, _ = provider.read(SECRET, "password", resource_id, VALUE, **outputs)
    assert seen["string_value"] == Secret("")
    assert workspace.requests("GET", "/api/2.0/secrets/get") == []
    assert provider.diff(SECRET, "password", seen, VALUE).changes == provider_pb2.DiffResponse.DIFF_SOME


def test_a_secret_that_is_not_ours_needs_adopt(provider: Wire, client: WorkspaceClient, scope: str) -> None:
    put(client, "theirs")
    with pytest.raises(grpc.RpcError) as caught:
        provider.create(SECRET, "password", VALUE)
    code, message = refusal(caught.value)
    assert code is grpc.StatusCode.ALREADY_EXISTS
    assert "hush" not in message
    assert stored(client) == "theirs"
    provider.create(SECRET, "password", {**VALUE, "adopt": True})
    assert stored(client) == "hush-größe"


@pytest.mark.parametrize("sample", [(SECRET, VALUE), (ACL, READ)])
@pytest.mark.parametrize("preset", ["lost_ack", "half_body"])
def test_a_lost_answer_is_no_error(
    provider: Wire, workspace: Emulator, scope: str, sample: tuple[str, dict[str, Any]], preset: str
) -> None:
    token, inputs = sample
    workspace.fault(preset, path="put", method="POST", times=1)
    resource_id, _ = provider.create(token, "x", inputs)
    assert provider.read(token, "x", resource_id, inputs)[1] == inputs


@pytest.mark.parametrize(("token", "inputs"), [(SCOPE, ORDERS), (SECRET, VALUE), (ACL, READ)])
def test_what_an_interrupted_up_made_is_completed(
    provider: Wire, next_provider: Wire, scope: str, token: str, inputs: dict[str, Any]
) -> None:
    if token != SCOPE:
        provider.create(token, "x", inputs)
    resource_id, outputs = next_provider.create(token, "x", inputs)
    assert next_provider.read(token, "x", resource_id, inputs, **_without_name(outputs))[1] == inputs


def test_a_scope_that_holds_secrets_needs_adopt(
    provider: Wire, next_provider: Wire, client: WorkspaceClient, scope: str
) -> None:
    put(client, "theirs")
    with pytest.raises(grpc.RpcError) as caught:
        next_provider.create(SCOPE, "orders", ORDERS)
    assert refusal(caught.value)[0] is grpc.StatusCode.ALREADY_EXISTS
    assert next_provider.create(SCOPE, "orders", {**ORDERS, "adopt": True})[0] == "orders"
    assert stored(client) == "theirs"


def test_a_scope_whose_secrets_lie_elsewhere_is_not_adopted(
    provider: Wire, next_provider: Wire, client: WorkspaceClient, scope: str
) -> None:
    put(client, "theirs")
    vault = {"resource_id": "/vaults/orders", "dns_name": "https://orders.example.net/"}
    with pytest.raises(grpc.RpcError) as caught:
        next_provider.create(SCOPE, "orders", {**ORDERS, "adopt": True, "backend_azure_keyvault": vault})
    code, message = refusal(caught.value)
    assert code is grpc.StatusCode.ALREADY_EXISTS
    assert "exists already with another backend_azure_keyvault" in message
    assert stored(client) == "theirs"


def test_the_life_of_a_scope_and_a_permission(provider: Wire, scope: str) -> None:
    resource_id, outputs = provider.create(ACL, "analysts", READ)
    assert provider.read(ACL, "analysts", resource_id, READ, **outputs) == (resource_id, READ, outputs)
    more = {**READ, "permission": "WRITE"}
    provider.update(ACL, "analysts", resource_id, READ, more, **outputs)
    assert provider.read(ACL, "analysts", resource_id, READ)[1] == more
    provider.delete(ACL, "analysts", resource_id)
    provider.delete(ACL, "analysts", resource_id)
    assert provider.read(ACL, "analysts", resource_id, READ)[0] == ""
    assert provider.read(SCOPE, "orders", scope, ORDERS)[1] == ORDERS
    assert list(provider.diff(SCOPE, "orders", ORDERS, {**ORDERS, "name": "other"}).replaces) == ["name"]
    provider.delete(SCOPE, "orders", scope)
    provider.delete(SCOPE, "orders", scope)
    assert provider.read(SCOPE, "orders", scope, ORDERS)[0] == ""


def test_a_scope_goes_first_only_where_its_replacement_needs_the_name(wire: Wire) -> None:
    vault = {"resource_id": "/subscriptions/a/vaults/b", "dns_name": "https://b.vault.azure.net"}
    assert wire.diff(SCOPE, "orders", ORDERS, {**ORDERS, "backend_azure_keyvault": vault}).deleteBeforeReplace
    assert not wire.diff(SCOPE, "orders", ORDERS, {**ORDERS, "name": "other"}).deleteBeforeReplace


def _without_name(outputs: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in outputs.items() if name != "name"}
