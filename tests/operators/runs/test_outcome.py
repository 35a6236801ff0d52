import pytest
from databricks.sdk.service.jobs import RunResultState, TerminationCodeCode
from hypothesis import given
from hypothesis import strategies as st

from airbrick.operators.runs.outcome import _VERDICTS, Verdict, partly_failed, repairable, verdict
from airbrick.operators.runs.view import Phase, RunView

CODES = [code.value for code in TerminationCodeCode]
RESULTS = [result.value for result in RunResultState]


def ended(*, code: str = "", result: str = "", kind: str = "") -> RunView:
    return RunView(1, 2, Phase.ENDED, "TERMINATED", result=result, code=code, kind=kind)


@pytest.mark.parametrize("name", CODES + RESULTS)
def test_the_table_names_every_value_the_sdk_knows(name: str) -> None:
    assert name in _VERDICTS


@pytest.mark.parametrize(
    ("code", "result", "kind", "expected"),
    [
        ("SUCCESS", "SUCCESS", "SUCCESS", Verdict.SUCCESS),
        ("", "SUCCESS", "", Verdict.SUCCESS),
        ("SUCCESS", "", "SUCCESS", Verdict.SUCCESS),
        ("SUCCESS_WITH_FAILURES", "SUCCESS_WITH_FAILURES", "SUCCESS", Verdict.SUCCESS),
        ("RUN_EXECUTION_ERROR", "FAILED", "CLIENT_ERROR", Verdict.FAIL),
        ("CLOUD_FAILURE", "FAILED", "CLOUD_FAILURE", Verdict.LATER),
        ("MAX_CONCURRENT_RUNS_EXCEEDED", "MAXIMUM_CONCURRENT_RUNS_REACHED", "CLIENT_ERROR", Verdict.LATER),
        ("CANCELED", "TIMEDOUT", "CLIENT_ERROR", Verdict.FAIL),
        ("USER_CANCELED", "CANCELED", "CLIENT_ERROR", Verdict.REJECT),
        ("INVALID_RUN_CONFIGURATION", "FAILED", "CLIENT_ERROR", Verdict.REJECT),
        ("DISABLED", "DISABLED", "", Verdict.SKIP),
        ("", "EXCLUDED", "", Verdict.SKIP),
        ("SOMETHING_NEW", "FAILED", "CLIENT_ERROR", Verdict.FAIL),
        ("SOMETHING_NEW", "", "SUCCESS", Verdict.FAIL),
        ("SOMETHING_NEW", "", "CLOUD_FAILURE", Verdict.LATER),
        ("SUCCESS", "FAILED", "SUCCESS", Verdict.FAIL),
        ("SUCCESS", "SUCCESS", "INTERNAL_ERROR", Verdict.FAIL),
        ("", "", "", Verdict.FAIL),
    ],
)
def test_what_an_end_means(code: str, result: str, kind: str, expected: Verdict) -> None:
    assert verdict(ended(code=code, result=result, kind=kind)) is expected


@given(
    code=st.sampled_from(CODES) | st.text(max_size=8),
    result=st.sampled_from(RESULTS) | st.text(max_size=8),
    kind=st.sampled_from(["SUCCESS", "CLIENT_ERROR", "CLOUD_FAILURE", "INTERNAL_ERROR"]) | st.text(max_size=8),
)
def test_success_is_never_made_up(code: str, result: str, kind: str) -> None:
    good = {"SUCCESS", "SUCCESS_WITH_FAILURES"}
    if verdict(ended(code=code, result=result, kind=kind)) is Verdict.SUCCESS:
        assert {code, result} & good
        assert {code, result} <= good | {""}


def test_a_run_with_tolerated_failures_fails_where_the_dag_says_so() -> None:
    run = ended(code="SUCCESS_WITH_FAILURES", result="SUCCESS_WITH_FAILURES", kind="SUCCESS")
    assert partly_failed(run)
    assert verdict(run, partial_success=False) is Verdict.FAIL
    assert verdict(ended(code="SUCCESS", result="SUCCESS"), partial_success=False) is Verdict.SUCCESS


@pytest.mark.parametrize(
    ("code", "result", "expected"),
    [
        ("RUN_EXECUTION_ERROR", "FAILED", True),
        ("", "FAILED", True),
        ("", "TIMEDOUT", True),
        ("DRIVER_ERROR", "FAILED", True),
        ("USER_CANCELED", "CANCELED", False),
        ("CANCELED", "TIMEDOUT", False),
        ("", "CANCELED", False),
        ("SKIPPED", "", False),
        ("MAX_CONCURRENT_RUNS_EXCEEDED", "MAXIMUM_CONCURRENT_RUNS_REACHED", False),
        ("SUCCESS", "SUCCESS", False),
        ("SOMETHING_NEW", "FAILED", False),
        ("", "", False),
    ],
)
def test_only_a_run_that_failed_by_itself_is_repaired(code: str, result: str, expected: bool) -> None:
    assert repairable(ended(code=code, result=result)) is expected
