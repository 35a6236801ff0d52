"""How many examples the property tests try, and whether a test may be skipped.

``make test`` draws examples from a fixed seed; ``make matrix`` draws new ones, and many more of them.
``make test REQUIRE_ALL=1`` fails a test that skips itself because something is not installed. A ``skipif`` mark,
which says that this machine cannot have it, stays a skip.
"""

import os
from collections.abc import Generator

import pytest
from hypothesis import settings

settings.register_profile("slice", derandomize=True, deadline=None)
settings.register_profile("matrix", max_examples=3000, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("AIRBRICK_HYPOTHESIS", "slice"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure when all tests are required."""
    report = yield
    skip = call.excinfo.value if call.excinfo is not None else None
    marked = {mark.kwargs.get("reason") for mark in item.iter_markers("skipif")}
    if os.environ.get("AIRBRICK_REQUIRE_ALL") and isinstance(skip, pytest.skip.Exception) and skip.msg not in marked:
        report.outcome = "failed"
        report.longrepr = f"skipped, which REQUIRE_ALL=1 forbids: {skip}"
    return report
