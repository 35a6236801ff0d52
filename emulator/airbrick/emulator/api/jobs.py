"""``/api/2.2/jobs``: job definitions. 2.1 has the same shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airbrick.emulator.access import check_run_as
from airbrick.emulator.errors import ApiError, invalid_parameter
from airbrick.emulator.paging import PAGE_SIZE, page_token, read_limit, read_page_token
from airbrick.emulator.permissions import JOBS, check_entries, creator_entries
from airbrick.emulator.settings import make_version, merge
from airbrick.emulator.store import Job
from airbrick.emulator.wire import Call, Handler, Route

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airbrick.emulator.run import JobVersion
    from airbrick.emulator.store import Store

# Top-level lists of which a page shows a part.
_PAGED = ("tasks", "job_clusters", "environments", "parameters")
_EXPANDED = ("tasks", "job_clusters")
# Version 2.1 knows no pages.
_OLDER = "/api/2.1/"


def create(store: Store, call: Call) -> dict[str, Any]:
    """Answer jobs/create."""
    identity = call.whoami()
    version = _version_of(store, call, call.params, identity.run_as())
    entries = creator_entries(JOBS, identity)
    if call.params.get("access_control_list"):
        entries = check_entries(JOBS, call.params["access_control_list"], entries)
    store.job_quota.take(store.jobs, store.clock.now())
    job = Job(store.ids.next(), version, identity.name, store.clock.now(), entries)
    store.jobs[job.job_id] = job
    return {"job_id": job.job_id}


def get(store: Store, call: Call) -> dict[str, Any]:
    """Answer jobs/get: 100 entries of each list a page; later pages leave out lists that have no more."""
    job = find_job(store, call.integer("job_id"))
    start = read_page_token(call.optional_text("page_token")) or 0
    settings, has_more = _page(job.version.settings, start)
    answer = _summary(job) | {"settings": settings}
    if has_more and call.path.startswith(_OLDER):
        raise invalid_parameter(f"Job {job.job_id} has more than {PAGE_SIZE} tasks; read it with version 2.2.")
    if has_more:
        answer |= {"next_page_token": page_token(start + PAGE_SIZE), "has_more": True}
    return answer


def list_jobs(store: Store, call: Call) -> dict[str, Any]:
    """Answer jobs/list: newest first."""
    limit = read_limit(call.optional_integer("limit"), default=20, maximum=100)
    start = read_page_token(call.optional_text("page_token"))
    if start is None:
        start = call.optional_integer("offset") or 0
    if start < 0:
        raise invalid_parameter("offset must be 0 or more")
    name = call.optional_text("name")
    expand = call.flag("expand_tasks")
    jobs = list(reversed(store.jobs.values()))
    if name:
        jobs = [job for job in jobs if job.name.casefold() == name.casefold()]
    page = jobs[start : start + limit]
    answer: dict[str, Any] = {"has_more": start + limit < len(jobs)}
    if page:
        answer["jobs"] = [_listed(job, expand=expand) for job in page]
    if answer["has_more"]:
        answer["next_page_token"] = page_token(start + limit)
    if start:
        answer["prev_page_token"] = page_token(max(0, start - limit))
    return answer


def reset(store: Store, call: Call) -> dict[str, Any]:
    """Answer jobs/reset: replaces all settings; ``run_as`` stays unless it is given."""
    job = store.jobs.get(call.integer("job_id"))
    if job is None:
        raise ApiError(403, "PERMISSION_DENIED", "The job does not exist.", empty_body=True)
    settings = _settings_of(call, required=True)
    job.version = _version_of(store, call, settings, job.version.settings["run_as"])
    return {}


def update(store: Store, call: Call) -> dict[str, Any]:
    """Answer jobs/update: changes or removes top-level fields, tasks and job clusters."""
    job = find_job(store, call.integer("job_id"))
    removed = call.params.get("fields_to_remove") or []
    if not isinstance(removed, list):
        raise invalid_parameter("fields_to_remove must be a list of strings")
    merged = merge(job.version.settings, _settings_of(call, required=False), removed)
    job.version = _version_of(store, call, merged, job.version.settings["run_as"])
    return {}


def delete(store: Store, call: Call) -> dict[str, Any]:
    """Answer jobs/delete; runs stay."""
    job = find_job(store, call.integer("job_id"))
    del store.jobs[job.job_id]
    return {}


def find_job(store: Store, job_id: int) -> Job:
    """Return a job.

    :raises ApiError: 400, there is none; clients map the text to "does not exist"
    """
    job = store.jobs.get(job_id)
    if job is None:
        raise invalid_parameter(f"Job {job_id} does not exist.")
    return job


def versions(method: str, name: str, handler: Handler) -> tuple[Route, ...]:
    """Return the routes of an endpoint under both versions of the Jobs API."""
    return tuple(Route(method, f"/api/{version}/jobs/{name}", handler) for version in ("2.2", "2.1"))


def _version_of(store: Store, call: Call, settings: dict[str, Any], run_as: Mapping[str, str]) -> JobVersion:
    version = make_version(settings, run_as, store.policies)
    if version.settings["run_as"] != run_as:
        check_run_as(store, call.whoami(), version.settings["run_as"])
    tasks = version.settings.get("tasks", ())
    if len(tasks) > PAGE_SIZE and call.path.startswith(_OLDER):
        raise invalid_parameter(
            f"tasks: a job can have at most {PAGE_SIZE} tasks in version 2.1, not {len(tasks)}; use version 2.2"
        )
    return version


def _page(settings: Mapping[str, Any], start: int) -> tuple[dict[str, Any], bool]:
    page, has_more = dict(settings), False
    for name in _PAGED:
        entries = page.get(name, ())
        has_more = has_more or len(entries) > start + PAGE_SIZE
        if start and len(entries) <= start:
            page.pop(name, None)
        elif name in page:
            page[name] = entries[start : start + PAGE_SIZE]
    return page, has_more


def _settings_of(call: Call, *, required: bool) -> dict[str, Any]:
    settings = call.params.get("new_settings")
    if settings is None and not required:
        return {}
    if not isinstance(settings, dict):
        raise invalid_parameter("new_settings must be an object with the job's settings")
    return {name: value for name, value in settings.items() if value is not None}


def _summary(job: Job) -> dict[str, Any]:
    run_as: Mapping[str, str] = job.version.settings["run_as"]
    return {
        "job_id": job.job_id,
        "creator_user_name": job.creator,
        "run_as_user_name": next(iter(run_as.values()), job.creator),
        "created_time": int(job.created_s * 1000),
    }


def _listed(job: Job, *, expand: bool) -> dict[str, Any]:
    settings, has_more = _page(job.version.settings, 0)
    shown = _summary(job)
    # A list does not say whom a job runs as.
    del shown["run_as_user_name"]
    if expand:
        return shown | {"settings": settings, "has_more": has_more}
    for name in _EXPANDED:
        settings.pop(name, None)
    return shown | {"settings": settings}


ROUTES = (
    *versions("POST", "create", create),
    *versions("GET", "get", get),
    *versions("GET", "list", list_jobs),
    *versions("POST", "reset", reset),
    *versions("POST", "update", update),
    *versions("POST", "delete", delete),
)
