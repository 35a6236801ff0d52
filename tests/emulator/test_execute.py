"""Jobs that really run: code, parameters, results, errors."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.service import jobs
from databricks.sdk.service.jobs import NotebookTask, SparkPythonTask, Task, TaskDependency
from tests.emulator.lab import HEADER, Lab

from airbrick.emulator import Emulator


def test_a_notebook_reads_its_parameters_prints_and_returns_a_result(lab: Lab) -> None:
    run, output = lab.notebook(
        "print('dåy', dbutils.widgets.get('run_date'))\ndbutils.notebook.exit('{\"rows\": 3}')",
        parameters={"run_date": "2026-01-02"},
    )
    assert run["state"]["result_state"] == "SUCCESS"
    assert output["notebook_output"] == {"result": '{"rows": 3}', "truncated": False}
    assert output["logs"] == "dåy 2026-01-02\n"


def test_a_python_file_gets_its_arguments_with_references_resolved(lab: Lab) -> None:
    run, output = lab.script(
        "import sys\nprint(*sys.argv[1:], sep='|')",
        ["--day", "{{job.parameters.run_date}}", "{{ job.name }}", "{{task.name}}"],
        parameters={"run_date": "2026-01-02"},
    )
    assert run["state"]["result_state"] == "SUCCESS"
    assert output["logs"] == "--day|2026-01-02|job|script\n"


def test_an_exception_is_the_error_of_the_task_and_names_the_users_line(lab: Lab) -> None:
    run, output = lab.notebook("def f():\n    raise ValueError('bad amount')\nf()")
    assert run["state"]["result_state"] == "FAILED"
    assert run["status"]["termination_details"]["code"] == "RUN_EXECUTION_ERROR"
    assert output["error"] == "ValueError: bad amount"
    assert 'File "/Workspace/Shared/note", line 4, in <module>' in output["error_trace"]
    assert "raise ValueError('bad amount')" in output["error_trace"]
    assert "bootstrap" not in output["error_trace"]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("import sys\nsys.exit(3)", "SystemExit: 3"),
        ("def (", "SyntaxError"),
        ("import os\nos._exit(7)", "exit code 7"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "signal SIGKILL"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    ],
)
def test_however_the_code_ends_badly_the_run_fails(lab: Lab, code: str, error: str) -> None:
    run, output = lab.script(code, [])
    assert run["state"]["result_state"] == "FAILED"
    assert error in output["error"]


@pytest.mark.parametrize("code", ["import sys\nsys.exit(0)", "import sys\nsys.exit()", "", "import os\nos._exit(0)"])
def test_a_python_file_that_exits_with_zero_succeeds(lab: Lab, code: str) -> None:
    run, _ = lab.script(code, [])
    assert run["state"]["result_state"] == "SUCCESS"


def test_a_task_reads_what_the_task_before_it_wrote(lab: Lab) -> None:
    lab.upload("/Shared/one.py", "import os, pathlib\npathlib.Path(os.environ['AIRBRICK_DATA'], 'n').write_text('42')")
    lab.upload(
        "/Shared/two.py", "import os, pathlib\nprint(pathlib.Path(os.environ['AIRBRICK_DATA'], 'n').read_text())"
    )
    run = lab.run(
        [
            Task(task_key="one", spark_python_task=SparkPythonTask("/Shared/one.py")),
            Task(
                task_key="two",
                spark_python_task=SparkPythonTask("/Workspace/Shared/two.py"),
                depends_on=[TaskDependency("one")],
            ),
        ]
    )
    assert lab.output(run, "two")["logs"] == "42\n"


def test_volume_paths_in_parameters_lead_below_the_data_folder(tmp_path: Path) -> None:
    with Emulator(execute=True, data_dir=tmp_path) as emulator:
        lab = Lab(emulator, WorkspaceClient(host=emulator.host, token=emulator.token))
        _, output = lab.script("import sys\nprint(sys.argv[1])", ["/Volumes/main/orders/raw"])
        assert output["logs"] == f"{tmp_path}/Volumes/main/orders/raw\n"
        _, output = lab.notebook("print(dbutils.widgets.get('p'))", parameters={"p": "/Volumes/main/x"})
        assert output["logs"] == f"{tmp_path}/Volumes/main/x\n"
    assert tmp_path.exists()


def test_task_values_reach_later_tasks(lab: Lab) -> None:
    lab.upload("/Shared/one.py", HEADER + "dbutils.jobs.taskValues.set('n', {'rows': 7})")
    lab.upload("/Shared/two.py", HEADER + "dbutils.notebook.exit(dbutils.jobs.taskValues.get('one', 'n')['rows'])")
    run = lab.run(
        [
            Task(task_key="one", notebook_task=NotebookTask("/Shared/one")),
            Task(task_key="two", notebook_task=NotebookTask("/Shared/two"), depends_on=[TaskDependency("one")]),
        ]
    )
    assert lab.output(run, "two")["notebook_output"]["result"] == "7"


def test_code_imports_files_beside_it(lab: Lab) -> None:
    lab.upload("/Shared/helpers.py", "def double(n):\n    return 2 * n\n")
    _, output = lab.notebook("from helpers import double\ndbutils.notebook.exit(double(21))")
    assert output["notebook_output"]["result"] == "42"


def test_a_failed_task_skips_what_depends_on_it(lab: Lab) -> None:
    lab.upload("/Shared/bad.py", "1 / 0")
    run = lab.run(
        [
            Task(task_key="bad", spark_python_task=SparkPythonTask("/Shared/bad.py")),
            Task(
                task_key="next",
                spark_python_task=SparkPythonTask("/Shared/bad.py"),
                depends_on=[TaskDependency("bad")],
            ),
        ]
    )
    assert [task["state"]["result_state"] for task in run["tasks"]] == ["FAILED", "UPSTREAM_FAILED"]
    assert "Task bad failed" in run["state"]["state_message"]


def test_a_failed_attempt_is_followed_by_a_retry(lab: Lab) -> None:
    lab.upload(
        "/Shared/flaky.py",
        "import os, pathlib\nmark = pathlib.Path(os.environ['AIRBRICK_DATA'], 'mark')\n"
        "if not mark.exists():\n    mark.touch()\n    raise RuntimeError('first')\n",
    )
    task = Task(task_key="flaky", spark_python_task=SparkPythonTask("/Shared/flaky.py"), max_retries=2)
    run = lab.run([task])
    assert [(item["attempt_number"], item["state"]["result_state"]) for item in run["tasks"]] == [
        (0, "FAILED"),
        (1, "SUCCESS"),
    ]
    assert run["state"]["result_state"] == "SUCCESS"


@pytest.mark.parametrize(
    ("task", "names"),
    [
        (Task(task_key="t", sql_task=jobs.SqlTask(warehouse_id="w")), "sql_task"),
        (Task(task_key="t", notebook_task=NotebookTask("/Shared/missing")), "/Shared/missing"),
        (Task(task_key="t", spark_python_task=SparkPythonTask("dbfs:/x.py")), "dbfs:/x.py"),
        (Task(task_key="t", notebook_task=NotebookTask("x", source=jobs.Source.GIT)), "Git"),
        (Task(task_key="t", pipeline_task=jobs.PipelineTask(pipeline_id="p")), "pipeline_task"),
    ],
)
def test_what_cannot_be_executed_fails_by_name(lab: Lab, task: Task, names: str) -> None:
    run = lab.run([task])
    assert run["state"]["result_state"] == "FAILED"
    assert names in run["tasks"][0]["state"]["state_message"]
    assert names in lab.output(run, "t")["error"]


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("# MAGIC %sql\n# MAGIC select 1", "%sql"),
        ("spark.sql('select 1')", "Spark"),
        ("dbutils.fs.ls('/')", "dbutils.fs"),
        ("dbutils.secrets.get('a', 'b')", "Secret does not exist with scope: a and key: b"),
        ("dbutils.notebook.run('/x', 10)", "notebooks from notebooks"),
        ("dbutils.widgets.get('nope')", "No input widget named nope"),
    ],
)
def test_what_a_notebook_cannot_have_here_fails_by_name(lab: Lab, code: str, names: str) -> None:
    run, output = lab.notebook(code)
    assert run["state"]["result_state"] == "FAILED"
    assert names in output["error"]


def test_a_mistyped_reference_fails_by_name(lab: Lab) -> None:
    _, output = lab.script("", ["{{job.parameters.run_dat}}"], parameters={"run_date": "x"})
    assert "{{job.parameters.run_dat}}" in output["error"]


def test_a_plan_wins_over_execution_and_says_that_it_is_simulated(lab: Lab) -> None:
    lab.workspace.plan(task="t", setup_s=0, run_s=0)
    run = lab.run([Task(task_key="t", sql_task=jobs.SqlTask(warehouse_id="w"))])
    assert run["state"]["result_state"] == "SUCCESS"
    assert "Simulated" in run["state"]["state_message"]


def test_long_logs_keep_their_end_and_say_so(lab: Lab) -> None:
    _, output = lab.script("print('x' * 6_000_000)\nprint('last')", [])
    assert output["logs_truncated"] is True
    assert len(output["logs"]) == 5 * 1024 * 1024
    assert output["logs"].endswith("last\n")


def test_a_long_result_keeps_its_beginning_and_says_so(lab: Lab) -> None:
    _, output = lab.notebook("dbutils.notebook.exit('y' * 6_000_000)")
    assert output["notebook_output"]["truncated"] is True
    assert len(output["notebook_output"]["result"]) == 5 * 1024 * 1024


def test_text_that_is_no_utf8_still_reaches_the_client(lab: Lab) -> None:
    run, output = lab.notebook("dbutils.notebook.exit('a\\udcffb')")
    assert run["state"]["result_state"] == "SUCCESS"
    assert output["notebook_output"]["result"] == "a?b"


def test_code_may_get_dbutils_from_the_sdk_runtime(lab: Lab) -> None:
    code = "from databricks.sdk.runtime import dbutils\nprint(dbutils.widgets.get('p'))"
    _, output = lab.script(code, [], parameters={"p": "v"})
    assert output["logs"] == "v\n"


def test_widgets_have_defaults_and_legacy_parameters_override_them(lab: Lab) -> None:
    lab.upload(
        "/Shared/w.py",
        HEADER + "dbutils.widgets.text('a', 'default')\ndbutils.widgets.dropdown('b', 'x', ['x', 'y'])\n"
        "import json\ndbutils.notebook.exit(json.dumps(dbutils.widgets.getAll()))",
    )
    task = Task(task_key="w", notebook_task=NotebookTask("/Shared/w", base_parameters={"b": "base", "c": "base"}))
    job_id = lab.client.jobs.create(name="j", tasks=[task]).job_id
    assert job_id is not None
    run_id = lab.client.jobs.run_now(job_id, notebook_params={"c": "given"}).run_id
    assert run_id is not None
    lab.workspace.wait_for_runs(30)
    result = lab.output(lab.client.jobs.get_run(run_id).as_dict(), "w")["notebook_output"]["result"]
    assert json.loads(result) == {"a": "default", "b": "base", "c": "given"}


def test_a_time_limit_that_is_not_reached_changes_nothing(lab: Lab) -> None:
    lab.upload("/Shared/note.py", HEADER + "dbutils.notebook.exit('done')")
    first = Task(task_key="first", notebook_task=NotebookTask("/Shared/note"))
    second = Task(
        task_key="second", notebook_task=NotebookTask("/Shared/note"), depends_on=[TaskDependency(task_key="first")]
    )
    run = lab.run([first, second], timeout_seconds=3600)
    assert run["status"]["termination_details"]["code"] == "SUCCESS"
    assert lab.output(run, "second")["notebook_output"]["result"] == "done"


def test_code_runs_in_the_emulators_own_python(lab: Lab) -> None:
    _, output = lab.script("import sys, starlette\nprint(sys.executable, sys.flags.isolated)", [])
    assert output["logs"] == f"{sys.executable} 1\n"


@pytest.mark.parametrize("limit", [{}, {"timeout_seconds": 60}])
def test_a_refused_task_ends_the_run_at_once(lab: Lab, limit: dict[str, Any]) -> None:
    run = lab.run([Task(task_key="t", sql_task=jobs.SqlTask(warehouse_id="w"))], **limit)
    assert run["state"]["result_state"] == "FAILED"
