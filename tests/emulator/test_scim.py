"""Users, service principals, groups, and the tokens that stand for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import BadRequest, NotFound, ResourceConflict, Unauthenticated
from databricks.sdk.service import iam
from hypothesis import given
from hypothesis import strategies as st
from tests.emulator.helpers import Api

from airbrick.emulator.directory import ScimError
from airbrick.emulator.scim import Filter, checked, patched

if TYPE_CHECKING:
    from airbrick.emulator import Emulator, ManualClock

SCIM = "/api/2.0/preview/scim/v2"


def names(found: Any) -> list[str | None]:
    return [item.user_name for item in found]


def test_users_are_made_found_changed_and_deleted(client: WorkspaceClient) -> None:
    made = client.users.create(user_name="ana@example.com", display_name="Ana")
    assert made.id is not None
    assert (made.active, made.emails and made.emails[0].value) == (True, "ana@example.com")
    assert names(client.users.list()) == ["engineer@example.com", "ana@example.com"]
    assert names(client.users.list(filter='userName eq "ANA@example.com"')) == ["ana@example.com"]
    assert names(client.users.list(filter='displayName sw "An" and userName ne "x"')) == ["ana@example.com"]
    assert names(client.users.list(filter='emails.value co "engineer" or displayName eq "Ana"')) == [
        "engineer@example.com",
        "ana@example.com",
    ]
    client.users.update(made.id, user_name="ana@example.com", display_name="Ana B")
    # The typed client leaves out a value that is false.
    client.api_client.do(
        "PATCH",
        f"{SCIM}/Users/{made.id}",
        body={"Operations": [{"op": "replace", "path": "active", "value": False}]},
    )
    changed = client.users.get(made.id)
    assert (changed.display_name, changed.active) == ("Ana B", False)
    assert client.workspace.get_status("/Users/ana@example.com").path == "/Users/ana@example.com"
    client.users.delete(made.id)
    with pytest.raises(NotFound, match=f"User with id {made.id} not found"):
        client.users.get(made.id)


def test_service_principals_are_found_by_name_and_application_id(client: WorkspaceClient, workspace: Emulator) -> None:
    made = client.service_principals.create(display_name="loader")
    assert made.application_id is not None
    for wanted in (f'applicationId eq "{made.application_id}"', 'displayName eq "loader"'):
        assert [item.id for item in client.service_principals.list(filter=wanted)] == [made.id]
    first = client.service_principals.list(filter=f'applicationId eq "{workspace.client_id}"')
    assert [item.display_name for item in first] == ["airbrick-automation"]
    client.service_principals.delete(made.id or "")
    assert list(client.service_principals.list(filter='displayName eq "loader"')) == []


def test_groups_have_members(client: WorkspaceClient) -> None:
    ana = client.users.create(user_name="ana@example.com")
    team = client.groups.create(display_name="team", members=[iam.ComplexValue(value=ana.id)])
    assert [item.display_name for item in client.groups.list()] == ["admins", "users", "team"]
    assert [item.display for item in client.users.get(ana.id or "").groups or []] == ["team"]
    client.groups.patch(
        team.id or "",
        operations=[iam.Patch(op=iam.PatchOp.REMOVE, path=f'members[value eq "{ana.id}"]')],
        schemas=[iam.PatchSchema.URN_IETF_PARAMS_SCIM_API_MESSAGES_2_0_PATCH_OP],
    )
    assert client.groups.get(team.id or "").members in (None, [])
    client.users.delete(ana.id or "")
    with pytest.raises(BadRequest, match="cannot be deleted"):
        client.groups.delete(next(item.id or "" for item in client.groups.list(filter='displayName eq "admins"')))


def test_me_is_an_administrator(client: WorkspaceClient) -> None:
    me = client.current_user.me()
    assert (me.user_name, [item.display for item in me.groups or []]) == ("engineer@example.com", ["admins"])


def test_lists_come_in_pages_of_named_attributes(client: WorkspaceClient, api: Api) -> None:
    for number in range(5):
        client.users.create(user_name=f"u{number}@example.com")
    page = api.get(f"{SCIM}/Users", startIndex=3, count=2, attributes="userName")
    assert (page["totalResults"], page["startIndex"], page["itemsPerPage"]) == (6, 3, 2)
    assert [item["userName"] for item in page["Resources"]] == ["u1@example.com", "u2@example.com"]
    assert set(page["Resources"][0]) == {"schemas", "id", "userName"}
    assert len(list(client.users.list(count=2))) == 6
    assert "Resources" not in api.get(f"{SCIM}/Users", count=0)


@pytest.mark.parametrize(
    ("request_line", "body", "status", "detail"),
    [
        ("POST Users", {}, 400, "userName"),
        ("POST Users", {"userName": "no mail"}, 400, "userName of a User cannot be"),
        ("POST Users", {"userName": 5}, 400, "userName must be a string"),
        ("POST Users", {"userName": "Engineer@example.com"}, 409, "already exists"),
        ("POST Users", {"userName": "a@b", "active": "yes"}, 400, "active must be true or false"),
        ("POST Users", {"userName": "a@b", "emails": ["x"]}, 400, "emails must be a list"),
        ("POST Users", {"userName": "a@b", "groups": [{"value": "9"}]}, 400, "no principal with id '9'"),
        ("POST Groups", {"displayName": "admins"}, 409, "already exists"),
        ("POST ServicePrincipals", {"applicationId": "a/b"}, 400, "cannot be"),
        ("GET Users/5", None, 404, "User with id 5 not found"),
        ("DELETE Groups/100003", None, 400, "cannot be deleted"),
        ("PATCH Users/100001", {"Operations": 5}, 400, "Operations must be a list"),
        ("PATCH Users/100001", {"Operations": [{"op": "move"}]}, 400, "op must be one of"),
        ("PATCH Users/100001", {"Operations": [{"op": "add"}]}, 400, "value must be an object"),
        ("PATCH Users/100001", {"Operations": [{"op": "add", "path": "active"}]}, 400, "value is missing"),
        ("PATCH Users/100001", {"Operations": [{"op": "remove", "path": "a[b]"}]}, 400, "not understood"),
    ],
)
def test_wrong_scim_requests_are_refused_in_its_shape(
    api: Api, request_line: str, body: Any, status: int, detail: str
) -> None:
    method, path = request_line.split()
    response = api.call(method, f"{SCIM}/{path}", body)
    assert (response.status_code, response.json()["status"]) == (status, str(status))
    assert response.json()["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert detail in response.json()["detail"]


@pytest.mark.parametrize(
    "text", ["userName", "userName eq", "userName eq x", 'userName eq "a" xor id eq "b"', 'a eq "']
)
def test_a_filter_that_is_not_understood_is_refused(api: Api, text: str) -> None:
    response = api.call("GET", f"{SCIM}/Users", filter=text)
    assert (response.status_code, response.json()["scimType"]) == (400, "invalidFilter")


@given(st.text(max_size=30) | st.from_regex(r'[a-z]{1,3} (eq|co|sw|ne) "[a-z"\\]{0,3}"( (and|or) id eq 5)?'))
def test_any_filter_is_read_or_refused(text: str) -> None:
    try:
        found = Filter(text)
    except ScimError as error:
        assert error.scim_type == "invalidFilter"  # noqa: PT017 - both outcomes are right
    else:
        assert found.matches({"id": "5", "emails": [{"value": "a"}]}) in (True, False)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=5,
)
operations = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "Remove", "replace"]), "value": json_values},
    optional={
        "path": st.sampled_from(["active", "groups", "emails", 'groups[value eq "a"]', 'active[value eq "a"]'])
        | json_values
    },
)


@given(st.lists(operations | json_values, max_size=3))
def test_any_patch_is_applied_or_refused(found: list[Any]) -> None:
    resource = {"id": "5", "userName": "a@b", "active": True, "groups": [{"value": "a"}]}
    try:
        values = patched(resource, found)
    except ScimError as error:
        assert error.status == 400  # noqa: PT017 - both outcomes are right
    else:
        assert checked(values) == {name: value for name, value in values.items() if value is not None}
    assert resource["groups"] == [{"value": "a"}]


def test_a_token_of_ones_own_lives_until_it_expires_or_is_revoked(
    client: WorkspaceClient, workspace: Emulator, clock: ManualClock
) -> None:
    made = client.tokens.create(comment="ci", lifetime_seconds=60)
    assert made.token_info is not None
    mine = WorkspaceClient(host=workspace.host, token=made.token_value)
    assert mine.current_user.me().user_name == "engineer@example.com"
    assert [item.comment for item in client.tokens.list()] == ["", "ci"]
    clock.advance(60)
    with pytest.raises(Unauthenticated, match="expired"):
        mine.current_user.me()
    assert [item.comment for item in client.tokens.list()] == [""]
    revoked = client.tokens.create()
    client.tokens.delete(revoked.token_info.token_id if revoked.token_info and revoked.token_info.token_id else "")
    with pytest.raises(Unauthenticated):
        WorkspaceClient(host=workspace.host, token=revoked.token_value).current_user.me()


def test_a_service_principal_gets_tokens_and_secrets_of_its_own(client: WorkspaceClient, workspace: Emulator) -> None:
    made = client.service_principals.create(display_name="loader")
    token = client.token_management.create_obo_token(made.application_id or "", lifetime_seconds=60)
    secret = client.service_principal_secrets_proxy.create(made.id or "")
    with_token = WorkspaceClient(host=workspace.host, token=token.token_value)
    with_secret = WorkspaceClient(host=workspace.host, client_id=made.application_id, client_secret=secret.secret)
    for one in (with_token, with_secret):
        assert one.current_user.me().user_name == made.application_id
    listed = list(client.service_principal_secrets_proxy.list(made.id or ""))
    assert [item.secret_hash for item in listed] == [secret.secret_hash]
    client.service_principal_secrets_proxy.delete(made.id or "", secret.id or "")
    with pytest.raises(ValueError, match="invalid_client"):
        WorkspaceClient(
            host=workspace.host, client_id=made.application_id, client_secret=secret.secret
        ).current_user.me()
    client.service_principals.delete(made.id or "")
    with pytest.raises(Unauthenticated):
        with_token.current_user.me()


def test_a_name_cannot_be_taken_twice(client: WorkspaceClient) -> None:
    client.users.create(user_name="ana@example.com")
    with pytest.raises(ResourceConflict):
        client.users.create(user_name="Ana@example.com")
