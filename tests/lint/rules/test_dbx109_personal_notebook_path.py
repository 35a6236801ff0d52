"""DBX109: which paths are somebody's own."""

import pytest
from tests.lint.workbench import Workbench, dag_file

CODE = "DBX109"


def count(bench: Workbench, body: str) -> int:
    return len(bench.findings(dag_file(body), CODE))


def notebook(path: str, head: str = "", arguments: str = "") -> str:
    call = f'DatabricksNotebookOperator(task_id="t", notebook_path={path}, source="WORKSPACE")'
    return f'{head}with DAG("d"{arguments}):\n    {call}\n'


@pytest.mark.parametrize(
    "path",
    [
        '"/Users/ada@example.com/load"',
        '"/Users/ada/load"',
        '"/Users/<you>/load"',
        '"/Workspace/Users/ada@example.com/load"',
        '"/Repos/ada@example.com/orders/load"',
        '"/Workspace/Repos/ada@example.com/orders/load"',
        '"/Users/ada/{{ ds }}"',
        'f"/Users/ada/{company.NAME}"',
        'f"{ROOT}/load"',
        'ROOT + "/load"',
        '"{}/load".format(ROOT)',
        '"%s/load" % ROOT',
        '"/Users/ada/%s/%s" % (company.A, company.B)',
        'os.path.join(ROOT, "load")',
        '"/Users/ada/a" if Variable.get("x") else "/Shared/a"',
    ],
)
def test_reports_personal_folders(bench: Workbench, path: str) -> None:
    assert count(bench, notebook(path, 'import os\nimport company\nROOT = "/Users/ada"\n')) == 1


@pytest.mark.parametrize(
    "path",
    [
        '"/Shared/load"',
        '"/Workspace/Shared/Users/ada/load"',
        '"/Repos/production/orders/load"',
        '"/Users/{{ var.value.user }}/load"',
        'f"/Users/{company.USER}/load"',
        '"/Users/" + os.environ["USER"] + "/load"',
        '"/Users/%s/load" % company.USER',
        'os.path.join("/Users", company.USER, "load")',
        'Variable.get("path")',
        '"notebooks/load"',
        '"/Users"',
    ],
)
def test_is_silent_about_shared_and_open_folders(bench: Workbench, path: str) -> None:
    assert count(bench, notebook(path, "import os\nimport company\n")) == 0


@pytest.mark.parametrize(
    "call",
    [
        'DatabricksSubmitRunOperator(task_id="t", notebook_task={"notebook_path": P})',
        'DatabricksSubmitRunOperator(task_id="t", json={"notebook_task": {"notebook_path": P}})',
        'DatabricksSubmitRunOperator(task_id="t", tasks=[{"notebook_task": {"notebook_path": P}}])',
        'DatabricksSubmitRunOperator(task_id="t", json={"tasks": [{"spark_python_task": {"python_file": P}}]})',
        'DatabricksSubmitRunOperator(task_id="t", dbt_task={"project_directory": P})',
        'DatabricksTaskOperator(task_id="t", task_config={"sql_task": {"file": {"path": P}}})',
        'DatabricksCreateJobsOperator(task_id="t", tasks=[{"notebook_task": {"notebook_path": P}}])',
    ],
)
def test_every_kind_of_task_counts(bench: Workbench, call: str) -> None:
    text = dag_file(f'P = "/Users/ada/load"\nwith DAG("d", schedule=None):\n    {call}\n')
    (finding,) = bench.findings(text, CODE)
    assert "/Users/ada" in finding.message
    assert finding.notes[0].span is not None


def test_named_dicts_default_args_and_splats(bench: Workbench) -> None:
    head = 'TASK = {"notebook_path": "/Users/ada/load"}\nARGS = {"notebook_task": TASK}\n'
    submit = 'DatabricksSubmitRunOperator(task_id="t"'
    assert count(bench, f'{head}with DAG("d", default_args=ARGS):\n    {submit})\n') == 1
    assert count(bench, f'{head}with DAG("d"):\n    {submit}, json=ARGS)\n') == 1
    assert count(bench, f'{head}with DAG("d"):\n    {submit}, **ARGS)\n') == 1
    assert count(bench, f'from company import ARGS\nwith DAG("d"):\n    {submit}, **ARGS)\n') == 0


@pytest.mark.parametrize("path", ['f"{ROOT}/load"', 'os.path.join(ROOT, "load")', 'ROOT + "/load"', 'f"{ROOT}/{NAME}"'])
def test_constants_of_a_file_beside_it_are_followed(bench: Workbench, path: str) -> None:
    bench.add_file("shared.py", 'ROOT = "/Users/ada"\n')
    (finding,) = bench.findings(dag_file(notebook(path, "import os\nfrom shared import ROOT, NAME\n")), CODE)
    assert "/Users/ada" in finding.message


def test_a_helper_reports_once(bench: Workbench) -> None:
    body = """\
def load(name):
    return DatabricksNotebookOperator(task_id=name, notebook_path=f"/Users/ada/{name}", source="WORKSPACE")
with DAG("d"):
    load("a") >> load("b")
"""
    assert count(bench, body) == 1


def test_unused_dicts_comments_and_strings_are_no_findings(bench: Workbench) -> None:
    head = '# "/Users/ada/load"\nTASK = {"notebook_path": "/Users/ada/load"}\n'
    body = f'{head}with DAG("d", doc_md="/Users/ada/load"):\n    pass\n'
    assert count(bench, body) == 0


def test_suppressed(bench: Workbench) -> None:
    text = dag_file(notebook('"/Users/ada/x"').replace('t", n', 't",  # airbrick: ignore[DBX109, DBX201]\n        n'))
    assert bench.codes(text) == []
