"""The program that the fault matrix deploys: each rack is a provider of its own with one resource of each of its kinds.

``racks.json`` names the racks, and which version of the resources each wants: 1, 2, 3 where a change needs new objects,
or 0 for none.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi

from airbrick import iac


@dataclass(frozen=True, slots=True)
class Wish:
    """What a rack wants of one kind.

    :param name: logical name; Airflow's key has it too, for all racks share one Airflow.
    :param version: 1, 2 or 3.
    :param place: what exists already in the rack's workspace: a job's id, a scope.
    """

    name: str
    version: int
    secret: pulumi.Output[str]
    place: Mapping[str, Any]
    opts: pulumi.ResourceOptions

    @property
    def key(self) -> str:
        """The key in Airflow."""
        return self.name if self.version < 3 else f"{self.name}-too"

    def either(self, *versions: Any) -> Any:
        """Give what this version wants; the last one goes for all that follow."""
        return versions[min(self.version, len(versions)) - 1]


def job(wish: Wish) -> iac.Job:
    notebook: Any = {"notebook_path": "/Workspace/load", "base_parameters": {"key": wish.secret}}
    tasks: Any = [{"task_key": "load", "notebook_task": notebook}]
    opts = pulumi.ResourceOptions.merge(wish.opts, pulumi.ResourceOptions(replace_on_changes=["timeout_seconds"]))
    return iac.Job(
        wish.name,
        name="orders",
        tasks=tasks,
        max_concurrent_runs=wish.version,
        timeout_seconds=wish.either(60, 60, 90),
        opts=opts,
    )


def permissions(wish: Wish) -> None:
    entries: Any = [{"group_name": "analysts", "permission_level": wish.either("CAN_VIEW", "CAN_MANAGE_RUN")}]
    iac.Permissions(
        wish.name,
        object_type="jobs",
        object_id=wish.place["job_id"],
        access_control_list=entries,
        opts=wish.opts,
    )


def cluster_policy(wish: Wish) -> None:
    definition = {"autotermination_minutes": {"type": "fixed", "value": wish.either(30, 60)}}
    iac.ClusterPolicy(wish.name, name="small", definition=definition, description="for all", opts=wish.opts)


def instance_pool(wish: Wish) -> None:
    iac.InstancePool(
        wish.name,
        instance_pool_name="spot",
        node_type_id=wish.either("m5.large", "m5.large", "m5.xlarge"),
        max_capacity=wish.version,
        opts=wish.opts,
    )


def secret_scope(wish: Wish) -> None:
    iac.SecretScope(wish.name, name=wish.either("orders", "orders", "orders_too"), opts=wish.opts)


def secret(wish: Wish) -> None:
    value = pulumi.Output.concat(wish.secret, f" {wish.version}")
    key = wish.either("password", "password", "passphrase")
    iac.Secret(wish.name, key=key, scope=wish.place["scope"], string_value=value, opts=wish.opts)


def secret_acl(wish: Wish) -> None:
    level = wish.either("READ", "WRITE")
    principal = wish.either("analysts", "analysts", "engineers")
    iac.SecretAcl(wish.name, scope=wish.place["scope"], principal=principal, permission=level, opts=wish.opts)


def workspace_file(wish: Wish) -> None:
    path = wish.either("/Shared/load.sql", "/Shared/load.sql", "/Shared/read.sql")
    iac.WorkspaceFile(wish.name, path=path, content=f"SELECT {wish.version}", opts=wish.opts)


def workspace_directory(wish: Wish) -> None:
    source = Path(f"folder{wish.version}")
    for place, text in {"load.py": "# Databricks notebook source\n1", f"sub/{wish.version}.txt": "ü\r\n"}.items():
        (source / place).parent.mkdir(parents=True, exist_ok=True)
        (source / place).write_text(text, encoding="utf-8")
    path = wish.either("/Shared/orders", "/Shared/orders", "/Shared/sales")
    iac.WorkspaceDirectory(wish.name, path=path, source=source, opts=wish.opts)


def connection(wish: Wish) -> None:
    extra = {"sslmode": "require", "api_key": wish.secret}
    iac.airflow.Connection(
        wish.name, conn_type="postgres", port=wish.version, password=wish.secret, extra=extra, opts=wish.opts
    )


def variable(wish: Wish) -> None:
    value = {"version": wish.version, "token": wish.secret}
    iac.airflow.Variable(wish.name, key=wish.key, value=value, opts=wish.opts)


def pool(wish: Wish) -> None:
    iac.airflow.Pool(wish.name, name=wish.key, slots=wish.version, description="runs at once", opts=wish.opts)


def contract(wish: Wish) -> None:
    made = iac.Job(wish.name, name="orders", max_concurrent_runs=wish.version, opts=wish.opts)
    local = Path("contracts") / wish.name
    local.mkdir(parents=True, exist_ok=True)
    folder = wish.either("/Shared/contracts", "/Shared/contracts", "/Shared/agreements")
    iac.Contract(wish.name, jobs=[made], path=local, variable=wish.key, workspace_folder=folder, opts=wish.opts)


KINDS: Mapping[str, Callable[[Wish], object]] = {
    "Job": job,
    "Permissions": permissions,
    "ClusterPolicy": cluster_policy,
    "InstancePool": instance_pool,
    "SecretScope": secret_scope,
    "Secret": secret,
    "SecretAcl": secret_acl,
    "WorkspaceFile": workspace_file,
    "WorkspaceDirectory": workspace_directory,
    "Contract": contract,
    "airflow.Connection": connection,
    "airflow.Variable": variable,
    "airflow.Pool": pool,
}


def main() -> None:
    for rack in json.loads(Path("racks.json").read_text(encoding="utf-8")):
        provider = iac.Provider(rack["name"], **rack["provider"])
        opts = pulumi.ResourceOptions(provider=provider)
        secret = pulumi.Output.secret(rack["secret"])
        for kind in rack["kinds"] if rack["version"] else ():
            name = f"{rack['name']}-{kind.replace('.', '_')}"
            KINDS[kind](Wish(name, rack["version"], secret, rack["place"], opts))


main()
