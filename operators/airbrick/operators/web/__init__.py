"""A page of Airflow's web server; only that process imports it."""
