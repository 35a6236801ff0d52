"""DBX108: which paths are code on the DBFS root."""

import pytest
from tests.lint.workbench import Workbench, dag_file

CODE = "DBX108"
SUBMIT = 'DatabricksSubmitRunOperator(task_id="t"'
SCRIPTS = '[{"dbfs": {"destination": "dbfs:/init.sh"}}]'
CLUSTER = f'{{"spark_version": "16.4", "init_scripts": {SCRIPTS}}}'


def count(bench: Workbench, body: str) -> int:
    return len(bench.findings(dag_file(body), CODE))


def in_dag(call: str, head: str = "", arguments: str = "") -> str:
    return f'{head}with DAG("d"{arguments}):\n    {call}\n'


@pytest.mark.parametrize(
    "call",
    [
        f'{SUBMIT}, libraries=[{{"jar": "dbfs:/FileStore/a.jar"}}])',
        f'{SUBMIT}, libraries=[{{"pypi": {{"package": "x"}}}}, {{"whl": "/dbfs/a.whl"}}])',
        f'{SUBMIT}, libraries=[{{"jar": f"dbfs:/jars/{{company.NAME}}.jar"}}])',
        f'{SUBMIT}, json={{"libraries": [{{"egg": "dbfs:/a.egg"}}]}})',
        f'{SUBMIT}, json={{"tasks": [{{"libraries": [{{"jar": "dbfs:/a.jar"}}]}}]}})',
        f'{SUBMIT}, spark_python_task={{"python_file": "dbfs:/a.py"}})',
        f'{SUBMIT}, spark_submit_task={{"parameters": ["--class", "a.B", "dbfs:/a.jar", "dbfs:/data"]}})',
        f"{SUBMIT}, new_cluster={CLUSTER})",
        f'{SUBMIT}, json={{"job_clusters": [{{"new_cluster": {CLUSTER}}}]}})',
        (
            'DatabricksNotebookOperator(task_id="t", notebook_path="/n", source="WORKSPACE",'
            ' notebook_packages=[{"whl": "dbfs:/a.whl"}])'
        ),
        f'DatabricksWorkflowTaskGroup("g", databricks_conn_id="c", job_clusters=[{{"new_cluster": {CLUSTER}}}])',
        'DatabricksCreateJobsOperator(task_id="t", tasks=[{"spark_python_task": {"python_file": "dbfs:/a.py"}}])',
    ],
)
def test_reports_code_on_the_dbfs_root(bench: Workbench, call: str) -> None:
    assert count(bench, in_dag(call, "import company\n")) == 1


@pytest.mark.parametrize(
    "call",
    [
        f'{SUBMIT}, libraries=[{{"jar": "/Volumes/main/a.jar"}}])',
        f'{SUBMIT}, libraries=[{{"jar": "dbfs:/Volumes/main/a.jar"}}])',
        f'{SUBMIT}, libraries=[{{"pypi": {{"package": "dbfs"}}}}])',
        f'{SUBMIT}, libraries=[{{"jar": "{{{{ var.value.jar }}}}"}}])',
        f'{SUBMIT}, libraries=[{{"jar": company.ROOT + "/a.jar"}}])',
        f"{SUBMIT}, libraries=company.LIBRARIES)",
        f'{SUBMIT}, spark_python_task={{"python_file": "s3://b/a.py", "parameters": ["dbfs:/data"]}})',
        f'{SUBMIT}, new_cluster={{"num_workers": 1, "cluster_log_conf": {{"dbfs": {{"destination": "dbfs:/logs"}}}}}})',
        f'{SUBMIT}, new_cluster={{"num_workers": 1, "init_scripts": [{{"workspace": {{"destination": "/a.sh"}}}}]}})',
        'DatabricksSqlOperator(task_id="t", sql="select * from delta.`dbfs:/data`")',
    ],
)
def test_is_silent_about_other_stores_and_data(bench: Workbench, call: str) -> None:
    assert count(bench, in_dag(call, "import company\n")) == 0


def test_named_dicts_default_args_and_splats(bench: Workbench) -> None:
    head = 'LIBRARIES = [{"jar": "dbfs:/a.jar"}]\nARGS = {"libraries": LIBRARIES}\n'
    (finding,) = bench.findings(dag_file(in_dag(f"{SUBMIT}, libraries=LIBRARIES)", head)), CODE)
    assert finding.notes[0].message == "the path is written here"
    assert count(bench, in_dag(f"{SUBMIT}, **ARGS)", head)) == 1
    assert count(bench, in_dag(f"{SUBMIT}, json=ARGS)", head)) == 1
    assert count(bench, in_dag(f"{SUBMIT})", head, ", default_args=ARGS")) == 1
    assert count(bench, in_dag(f"{SUBMIT}, **ARGS)", "from company import ARGS\n")) == 0


def test_suppressed(bench: Workbench) -> None:
    call = f'{SUBMIT}, libraries=[{{"jar": "dbfs:/a.jar"}}])  # airbrick: ignore[DBX108]'
    assert count(bench, in_dag(call)) == 0
