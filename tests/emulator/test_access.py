"""Permissions that are enforced: who is answered 403, and what lists leave out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import InvalidParameterValue, PermissionDenied
from databricks.sdk.service import iam, jobs, workspace
from databricks.sdk.service.workspace import AclPermission
from tests.emulator.helpers import JOBS, Api, task

from airbrick.emulator import ConfigurationError, Emulator, ManualClock
from airbrick.emulator.access import _GUARDS, _LISTS, _VERSION
from airbrick.emulator.api import all_routes

if TYPE_CHECKING:
    from collections.abc import Iterator

GUEST = "guest@example.com"


@pytest.fixture
def strict() -> Iterator[Emulator]:
    with Emulator(clock=ManualClock(), enforce_permissions=True) as emulator:
        yield emulator


@pytest.fixture
def admin(strict: Emulator) -> WorkspaceClient:
    client = WorkspaceClient(host=strict.host, token=strict.token)
    client.users.create(user_name=GUEST)
    return client


@pytest.fixture
def guest(strict: Emulator, admin: WorkspaceClient) -> WorkspaceClient:
    return WorkspaceClient(host=strict.host, token=strict.token_of(GUEST))


@pytest.fixture
def raw(strict: Emulator, guest: WorkspaceClient) -> Iterator[Api]:
    headers = {"Authorization": f"Bearer {strict.token_of(GUEST)}"}
    with httpx.Client(base_url=strict.host, headers=headers) as http:
        yield Api(http)


def job(client: WorkspaceClient, **values: Any) -> int:
    tasks = [jobs.Task(task_key="t", notebook_task=jobs.NotebookTask("/x"))]
    return client.jobs.create(name="job", tasks=tasks, **values).job_id or 0


def let(admin: WorkspaceClient, kind: str, key: object, level: str, group: str | None = None) -> None:
    who: dict[str, Any] = {"group_name": group} if group else {"user_name": GUEST}
    entry = iam.AccessControlRequest(**who, permission_level=iam.PermissionLevel(level))
    admin.permissions.update(kind, str(key), access_control_list=[entry])


def test_each_level_of_a_job_allows_more(admin: WorkspaceClient, guest: WorkspaceClient) -> None:
    job_id = job(admin)
    with pytest.raises(PermissionDenied, match=f"{GUEST} does not have CAN_VIEW permissions on job {job_id}"):
        guest.jobs.get(job_id)
    assert list(guest.jobs.list()) == []
    let(admin, "jobs", job_id, "CAN_VIEW")
    assert guest.jobs.get(job_id).job_id == job_id
    assert [item.job_id for item in guest.jobs.list()] == [job_id]
    with pytest.raises(PermissionDenied, match="CAN_MANAGE_RUN"):
        guest.jobs.run_now(job_id)
    let(admin, "jobs", job_id, "CAN_MANAGE_RUN")
    guest.jobs.run_now(job_id)
    with pytest.raises(PermissionDenied, match="CAN_MANAGE "):
        guest.jobs.delete(job_id)
    with pytest.raises(PermissionDenied):
        guest.jobs.update_permissions(str(job_id), access_control_list=[])
    let(admin, "jobs", job_id, "CAN_MANAGE")
    guest.jobs.update(job_id, new_settings=jobs.JobSettings(name="renamed"))
    guest.jobs.delete(job_id)


def test_a_group_passes_its_level_on_through_other_groups(admin: WorkspaceClient, guest: WorkspaceClient) -> None:
    user = next(iter(admin.users.list(filter=f'userName eq "{GUEST}"')))
    inner = admin.groups.create(display_name="inner", members=[iam.ComplexValue(value=user.id)])
    admin.groups.create(display_name="outer", members=[iam.ComplexValue(value=inner.id)])
    job_id = job(admin)
    let(admin, "jobs", job_id, "CAN_VIEW", group="outer")
    assert guest.jobs.get(job_id).job_id == job_id


def test_whoever_makes_a_job_owns_it(admin: WorkspaceClient, guest: WorkspaceClient) -> None:
    job_id = job(guest)
    run_id = guest.jobs.run_now(job_id).run_id or 0
    assert guest.jobs.get_run(run_id).creator_user_name == GUEST
    guest.jobs.delete(job_id)
    assert guest.jobs.get_run(run_id).job_id == job_id


def test_runs_are_seen_by_those_who_see_the_job(admin: WorkspaceClient, guest: WorkspaceClient) -> None:
    job_id = job(admin)
    run_id = admin.jobs.run_now(job_id).run_id or 0
    for call in (guest.jobs.get_run, guest.jobs.cancel_run, guest.jobs.delete_run):
        with pytest.raises(PermissionDenied, match=f"run {run_id}"):
            call(run_id)
    assert list(guest.jobs.list_runs()) == []
    let(admin, "jobs", job_id, "CAN_VIEW")
    assert [run.run_id for run in guest.jobs.list_runs()] == [run_id]
    task_run = (guest.jobs.get_run(run_id).tasks or [])[0].run_id or 0
    assert guest.jobs.get_run(task_run).run_id == task_run


def test_the_queued_runs_of_all_jobs_are_cancelled_by_administrators_alone(strict: Emulator, raw: Api) -> None:
    headers = {"Authorization": f"Bearer {strict.token}"}
    with httpx.Client(base_url=strict.host, headers=headers) as http:
        admin = Api(http)
        job_id = admin.create(queue={"enabled": True})
        queued = [admin.run_now(job_id) for _ in range(2)][1]
        path = f"{JOBS}/runs/cancel-all"
        assert raw.error("POST", path, {"all_queued_runs": True})[:2] == (403, "PERMISSION_DENIED")
        assert raw.error("POST", path, {"all_queued_runs": True, "job_id": job_id})[:2] == (403, "PERMISSION_DENIED")
        assert admin.run(queued)["state"]["life_cycle_state"] == "QUEUED"
        admin.post(path, {"all_queued_runs": True})
        assert admin.run(queued)["state"]["result_state"] == "CANCELED"


def test_what_does_not_exist_looks_like_what_is_somebody_elses(raw: Api) -> None:
    assert raw.error("GET", f"{JOBS}/get", job_id=5)[:2] == (403, "PERMISSION_DENIED")
    assert raw.error("GET", f"{JOBS}/runs/get", run_id=5)[:2] == (403, "PERMISSION_DENIED")
    assert raw.error("GET", "/api/2.0/secrets/list", scope="x")[:2] == (403, "PERMISSION_DENIED")
    assert raw.error("GET", f"{JOBS}/get", job_id="x")[:2] == (400, "INVALID_PARAMETER_VALUE")
    assert raw.error("GET", f"{JOBS}/get")[:2] == (400, "INVALID_PARAMETER_VALUE")


def test_compute_is_guarded(admin: WorkspaceClient, guest: WorkspaceClient) -> None:
    policy = admin.cluster_policies.create(name="p", definition="{}").policy_id or ""
    pool = admin.instance_pools.create("p", "n").instance_pool_id or ""
    warehouse = next(iter(admin.warehouses.list())).id or ""
    for call in (
        lambda: guest.cluster_policies.create(name="q", definition="{}"),
        lambda: guest.cluster_policies.get(policy),
        lambda: guest.instance_pools.create("q", "n"),
        lambda: guest.instance_pools.get(pool),
        lambda: guest.clusters.create("v", node_type_id="n", num_workers=0),
        lambda: guest.warehouses.get(warehouse),
        lambda: guest.statement_execution.execute_statement("select 1", warehouse),
        lambda: guest.users.create(user_name="x@example.com"),
    ):
        with pytest.raises(PermissionDenied):
            call()
    assert [*guest.cluster_policies.list(), *guest.instance_pools.list(), *guest.warehouses.list()] == []
    let(admin, "cluster-policies", policy, "CAN_USE")
    let(admin, "instance-pools", pool, "CAN_ATTACH_TO")
    let(admin, "warehouses", warehouse, "CAN_USE")
    assert guest.cluster_policies.get(policy).name == "p"
    assert guest.instance_pools.get(pool).instance_pool_name == "p"
    guest.warehouses.start(warehouse)
    with pytest.raises(PermissionDenied):
        guest.warehouses.stop(warehouse)


def test_secrets_are_guarded_by_their_acls(admin: WorkspaceClient, guest: WorkspaceClient) -> None:
    admin.secrets.create_scope("lab")
    admin.secrets.put_secret("lab", "k", string_value="x")
    with pytest.raises(PermissionDenied, match="READ permission on scope lab"):
        guest.secrets.get_secret("lab", "k")
    admin.secrets.put_acl("lab", GUEST, AclPermission.READ)
    assert guest.secrets.get_secret("lab", "k").value
    with pytest.raises(PermissionDenied, match="WRITE"):
        guest.secrets.put_secret("lab", "k", string_value="y")
    admin.secrets.put_acl("lab", "users", workspace.AclPermission.MANAGE)
    guest.secrets.put_acl("lab", "x", AclPermission.READ)
    guest.secrets.delete_scope("lab")


def test_jobs_run_as_someone_who_exists(admin: WorkspaceClient, guest: WorkspaceClient, strict: Emulator) -> None:
    loader = admin.service_principals.create(display_name="loader").application_id
    assert job(admin, run_as=jobs.JobRunAs(service_principal_name=loader))
    assert job(guest, run_as=jobs.JobRunAs(user_name=GUEST))
    with pytest.raises(InvalidParameterValue, match=r"there is no user_name 'nobody@example\.com'"):
        job(admin, run_as=jobs.JobRunAs(user_name="nobody@example.com"))
    with pytest.raises(InvalidParameterValue, match="there is no user_name"):
        job(admin, run_as=jobs.JobRunAs(user_name=loader))
    with pytest.raises(PermissionDenied, match="may not let jobs run as"):
        job(guest, run_as=jobs.JobRunAs(service_principal_name=loader))


def test_without_enforcement_everyone_may_do_everything(workspace: Emulator, client: WorkspaceClient) -> None:
    client.users.create(user_name=GUEST)
    other = WorkspaceClient(host=workspace.host, token=workspace.token_of(GUEST))
    job_id = job(client, run_as=jobs.JobRunAs(user_name="nobody@example.com"))
    assert other.jobs.get(job_id).job_id == job_id


def test_only_someone_who_exists_gets_a_token(workspace: Emulator) -> None:
    with pytest.raises(ConfigurationError, match="nobody"):
        workspace.token_of("nobody")


def test_workspace_files_are_everyones(admin: WorkspaceClient, guest: WorkspaceClient) -> None:
    admin.workspace.upload("/Shared/x", b"1", format=workspace.ImportFormat.RAW)
    assert guest.workspace.download("/Shared/x").read() == b"1"


def test_every_guard_has_its_route() -> None:
    routes = {(route.method, _VERSION.sub("", route.path)) for route in all_routes()}
    assert set(_GUARDS) <= routes
    assert {("GET", path) for path in _LISTS} <= routes


def test_the_older_version_of_the_api_is_guarded_too(admin: WorkspaceClient, raw: Api) -> None:
    job_id = job(admin)
    assert raw.error("GET", "/api/2.1/jobs/get", job_id=job_id)[0] == 403
    assert (
        raw.error("POST", "/api/2.1/jobs/reset", {"job_id": job_id, "new_settings": {"tasks": [task("t")]}})[0] == 403
    )
