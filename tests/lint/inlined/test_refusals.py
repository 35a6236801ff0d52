"""What is not brought is named, with its place and what to do."""

from pathlib import Path

import pytest
from tests.lint.workbench import dag_file

from airbrick.lint.errors import PathError
from airbrick.lint.inlined.reading import read

CLUSTER = '{"spark_version": "16.4.x-scala2.12", "num_workers": 2}'
WORK = 'notebook_task={"notebook_path": "/a"}'
TOKEN = "dapi" + "0123456789abcdef" * 2
GROUP = "with DatabricksWorkflowTaskGroup(group_id='g', databricks_conn_id='x'{0}):\n    {1}"
MEMBER = "a = DatabricksNotebookOperator(task_id='a', notebook_path='/a', source='WORKSPACE'{0})"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (
            f'DatabricksSubmitRunOperator(task_id="a", new_cluster={{"num_workers": Variable.get("n")}}, {WORK})',
            "DatabricksSubmitRunOperator a: new_cluster.num_workers is not known: airflow.sdk.Variable.get gives it",
        ),
        (
            'DatabricksSubmitRunOperator(task_id="a", notebook_task={"notebook_path": "/x/{{ ds }}"})',
            "notebook_task.notebook_path is not known: Airflow renders it when the task runs",
        ),
        ('DatabricksSubmitRunOperator(task_id="a", json=load())', "json is not known"),
        ('DatabricksSubmitRunOperator(task_id="a", json="p.json")', "json is no dict; write the settings as a dict"),
        (
            'DatabricksSubmitRunOperator(task_id="a", tasks=[{"notebook_task": {"base_parameters": given()}}])',
            "tasks[0].notebook_task.base_parameters is not known",
        ),
        (
            (
                "parameters = {'x': Variable.get('x')}\n"
                'DatabricksSubmitRunOperator(task_id="a", notebook_task={"base_parameters": parameters})'
            ),
            "notebook_task.base_parameters.x is not known: airflow.sdk.Variable.get gives it; write",
        ),
        (
            f'DatabricksSubmitRunOperator(task_id="a", tasks=[], new_cluster={CLUSTER})',
            "new_cluster stands beside tasks; move it into the task it is for",
        ),
        (
            f'DatabricksSubmitRunOperator(task_id="a", {WORK}, access_control_list=[{{"user_name": "a"}}])',
            "access_control_list is no setting of a job; provision it as iac.Permissions",
        ),
        (
            f'DatabricksSubmitRunOperator(task_id="a", {WORK}, openlineage_inject_parent_job_info=True)',
            "openlineage_inject_parent_job_info has no counterpart in RunNowOperator",
        ),
        (
            f'DatabricksSubmitRunOperator(task_id="a", new_cluster={{"spark_env_vars": {{"T": "{TOKEN}"}}}}, {WORK})',
            "tasks[0].new_cluster.spark_env_vars.T holds a Databricks personal access token; keep it in a secret scope",
        ),
        (
            (
                'DatabricksSubmitRunOperator(task_id="a", '
                'notebook_task={"base_parameters": {"aws_secret": Variable.get("s")}})'
            ),
            "notebook_task.base_parameters.aws_secret is a secret by its name; what a job parameter is given is shown",
        ),
        (
            GROUP.format(
                "",
                "def n(x):\n        return DatabricksTaskOperator(task_id='a', task_config={'sql_task': {'parameters': "
                "{'x': x}}})\n    n(Variable.get('x'))",
            ),
            "task_config.sql_task.parameters.x is not known: airflow.sdk.Variable.get gives it; write the value in",
        ),
        (
            f'DatabricksSubmitRunOperator.partial(task_id="a", {WORK}).expand(new_cluster=[1])',
            "it is mapped; provision its job",
        ),
        (
            f'more = {{"new_cluster": {CLUSTER}}}\nDatabricksSubmitRunOperator(task_id="a", {WORK}, **more)',
            "its arguments come from elsewhere; write each as name=value in the call",
        ),
        (
            "class Mine(DatabricksSubmitRunOperator):\n    pass\n" + f"Mine(task_id='a', {WORK})",
            "Mine a: it is a class of your own; bring what it submits by hand",
        ),
        (
            f"for n in (1, 2):\n    DatabricksSubmitRunOperator(task_id='a', new_cluster={{'num_workers': n}}, {WORK})",
            "new_cluster.num_workers is not known: it differs between the tasks that this call builds",
        ),
        (
            "DatabricksRunNowOperator(task_id='a', job_id=7, repair_run=True)",
            'repair_run has no counterpart in RunNowOperator; write on_retry="repair" with retries',
        ),
        (
            "for n in (1, 2):\n    DatabricksRunNowOperator(task_id=f'a{n}', job_id=n)",
            "its job_id differs between the tasks that this call builds; write one call each",
        ),
        (
            "DatabricksCreateJobsOperator(task_id='a', name='x', tasks=[])",
            "no task of this file runs the job it creates",
        ),
        (
            (
                "c = DatabricksCreateJobsOperator(task_id='a', name='x', tasks=[])\n"
                "DatabricksRunNowOperator(task_id='b', job_id=c.output)\nprint(c)"
            ),
            "c is used in line",
        ),
        (
            "DatabricksCreateJobsOperator(task_id='a', name='x-{{ ds }}', tasks=[])",
            "name is not known: Airflow renders it when the task runs; declare a job parameter in its place",
        ),
        (
            GROUP.format("", f"for i in (1, 2):\n        {MEMBER.format('')}"),
            "is more than a task or an order of tasks",
        ),
        (GROUP.format("", f"x = print()\n    {MEMBER.format('')}"), "what line 13 builds cannot be told"),
        (GROUP.format(", jar_params=['x']", MEMBER.format("")), "jar_params has no counterpart"),
        (GROUP.format("", MEMBER.format(", trigger_rule='one_done'")), "its trigger_rule has no counterpart"),
        (GROUP.format("", MEMBER.format("")) + "\nprint(a)", "its a is used outside of it"),
        (
            GROUP.format("", f"b = DatabricksSubmitRunOperator(task_id='b', {WORK})"),
            "DatabricksWorkflowTaskGroup g: it holds tasks of other kinds",
        ),
    ],
)
def test_the_reason_is_named(tmp_path: Path, body: str, reason: str) -> None:
    path = tmp_path / "dag.py"
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    path.write_text(dag_file(f'with DAG("orders"):\n{lines}'))
    found = read(path)
    [refusal] = found.refused
    assert reason in str(refusal)
    assert f"{path}:{refusal.span.line}:" in str(refusal)
    assert refusal.span.line > 1
    assert TOKEN not in str(refusal)
    assert (found.jobs, found.pasted) == ((), ())
    assert found.rewritten([], {}) == path.read_text()


def test_a_helper_of_another_file_is_brought_there(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text(
        dag_file(f"def make():\n    DatabricksSubmitRunOperator(task_id='a', {WORK})\n")
    )
    path = tmp_path / "dag.py"
    path.write_text('from airflow.sdk import DAG\nfrom helper import make\nwith DAG("d"):\n    make()\n')
    assert "it is built in helper.py; bring helper.py" in str(read(path).refused[0])


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"def", "line 1: "), (b"\xff\xfe\xff", "encoding"), (None, "No such file"), (b"# coding: nope\n", "nope")],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, data: bytes | None, reason: str) -> None:
    path = tmp_path / "dag.py"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(PathError, match=reason) as caught:
        read(path)
    assert str(path) in str(caught.value)


def test_a_name_that_means_something_else_is_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "dag.py"
    text = dag_file(f'with DAG("d"):\n    DatabricksSubmitRunOperator(task_id="a", {WORK})\n')
    path.write_text(
        text.replace("import NotebookOperator, RunNowOperator,", "import").replace(
            "SubmitRunOperator\n\n", "SubmitRunOperator\nRunNowOperator = object\n\n"
        )
    )
    with pytest.raises(PathError, match="RunNowOperator is something else in this file"):
        read(path)
