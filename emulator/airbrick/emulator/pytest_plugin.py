"""The pytest plugin: a Databricks workspace of its own for each test that asks for one.

pytest imports this module at every start, so it imports nothing but pytest; a run that does not ask for the
fixture pays for nothing and needs no web server installed.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from inspect import signature
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from airbrick.emulator import Emulator

_MARKER = "databricks_workspace"
_SHOWN_REQUESTS = 20
_WORKSPACE = pytest.StashKey["Emulator"]()


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line(
        "markers",
        f"{_MARKER}(**options): options of airbrick.emulator.Emulator for the fixture of the same name, "
        "such as execute=True",
    )


@pytest.fixture
def databricks_workspace(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """Give an empty Databricks workspace on a port of its own; its clock stands still until the test advances it."""
    try:
        from airbrick.emulator import Emulator, ManualClock
        from airbrick.emulator.errors import EmulatorError
    except ModuleNotFoundError as error:
        pytest.fail(f"{error.name} is not installed: databricks_workspace needs `pip install 'airbrick[emulator]'`")
    options = _options(request.node, known=frozenset(signature(Emulator).parameters))
    try:
        workspace = Emulator(**({"clock": ManualClock()} | options))
        workspace.start()
    except EmulatorError as error:
        pytest.fail(f"databricks_workspace: {error}", pytrace=False)
    request.node.stash[_WORKSPACE] = workspace
    try:
        yield workspace
    finally:
        workspace.stop()


def _options(node: pytest.Item, known: frozenset[str]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for marker in reversed(list(node.iter_markers(_MARKER))):
        if marker.args or not known.issuperset(marker.kwargs):
            wrong = sorted(set(marker.kwargs) - known) or list(marker.args)
            pytest.fail(
                f"databricks_workspace: unknown option {wrong[0]!r}; known are {', '.join(sorted(known))}",
                pytrace=False,
            )
        options |= marker.kwargs
    return options


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show with a failure what the code under test asked of the workspace."""
    report = yield
    workspace = item.stash.get(_WORKSPACE, None)
    if workspace is not None and call.when == "call" and report.failed:
        report.sections.append(("Requests to the Databricks workspace", _told(workspace)))
    return report


def _told(workspace: Emulator) -> str:
    requests = workspace.requests()
    lines = [
        f"{record.status} {record.method} {record.path}" + (f"  fault: {record.fault}" if record.fault else "")
        for record in requests[-_SHOWN_REQUESTS:]
    ]
    if len(requests) > _SHOWN_REQUESTS:
        lines.insert(0, f"… {len(requests) - _SHOWN_REQUESTS} before these")
    return "\n".join(lines) or "none"
