"""Requests to the Jobs API and how their answers are read. No input or output happens here."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final

import httpx

from airbrick.operators.errors import ApiError, NotFoundError

LIST_LIMIT: Final = 25
"""Runs per page of ``runs/list``. Source: Jobs API 2.2, "limit" of runs/list."""

# Source: databricks-sdk 0.156, errors/overrides.py: what does not exist is often answered with 400.
_GONE: Final = re.compile(r"(?i)\b(?:job|run)\b.*\b(?:does not|doesn't|no longer) exists?\b|RESOURCE_DOES_NOT_EXIST")
_JOB_GONE: Final = re.compile(r"(?i)^\W*job\b[^.]*\b(?:does not|doesn't|no longer) exists?")
_TRANSIENT_CODES: Final = frozenset({"COULD_NOT_ACQUIRE_LOCK", "TEMPORARILY_UNAVAILABLE", "REQUEST_LIMIT_EXCEEDED"})
_TRANSIENT_STATUSES: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
_ERROR_TEXT_CHARS: Final = 2000


@dataclass(frozen=True, slots=True)
class Call:
    """One request.

    :param params: the query; GET parameters never travel in a body, which proxies may drop.
    :param body: the JSON body of a POST.
    :param needs: the key without which an answer is not taken for one.
    """

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    needs: str = ""

    def __str__(self) -> str:
        """Name the request as errors do."""
        return f"{self.method} {self.path}"


def get_job(job_id: int) -> Call:
    """Ask for a job's settings."""
    return Call("GET", "/api/2.2/jobs/get", {"job_id": str(job_id)})


def run_now(job_id: int, *, idempotency_token: str, settings: Mapping[str, Any]) -> Call:
    """Ask for a run of a job; safe to repeat, because the token names the run."""
    body = {**settings, "job_id": job_id, "idempotency_token": idempotency_token}
    return Call("POST", "/api/2.2/jobs/run-now", body=body, needs="run_id")


def submit_run(settings: Mapping[str, Any], *, idempotency_token: str) -> Call:
    """Ask for a one-time run; safe to repeat, because the token names the run."""
    body = {**settings, "idempotency_token": idempotency_token}
    return Call("POST", "/api/2.2/jobs/runs/submit", body=body, needs="run_id")


def repair_run(run_id: int, settings: Mapping[str, Any], *, latest_repair_id: int | None) -> Call:
    """Ask for failed tasks of an ended run to be run again.

    :param settings: the request's other fields, such as ``rerun_all_failed_tasks``.
    :param latest_repair_id: the repair before this one; so that the same request, sent twice, is refused.
    """
    body = {**settings, "run_id": run_id}
    if latest_repair_id is not None:
        body["latest_repair_id"] = latest_repair_id
    return Call("POST", "/api/2.2/jobs/runs/repair", body=body, needs="repair_id")


def get_run(run_id: int, *, page_token: str = "", history: bool = False, resolved: bool = False) -> Call:
    """Ask for a run; its tasks come in pages of 100.

    :param history: ask for its repairs too.
    :param resolved: ask for what the references in its tasks' settings stood for.
    """
    params = {"run_id": str(run_id)}
    params |= {"include_history": "true"} if history else {}
    params |= {"include_resolved_values": "true"} if resolved else {}
    params |= {"page_token": page_token} if page_token else {}
    return Call("GET", "/api/2.2/jobs/runs/get", params, needs="run_id")


def list_active_runs(
    job_id: int | None = None, *, since_s: float = 0.0, until_s: float = math.inf, page_token: str = ""
) -> Call:
    """Ask for runs that have not ended, newest start first.

    :param job_id: of one job; 0 for one-time runs, which belong to none; ``None`` for all runs of jobs.
    :param since_s: earliest start, in seconds since the epoch.
    :param until_s: latest start.
    """
    return _list("active_only", job_id, since_s, until_s, page_token)


def list_ended_runs(
    job_id: int | None = None, *, since_s: float = 0.0, until_s: float = math.inf, page_token: str = ""
) -> Call:
    """Ask for runs that have ended, newest start first; see :func:`list_active_runs`."""
    return _list("completed_only", job_id, since_s, until_s, page_token)


def _list(which: str, job_id: int | None, since_s: float, until_s: float, page_token: str) -> Call:
    params = {which: "true", "limit": str(LIST_LIMIT)}
    if job_id == 0:
        params["run_type"] = "SUBMIT_RUN"
    elif job_id is not None:
        params["job_id"] = str(job_id)
    if since_s > 0:
        params["start_time_from"] = str(math.floor(since_s * 1000))
    if until_s < math.inf:
        params["start_time_to"] = str(math.ceil(until_s * 1000))
    if page_token:
        params["page_token"] = page_token
    return Call("GET", "/api/2.2/jobs/runs/list", params)


def list_runs(job_id: int, *, started_from_ms: int, page_token: str = "") -> Call:
    """Ask for runs of a job, newest start first, ended or not.

    :param started_from_ms: earliest start, in milliseconds since the epoch.
    """
    params = {"job_id": str(job_id), "start_time_from": str(started_from_ms), "limit": str(LIST_LIMIT)}
    params |= {"page_token": page_token} if page_token else {}
    return Call("GET", "/api/2.2/jobs/runs/list", params)


def get_run_output(task_run_id: int) -> Call:
    """Ask for the output of one task of a run."""
    return Call("GET", "/api/2.2/jobs/runs/get-output", {"run_id": str(task_run_id)})


def cancel_run(run_id: int) -> Call:
    """Ask a run to stop; it ends some time later, and cancelling an ended run changes nothing."""
    return Call("POST", "/api/2.2/jobs/runs/cancel", body={"run_id": run_id})


def execute_statement(settings: Mapping[str, Any]) -> Call:
    """Ask for a SQL statement to be executed; not safe to repeat, because nothing names it."""
    return Call("POST", "/api/2.0/sql/statements", body=settings, needs="statement_id")


def get_statement(statement_id: str) -> Call:
    """Ask for a statement's state and the first chunk of its result."""
    return Call("GET", f"/api/2.0/sql/statements/{statement_id}", needs="statement_id")


def get_statement_chunk(statement_id: str, index: int) -> Call:
    """Ask for a chunk of a statement's result, from 0."""
    return Call("GET", f"/api/2.0/sql/statements/{statement_id}/result/chunks/{index}")


def cancel_statement(statement_id: str) -> Call:
    """Ask a statement to stop."""
    return Call("POST", f"/api/2.0/sql/statements/{statement_id}/cancel")


def current_user() -> Call:
    """Ask who is signed in."""
    return Call("GET", "/api/2.0/preview/scim/v2/Me")


def read_answer(call: Call, status: int, headers: Mapping[str, str], content: bytes) -> dict[str, Any]:
    """Read an answer.

    :param headers: answer headers; looked up in lower case.
    :returns: the JSON object; ``{}`` for an empty answer to a POST.
    :raises NotFoundError: a job or run does not exist.
    :raises ApiError: any other error, and a success whose body is cut off or is no JSON object.
    """
    try:
        body = json.loads(content) if content.strip() else {}
    except ValueError:
        body = None
    if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        raise _error(call, status, headers, body, content)
    if not isinstance(body, dict) or (call.method == "GET" and not content.strip()):
        raise ApiError(str(call), status=None, message="the answer was cut off or is not a JSON object")
    if call.needs and body.get(call.needs) is None:
        raise ApiError(str(call), status=None, message=f"the answer has no {call.needs}")
    return body


def transport_error(call: Call, error: Exception) -> ApiError:
    """Turn a request that got no answer into this part's error.

    :param error: what httpx or aiohttp raised.
    """
    # A header that cannot be sent is shown in the text of these, and one of them is the token.
    text = "" if isinstance(error, httpx.LocalProtocolError | ValueError) else f": {error}"
    return ApiError(str(call), status=None, message=f"{type(error).__name__}{text}")


def is_transient(error: ApiError) -> bool:
    """Tell whether the same request may succeed a little later."""
    if error.status is None or error.error_code in _TRANSIENT_CODES:
        return True
    if error.status == HTTPStatus.NOT_FOUND and not error.error_code:
        # Not Databricks but something on the way has answered.
        return True
    if error.status in _TRANSIENT_STATUSES:
        return True
    return error.status >= HTTPStatus.INTERNAL_SERVER_ERROR and error.status != HTTPStatus.NOT_IMPLEMENTED


def is_job_gone(error: NotFoundError) -> bool:
    """Tell a missing job from a missing run."""
    return _JOB_GONE.search(error.message) is not None


def is_statement_gone(error: ApiError) -> bool:
    """Tell that the workspace does not know a statement any more; nothing on the way has a code of this kind."""
    return error.status == HTTPStatus.NOT_FOUND and error.error_code in {"NOT_FOUND", "RESOURCE_DOES_NOT_EXIST"}


def server_time_s(headers: Mapping[str, str]) -> float | None:
    """Read the workspace's clock from an answer, in seconds since the epoch, to the second."""
    try:
        return parsedate_to_datetime(headers.get("date", "")).timestamp()
    except (ValueError, TypeError):
        return None


def _error(call: Call, status: int, headers: Mapping[str, str], body: object, content: bytes) -> ApiError:
    fields = body if isinstance(body, dict) else {}
    error_code = fields.get("error_code")
    text = fields.get("message") or fields.get("detail") or fields.get("error_description")
    message = str(text or ("" if fields else content.decode(errors="replace").strip()))[:_ERROR_TEXT_CHARS]
    kind = NotFoundError if _is_gone(status, error_code, message) else ApiError
    return kind(
        str(call),
        status=status,
        error_code=str(error_code or ""),
        message=message,
        retry_after_s=_retry_after_s(headers),
    )


def _is_gone(status: int, error_code: object, message: str) -> bool:
    # A bare 404 is no proof: proxies and unknown routes answer so as well, and a run taken for gone is started again.
    may_be = status in {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND}
    return may_be and _GONE.search(f"{message} {error_code}") is not None


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    value = headers.get("retry-after", "")
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    now = server_time_s(headers)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now) if value and now is not None else None
    except (ValueError, TypeError):
        return None
