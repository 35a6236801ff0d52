"""Jobs to test with."""

from typing import Any

from databricks.sdk import WorkspaceClient

JOB = "airbrick:databricks:Job"
CREATE = "/api/2.2/jobs/create"
NOTEBOOK = {"notebook_path": "/Workspace/a"}
SETTINGS: dict[str, Any] = {
    "name": "nightly",
    "tasks": [
        {"task_key": "b", "notebook_task": NOTEBOOK, "depends_on": [{"task_key": "a"}]},
        {"task_key": "a", "notebook_task": {**NOTEBOOK, "base_parameters": {"größe": ""}}},
    ],
    "parameters": [{"name": "run_date", "default": ""}],
    "max_concurrent_runs": 1,
    "queue": {"enabled": True},
    "tags": {"team": "data"},
    "timeout_seconds": 3600,
}


def jobs(client: WorkspaceClient) -> list[dict[str, Any]]:
    answer = client.api_client.do("GET", "/api/2.2/jobs/list", query={"expand_tasks": True, "limit": 100})
    assert isinstance(answer, dict)
    return list(answer.get("jobs", []))


def post(client: WorkspaceClient, call: str, **body: Any) -> dict[str, Any]:
    answer = client.api_client.do("POST", f"/api/2.2/jobs/{call}", body=body)
    assert isinstance(answer, dict)
    return answer
