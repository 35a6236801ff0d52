"""DBX808: paths where nothing is deployed."""

import pytest
from tests.lint.workbench import Workbench, in_dag

CODE = "DBX808"
ONLY: dict[str, object] = {"select": [CODE]}
FILES = ("/Workspace/Shared/orders/load", "/Workspace/Shared/orders/lib/dates.py", "/Shared/lonely")


def notebook(path: str) -> str:
    return f'DatabricksNotebookOperator(task_id="t", notebook_path="{path}", source="WORKSPACE")'


@pytest.fixture
def stocked(bench: Workbench) -> Workbench:
    bench.add_contract({}, files=FILES)
    return bench


def test_asks_whether_the_nearest_was_meant(stocked: Workbench) -> None:
    (finding,) = stocked.findings(in_dag(notebook("/Workspace/Shared/orders/laod")), CODE)
    assert finding.message.startswith("'/Workspace/Shared/orders/laod' is not among what is deployed there (stack dev")
    assert finding.help == "did you mean '/Workspace/Shared/orders/load'?"
    note = finding.notes[-1]
    assert note.span is not None
    assert '"files"' in note.path.read_text(encoding="utf-8").splitlines()[note.span.line - 1]


@pytest.mark.parametrize(
    "operator",
    [
        notebook("/Shared/orders/deep/load"),
        'DatabricksSubmitRunOperator(task_id="t", spark_python_task={"python_file": "/Shared/orders/lib/date.py"})',
        'DatabricksSubmitRunOperator(task_id="t", tasks=[{"notebook_task": {"notebook_path": "/Shared/orders/x"}}])',
    ],
)
def test_looks_into_every_folder_of_the_stack(stocked: Workbench, operator: str) -> None:
    assert len(stocked.findings(in_dag(operator), CODE)) == 1


@pytest.mark.parametrize(
    "path",
    [
        "/Shared/orders/load",
        "/Workspace/Shared/orders/load",
        "/Shared/other",
        "/Shared/others/load",
        "/Repos/orders/load",
        "dbfs:/Shared/orders/laod",
        "{{ params.folder }}/laod",
        "relative/laod",
    ],
)
def test_is_silent_where_the_stack_deploys_or_deploys_nothing(stocked: Workbench, path: str) -> None:
    assert stocked.findings(in_dag(notebook(path)), CODE) == []


def test_a_home_folder_is_no_folder_of_the_stack(bench: Workbench) -> None:
    bench.add_contract({}, files=("/Users/ada@example.com/load", "/Users/ada@example.com/orders/load"))
    assert bench.findings(in_dag(notebook("/Users/ada@example.com/scratch")), CODE) == []
    assert len(bench.findings(in_dag(notebook("/Users/ada@example.com/orders/scratch")), CODE)) == 1


def test_a_contract_that_tells_of_no_files_proves_nothing(bench: Workbench) -> None:
    bench.add_contract({"orders": ()})
    assert bench.findings(in_dag(notebook("/Shared/orders/laod")), CODE) == []


def test_names_the_stacks_in_which_it_holds(stocked: Workbench) -> None:
    stocked.add_contract({}, "prod", files=(*FILES, "/Shared/orders/laod"))
    (finding,) = stocked.findings(in_dag(notebook("/Shared/orders/laod")), CODE)
    assert finding.stacks == ("dev",)


def test_suppressed(stocked: Workbench) -> None:
    assert stocked.codes(in_dag(f"{notebook('/Shared/orders/laod')}  # airbrick: ignore[DBX808]"), ONLY) == []
