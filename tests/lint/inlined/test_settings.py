"""The job that stands for what a task submits."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.lint.workbench import dag_file

from airbrick.lint.inlined.inlined import Inlined
from airbrick.lint.inlined.reading import read

CLUSTER = '{"spark_version": "16.4.x-scala2.12", "num_workers": 2}'
NOTEBOOK = '{"notebook_path": "/a"}'
AS_A_CLUSTER = {"spark_version": "16.4.x-scala2.12", "num_workers": 2}


@pytest.fixture
def bring(tmp_path: Path) -> Any:
    def read_dag(body: str, head: str = "", arguments: str = "") -> Inlined:
        path = tmp_path / "dag.py"
        lines = "".join(f"    {line}\n" for line in body.splitlines())
        path.write_text(dag_file(f'{head}with DAG("orders"{arguments}):\n{lines}'), encoding="utf-8")
        return read(path)

    return read_dag


@pytest.mark.parametrize(
    ("call", "settings"),
    [
        (
            f'DatabricksSubmitRunOperator(task_id="a", new_cluster={CLUSTER}, notebook_task={NOTEBOOK})',
            {"tasks": [{"task_key": "a", "new_cluster": AS_A_CLUSTER, "notebook_task": {"notebook_path": "/a"}}]},
        ),
        (
            # Named arguments win over json; what belongs to the run alone is left out.
            (
                'DatabricksSubmitRunOperator(task_id="a b", timeout_seconds=60, json={"timeout_seconds": 9, '
                f'"run_name": "nightly", "idempotency_token": "x", "new_cluster": {CLUSTER}, "spark_jar_task": {{}}}})'
            ),
            {
                "name": "nightly",
                "timeout_seconds": 60,
                "tasks": [{"task_key": "a_b", "new_cluster": AS_A_CLUSTER, "spark_jar_task": {}}],
            },
        ),
        (
            (
                'DatabricksSubmitRunOperator(task_id="a", run_name="load {{ ds }}", tasks=[{"task_key": "x", '
                f'"notebook_task": {NOTEBOOK}}}], git_source={{"git_url": "https://x/y"}})'
            ),
            {
                "git_source": {"git_url": "https://x/y"},
                "tasks": [{"task_key": "x", "notebook_task": {"notebook_path": "/a"}}],
            },
        ),
        (
            (
                'DatabricksNotebookOperator(task_id="a", notebook_path="/a", source="GIT", '
                'existing_cluster_id="1-2-x", notebook_packages=[{"pypi": {"package": "p"}}], '
                'max_retries=2, notebook_params={"k": 1})'
            ),
            {
                "tasks": [
                    {
                        "task_key": "a",
                        "notebook_task": {"notebook_path": "/a", "source": "GIT", "base_parameters": {"k": 1}},
                        "libraries": [{"pypi": {"package": "p"}}],
                        "existing_cluster_id": "1-2-x",
                        "max_retries": 2,
                    }
                ]
            },
        ),
        (
            f'DatabricksTaskOperator(task_id="a", new_cluster={CLUSTER}, task_config={{"notebook_task": {NOTEBOOK}}})',
            {"tasks": [{"task_key": "a", "notebook_task": {"notebook_path": "/a"}, "new_cluster": AS_A_CLUSTER}]},
        ),
        (
            (
                f'SubmitRunOperator(task_id="a", tasks=[{{"task_key": "t", "notebook_task": {NOTEBOOK}}}], '
                'settings={"timeout_seconds": 5})'
            ),
            {"timeout_seconds": 5, "tasks": [{"task_key": "t", "notebook_task": {"notebook_path": "/a"}}]},
        ),
        (
            # What Airflow does not render reaches Databricks as it is written; a constant is rendered here.
            (
                'DatabricksNotebookOperator(task_id="a", notebook_path="/a", source="WORKSPACE", '
                'new_cluster={"spark_conf": {"k": "{{secrets/s/k}}"}}, '
                'notebook_params={"id": "{% raw %}{{job.run_id}}{% endraw %}", "q": "{{ \'{{x}}\' }}"})'
            ),
            {
                "tasks": [
                    {
                        "task_key": "a",
                        "notebook_task": {
                            "notebook_path": "/a",
                            "source": "WORKSPACE",
                            "base_parameters": {"id": "{{job.run_id}}", "q": "{{x}}"},
                        },
                        "new_cluster": {"spark_conf": {"k": "{{secrets/s/k}}"}},
                    }
                ]
            },
        ),
    ],
)
def test_a_task_is_a_job(bring: Any, call: str, settings: dict[str, Any]) -> None:
    found = bring(call)
    assert found.refused == ()
    assert [job.settings for job in found.jobs] == [settings]


def test_settings_come_from_wherever_the_code_builds_them(bring: Any) -> None:
    head = (
        f"cluster = {CLUSTER}\ncluster['num_workers'] = 8\n"
        "def payload(path):\n    return {'new_cluster': {**cluster, 'policy_id': 'p'}, "
        "'notebook_task': {'notebook_path': f'/x/{path}'}}\n"
    )
    found = bring("DatabricksSubmitRunOperator(task_id='a', json=payload('load'))", head)
    [task] = found.jobs[0].settings["tasks"]
    assert task["new_cluster"] == {"spark_version": "16.4.x-scala2.12", "num_workers": 8, "policy_id": "p"}
    assert task["notebook_task"] == {"notebook_path": "/x/load"}


def test_default_args_are_the_tasks_own(bring: Any) -> None:
    call = f"DatabricksSubmitRunOperator(task_id='a', notebook_task={NOTEBOOK})"
    found = bring(call, arguments=f", default_args={{'new_cluster': {CLUSTER}}}")
    assert found.jobs[0].settings["tasks"][0]["new_cluster"] == AS_A_CLUSTER


def test_what_is_decided_while_the_dag_runs_is_a_job_parameter(bring: Any) -> None:
    found = bring(
        'DatabricksSubmitRunOperator(task_id="a", tasks=[\n'
        '    {"task_key": "n", "notebook_task": {"notebook_path": "/n", '
        '"base_parameters": {"day": "{{ ds }}", "mode": "full"}}},\n'
        '    {"task_key": "s", "spark_python_task": {"python_file": "/s.py", '
        '"parameters": ["--day", "{{ ds }}", "--env", Variable.get("env"), "{{ run_id }}"]}},\n'
        '    {"task_key": "m", "notebook_task": {"notebook_path": "/n", "base_parameters": {"day": "{{ prev_ds }}", '
        '"mode": "{{ params.mode }}"}}},\n'
        '    {"task_key": "e", "for_each_task": {"inputs": "{{ params.tables }}", "task": {"task_key": "i", '
        '"python_wheel_task": {"named_parameters": {"day": "{{ ds }}"}}}}},\n'
        "])"
    )
    [job] = found.jobs
    n, s, m, e = job.settings["tasks"]
    # A job parameter overrides the same key in every task: those that mean something else get names of their own.
    assert n["notebook_task"]["base_parameters"] == {"day": "{{job.parameters.n_day}}", "mode": "full"}
    assert s["spark_python_task"]["parameters"] == [
        "--day", "{{job.parameters.s_day}}", "--env", "{{job.parameters.env}}", "{{job.parameters.s_5}}"
    ]  # fmt: skip
    assert m["notebook_task"]["base_parameters"] == {
        "day": "{{job.parameters.m_day}}",
        "mode": "{{job.parameters.m_mode}}",
    }
    assert e["for_each_task"]["inputs"] == "{{job.parameters.inputs}}"
    assert e["for_each_task"]["task"]["python_wheel_task"]["named_parameters"]["day"] == "{{job.parameters.i_day}}"
    names = [parameter["name"] for parameter in job.settings["parameters"]]
    assert names == ["n_day", "s_day", "env", "s_5", "m_day", "m_mode", "inputs", "i_day"]
    text = found.rewritten(["key"], {})
    assert '"env": Variable.get("env")' in text
    assert '"m_day": "{{ prev_ds }}"' in text


def test_one_value_under_one_name_is_one_parameter(bring: Any) -> None:
    tasks = [
        {"task_key": key, "notebook_task": {"notebook_path": "/n", "base_parameters": {"day": "{{ ds }}"}}}
        for key in ("x", "y")
    ]
    found = bring(f"DatabricksSubmitRunOperator(task_id='a', tasks={tasks!r})")
    assert found.jobs[0].settings["parameters"] == [{"name": "day", "default": ""}]


def test_tasks_of_a_loop_are_runs_of_one_job(bring: Any) -> None:
    found = bring(
        "for table in ('users', 'items'):\n"
        f"    DatabricksSubmitRunOperator(task_id=f'copy_{{table}}', new_cluster={CLUSTER}, "
        "notebook_task={'notebook_path': '/c', 'base_parameters': {'table': table}})"
    )
    [job] = found.jobs
    assert job.name == "orders_copy"
    assert job.settings["max_concurrent_runs"] == 2
    assert job.settings["tasks"][0]["task_key"] == "copy"
    assert '"table": table' in found.rewritten(["copies"], {})


WORKFLOW = f"""\
with DatabricksWorkflowTaskGroup(
    group_id="flow", databricks_conn_id="db", notebook_params={{"day": "{{{{ ds }}}}"}},
    notebook_packages=[{{"pypi": {{"package": "p"}}}}],
    job_clusters=[{{"job_cluster_key": "c", "new_cluster": {CLUSTER}}}], extra_job_params={{"timeout_seconds": 9}},
) as flow:
    one = DatabricksNotebookOperator(task_id="one", notebook_path="/one", source="WORKSPACE", job_cluster_key="c")
    two = DatabricksTaskOperator(task_id="two", job_cluster_key="c", task_config={{"spark_jar_task": {{}}}})
    three = DatabricksTaskOperator(task_id="three", task_config={{"dbt_task": {{}}}}, trigger_rule="all_done")
    one >> [two, three]
    two << three
start >> flow
"""


def test_a_workflow_group_is_one_job(bring: Any) -> None:
    found = bring("start = task_of_another_kind()\n" + WORKFLOW)
    assert found.refused == ()
    [job] = found.jobs
    assert (job.name, job.made) == ("orders.flow", "orders.flow")
    one, two, three = job.settings["tasks"]
    assert one["notebook_task"]["base_parameters"] == {"day": "{{job.parameters.day}}"}
    assert one["libraries"] == [{"pypi": {"package": "p"}}]
    assert "depends_on" not in one
    assert two["depends_on"] == [{"task_key": "one"}, {"task_key": "three"}]
    assert three["depends_on"] == [{"task_key": "one"}]
    assert three["run_if"] == "ALL_DONE"
    assert job.settings["job_clusters"] == [{"job_cluster_key": "c", "new_cluster": AS_A_CLUSTER}]
    assert job.settings["timeout_seconds"] == 9
    text = found.rewritten(["flow_job"], {})
    assert "Workflow" not in text.partition("with DAG")[2]
    assert 'flow = RunNowOperator(\n        task_id="flow",\n        job="flow_job",' in text


def test_a_group_is_built_before_its_block_and_its_tasks_by_a_helper(bring: Any) -> None:
    found = bring(
        "flow = DatabricksWorkflowTaskGroup('flow', databricks_conn_id='db')\n"
        "with flow:\n"
        "    def notebook(task_id, path, params=None):\n"
        "        return DatabricksNotebookOperator(task_id=task_id, notebook_path=f'/n/{path}', source='WORKSPACE', "
        "notebook_params=params or {})\n"
        "    one = notebook('one', 'a', {'day': '{{ ds }}'})\n"
        "    two = DatabricksTaskOperator(task_id='two', task_config={'spark_jar_task': {}})\n"
        "    three = notebook('three', 'b')\n"
        "    one >> two >> three\n"
        "start >> flow"
    )
    assert found.refused == ()
    one, two, three = found.jobs[0].settings["tasks"]
    assert one["notebook_task"]["base_parameters"] == {"day": "{{job.parameters.day}}"}
    assert (one["task_key"], one["notebook_task"]["notebook_path"]) == ("one", "/n/a")
    assert (two["depends_on"], three["depends_on"]) == ([{"task_key": "one"}], [{"task_key": "two"}])
    text = found.rewritten(["flow_job"], {}).partition("with DAG")[2]
    assert "notebook" not in text
    assert text.count("flow = ") == 1
    assert 'job_parameters={"day": "{{ ds }}"}' in text


def test_a_job_that_the_dag_creates_is_provisioned_instead(bring: Any) -> None:
    settings = json.dumps({"name": "made", "tasks": [{"task_key": "t", "notebook_task": {"notebook_path": "/a"}}]})
    found = bring(
        f"create = DatabricksCreateJobsOperator(task_id='create', json={settings})\n"
        "first = DatabricksRunNowOperator(task_id='first', job_id=create.output)\n"
        "second = DatabricksRunNowOperator(task_id='second', job_id=\"{{ ti.xcom_pull(task_ids='create') }}\")\n"
        "create >> first >> second\n"
    )
    assert found.refused == ()
    assert [(job.name, job.made, job.settings) for job in found.jobs] == [("made", "made", json.loads(settings))]
    text = found.rewritten(["made"], {}).partition("with DAG")[2]
    assert "create" not in text
    assert "first >> second" in text
    assert text.count('job="made"') == 2


def test_several_created_jobs_leave_one_order(bring: Any) -> None:
    found = bring(
        "a = DatabricksCreateJobsOperator(task_id='a', name='one', tasks=[])\n"
        "b = DatabricksCreateJobsOperator(task_id='b', name='two', tasks=[])\n"
        "c = DatabricksRunNowOperator(task_id='c', job_id=a.output)\n"
        "d = DatabricksRunNowOperator(task_id='d', job_id=b.output)\n"
        "a >> c >> b >> d\n"
        "a >> b\n"
    )
    assert found.refused == ()
    text = found.rewritten(["one", "two"], {}).partition("with DAG")[2]
    assert [line.strip() for line in text.splitlines()[1:]] == [
        "c = RunNowOperator(task_id='c', job=\"one\")",
        "d = RunNowOperator(task_id='d', job=\"two\")",
        "c >> d",
    ]


def test_ids_are_told_apart_from_what_is_no_id(bring: Any) -> None:
    found = bring(
        "DatabricksRunNowOperator(task_id='a', job_id=9007199254740993)\n"
        "DatabricksRunNowOperator(task_id='b', job_id='9007199254740993')\n"
        "DatabricksRunNowOperator(task_id='c', job_id='{{ var.value.id }}')\n"
        "DatabricksRunNowOperator(task_id='d', job_name='x')\n"
        "RunNowOperator(task_id='e', job='y')\n"
        "RunNowOperator(task_id='f', job_id=7)\n"
    )
    assert [(job.job_id, len(job.changes)) for job in found.pasted] == [("9007199254740993", 2), ("7", 1)]
    text = found.rewritten([], {"9007199254740993": "big"})
    assert text.count('job="big"') == 2
    assert "job_id=7" in text
