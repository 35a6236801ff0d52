"""Airflow operators that run provisioned Databricks jobs exactly once."""
