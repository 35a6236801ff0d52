"""Databricks jobs and Airflow connections as Pulumi resources.

Importing this package loads nothing else: a policy pack lives in an environment without the provider's clients.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airbrick.iac import airflow, types
    from airbrick.iac.environment import Environment
    from airbrick.iac.provider_resource import Provider
    from airbrick.iac.resources.contract import Contract
    from airbrick.iac.resources.job import Job
    from airbrick.iac.resources.workspace_file import WorkspaceFile
    from airbrick.iac.types import JobSettings

_HOME = {
    "Contract": "resources.contract",
    "Environment": "environment",
    "Job": "resources.job",
    "JobSettings": "types",
    "Provider": "provider_resource",
    "WorkspaceFile": "resources.workspace_file",
}
_MODULES = ("airflow", "types")

__all__ = ["Contract", "Environment", "Job", "JobSettings", "Provider", "WorkspaceFile", "airflow", "types"]


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
