"""What is known about Airflow and Databricks, as data."""
