"""Workspace files, permissions, identities and tokens."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from databricks.sdk.errors import ResourceAlreadyExists, ResourceDoesNotExist
from databricks.sdk.service import iam, jobs
from databricks.sdk.service.workspace import ImportFormat, Language
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.emulator.helpers import JOBS, Api

from airbrick.emulator import Emulator, ManualClock
from airbrick.emulator.errors import ApiError
from airbrick.emulator.files import clean_path
from airbrick.emulator.multipart import read_multipart

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

FILES = "/api/2.0/workspace"
HEADER = b"# Databricks notebook source"


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


@pytest.mark.parametrize(
    "content", [b"", b"plain", b"a\r\nb\r\n", "ünï €".encode(), bytes(range(256)), b"\r\n--x\r\n", b"x" * 300_000]
)
def test_a_file_comes_back_byte_for_byte(client: WorkspaceClient, content: bytes) -> None:
    client.workspace.upload("/Shared/a file.bin", io.BytesIO(content), format=ImportFormat.AUTO)
    assert client.workspace.download("/Shared/a file.bin").read() == content
    status = client.workspace.get_status("/Shared/a file.bin")
    assert status.object_type is not None
    assert (status.object_type.value, status.size) == ("FILE", len(content))
    exported = client.workspace.export("/Workspace/Shared/a file.bin")
    assert base64.b64decode(exported.content or "") == content


def test_a_source_file_with_a_header_becomes_a_notebook_without_extension(client: WorkspaceClient) -> None:
    source = HEADER + b"\r\nprint(1)\r\n"
    client.workspace.upload("/Shared/note.py", io.BytesIO(source), format=ImportFormat.AUTO)
    status = client.workspace.get_status("/Shared/note")
    assert (status.object_type and status.object_type.value, status.language) == ("NOTEBOOK", Language.PYTHON)
    assert client.workspace.download("/Shared/note").read() == source
    with pytest.raises(ResourceDoesNotExist):
        client.workspace.get_status("/Shared/note.py")


def test_a_notebook_gets_its_header_and_exports_its_extension(client: WorkspaceClient) -> None:
    client.workspace.upload("/Shared/q.sql", io.BytesIO(b"select 1"))
    assert client.workspace.download("/Shared/q.sql").read() == b"-- Databricks notebook source\nselect 1"
    assert client.workspace.export("/Shared/q.sql").file_type == "sql"


def test_raw_keeps_a_notebooks_source_a_file(client: WorkspaceClient) -> None:
    client.workspace.import_("/Shared/n.py", content=b64(HEADER), format=ImportFormat.RAW)
    status = client.workspace.get_status("/Shared/n.py")
    assert status.object_type is not None
    assert status.object_type.value == "FILE"


def test_only_overwrite_replaces(client: WorkspaceClient, clock: ManualClock) -> None:
    client.workspace.import_("/Shared/f", content=b64(b"1"), format=ImportFormat.AUTO)
    before = client.workspace.get_status("/Shared/f")
    with pytest.raises(ResourceAlreadyExists):
        client.workspace.import_("/Shared/f", content=b64(b"2"), format=ImportFormat.AUTO)
    clock.advance(5)
    client.workspace.import_("/Shared/f", content=b64(b"2"), format=ImportFormat.AUTO, overwrite=True)
    after = client.workspace.get_status("/Shared/f")
    assert client.workspace.download("/Shared/f").read() == b"2"
    assert after.object_id == before.object_id
    assert (after.modified_at or 0) - (before.modified_at or 0) == 5000


def test_a_file_does_not_replace_a_notebook(api: Api) -> None:
    body: dict[str, Any] = {"path": "/Shared/x", "content": b64(b""), "overwrite": True}
    api.post(f"{FILES}/import", {**body, "format": "SOURCE", "language": "PYTHON"})
    status, code, message = api.error("POST", f"{FILES}/import", {**body, "format": "RAW"})
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert "type mismatch" in message


def test_folders_are_made_listed_and_deleted(client: WorkspaceClient) -> None:
    client.workspace.mkdirs("/Shared/a/b/c")
    client.workspace.mkdirs("/Shared/a/b/c")
    client.workspace.import_("/Shared/a/f", content="", format=ImportFormat.RAW)
    assert [item.path for item in client.workspace.list("/Shared/a")] == ["/Shared/a/b", "/Shared/a/f"]
    assert [item.path for item in client.workspace.list("/Shared/a/f")] == ["/Shared/a/f"]
    assert list(client.workspace.list("/Shared/a/b/c")) == []
    client.workspace.delete("/Shared/a", recursive=True)
    with pytest.raises(ResourceDoesNotExist):
        client.workspace.get_status("/Shared/a/b/c")


@pytest.mark.parametrize(
    ("method", "path", "body", "error"),
    [
        ("POST", "import", {"path": "/Nope/x", "content": "", "format": "RAW"}, (404, "RESOURCE_DOES_NOT_EXIST")),
        ("POST", "import", {"path": "Shared/x", "content": "", "format": "RAW"}, (400, "INVALID_PARAMETER_VALUE")),
        ("POST", "import", {"path": "/Shared/../x", "content": "", "format": "RAW"}, (400, "INVALID_PARAMETER_VALUE")),
        ("POST", "import", {"path": "/Shared/x", "content": "é", "format": "RAW"}, (400, "INVALID_PARAMETER_VALUE")),
        ("POST", "import", {"path": "/Shared/x", "content": 5, "format": "RAW"}, (400, "INVALID_PARAMETER_VALUE")),
        ("POST", "import", {"path": "/Shared/x", "content": ""}, (400, "INVALID_PARAMETER_VALUE")),
        ("POST", "import", {"path": "/Shared/x", "language": "COBOL"}, (400, "INVALID_PARAMETER_VALUE")),
        ("POST", "import", {"path": "/Shared/x", "format": "PDF"}, (400, "INVALID_PARAMETER_VALUE")),
        ("POST", "import", {"path": "/Shared/x", "format": "DBC"}, (501, "NOT_IMPLEMENTED")),
        ("POST", "import", {"content": ""}, (400, "INVALID_PARAMETER_VALUE")),
        ("GET", "export", {"path": "/Shared"}, (501, "NOT_IMPLEMENTED")),
        ("GET", "export", {"path": "/Nope"}, (404, "RESOURCE_DOES_NOT_EXIST")),
        ("GET", "list", {"path": "/Nope"}, (404, "RESOURCE_DOES_NOT_EXIST")),
        ("POST", "delete", {"path": "/Nope"}, (404, "RESOURCE_DOES_NOT_EXIST")),
        ("POST", "delete", {"path": "/Users"}, (400, "DIRECTORY_NOT_EMPTY")),
        ("POST", "delete", {"path": "/", "recursive": True}, (400, "INVALID_PARAMETER_VALUE")),
    ],
)
def test_wrong_requests_for_files_are_refused(
    api: Api, method: str, path: str, body: dict[str, Any], error: tuple[int, str]
) -> None:
    assert api.error(method, f"{FILES}/{path}", body)[:2] == error


def test_a_file_is_no_folder(api: Api) -> None:
    api.post(f"{FILES}/import", {"path": "/Shared/f", "content": "", "format": "RAW"})
    below = {"path": "/Shared/f/x", "content": "", "format": "RAW"}
    assert api.error("POST", f"{FILES}/import", below)[0] == 404
    assert api.error("POST", f"{FILES}/mkdirs", {"path": "/Shared/f"})[1] == "RESOURCE_ALREADY_EXISTS"


def test_a_file_above_ten_megabytes_is_refused(client: WorkspaceClient, api: Api) -> None:
    files = {"content": b"x" * (10 * 1024 * 1024 + 1)}
    response = api.http.post(f"{FILES}/import", data={"path": "/Shared/x", "format": "AUTO"}, files=files)
    assert response.json()["error_code"] == "MAX_NOTEBOOK_SIZE_EXCEEDED"


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b""),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="path"\r\n\r\n/a'),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\nno name\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", b""),
    ],
)
def test_a_broken_form_is_refused(api: Api, content_type: str, body: bytes) -> None:
    response = api.http.post(f"{FILES}/import", content=body, headers={"Content-Type": content_type})
    assert (response.status_code, response.json()["error_code"]) == (400, "MALFORMED_REQUEST")


@settings(deadline=None)
@given(st.binary(max_size=200), st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=9))
def test_forms_are_read_byte_for_byte(content: bytes, boundary: str) -> None:
    request = httpx.Request(
        "POST",
        "http://x",
        data={"path": "/ü"},
        files={"content": content},
        headers={"Content-Type": f"multipart/form-data; boundary=--{boundary}--{boundary}"},
    )
    request.read()
    parts = read_multipart(request.headers["content-type"], request.content)
    assert parts == {"path": "/ü".encode(), "content": content}


@pytest.mark.parametrize(
    ("path", "cleaned"),
    [("/", "/"), ("/a/", "/a"), ("/Workspace/a", "/a"), ("/Workspace", "/"), ("/Workspaces/a", "/Workspaces/a")],
)
def test_paths_are_cleaned(path: str, cleaned: str) -> None:
    assert clean_path(path) == cleaned


@pytest.mark.parametrize("path", ["", "a", "/a//b", "/a/./b", "/.."])
def test_strange_paths_are_refused(path: str) -> None:
    with pytest.raises(ApiError):
        clean_path(path)


def permissions(api: Api, job_id: int) -> dict[str, list[tuple[str, bool]]]:
    answer = api.get(f"/api/2.0/permissions/jobs/{job_id}")
    assert (answer["object_id"], answer["object_type"]) == (f"/jobs/{job_id}", "job")
    return {
        next(entry[kind] for kind in ("user_name", "group_name", "service_principal_name") if kind in entry): [
            (item["permission_level"], item["inherited"]) for item in entry["all_permissions"]
        ]
        for entry in answer["access_control_list"]
    }


def test_the_creator_owns_a_job_and_admins_inherit(api: Api) -> None:
    assert permissions(api, api.create()) == {
        "engineer@example.com": [("IS_OWNER", False)],
        "admins": [("CAN_MANAGE", True)],
    }


def test_a_put_replaces_all_entries_and_the_last_level_counts(client: WorkspaceClient, api: Api) -> None:
    job_id = api.create()
    client.jobs.set_permissions(
        str(job_id),
        access_control_list=[
            jobs.JobAccessControlRequest(group_name="team", permission_level=jobs.JobPermissionLevel.CAN_VIEW),
            jobs.JobAccessControlRequest(group_name="team", permission_level=jobs.JobPermissionLevel.CAN_MANAGE),
            jobs.JobAccessControlRequest(
                service_principal_name="sp", permission_level=jobs.JobPermissionLevel.IS_OWNER
            ),
        ],
    )
    assert permissions(api, job_id) == {
        "team": [("CAN_MANAGE", False)],
        "sp": [("IS_OWNER", False)],
        "admins": [("CAN_MANAGE", True)],
    }


def test_a_patch_adds_and_a_new_owner_replaces_the_old_one(client: WorkspaceClient, api: Api) -> None:
    job_id = api.create()
    entry = iam.AccessControlRequest(group_name="admins", permission_level=iam.PermissionLevel.CAN_VIEW)
    client.permissions.update("jobs", str(job_id), access_control_list=[entry])
    owner = iam.AccessControlRequest(user_name="b@example.com", permission_level=iam.PermissionLevel.IS_OWNER)
    client.permissions.update("jobs", str(job_id), access_control_list=[owner])
    assert permissions(api, job_id) == {
        "admins": [("CAN_VIEW", False), ("CAN_MANAGE", True)],
        "b@example.com": [("IS_OWNER", False)],
    }


def owner(name: str) -> dict[str, str]:
    return {"user_name": name, "permission_level": "IS_OWNER"}


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([], "exactly one owner"),
        ([{"group_name": "team", "permission_level": "CAN_VIEW"}], "exactly one owner"),
        ([owner("a"), owner("b")], "exactly one owner"),
        ([{"group_name": "team", "permission_level": "IS_OWNER"}], "group cannot own"),
        ([owner("a"), {"permission_level": "CAN_VIEW"}], "access_control_list[1] must name exactly one"),
        ([{"user_name": "a", "group_name": "b", "permission_level": "CAN_VIEW"}], "access_control_list[0]"),
        ([{"user_name": 5, "permission_level": "IS_OWNER"}], "access_control_list[0]"),
        ([{"user_name": "a", "permission_level": "BOSS"}], "permission_level must be one of"),
        (["a"], "access_control_list[0] must be an object"),
        ("a", "access_control_list must be a list"),
    ],
)
def test_wrong_permissions_are_refused_and_change_nothing(api: Api, entries: object, message: str) -> None:
    job_id = api.create()
    before = permissions(api, job_id)
    path = f"/api/2.0/permissions/jobs/{job_id}"
    status, code, text = api.error("PUT", path, {"access_control_list": entries})
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert message in text
    assert permissions(api, job_id) == before


def test_permissions_of_what_does_not_exist_are_refused(api: Api) -> None:
    assert api.error("GET", "/api/2.0/permissions/jobs/5")[:2] == (404, "RESOURCE_DOES_NOT_EXIST")
    assert api.error("GET", "/api/2.0/permissions/jobs/x")[:2] == (400, "INVALID_PARAMETER_VALUE")
    status, _, message = api.error("GET", "/api/2.0/permissions/clusters/x")
    assert status == 501
    assert "clusters" in message


def test_permissions_go_with_the_job(api: Api) -> None:
    job_id = api.create()
    api.post(f"{JOBS}/delete", {"job_id": job_id})
    assert api.error("GET", f"/api/2.0/permissions/jobs/{job_id}")[0] == 404


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
