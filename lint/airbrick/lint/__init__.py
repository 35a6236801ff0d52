"""A linter for Airflow DAGs that run Databricks jobs."""
