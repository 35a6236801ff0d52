from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest
from databricks.sdk.errors import ResourceAlreadyExists, ResourceDoesNotExist
from databricks.sdk.service.workspace import AclPermission, ScopeBackendType
from hypothesis import given
from hypothesis import strategies as st
from tests.emulator.helpers import Api

from airbrick.emulator.errors import ApiError
from airbrick.emulator.secrets import MAX_SCOPES, MAX_SECRETS, MAX_VALUE_BYTES, SecretBook

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

    from airbrick.emulator import Emulator, ManualClock

SECRETS = "/api/2.0/secrets"


def value(client: WorkspaceClient, key: str) -> bytes:
    return base64.b64decode(client.secrets.get_secret("lab", key).value or "")


def test_scopes_are_made_listed_and_deleted(client: WorkspaceClient) -> None:
    client.secrets.create_scope("lab")
    client.secrets.create_scope("team.x@y_z-1", initial_manage_principal="users")
    listed = [(scope.name, scope.backend_type) for scope in client.secrets.list_scopes()]
    assert listed == [("lab", ScopeBackendType.DATABRICKS), ("team.x@y_z-1", ScopeBackendType.DATABRICKS)]
    with pytest.raises(ResourceAlreadyExists, match="Scope lab already exists!"):
        client.secrets.create_scope("lab")
    client.secrets.delete_scope("lab")
    with pytest.raises(ResourceDoesNotExist, match="Scope lab does not exist!"):
        client.secrets.delete_scope("lab")
    assert [scope.name for scope in client.secrets.list_scopes()] == ["team.x@y_z-1"]


def test_secrets_are_put_listed_read_and_deleted(client: WorkspaceClient, clock: ManualClock) -> None:
    client.secrets.create_scope("lab")
    assert list(client.secrets.list_secrets("lab")) == []
    client.secrets.put_secret("lab", "text", string_value="pässword\r\n")
    client.secrets.put_secret("lab", "bytes", bytes_value=base64.b64encode(bytes(range(256))).decode())
    assert (value(client, "text"), value(client, "bytes")) == ("pässword\r\n".encode(), bytes(range(256)))
    clock.advance(5)
    client.secrets.put_secret("lab", "text", string_value="")
    listed = {item.key: item.last_updated_timestamp for item in client.secrets.list_secrets("lab")}
    assert listed == {"text": int(clock.now() * 1000), "bytes": int(clock.now() * 1000) - 5000}
    assert value(client, "text") == b""
    client.secrets.delete_secret("lab", "text")
    with pytest.raises(ResourceDoesNotExist, match="key: text"):
        client.secrets.get_secret("lab", "text")
    with pytest.raises(ResourceDoesNotExist):
        client.secrets.delete_secret("lab", "text")


def test_the_creator_manages_a_scope_and_grants_more(client: WorkspaceClient) -> None:
    client.secrets.create_scope("lab")
    client.secrets.put_acl("lab", "readers", AclPermission.READ)
    client.secrets.put_acl("lab", "readers", AclPermission.WRITE)
    acls = [(item.principal, item.permission) for item in client.secrets.list_acls("lab")]
    assert acls == [("engineer@example.com", AclPermission.MANAGE), ("readers", AclPermission.WRITE)]
    assert client.secrets.get_acl("lab", "readers").permission is AclPermission.WRITE
    client.secrets.delete_acl("lab", "readers")
    for call in (client.secrets.get_acl, client.secrets.delete_acl):
        with pytest.raises(ResourceDoesNotExist, match="readers"):
            call("lab", "readers")


def test_all_users_manage_a_scope_that_says_so(client: WorkspaceClient) -> None:
    client.secrets.create_scope("lab", initial_manage_principal="users")
    assert [item.principal for item in client.secrets.list_acls("lab")] == ["users"]


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        ("scopes/create", {}, (400, "INVALID_PARAMETER_VALUE")),
        ("scopes/create", {"scope": "a b"}, (400, "INVALID_PARAMETER_VALUE")),
        ("scopes/create", {"scope": "x" * 129}, (400, "INVALID_PARAMETER_VALUE")),
        ("scopes/create", {"scope": "s", "initial_manage_principal": "team"}, (400, "INVALID_PARAMETER_VALUE")),
        ("scopes/create", {"scope": "s", "scope_backend_type": "AZURE_KEYVAULT"}, (501, "NOT_IMPLEMENTED")),
        ("put", {"scope": "lab", "key": "k"}, (400, "MALFORMED_REQUEST")),
        ("put", {"scope": "lab", "key": "k", "string_value": "a", "bytes_value": "YQ=="}, (400, "MALFORMED_REQUEST")),
        ("put", {"scope": "lab", "key": "k", "bytes_value": "?"}, (400, "INVALID_PARAMETER_VALUE")),
        ("put", {"scope": "lab", "key": "k", "string_value": 5}, (400, "INVALID_PARAMETER_VALUE")),
        ("put", {"scope": "lab", "key": "a/b", "string_value": "a"}, (400, "INVALID_PARAMETER_VALUE")),
        ("put", {"scope": "lab", "string_value": "a"}, (400, "INVALID_PARAMETER_VALUE")),
        ("put", {"scope": "gone", "key": "k", "string_value": "a"}, (404, "RESOURCE_DOES_NOT_EXIST")),
        ("put", {"scope": "lab", "key": "k", "string_value": "x" * 131_073}, (400, "INVALID_PARAMETER_VALUE")),
        ("acls/put", {"scope": "lab", "principal": "p", "permission": "OWN"}, (400, "INVALID_PARAMETER_VALUE")),
        ("acls/put", {"scope": "lab", "principal": "", "permission": "READ"}, (400, "INVALID_PARAMETER_VALUE")),
        ("acls/put", {"scope": "gone", "principal": "p", "permission": "READ"}, (404, "RESOURCE_DOES_NOT_EXIST")),
    ],
)
def test_wrong_requests_for_secrets_are_refused(
    api: Api, path: str, body: dict[str, Any], error: tuple[int, str]
) -> None:
    api.post(f"{SECRETS}/scopes/create", {"scope": "lab"})
    assert api.error("POST", f"{SECRETS}/{path}", body)[:2] == error
    assert api.get(f"{SECRETS}/list", scope="lab") == {}


@pytest.mark.parametrize("path", ["get", "list", "acls/get", "acls/list"])
def test_a_scope_that_is_gone_is_named(api: Api, path: str) -> None:
    status, code, text = api.error("GET", f"{SECRETS}/{path}", scope="gone", key="k", principal="p")
    assert (status, code, text) == (404, "RESOURCE_DOES_NOT_EXIST", "Scope gone does not exist!")


def test_a_secret_is_in_no_record_and_in_no_message(api: Api, workspace: Emulator) -> None:
    api.post(f"{SECRETS}/scopes/create", {"scope": "lab"})
    api.post(f"{SECRETS}/put", {"scope": "lab", "key": "k", "string_value": "hush-hush"})
    errors = [
        api.error("POST", f"{SECRETS}/put", {"scope": "lab", "key": "k", "bytes_value": "hush-hush"}),
        api.error("POST", f"{SECRETS}/put", {"scope": "lab", "key": "k", "string_value": ["hush-hush"]}),
        api.error("POST", f"{SECRETS}/put", {"scope": "gone", "key": "k", "string_value": "hush-hush"}),
        api.error("POST", f"{SECRETS}/put", string_value="hush-hush", key="k", scope="gone"),
    ]
    assert "hush" not in repr(errors)
    assert "hush" not in repr(workspace.requests())
    assert "hush" not in repr(workspace._store.secrets)
    assert "hush" not in api.call("GET", "/_local/state").text


def test_a_workspace_and_a_scope_are_full_at_some_time() -> None:
    book = SecretBook()
    for number in range(MAX_SCOPES):
        book.create(f"s{number}", "me")
    with pytest.raises(ApiError) as full:
        book.create("one-more", "me")
    assert full.value.error_code == "RESOURCE_LIMIT_EXCEEDED"
    scope = book.get("s0")
    for number in range(MAX_SECRETS):
        scope.put(f"k{number}", b"", 0)
    scope.put("k0", b"x" * MAX_VALUE_BYTES, 1)
    with pytest.raises(ApiError) as full:
        scope.put("one-more", b"", 0)
    assert full.value.error_code == "RESOURCE_LIMIT_EXCEEDED"


@given(st.text(max_size=5), st.binary(max_size=9))
def test_a_secret_comes_back_or_its_key_is_refused(key: str, content: bytes) -> None:
    scope = SecretBook().create("lab", "me")
    try:
        scope.put(key, content, 0)
    except ApiError as error:
        assert error.error_code == "INVALID_PARAMETER_VALUE"  # noqa: PT017 - both outcomes are right
        assert not scope.secrets
    else:
        assert scope.get(key).value == content
