"""From a DAG that spells its jobs out to a stack and a DAG that triggers them."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result
from tests.iac.job_samples import SETTINGS, post

from airbrick.commands.generate import generate

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient
    from tests.iac.project import Project


pytestmark = pytest.mark.usefixtures("signed_in")

DAG = '''\
"""Orders."""

from datetime import datetime

from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks import (
    DatabricksNotebookOperator,
    DatabricksRunNowOperator,
    DatabricksSubmitRunOperator,
)
from airflow.providers.databricks.operators.databricks_workflow import DatabricksWorkflowTaskGroup

cluster = {"spark_version": "16.4.x-scala2.12", "node_type_id": "i3.xlarge", "num_workers": "8"}

with DAG("orders", schedule=None, start_date=datetime(2026, 1, 1)):
    load = DatabricksSubmitRunOperator(
        task_id="load",
        new_cluster=cluster,
        json={"notebook_task": {"notebook_path": "/l", "base_parameters": {"n": 1, "day": "{{ ds }}"}}},
    )
    for table in ("users", "größe"):
        load >> DatabricksNotebookOperator(
            task_id=f"copy_{table}", notebook_path="/c", source="WORKSPACE", new_cluster=cluster,
            notebook_params={"table": table},
        )
    with DatabricksWorkflowTaskGroup(
        group_id="flow", databricks_conn_id="databricks_default",
        job_clusters=[{"job_cluster_key": "main", "new_cluster": cluster}],
    ) as flow:
        one = DatabricksNotebookOperator(task_id="one", notebook_path="/1", source="WORKSPACE", job_cluster_key="main")
        two = DatabricksNotebookOperator(task_id="two", notebook_path="/2", source="WORKSPACE", job_cluster_key="main")
        one >> two
    load >> flow >> DatabricksRunNowOperator(task_id="report", job_id=REPORT, polling_period_seconds=60)
'''


def run(text: str, *arguments: str) -> Result:
    Path("dag.py").write_text(text, encoding="utf-8")
    return CliRunner().invoke(generate, ["--from-dag", "dag.py", *arguments])


def make(client: WorkspaceClient, **settings: Any) -> str:
    return str(post(client, "create", **{**SETTINGS, **settings})["job_id"])


def patched(patch: str, text: str) -> str:
    Path("dag.py").write_text(text, encoding="utf-8")
    subprocess.run(["patch", "-p0", "--quiet"], input=patch.encode(), check=True)
    return Path("dag.py").read_text(encoding="utf-8")


def submit(settings: str) -> str:
    return dedent(f"""\
        from airflow.sdk import DAG
        from airflow.providers.databricks.operators.databricks import DatabricksSubmitRunOperator

        with DAG("orders"):
            DatabricksSubmitRunOperator(task_id="load", json={settings})
        """)


def test_nothing_but_the_program_is_written(client: WorkspaceClient) -> None:
    text = submit('{"spark_python_task": {"python_file": "/a.py"}, "timeout_seconds": "60"}')
    done = run(text, "-o", "out")
    assert done.exit_code == 0, done.stderr
    assert Path("dag.py").read_text() == text
    assert [path.name for path in Path("out").iterdir()] == ["__main__.py"]
    program = Path("out/__main__.py").read_text()
    assert "timeout_seconds=60" in program
    ast.parse(program)
    assert 'RunNowOperator(task_id="load", job="orders_load")' in patched(done.stdout, text)


def test_a_cluster_of_several_tasks_is_written_once() -> None:
    text = dedent("""\
        from airflow.sdk import DAG
        from airflow.providers.databricks.operators.databricks import DatabricksSubmitRunOperator

        small, big = {"num_workers": 1, "spark_version": "x"}, {"num_workers": 9, "spark_version": "x"}

        with DAG("cluster"):
            DatabricksSubmitRunOperator(task_id="cluster", new_cluster=small, spark_jar_task={})
            DatabricksSubmitRunOperator(task_id="cluster_a", new_cluster=small, spark_jar_task={})
            DatabricksSubmitRunOperator(task_id="cluster_b", new_cluster=big, spark_jar_task={})
        """)
    done = run(text)
    assert done.exit_code == 0, done.stderr
    program = Path("__main__.py").read_text()
    # The name does not hide a job of that name.
    assert 'cluster_2: iac.types.ClusterSpec = {"num_workers": 1, "spark_version": "x"}\n' in program
    assert program.count('"new_cluster": cluster_2') == 2
    assert program.count('"new_cluster": {"num_workers": 9') == 1
    ast.parse(program)


def test_a_job_by_its_id_is_taken_from_the_workspace(client: WorkspaceClient) -> None:
    job_id, owned = make(client, name="Report"), make(client, name="owned", tags={"airbrick_owner": "other"})
    text = dedent(f"""\
        from airflow.sdk import DAG
        from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator

        with DAG("orders"):
            DatabricksRunNowOperator(task_id="a", job_id={job_id})
            DatabricksRunNowOperator(task_id="b", job_id={owned})
            DatabricksRunNowOperator(task_id="c", job_id=9007199254740993)
        """)
    done = run(text, "-o", "out")
    assert done.exit_code == 3
    imported = json.loads(Path("out/import.json").read_text())["resources"]
    assert [(entry["name"], entry["id"]) for entry in imported] == [("report", job_id)]
    assert f"job_id={owned}: it belongs to a stack already" in done.stderr
    assert "job_id=9007199254740993: its settings are in the workspace, and cannot be read" in done.stderr
    after = patched(done.stdout, text)
    assert 'RunNowOperator(task_id="a", job="report")' in after
    assert f'DatabricksRunNowOperator(task_id="b", job_id={owned})' in after


def test_what_to_look_at_before_the_patch_is_said() -> None:
    text = dedent("""\
        from airflow.sdk import DAG
        from airflow.providers.databricks.operators.databricks import (
            DatabricksCreateJobsOperator,
            DatabricksRunNowOperator,
        )

        with DAG("orders", params={"day": ""}):
            made = DatabricksCreateJobsOperator(task_id="a", name="nightly", tasks=[])
            DatabricksRunNowOperator(task_id="b", job_id=made.output)
        """)
    done = run(text)
    assert done.exit_code == 0, done.stderr
    assert "note: 'nightly': the DAG has made this job in the workspace" in done.stderr
    assert "note: the DAG has params" in done.stderr


def test_what_a_preview_would_refuse_is_left_as_it_is() -> None:
    done = run(submit('{"spark_python_task": {"python_file": "/a.py"}, "timeout_seconds": "soon"}'))
    assert done.exit_code == 1
    assert "orders_load: timeout_seconds: expected a whole number, found text" in done.stderr
    assert "no job can be brought; nothing is written" in done.stderr
    assert not Path("__main__.py").exists()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x = 1\n", "dag.py: no task submits or creates a job"),
        ("def", "dag.py: line 1"),
        (submit("load()"), "json is not"),
    ],
)
def test_a_file_without_jobs_says_so(text: str, reason: str) -> None:
    done = run(text)
    assert done.exit_code == 1
    assert reason in done.stderr
    assert not Path("__main__.py").exists()


def test_other_filters_do_not_go_with_a_file() -> None:
    assert run("x = 1\n", "--tag", "team").exit_code == 2
    assert CliRunner().invoke(generate, ["--from-dag", "missing.py"]).exit_code == 2


@pytest.mark.end_to_end
def test_the_program_provisions_and_the_dag_triggers(project: Project, client: WorkspaceClient) -> None:
    text = DAG.replace("REPORT", make(client, name="report"))
    done = run(text, "-o", str(project.folder))
    assert done.exit_code == 0, done.stderr
    after = patched(done.stdout, text)
    # As the linter and Airflow find it: beside its contract.
    (project.folder / "dag.py").write_text(after, encoding="utf-8")
    source = project.folder / "__main__.py"
    source.write_text(source.read_text().replace("iac.Contract(", 'iac.Contract(path=".", '))

    project.run("import", "--file", "import.json", "--protect=false", "--generate-code=false", "--yes")
    assert "Job" in project.run("preview").stdout
    counted = project.up()
    assert (counted["create"], counted["same"]) == (4, 2)
    names = {str(job.settings.name) for job in client.jobs.list() if job.settings}
    assert names == {"report", "orders_load", "orders_copy", "orders.flow"}

    program = Path(sys.executable).with_name("airbrick")
    checked = subprocess.run([program, "lint", "--select", "DBX1,DBX8", "."], cwd=project.folder, check=False)
    assert checked.returncode == 0
    environ = {**os.environ, "AIRFLOW_HOME": str(project.folder / "airflow")}
    subprocess.run([sys.executable, "dag.py"], cwd=project.folder, env=environ, timeout=120, check=True)
