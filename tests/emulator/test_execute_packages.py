"""Executed code with packages of its own, and with secrets."""

from __future__ import annotations

import base64
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.service import jobs
from databricks.sdk.service.compute import Environment, Library, MavenLibrary, PythonPyPiLibrary
from databricks.sdk.service.jobs import JobEnvironment, PythonWheelTask, SparkPythonTask, Task
from databricks.sdk.service.workspace import AclPermission, ImportFormat
from tests.emulator.lab import Lab

from airbrick.emulator import Emulator

WHEEL = "/Workspace/Shared/demo-1.0-py3-none-any.whl"
CODE = "import sys\n\ndef main():\n    print('main', *sys.argv[1:])\n\ndef other():\n    print('other', *sys.argv)\n"


@pytest.fixture(autouse=True)
def uv(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use the uv of this checkout where there is one; pip takes long."""
    own = Path(__file__).parents[2] / ".tools/bin/uv"
    if own.exists():
        monkeypatch.setenv("UV", str(own))


def done(lab: Lab, tasks: list[Task], **named: Any) -> dict[str, Any]:
    run_id = lab.start(tasks, **named)
    lab.workspace.wait_for_runs(150)
    return lab.client.jobs.get_run(run_id).as_dict()


def wheel_bytes() -> bytes:
    meta = "demo-1.0.dist-info"
    files = {
        "demo/__init__.py": CODE,
        f"{meta}/METADATA": "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n",
        f"{meta}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{meta}/entry_points.txt": "[console_scripts]\ngo = demo:main\n",
    }
    record = "".join(f"{name},,\n" for name in files) + f"{meta}/RECORD,,\n"
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in {**files, f"{meta}/RECORD": record}.items():
            archive.writestr(name, text)
    return data.getvalue()


def put(lab: Lab, content: bytes) -> None:
    text = base64.b64encode(content).decode()
    lab.client.workspace.import_(WHEEL, content=text, format=ImportFormat.RAW, overwrite=True)


def wheel_task(entry: str, **values: Any) -> Task:
    return Task(
        task_key="w",
        python_wheel_task=PythonWheelTask(package_name="demo", entry_point=entry, **values),
        libraries=[Library(whl=WHEEL)],
    )


def test_a_wheel_runs_by_its_entry_point_or_its_function(lab: Lab) -> None:
    put(lab, wheel_bytes())
    run = done(lab, [wheel_task("go", parameters=["--id", "{{job.parameters.day}}"])], parameters={"day": "d"})
    assert run["state"]["result_state"] == "SUCCESS", lab.output(run, "w")
    assert lab.output(run, "w")["logs"] == "main --id d\n"
    run = done(lab, [wheel_task("other", named_parameters={"a": "1"})])
    assert lab.output(run, "w")["logs"] == "other demo --a=1\n"
    run = done(lab, [wheel_task("nothing")])
    assert "no entry point 'nothing'" in lab.output(run, "w")["error"]


def test_an_environment_holds_what_it_names_and_nothing_else(lab: Lab) -> None:
    put(lab, wheel_bytes())
    code = "import demo\ndemo.other()\ntry:\n    import starlette\nexcept ImportError:\n    print('apart')"
    lab.upload("/Shared/script.py", code)
    task = Task(task_key="s", spark_python_task=SparkPythonTask("/Shared/script.py"), environment_key="e")
    spec = Environment(environment_version="2", dependencies=[WHEEL])
    run = done(lab, [task], environments=[JobEnvironment(environment_key="e", spec=spec)])
    assert run["state"]["result_state"] == "SUCCESS", lab.output(run, "s")
    assert lab.output(run, "s")["logs"].endswith("apart\n")


def test_what_cannot_be_installed_fails_the_task_with_the_installers_words(lab: Lab) -> None:
    put(lab, b"no wheel")
    run = done(lab, [wheel_task("go")])
    task = run["tasks"][0]
    assert task["state"]["result_state"] == "FAILED"
    assert task["status"]["termination_details"]["code"] == "LIBRARY_INSTALLATION_ERROR"
    output = lab.output(run, "w")
    assert "could not be installed" in output["error"]
    assert "demo-1.0" in output["logs"]


@pytest.mark.parametrize(
    ("library", "names"),
    [
        (Library(jar="/a.jar"), "jar"),
        (Library(maven=MavenLibrary("a:b:1")), "maven"),
        (Library(pypi=PythonPyPiLibrary("six", repo="https://example.com")), "pypi"),
        (Library(whl="/Workspace/Shared/missing.whl"), "missing.whl"),
        (Library(pypi=PythonPyPiLibrary("-e .")), "-e ."),
    ],
)
def test_libraries_that_are_not_installed_are_refused_by_name(lab: Lab, library: Library, names: str) -> None:
    lab.upload("/Shared/script.py", "")
    task = Task(task_key="s", spark_python_task=SparkPythonTask("/Shared/script.py"), libraries=[library])
    run = lab.run([task])
    assert run["state"]["result_state"] == "FAILED"
    assert names in run["tasks"][0]["state"]["state_message"]


def test_code_reads_secrets_and_what_it_leaves_does_not_show_them(lab: Lab) -> None:
    lab.client.secrets.create_scope("vault")
    lab.client.secrets.put_secret("vault", "key", string_value="s3cr3t-é")
    lab.client.secrets.put_secret("vault", "unread", string_value="vault")
    code = (
        "value = dbutils.secrets.get('vault', 'key')\nprint(len(value), value)\n"
        "print([s.key for s in dbutils.secrets.list('vault')], dbutils.secrets.listScopes())\n"
        "dbutils.notebook.exit(value)"
    )
    run, output = lab.notebook(code)
    assert run["state"]["result_state"] == "SUCCESS", output
    assert output["logs"] == "8 [REDACTED]\n['key', 'unread'] ['vault']\n"
    assert output["notebook_output"]["result"] == "[REDACTED]"
    _, output = lab.notebook("raise ValueError(dbutils.secrets.get('vault', 'key'))")
    assert output["error"] == "ValueError: [REDACTED]"
    assert "s3cr3t" not in output["error_trace"]
    _, output = lab.notebook("dbutils.secrets.get('vault', 'nope')")
    assert "Secret does not exist with scope: vault and key: nope" in output["error"]


def test_secrets_are_redacted_however_the_code_ends(lab: Lab) -> None:
    lab.client.secrets.create_scope("vault")
    lab.client.secrets.put_secret("vault", "key", string_value="s3cr3t")
    code = "import os\nprint(dbutils.secrets.get('vault', 'key'), flush=True)\nos._exit(3)"
    _, output = lab.notebook(code)
    assert output["logs"] == "[REDACTED]\n"


def test_branches_loops_and_runs_of_other_jobs_are_executed(lab: Lab) -> None:
    lab.upload("/Shared/load.py", "# Databricks notebook source\ndbutils.jobs.taskValues.set('n', [1, 2])")
    lab.upload("/Shared/one.py", "# Databricks notebook source\nprint('got', dbutils.widgets.get('n'))")
    inner_task = Task(task_key="i", notebook_task=jobs.NotebookTask("/Shared/one"))
    parameter = jobs.JobParameterDefinition(name="n", default="inner")
    inner = lab.client.jobs.create(name="inner", tasks=[inner_task], parameters=[parameter]).job_id
    assert inner is not None
    one = Task(task_key="one", notebook_task=jobs.NotebookTask("/Shared/one", base_parameters={"n": "{{input}}"}))
    after_load = [jobs.TaskDependency("load")]
    run = lab.run(
        [
            Task(task_key="load", notebook_task=jobs.NotebookTask("/Shared/load")),
            Task(
                task_key="if",
                depends_on=after_load,
                condition_task=jobs.ConditionTask(jobs.ConditionTaskOp.EQUAL_TO, "{{tasks.load.values.n}}", "[1,2]"),
            ),
            Task(
                task_key="each",
                depends_on=[jobs.TaskDependency("if", outcome="true")],
                for_each_task=jobs.ForEachTask("{{tasks.load.values.n}}", one, concurrency=2),
            ),
            Task(task_key="run", depends_on=after_load, run_job_task=jobs.RunJobTask(inner)),
        ]
    )
    assert run["state"]["result_state"] == "SUCCESS", run
    each = next(task for task in run["tasks"] if task["task_key"] == "each")
    iterations = lab.client.jobs.get_run(each["run_id"]).iterations
    assert iterations is not None
    logs = [lab.client.jobs.get_run_output(item.run_id or 0).logs for item in iterations]
    assert logs == ["got 1\n", "got 2\n"]
    child = lab.output(run, "run")["run_job_output"]["run_id"]
    assert lab.output(lab.client.jobs.get_run(child).as_dict(), "i")["logs"] == "got inner\n"


def test_with_enforced_permissions_code_reads_what_it_runs_as_may_read() -> None:
    code = "print([dbutils.secrets.listScopes(), dbutils.secrets.get('open', 'k')])"
    with Emulator(execute=True, enforce_permissions=True) as workspace:
        admin = Lab(workspace, WorkspaceClient(host=workspace.host, token=workspace.token))
        admin.client.users.create(user_name="guest@example.com")
        for scope in ("open", "shut"):
            admin.client.secrets.create_scope(scope)
            admin.client.secrets.put_secret(scope, "k", string_value=f"value of {scope}")
        admin.client.secrets.put_acl("open", "guest@example.com", AclPermission.READ)
        guest = Lab(workspace, WorkspaceClient(host=workspace.host, token=workspace.token_of("guest@example.com")))
        assert guest.notebook(code)[1]["logs"] == "[['open'], '[REDACTED]']\n"
        assert admin.notebook(code)[1]["logs"] == "[['open', 'shut'], '[REDACTED]']\n"
        _, output = guest.notebook("dbutils.secrets.get('shut', 'k')")
        assert "shut" in output["error"]
