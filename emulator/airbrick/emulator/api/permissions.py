"""``/api/2.0/permissions``: who may do what with a job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airbrick.emulator.errors import invalid_parameter, not_found, not_implemented
from airbrick.emulator.permissions import check_entries, job_permissions
from airbrick.emulator.wire import Call, Route, read_integer

if TYPE_CHECKING:
    from airbrick.emulator.store import Job, Store

_PATH = "/api/2.0/permissions/{object_type}/{object_id}"


def get(store: Store, call: Call) -> dict[str, Any]:
    """Answer a GET: entries set on the job, then what it inherits."""
    job = _job(store, call)
    return job_permissions(job.job_id, job.permissions)


def put(store: Store, call: Call) -> dict[str, Any]:
    """Answer a PUT: replaces all entries."""
    job = _job(store, call)
    job.permissions = check_entries(call.params.get("access_control_list", []))
    return job_permissions(job.job_id, job.permissions)


def patch(store: Store, call: Call) -> dict[str, Any]:
    """Answer a PATCH: adds entries or changes their levels; a new owner replaces the old one."""
    job = _job(store, call)
    job.permissions = check_entries(call.params.get("access_control_list", []), job.permissions)
    return job_permissions(job.job_id, job.permissions)


def _job(store: Store, call: Call) -> Job:
    object_type = call.path_params["object_type"]
    if object_type != "jobs":
        raise not_implemented(f"The airbrick emulator keeps permissions of jobs alone, not of {object_type}.")
    job_id = read_integer("object_id", call.path_params["object_id"])
    if job_id is None:
        raise invalid_parameter("object_id must be a job id")
    job = store.jobs.get(job_id)
    if job is None:
        raise not_found(f"Job {job_id} does not exist.")
    return job


ROUTES = (Route("GET", _PATH, get), Route("PUT", _PATH, put), Route("PATCH", _PATH, patch))
