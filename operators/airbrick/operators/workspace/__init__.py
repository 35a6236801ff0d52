"""Talking to a Databricks workspace: connection, sign-in, requests, retries."""
