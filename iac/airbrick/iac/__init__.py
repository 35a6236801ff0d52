"""Databricks jobs and Airflow connections as Pulumi resources."""
