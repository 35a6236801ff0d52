from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

JOBS = "/api/2.2/jobs"


@dataclass
class Api:
    """Raw requests, so that tests see status and body as they are."""

    http: httpx.Client

    def call(self, method: str, path: str, body: object = None, /, **query: Any) -> httpx.Response:
        return self.http.request(method, path, json=body, params=query or None)

    def get(self, path: str, /, **query: Any) -> dict[str, Any]:
        return _ok(self.call("GET", path, **query))

    def post(self, path: str, body: object) -> dict[str, Any]:
        return _ok(self.call("POST", path, body))

    def error(self, method: str, path: str, body: object = None, /, **query: Any) -> tuple[int, str, str]:
        response = self.call(method, path, body, **query)
        assert response.status_code >= 400, response.text
        values = response.json()
        return response.status_code, values.get("error_code", ""), values.get("message", "")

    def create(self, name: str = "job", tasks: list[dict[str, Any]] | None = None, **settings: Any) -> int:
        job_id = self.post(f"{JOBS}/create", {"name": name, "tasks": tasks or [task("t")], **settings})["job_id"]
        assert isinstance(job_id, int)
        return job_id

    def run_now(self, job_id: int, **values: Any) -> int:
        run_id = self.post(f"{JOBS}/run-now", {"job_id": job_id, **values})["run_id"]
        assert isinstance(run_id, int)
        return run_id

    def run(self, run_id: int, /, **query: Any) -> dict[str, Any]:
        return self.get(f"{JOBS}/runs/get", run_id=run_id, **query)

    def settings(self, job_id: int) -> dict[str, Any]:
        settings = self.get(f"{JOBS}/get", job_id=job_id)["settings"]
        assert isinstance(settings, dict)
        return settings


def _ok(response: httpx.Response) -> dict[str, Any]:
    assert response.status_code in (200, 201), response.text
    values = response.json()
    assert isinstance(values, dict)
    return values


def task(key: str, *after: str, **values: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"task_key": key, "notebook_task": {"notebook_path": f"/Shared/{key}"}, **values}
    if after:
        made["depends_on"] = [{"task_key": name} for name in after]
    return made
