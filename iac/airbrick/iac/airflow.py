"""Airflow's side of a stack."""

from airbrick.iac.resources.airflow_connection import Connection
from airbrick.iac.resources.airflow_pool import Pool
from airbrick.iac.resources.airflow_variable import Variable
from airbrick.iac.resources.databricks_connection import DatabricksConnection

__all__ = ["Connection", "DatabricksConnection", "Pool", "Variable"]
