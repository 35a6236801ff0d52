"""Provisioning as users write it; checked by type checkers, never run."""

import pulumi

from airbrick import iac

env = iac.Environment.from_config()
host: str = env.host

load = iac.WorkspaceFile("load", path="/Workspace/orders/load", source="src/load.py")
raw = iac.WorkspaceFile("raw", path=load.path.apply(lambda path: f"{path}.csv"), source="raw.csv", object_type="FILE")
nightly = iac.Job(
    "nightly_etl",
    tasks=[
        {"task_key": "load", "notebook_task": {"notebook_path": load.path, "source": "WORKSPACE"}},
        {"task_key": "sum", "depends_on": [{"task_key": "load"}], "notebook_task": {"notebook_path": load.path}},
    ],
    parameters=[{"name": "run_date", "default": ""}],
    name="nightly",
    max_concurrent_runs=1,
    queue={"enabled": True},
    timeout_seconds=3600,
    tags={"team": pulumi.Output.from_input("data")},
    run_as={"service_principal_name": "app"},
    schedule={"quartz_cron_expression": "0 0 2 * * ?", "timezone_id": "UTC", "pause_status": "PAUSED"},
    email_notifications={"on_failure": ["team@example.com"]},
    extra_settings={"brand_new": 1},
    env=env,
    opts=pulumi.ResourceOptions(protect=True, ignore_changes=["timeout_seconds"]),
)


def notebook(key: str, path: pulumi.Input[str]) -> iac.types.Task:
    return {"task_key": key, "notebook_task": {"notebook_path": path}, "job_cluster_key": "main"}


cluster: iac.types.ClusterSpec = {
    "spark_version": "15.4.x-scala2.12",
    "num_workers": 2,
    "data_security_mode": "SINGLE_USER",
    "aws_attributes": {"availability": "SPOT_WITH_FALLBACK"},
}
clustered = iac.Job(
    "clustered",
    tasks=[notebook("a", load.path), {**notebook("b", "/b"), "depends_on": [{"task_key": "a", "outcome": "true"}]}],
    job_clusters=[{"job_cluster_key": "main", "new_cluster": cluster}],
)
after = iac.Job("after", tasks=[{"task_key": "next", "run_job_task": {"job_id": nightly.job_id}}])
job_id: pulumi.Output[str] = nightly.job_id
page: pulumi.Output[str] = nightly.url

config = pulumi.Config()
connection = iac.airflow.DatabricksConnection(
    "databricks_default",
    host=env.host,
    client_id=config.require("client_id"),
    client_secret=config.require_secret("client_secret"),
)
discouraged = iac.airflow.DatabricksConnection(
    "by_token", host=env.host, token=config.require_secret("token"), extra={"http_timeout_seconds": 30}, adopt=True
)
federated = iac.airflow.DatabricksConnection("federated", host=env.host, client_id="app", federation="kubernetes")
uri: pulumi.Output[str] = federated.uri
warehouse = iac.airflow.Connection("warehouse", conn_type="postgres", password=config.require_secret("p"), port=5432)
iac.airflow.Variable("limits", value={"a": [1, nightly.job_id]})
pool: pulumi.Output[str] = iac.airflow.Pool("databricks", slots=8, include_deferred=True).name
policy = iac.ClusterPolicy("small", definition={"a": {"type": "fixed", "value": 1}})
spot = iac.InstancePool("spot", node_type_id="m5.large", max_capacity=2, custom_tags={"team": "data"})
scope = iac.SecretScope("orders")
word = iac.Secret("word", scope=scope.name, string_value=config.require_secret("word"))
iac.SecretAcl("analysts", scope=scope.name, principal="analysts", permission="READ")
iac.Permissions(
    "access",
    object_type="jobs",
    object_id=nightly.job_id,
    access_control_list=[{"group_name": "analysts", "permission_level": "CAN_VIEW"}],
)
looked_up: pulumi.Output[str] = iac.get_job("other")["job_id"]
contract = iac.Contract(jobs=[nightly, after], connections=[connection, discouraged], path="dags/")

other = iac.Provider("other", host="https://other.example", client_id="app", client_secret=config.require_secret("x"))
elsewhere = iac.Job("elsewhere", tasks=[], opts=pulumi.ResourceOptions(provider=other))

iac.Job("typo", timeout_secnods=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
iac.Job("wrong", max_concurrent_runs="1")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
iac.Job("nested", tasks=[{"task_key": "a", "notbook_task": {}}])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
