"""A local Databricks workspace for demos, tests and continuous integration."""
