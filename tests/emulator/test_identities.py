"""Identities and tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from tests.emulator.helpers import JOBS, Api

if TYPE_CHECKING:
    from airbrick.emulator import Emulator, ManualClock


def test_me_is_a_user_or_a_service_principal(api: Api, workspace: Emulator) -> None:
    me = api.get("/api/2.0/preview/scim/v2/Me")
    assert (me["userName"], me["active"]) == ("engineer@example.com", True)
    token = grant(workspace)["access_token"]
    answer = httpx.get(f"{workspace.host}/api/2.0/preview/scim/v2/Me", headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["userName"] == workspace.client_id


def grant(workspace: Emulator, **form: str) -> dict[str, Any]:
    body = {"grant_type": "client_credentials", "scope": "all-apis", **form}
    response = httpx.post(
        f"{workspace.host}/oidc/v1/token", data=body, auth=(workspace.client_id, workspace.client_secret)
    )
    values = response.json()
    assert isinstance(values, dict)
    return values


def test_a_token_lives_as_long_as_it_says(workspace: Emulator, clock: ManualClock) -> None:
    values = grant(workspace)
    assert (values["expires_in"], values["token_type"], values["scope"]) == (3600, "Bearer", "all-apis")
    headers = {"Authorization": f"Bearer {values['access_token']}"}
    clock.advance(3599)
    assert httpx.get(f"{workspace.host}{JOBS}/list", headers=headers).status_code == 200
    clock.advance(1)
    response = httpx.get(f"{workspace.host}{JOBS}/list", headers=headers)
    assert (response.status_code, response.json()["error_code"]) == (401, "UNAUTHENTICATED")
    assert grant(workspace)["access_token"] != values["access_token"]


def test_credentials_may_come_in_the_form(workspace: Emulator) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_id": workspace.client_id,
        "client_secret": workspace.client_secret,
    }
    url = f"{workspace.host}/oidc/v1/token"
    assert "access_token" in httpx.post(url, data=form).json()
    assert "access_token" in httpx.post(url, json=form).json()


@pytest.mark.parametrize(
    ("form", "headers", "status", "error"),
    [
        ({"grant_type": "client_credentials"}, {}, 401, "invalid_client"),
        ({"grant_type": "client_credentials", "client_id": "x", "client_secret": "ü"}, {}, 401, "invalid_client"),
        ({"grant_type": "client_credentials"}, {"Authorization": "Basic !"}, 401, "invalid_client"),
        ({"grant_type": "password"}, {}, 400, "unsupported_grant_type"),
        ({}, {}, 400, "unsupported_grant_type"),
    ],
)
def test_wrong_credentials_get_no_token(
    workspace: Emulator, form: dict[str, str], headers: dict[str, str], status: int, error: str
) -> None:
    response = httpx.post(f"{workspace.host}/oidc/v1/token", data=form, headers=headers)
    assert (response.status_code, response.json()["error"]) == (status, error)


def test_a_client_finds_the_token_endpoint(workspace: Emulator) -> None:
    config = httpx.get(f"{workspace.host}/.well-known/databricks-config").json()
    assert config["workspace_id"] == workspace.workspace_id
    server = httpx.get(config["oidc_endpoint"] + "/.well-known/oauth-authorization-server").json()
    assert server["token_endpoint"] == f"{workspace.host}/oidc/v1/token"


def test_a_job_of_a_service_principal_runs_as_it(workspace: Emulator) -> None:
    with httpx.Client(base_url=workspace.host) as http:
        http.headers["Authorization"] = f"Bearer {grant(workspace)['access_token']}"
        api = Api(http)
        job = api.get(f"{JOBS}/get", job_id=api.create())
        assert job["creator_user_name"] == job["run_as_user_name"] == workspace.client_id
        assert job["settings"]["run_as"] == {"service_principal_name": workspace.client_id}
