"""Airflow's side of a stack."""

from airbrick.iac.resources.databricks_connection import DatabricksConnection

__all__ = ["DatabricksConnection"]
