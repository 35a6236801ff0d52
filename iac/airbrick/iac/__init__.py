"""Databricks jobs and Airflow connections as Pulumi resources."""

from airbrick.iac import airflow, types
from airbrick.iac.environment import Environment
from airbrick.iac.provider_resource import Provider
from airbrick.iac.resources.contract import Contract
from airbrick.iac.resources.job import Job
from airbrick.iac.resources.workspace_file import WorkspaceFile
from airbrick.iac.types import JobSettings

__all__ = ["Contract", "Environment", "Job", "JobSettings", "Provider", "WorkspaceFile", "airflow", "types"]
