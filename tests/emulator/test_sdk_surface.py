"""Every route of the workspace is called by the unmodified databricks-sdk, and answers it."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, TypeVar

from databricks.sdk import WorkspaceClient
from databricks.sdk.service import compute, iam, jobs, sql, workspace

from airbrick.emulator.api import all_routes

if TYPE_CHECKING:
    from airbrick.emulator import Emulator, ManualClock

# Older versions of routes: no client of today calls them, and they are served by the same code.
OLDER = re.compile(r"/api/2\.1/jobs/|/api/2\.0/clusters/")


T = TypeVar("T")


def some(value: T | None) -> T:
    assert value is not None
    return value


def jobs_and_runs(client: WorkspaceClient, clock: ManualClock) -> None:
    task = jobs.Task(task_key="load", notebook_task=jobs.NotebookTask("/Shared/load"))
    job_id = some(client.jobs.create(name="nightly", tasks=[task]).job_id)
    client.jobs.update(job_id, new_settings=jobs.JobSettings(max_concurrent_runs=5))
    client.jobs.reset(job_id, jobs.JobSettings(name="nightly", tasks=[task], max_concurrent_runs=5))
    assert some(client.jobs.get(job_id).settings).max_concurrent_runs == 5
    assert [job.job_id for job in client.jobs.list(name="nightly")] == [job_id]
    run_id: int = client.jobs.run_now(job_id).run_id
    client.jobs.cancel_run(run_id)
    clock.advance(60)
    assert some(some(client.jobs.get_run(run_id).state).result_state).value == "CANCELED"
    client.jobs.repair_run(run_id, rerun_all_failed_tasks=True)
    clock.advance(60)
    assert [run.run_id for run in client.jobs.list_runs(job_id=job_id)] == [run_id]
    task_run = some(some(client.jobs.get_run(run_id).tasks)[0].run_id)
    assert some(client.jobs.get_run_output(task_run).metadata).run_id == task_run
    assert client.jobs.export_run(task_run).views
    client.jobs.run_now(job_id)
    client.jobs.cancel_all_runs(job_id=job_id)
    clock.advance(60)
    client.jobs.delete_run(run_id)
    client.jobs.delete(job_id)
    assert client.jobs.submit(run_name="once", tasks=[jobs.SubmitTask.from_dict(task.as_dict())]).run_id


def compute_and_permissions(client: WorkspaceClient, clock: ManualClock) -> None:
    version = client.clusters.select_spark_version(long_term_support=True)
    node = client.clusters.select_node_type(local_disk=True)
    assert client.clusters.list_zones().zones
    made = client.clusters.create(spark_version=version, cluster_name="small", node_type_id=node, num_workers=1)
    cluster_id: str = made.cluster_id
    clock.advance(600)
    client.clusters.edit(cluster_id, version, cluster_name="small", node_type_id=node, num_workers=2)
    clock.advance(600)
    client.clusters.restart(cluster_id)
    clock.advance(600)
    client.clusters.delete(cluster_id)
    clock.advance(600)
    client.clusters.start(cluster_id)
    clock.advance(600)
    assert client.clusters.get(cluster_id).state is compute.State.RUNNING
    assert cluster_id in [found.cluster_id for found in client.clusters.list()]
    rule = iam.AccessControlRequest(user_name="engineer@example.com", permission_level=iam.PermissionLevel.CAN_MANAGE)
    assert client.permissions.get_permission_levels("clusters", cluster_id).permission_levels
    client.permissions.set("clusters", cluster_id, access_control_list=[rule])
    client.permissions.update("clusters", cluster_id, access_control_list=[rule])
    assert client.permissions.get("clusters", cluster_id).access_control_list
    client.clusters.permanent_delete(cluster_id)

    policy_id = some(client.cluster_policies.create(name="small", definition="{}").policy_id)
    client.cluster_policies.edit(policy_id, name="smaller", definition="{}")
    assert client.cluster_policies.get(policy_id).name == "smaller"
    assert policy_id in [found.policy_id for found in client.cluster_policies.list()]
    client.cluster_policies.delete(policy_id)

    pool_id = some(client.instance_pools.create("warm", node).instance_pool_id)
    client.instance_pools.edit(pool_id, "warmer", node)
    assert client.instance_pools.get(pool_id).instance_pool_name == "warmer"
    assert pool_id in [found.instance_pool_id for found in client.instance_pools.list()]
    client.instance_pools.delete(pool_id)


def files_and_secrets(client: WorkspaceClient, _clock: ManualClock) -> None:
    client.workspace.mkdirs("/Shared/etl")
    client.workspace.upload("/Shared/etl/load.py", io.BytesIO(b"print(1)\n"), format=workspace.ImportFormat.AUTO)
    # No typed method calls it; the command line and Terraform do.
    client.api_client.do("POST", "/api/2.0/workspace-files/import-file/Shared%2Fetl%2Fdata.txt", data=b"1")
    paths = ["/Shared/etl/data.txt", "/Shared/etl/load.py"]
    assert sorted(some(item.path) for item in client.workspace.list("/Shared/etl")) == paths
    assert client.workspace.get_status("/Shared/etl/load.py").path == paths[1]
    assert client.workspace.download("/Shared/etl/load.py").read() == b"print(1)\n"
    client.workspace.delete("/Shared/etl", recursive=True)

    client.secrets.create_scope("db")
    client.secrets.put_secret("db", "password", string_value="s3cret")
    assert [item.key for item in client.secrets.list_secrets("db")] == ["password"]
    assert client.secrets.get_secret("db", "password").value == "czNjcmV0"
    client.secrets.put_acl("db", "users", workspace.AclPermission.READ)
    assert client.secrets.get_acl("db", "users").permission is workspace.AclPermission.READ
    assert "users" in [acl.principal for acl in client.secrets.list_acls("db")]
    client.secrets.delete_acl("db", "users")
    client.secrets.delete_secret("db", "password")
    assert [scope.name for scope in client.secrets.list_scopes()] == ["db"]
    client.secrets.delete_scope("db")


def warehouses_and_statements(client: WorkspaceClient, clock: ManualClock) -> None:
    warehouse_id: str = client.warehouses.create(name="small", cluster_size="2X-Small").id
    client.warehouses.edit(warehouse_id, name="smaller", cluster_size="2X-Small")
    client.warehouses.stop(warehouse_id)
    clock.advance(600)
    client.warehouses.start(warehouse_id)
    clock.advance(600)
    assert client.warehouses.get(warehouse_id).name == "smaller"
    assert warehouse_id in [found.id for found in client.warehouses.list()]
    statement = client.statement_execution.execute_statement("SELECT 1", warehouse_id, wait_timeout="30s")
    statement_id = some(statement.statement_id)
    found = client.statement_execution.get_statement(statement_id)
    assert some(found.status).state is sql.StatementState.SUCCEEDED
    chunk = client.statement_execution.get_statement_result_chunk_n(statement_id, 0)
    assert chunk.data_array == [["1"]]
    client.statement_execution.cancel_execution(statement_id)
    client.warehouses.delete(warehouse_id)


def identities(client: WorkspaceClient, _clock: ManualClock) -> None:
    assert client.current_user.me().user_name == "engineer@example.com"
    user_id = some(client.users.create(user_name="ana@example.com").id)
    principal = client.service_principals.create(display_name="loader")
    principal_id = some(principal.id)
    group_id = some(client.groups.create(display_name="team").id)
    rename = [iam.Patch(iam.PatchOp.REPLACE, "displayName", "new")]
    schema = [iam.PatchSchema.URN_IETF_PARAMS_SCIM_API_MESSAGES_2_0_PATCH_OP]
    client.users.update(user_id, user_name="ana@example.com")
    client.service_principals.update(principal_id, display_name="loader", application_id=principal.application_id)
    client.groups.update(group_id, display_name="team")
    for people, its_id in (
        (client.users, user_id),
        (client.service_principals, principal_id),
        (client.groups, group_id),
    ):
        people.patch(its_id, operations=rename, schemas=schema)
        assert people.get(its_id).display_name == "new"
        assert its_id in [found.id for found in people.list()]

    assert client.token_management.create_obo_token(some(principal.application_id), lifetime_seconds=60).token_value
    secret = client.service_principal_secrets_proxy.create(principal_id)
    assert [one.id for one in client.service_principal_secrets_proxy.list(principal_id)] == [secret.id]
    signed_in = WorkspaceClient(
        host=client.config.host, client_id=principal.application_id, client_secret=secret.secret
    )
    assert signed_in.current_user.me().user_name == principal.application_id
    client.service_principal_secrets_proxy.delete(principal_id, some(secret.id))
    token = some(client.tokens.create(comment="ci", lifetime_seconds=60).token_info)
    assert token.token_id in [one.token_id for one in client.tokens.list()]
    client.tokens.delete(some(token.token_id))
    client.users.delete(user_id)
    client.service_principals.delete(principal_id)
    client.groups.delete(group_id)


def pattern(route: str) -> re.Pattern[str]:
    literal, *rest = re.split(r"\{\w+(\*?)\}", route)
    values = (".+" if star else "[^/]+" for star in rest[::2])
    return re.compile(re.escape(literal) + "".join(map("".join, zip(values, map(re.escape, rest[1::2]), strict=True))))


def test_every_route_answers_the_sdk(client: WorkspaceClient, workspace: Emulator, clock: ManualClock) -> None:
    for story in (jobs_and_runs, compute_and_permissions, files_and_secrets, warehouses_and_statements, identities):
        story(client, clock)
    # Nobody else sends requests here.
    answered = {f"{one.method} {one.path}" for one in workspace.requests() if one.status < 400}
    routes = [f"{route.method} {route.path}" for route in all_routes() if route.access in ("token", "public")]
    newest = [route for route in routes if not OLDER.search(route)]
    assert [route for route in newest if not any(map(pattern(route).fullmatch, answered))] == []
