import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from airbrick.operators.errors import ApiError, NotFoundError
from airbrick.operators.workspace import wire

GET = wire.get_run(2**60)


def answer(status: int, body: object, headers: dict[str, str] | None = None, call: wire.Call = GET) -> object:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return wire.read_answer(call, status, headers or {}, content)


def error_of(status: int, body: object, headers: dict[str, str] | None = None) -> ApiError:
    with pytest.raises(ApiError) as caught:
        answer(status, body, headers)
    return caught.value


def test_get_parameters_travel_in_the_query_and_big_ids_keep_their_digits() -> None:
    assert GET.params == {"run_id": "1152921504606846976"}
    assert GET.body is None


def test_run_now_carries_its_token_which_no_setting_replaces() -> None:
    call = wire.run_now(7, idempotency_token="t", settings={})
    assert call.body == {"job_id": 7, "idempotency_token": "t"}
    settings = {"job_parameters": {"é": "x"}, "idempotency_token": "other", "job_id": 8}
    assert wire.run_now(7, idempotency_token="t", settings=settings).body == {
        "job_id": 7,
        "idempotency_token": "t",
        "job_parameters": {"é": "x"},
    }


def test_a_one_time_run_carries_its_token_too() -> None:
    call = wire.submit_run({"run_name": "once", "tasks": []}, idempotency_token="t")
    assert (call.path, call.needs) == ("/api/2.2/jobs/runs/submit", "run_id")
    assert call.body == {"run_name": "once", "tasks": [], "idempotency_token": "t"}


def test_one_time_runs_are_listed_by_their_type() -> None:
    assert wire.list_active_runs(job_id=0).params["run_type"] == "SUBMIT_RUN"
    assert "run_type" not in wire.list_active_runs().params
    assert wire.list_active_runs(job_id=2**60).params["job_id"] == str(2**60)


def test_an_empty_answer_is_fine_for_a_post_and_not_for_a_get() -> None:
    assert answer(200, b"", call=wire.cancel_run(1)) == {}
    assert wire.is_transient(error_of(200, b""))


@pytest.mark.parametrize("body", [b'{"run_id": 1', b"<html>", b"[1]", b'"x"', b"null"])
def test_a_success_that_is_cut_or_no_object_may_be_asked_for_again(body: bytes) -> None:
    error = error_of(200, body)
    assert error.status is None
    assert wire.is_transient(error)


@pytest.mark.parametrize(
    ("status", "body", "job_gone"),
    [
        (404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "Run 5 does not exist."}, False),
        (400, {"error_code": "INVALID_PARAMETER_VALUE", "message": "Job 12 does not exist."}, True),
        (400, {"error_code": "INVALID_PARAMETER_VALUE", "message": "Run 12 does not exist."}, False),
        (400, {"error_code": "INVALID_PARAMETER_VALUE", "message": "Run: 5 in job: 12 doesn't exist"}, False),
        (400, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": ""}, False),
    ],
)
def test_what_does_not_exist_is_known_in_each_shape_databricks_uses(
    status: int, body: dict[str, str], job_gone: bool
) -> None:
    error = error_of(status, body)
    assert isinstance(error, NotFoundError)
    assert wire.is_job_gone(error) is job_gone
    assert not wire.is_transient(error)


@pytest.mark.parametrize(
    ("status", "code", "transient"),
    [
        (429, "REQUEST_LIMIT_EXCEEDED", True),
        (500, "INTERNAL_ERROR", True),
        (503, "TEMPORARILY_UNAVAILABLE", True),
        (408, "", True),
        (400, "COULD_NOT_ACQUIRE_LOCK", True),
        (400, "INVALID_PARAMETER_VALUE", False),
        (401, "UNAUTHENTICATED", False),
        (403, "PERMISSION_DENIED", False),
        (501, "NOT_IMPLEMENTED", False),
    ],
)
def test_what_may_be_asked_again(status: int, code: str, transient: bool) -> None:
    error = error_of(status, {"error_code": code, "message": "m"})
    assert wire.is_transient(error) is transient
    assert (error.status, error.error_code, error.message) == (status, code, "m")


def test_retry_after_is_read_as_seconds_and_as_a_date() -> None:
    assert error_of(429, {}, {"retry-after": "7"}).retry_after_s == 7.0
    date = {"date": "Wed, 01 Jul 2026 10:00:00 GMT", "retry-after": "Wed, 01 Jul 2026 10:00:30 GMT"}
    assert error_of(429, {}, date).retry_after_s == 30.0
    assert error_of(429, {}, {"retry-after": "soon"}).retry_after_s is None
    assert error_of(429, {}).retry_after_s is None


def test_an_error_that_is_no_json_shows_its_text_cut_to_size() -> None:
    error = error_of(502, b"<html>" + b"x" * 10_000)
    assert error.message.startswith("<html>xxx")
    assert len(str(error)) < 2100


def test_the_servers_clock_comes_from_its_date() -> None:
    assert wire.server_time_s({"date": "Thu, 01 Jan 1970 00:01:00 GMT"}) == 60.0
    assert wire.server_time_s({}) is None
    assert wire.server_time_s({"date": "yesterday"}) is None


@given(
    status=st.integers(200, 599),
    content=st.binary(max_size=40) | st.text(max_size=40).map(str.encode),
    retry_after=st.text(max_size=10),
    date=st.text(max_size=10),
)
def test_no_answer_breaks_the_reader(status: int, content: bytes, retry_after: str, date: str) -> None:
    headers = {"retry-after": retry_after, "date": date}
    try:
        assert isinstance(wire.read_answer(GET, status, headers, content), dict)
    except ApiError as error:
        assert error.retry_after_s is None or error.retry_after_s >= 0  # noqa: PT017 -- both ends are right


def test_a_header_that_cannot_be_sent_is_not_shown() -> None:
    error = wire.transport_error(wire.get_run(1), httpx.LocalProtocolError("Illegal header value b'Bearer hush'"))
    assert "hush" not in str(error)
    assert "refused" in str(wire.transport_error(wire.get_run(1), httpx.ConnectError("refused")))


def test_a_404_that_databricks_did_not_answer_may_be_asked_again() -> None:
    assert wire.is_transient(error_of(404, b"<html>Not Found</html>"))
    unknown = error_of(404, {"error_code": "ENDPOINT_NOT_FOUND", "message": "No API found for 'GET /jobs/runs/get'"})
    assert not isinstance(unknown, NotFoundError)
    assert not wire.is_transient(unknown)


@pytest.mark.parametrize(
    ("status", "body", "gone"),
    [
        (404, {"error_code": "NOT_FOUND", "message": "The statement x was not found."}, True),
        (404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "The statement x was not found."}, True),
        (404, {"error_code": "ENDPOINT_NOT_FOUND", "message": "No API found"}, False),
        (404, b"<html>Not Found</html>", False),
        (503, {"error_code": "NOT_FOUND"}, False),
    ],
)
def test_a_statement_is_gone_only_if_databricks_says_so(status: int, body: Any, gone: bool) -> None:
    assert wire.is_statement_gone(error_of(status, body)) is gone


def test_an_answer_without_what_was_asked_for_is_none() -> None:
    call = wire.run_now(1, idempotency_token="t", settings={})
    with pytest.raises(ApiError, match="has no run_id"):
        answer(200, b"{}", call=call)
