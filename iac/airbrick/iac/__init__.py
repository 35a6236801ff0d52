"""Databricks jobs and Airflow connections as Pulumi resources.

Importing this package loads nothing else: a policy pack lives in an environment without the provider's clients.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airbrick.iac import airflow, types
    from airbrick.iac.environment import Environment
    from airbrick.iac.lookups import (
        get_cluster_policy,
        get_current_user,
        get_instance_pool,
        get_job,
        get_service_principal,
        get_warehouse,
    )
    from airbrick.iac.provider_resource import Provider
    from airbrick.iac.resources.cluster_policy import ClusterPolicy
    from airbrick.iac.resources.contract import Contract
    from airbrick.iac.resources.instance_pool import InstancePool
    from airbrick.iac.resources.job import Job
    from airbrick.iac.resources.permissions import Permissions
    from airbrick.iac.resources.secret import Secret
    from airbrick.iac.resources.secret_acl import SecretAcl
    from airbrick.iac.resources.secret_scope import SecretScope
    from airbrick.iac.resources.workspace_directory import WorkspaceDirectory
    from airbrick.iac.resources.workspace_file import WorkspaceFile
    from airbrick.iac.types import JobSettings

_HOME = {
    "ClusterPolicy": "resources.cluster_policy",
    "Contract": "resources.contract",
    "Environment": "environment",
    "InstancePool": "resources.instance_pool",
    "Job": "resources.job",
    "JobSettings": "types",
    "Permissions": "resources.permissions",
    "Provider": "provider_resource",
    "Secret": "resources.secret",
    "SecretAcl": "resources.secret_acl",
    "SecretScope": "resources.secret_scope",
    "WorkspaceDirectory": "resources.workspace_directory",
    "WorkspaceFile": "resources.workspace_file",
    "get_cluster_policy": "lookups",
    "get_current_user": "lookups",
    "get_instance_pool": "lookups",
    "get_job": "lookups",
    "get_service_principal": "lookups",
    "get_warehouse": "lookups",
}
_MODULES = ("airflow", "types")

__all__ = [
    "ClusterPolicy",
    "Contract",
    "Environment",
    "InstancePool",
    "Job",
    "JobSettings",
    "Permissions",
    "Provider",
    "Secret",
    "SecretAcl",
    "SecretScope",
    "WorkspaceDirectory",
    "WorkspaceFile",
    "airflow",
    "get_cluster_policy",
    "get_current_user",
    "get_instance_pool",
    "get_job",
    "get_service_principal",
    "get_warehouse",
    "types",
]


def __getattr__(name: str) -> object:
    """Load a public name on first use."""
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    if name not in _HOME:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    """List the public names without loading them."""
    return sorted(__all__)
