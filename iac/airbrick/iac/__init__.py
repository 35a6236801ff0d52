"""Databricks jobs and Airflow connections as Pulumi resources."""

from airbrick.iac import airflow
from airbrick.iac.environment import Environment
from airbrick.iac.provider_resource import Provider
from airbrick.iac.resources.contract import Contract
from airbrick.iac.resources.job import Job, JobSettings
from airbrick.iac.resources.workspace_file import WorkspaceFile

__all__ = ["Contract", "Environment", "Job", "JobSettings", "Provider", "WorkspaceFile", "airflow"]
