"""A suite that must be complete on this machine says so."""

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

SUITE = """
import pytest

def test_of_what_is_not_installed():
    pytest.skip("needs chromium")

@pytest.fixture
def program():
    pytest.skip("needs wrk")

def test_of_a_fixture(program):
    pass

@pytest.mark.skipif(True, reason="this machine has no IPv6")
def test_of_what_cannot_be_here():
    pass

@pytest.mark.xfail
def test_of_a_known_defect():
    assert False
"""


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeconftest((Path(__file__).parents[1] / "conftest.py").read_text())
    pytester.makepyfile(SUITE)
    return pytester


def test_a_skip_for_want_of_a_program_fails_when_all_are_required(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRBRICK_REQUIRE_ALL", "1")
    result = suite.runpytest_inprocess("-p", "no:randomly", "-p", "no:cacheprovider")
    result.assert_outcomes(failed=1, errors=1, skipped=1, xfailed=1)
    result.stdout.fnmatch_lines(["*REQUIRE_ALL=1 forbids: needs chromium*"])


def test_a_skip_stays_a_skip_otherwise(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRBRICK_REQUIRE_ALL", raising=False)
    suite.runpytest_inprocess("-p", "no:randomly", "-p", "no:cacheprovider").assert_outcomes(skipped=3, xfailed=1)
