"""Provision the nightly orders job, and the Airflow connection that runs it."""

import pulumi

from airbrick import iac

config = pulumi.Config()
env = iac.Environment.from_config()
folder = config.require("folder")

clean = iac.WorkspaceFile("clean_orders", path=f"{folder}/clean_orders", source="src/clean_orders.py")
aggregate = iac.WorkspaceFile("aggregate_orders", path=f"{folder}/aggregate_orders", source="src/aggregate_orders.py")

# A stack to which no shop delivers works on the example's orders, which lie beside the notebook that reads them.
raw_orders = config.get("raw_orders")
if raw_orders is None:
    raw_orders = "raw_orders.csv"
    iac.WorkspaceFile("raw_orders", path=f"{folder}/{raw_orders}", source="data/raw_orders.csv")
data_dir = config.require("data_dir")

# Without a cluster the tasks run on serverless compute.
nightly_orders = iac.Job(
    "nightly_orders",
    tasks=[
        {
            "task_key": "clean",
            "notebook_task": {
                "notebook_path": clean.path,
                "source": "WORKSPACE",
                "base_parameters": {"raw_orders": raw_orders, "data_dir": data_dir},
            },
        },
        {
            "task_key": "aggregate",
            "depends_on": [{"task_key": "clean"}],
            "notebook_task": {
                "notebook_path": aggregate.path,
                "source": "WORKSPACE",
                "base_parameters": {"data_dir": data_dir},
            },
        },
    ],
    parameters=[{"name": "run_date", "default": ""}],
    max_concurrent_runs=1,
    queue={"enabled": True},
    timeout_seconds=3600,
    env=env,
)

connection = iac.airflow.DatabricksConnection(
    "databricks_default",
    host=env.host,
    client_id=config.require("client_id"),
    client_secret=config.require_secret("client_secret"),
)

iac.Contract(jobs=[nightly_orders], connections=[connection], files=[clean, aggregate], path="dags/")
