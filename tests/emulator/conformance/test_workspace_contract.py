"""What must hold in the emulator and in a real workspace alike; ``DATABRICKS_HOST`` chooses the real one.

Against a real workspace the answers are written to ``snapshots/``, with the day; they are what the emulator is compared
with from then on, and what lets a row of the fidelity ledger say that it was validated.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from tests.emulator.conformance.target import JOBS

if TYPE_CHECKING:
    from tests.emulator.conformance.target import Target

NO_SUCH_ID = 987_654_321_987_654


def test_a_job_comes_back_with_the_defaults_of_the_workspace(target: Target) -> None:
    job_id = target.job(tags={"team": "data"}, parameters=[{"name": "run_date", "default": ""}])
    job = target.ask("GET", f"{JOBS}/get", job_id=job_id)
    assert (job["job_id"], job["settings"]["name"]) == (job_id, f"{target.prefix}-job")
    assert job["settings"]["format"] == "MULTI_TASK"
    assert job["settings"]["tasks"][0]["run_if"] == "ALL_SUCCESS"
    target.snapshot.check("job", job)


def test_an_update_changes_fields_and_a_reset_replaces_them(target: Target) -> None:
    job_id = target.job(tags={"team": "data"}, max_concurrent_runs=3)
    target.ask("POST", f"{JOBS}/update", job_id=job_id, new_settings={"timeout_seconds": 60}, fields_to_remove=["tags"])
    updated = target.ask("GET", f"{JOBS}/get", job_id=job_id)["settings"]
    assert (updated["timeout_seconds"], updated["max_concurrent_runs"]) == (60, 3)
    target.snapshot.check("updated", updated)
    target.ask("POST", f"{JOBS}/reset", job_id=job_id, new_settings={"name": f"{target.prefix}-other"})
    target.snapshot.check("reset", target.ask("GET", f"{JOBS}/get", job_id=job_id)["settings"])


def test_what_does_not_exist_is_refused_as_clients_expect(target: Target) -> None:
    refusals = {
        "get": target.refusal("GET", f"{JOBS}/get", job_id=NO_SUCH_ID),
        "run-now": target.refusal("POST", f"{JOBS}/run-now", job_id=NO_SUCH_ID),
        "delete": target.refusal("POST", f"{JOBS}/delete", job_id=NO_SUCH_ID),
        "runs/get": target.refusal("GET", f"{JOBS}/runs/get", run_id=NO_SUCH_ID),
        "runs/cancel": target.refusal("POST", f"{JOBS}/runs/cancel", run_id=NO_SUCH_ID),
    }
    assert refusals["get"]["class"] == "ResourceDoesNotExist"
    assert refusals["runs/get"]["class"] == "ResourceDoesNotExist"
    target.snapshot.check("refusals", refusals)


def test_wrong_settings_are_refused(target: Target) -> None:
    task = {"task_key": "a", "notebook_task": {"notebook_path": "/Shared/a"}}
    refusals = {
        "a task twice": target.refusal("POST", f"{JOBS}/create", name=target.prefix, tasks=[task, task]),
        "an unknown upstream": target.refusal(
            "POST", f"{JOBS}/create", name=target.prefix, tasks=[{**task, "depends_on": [{"task_key": "b"}]}]
        ),
        "a number for a name": target.refusal("POST", f"{JOBS}/create", name=target.prefix, tags=5),
        "a limit": target.refusal("GET", f"{JOBS}/list", limit=1000),
        "a page token": target.refusal("GET", f"{JOBS}/list", page_token="x"),
    }
    assert {refusal["error_code"] for refusal in refusals.values()} <= {"INVALID_PARAMETER_VALUE", "MALFORMED_REQUEST"}
    target.snapshot.check("refusals", refusals)


def test_a_run_ends_and_leaves_its_result(target: Target) -> None:
    job_id = target.job(parameters=[{"name": "run_date", "default": "today"}])
    run_id = target.ask("POST", f"{JOBS}/run-now", job_id=job_id, job_parameters={"run_date": "2026-01-01"})["run_id"]
    run = target.finish(run_id)
    assert run["state"]["life_cycle_state"] == "TERMINATED"
    assert run["state"]["result_state"] == "SUCCESS"
    assert run["status"]["state"] == "TERMINATED"
    output = target.ask("GET", f"{JOBS}/runs/get-output", run_id=run["tasks"][0]["run_id"])
    assert output["notebook_output"]["result"] == "42 rows"
    target.snapshot.check("fields of a run", sorted(run))
    target.snapshot.check("status", {"status": run["status"], "parameters": run["job_parameters"]})
    target.snapshot.check("output", output["notebook_output"])


def test_a_token_names_one_run(target: Target) -> None:
    job_id = target.job(max_concurrent_runs=2)
    first, second = (
        target.ask("POST", f"{JOBS}/run-now", job_id=job_id, idempotency_token=target.prefix) for _ in range(2)
    )
    assert first["run_id"] == second["run_id"]
    listed = target.ask("GET", f"{JOBS}/runs/list", job_id=job_id)
    assert [run["run_id"] for run in listed["runs"]] == [first["run_id"]]
    target.finish(first["run_id"])


def test_a_cancel_ends_a_run(target: Target) -> None:
    run_id = target.ask("POST", f"{JOBS}/run-now", job_id=target.job())["run_id"]
    assert target.ask("POST", f"{JOBS}/runs/cancel", run_id=run_id) == {}
    run = target.finish(run_id)
    assert run["state"]["result_state"] == "CANCELED"
    target.snapshot.check("status", run["status"]["termination_details"]["code"])


def test_a_run_above_the_limit_is_skipped_without_a_queue(target: Target) -> None:
    job_id = target.job(max_concurrent_runs=1, queue={"enabled": False})
    first, second = (target.ask("POST", f"{JOBS}/run-now", job_id=job_id)["run_id"] for _ in range(2))
    skipped = target.ask("GET", f"{JOBS}/runs/get", run_id=second)
    assert skipped["state"]["life_cycle_state"] == "SKIPPED"
    target.snapshot.check("state", {"state": skipped["state"], "status": skipped["status"]})
    target.finish(first)


def test_permissions_of_a_job_are_read_and_replaced(target: Target) -> None:
    path = f"/api/2.0/permissions/jobs/{target.job()}"
    target.snapshot.check("own", _direct(target.ask("GET", path)))
    entry = {"group_name": "users", "permission_level": "CAN_VIEW"}
    target.ask("PATCH", path, access_control_list=[entry])
    after = _direct(target.ask("GET", path))
    assert {"group_name": "users", "levels": ["CAN_VIEW"]} in after
    target.snapshot.check("changed", after)


def _direct(answer: dict[str, object]) -> list[dict[str, object]]:
    """Return who holds which levels by entries of the object itself; inherited ones are the workspace's own."""
    entries = answer["access_control_list"]
    assert isinstance(entries, list)
    shown = []
    for entry in entries:
        levels = [item["permission_level"] for item in entry["all_permissions"] if not item["inherited"]]
        who = {name: entry[name] for name in ("user_name", "group_name", "service_principal_name") if name in entry}
        if levels:
            shown.append({**who, "levels": levels})
    return sorted(shown, key=str)


def test_a_file_is_stored_and_exported(target: Target) -> None:
    path, content = f"{target.folder}/rows.txt", base64.b64encode("zwölf\r\n".encode()).decode()
    target.ask("POST", "/api/2.0/workspace/import", path=path, content=content, format="AUTO")
    assert target.ask("GET", "/api/2.0/workspace/export", path=path, format="AUTO")["content"] == content
    target.snapshot.check("status", target.ask("GET", "/api/2.0/workspace/get-status", path=path))
    target.snapshot.check("again", target.refusal("POST", "/api/2.0/workspace/import", path=path, content=content))
