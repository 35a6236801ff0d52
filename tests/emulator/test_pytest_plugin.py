"""The fixture as users have it: in a test file of their own."""

from __future__ import annotations

import subprocess
import sys

import pytest

import airbrick.emulator

pytest_plugins = ["pytester"]

RUN_A_JOB = """
import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.service.jobs import NotebookTask, Task

def start(workspace):
    client = WorkspaceClient(host=workspace.host, token=workspace.token)
    job = client.jobs.create(name="nightly", tasks=[Task(task_key="load", notebook_task=NotebookTask("/Shared/load"))])
    return client, client.jobs.run_now(job.job_id).run_id
"""


def run(pytester: pytest.Pytester, code: str, *options: str) -> pytest.RunResult:
    pytester.makepyfile(RUN_A_JOB + code)
    return pytester.runpytest_inprocess("-p", "no:randomly", "-p", "no:cacheprovider", "--strict-markers", *options)


def test_the_clock_stands_still_until_the_test_advances_it(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_a_run(databricks_workspace):
    databricks_workspace.plan(job="nightly", setup_s=10, run_s=20, result="FAILED")
    client, run_id = start(databricks_workspace)
    states = []
    for seconds in (0, 10, 20):
        databricks_workspace.advance(seconds)
        states.append(client.jobs.get_run(run_id).state.life_cycle_state.value)
    assert states == ["PENDING", "RUNNING", "INTERNAL_ERROR"]
""",
    )
    result.assert_outcomes(passed=1)


def test_each_test_has_a_workspace_of_its_own(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
@pytest.mark.parametrize("number", [1, 2])
def test_a_run(databricks_workspace, number):
    client, _ = start(databricks_workspace)
    assert len(list(client.jobs.list())) == 1
    assert len(databricks_workspace.requests(path="*/run-now")) == 1
""",
    )
    result.assert_outcomes(passed=2)


def test_a_failure_shows_what_was_asked_of_the_workspace_and_no_credentials(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_a_run(databricks_workspace):
    databricks_workspace.fault("lost_ack", path="*/run-now")
    client, _ = start(databricks_workspace)
    assert len(list(client.jobs.list_runs())) == 1
""",
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*Requests to the Databricks workspace*",
            "200 POST /api/2.2/jobs/create",
            "200 POST /api/2.2/jobs/run-now  fault: lost_ack",
            "200 POST /api/2.2/jobs/run-now",
        ]
    )
    assert "dapi" not in result.stdout.str()


def test_many_requests_are_cut_to_the_last(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_a_run(databricks_workspace):
    client, run_id = start(databricks_workspace)
    for _ in range(30):
        client.jobs.get_run(run_id)
    assert False
""",
    )
    result.stdout.fnmatch_lines(["… 13 before these", "200 GET /api/2.2/jobs/runs/get"])


def test_a_marker_gives_options_and_the_nearest_one_wins(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
pytestmark = pytest.mark.databricks_workspace(token="far", big_ids=False)

@pytest.mark.databricks_workspace(token="near")
def test_a_run(databricks_workspace):
    _, run_id = start(databricks_workspace)
    assert run_id < 100
    assert databricks_workspace.token == "near"
""",
    )
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("marker", "said"),
    [
        ("executes=True", "*unknown option 'executes'; known are *, execute, *"),
        ("True", "*unknown option True*"),
        ("port=99999", "*databricks_workspace: cannot listen on port 99999*"),
    ],
)
def test_a_wrong_option_is_named(pytester: pytest.Pytester, marker: str, said: str) -> None:
    result = run(
        pytester,
        f"""
@pytest.mark.databricks_workspace({marker})
def test_a_run(databricks_workspace):
    pass
""",
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([said])


def test_without_the_extra_a_test_that_asks_for_a_workspace_fails_by_name(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The inner run binds the name to another copy of the package; the end of the test binds it to this one again.
    monkeypatch.setattr(airbrick, "emulator", airbrick.emulator)
    for name in [name for name in sys.modules if name.startswith(("airbrick.emulator", "uvicorn"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    result = run(pytester, "def test_a_run(databricks_workspace):\n    pass\ndef test_another():\n    pass\n")
    result.assert_outcomes(errors=1, passed=1)
    result.stdout.fnmatch_lines(["*needs `pip install 'airbrick*emulator*'`*"])


def test_a_run_that_does_not_ask_loads_nothing() -> None:
    code = "import sys, airbrick.emulator.pytest_plugin\nprint(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    ours = {name for name in loaded if name.startswith("airbrick")}
    assert ours == {"airbrick", "airbrick.emulator", "airbrick.emulator.pytest_plugin"}
    assert not {"uvicorn", "starlette", "orjson", "cryptography", "click"} & set(loaded)
