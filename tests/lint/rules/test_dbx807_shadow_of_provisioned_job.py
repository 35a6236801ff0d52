"""DBX807: submitting what a provisioned job runs."""

import pytest
from tests.lint.workbench import Workbench, in_dag

from airbrick.contract import Task

CODE = "DBX807"
ONLY: dict[str, object] = {"select": [CODE]}
SUBMIT = 'DatabricksSubmitRunOperator(task_id="t", notebook_task={"notebook_path": "/Shared/orders/load"})'
FILE = 'DatabricksSubmitRunOperator(task_id="t", json={"spark_python_task": {"python_file": "/Shared/orders/load.py"}})'


@pytest.fixture
def stocked(bench: Workbench) -> Workbench:
    tasks = {
        "load": Task("notebook_task", code="/Workspace/Shared/orders/load"),
        "file": Task("spark_python_task", code="/Workspace/Shared/orders/load.py"),
        "wheel": Task("python_wheel_task", code="orders:main"),
    }
    bench.add_contract({"orders": ()}, settings={"tasks": tasks})
    return bench


@pytest.mark.parametrize(
    ("operator", "task"),
    [
        (SUBMIT, "load"),
        (SUBMIT.replace("/Shared", "/Workspace/Shared"), "load"),
        ('DatabricksNotebookOperator(task_id="t", notebook_path="/Shared/orders/load", source="WORKSPACE")', "load"),
        (FILE, "file"),
    ],
)
def test_names_the_job_and_shows_both_places(stocked: Workbench, operator: str, task: str) -> None:
    (finding,) = stocked.findings(in_dag(operator), CODE)
    assert f"task {task!r} of job 'orders'" in finding.message
    assert finding.help == "trigger job 'orders'"
    note = finding.notes[-1]
    assert note.span is not None
    assert f'"{task}"' in note.path.read_text(encoding="utf-8").splitlines()[note.span.line - 1]


@pytest.mark.parametrize(
    "operator",
    [
        SUBMIT.replace("load", "check"),
        SUBMIT.replace('"/Shared/orders/load"', "computed()"),
        SUBMIT.replace("/Shared/orders/load", "/Shared/{{ params.name }}"),
        FILE.replace("/Shared/orders/load.py", "dbfs:/orders/load.py"),
        'RunNowOperator(task_id="t", job="orders")',
        'DatabricksSubmitRunOperator(task_id="t", **computed())',
    ],
)
def test_is_silent_about_other_code(stocked: Workbench, operator: str) -> None:
    assert stocked.findings(in_dag(operator), CODE) == []


def test_reads_a_path_from_a_constant_and_shows_where_it_is_written(stocked: Workbench) -> None:
    text = f'PATH = "/Shared/orders/load"\n{in_dag(SUBMIT.replace(chr(34) + "/Shared/orders/load" + chr(34), "PATH"))}'
    (finding,) = stocked.findings(text, CODE)
    assert finding.notes[0].message == "the path is written here"


def test_names_the_stacks_in_which_it_holds(stocked: Workbench) -> None:
    stocked.add_contract({"orders": ()}, "prod")
    (finding,) = stocked.findings(in_dag(SUBMIT), CODE)
    assert finding.stacks == ("dev",)


def test_a_contract_that_does_not_tell_what_tasks_run_proves_nothing(bench: Workbench) -> None:
    bench.add_contract({"orders": ()}, settings={"tasks": {"load": Task("notebook_task")}})
    assert bench.findings(in_dag(SUBMIT), CODE) == []


def test_suppressed(stocked: Workbench) -> None:
    assert stocked.codes(in_dag(f"{SUBMIT}  # airbrick: ignore[DBX807]"), ONLY) == []
