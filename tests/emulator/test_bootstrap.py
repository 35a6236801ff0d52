"""What runs inside a task's process, run here: ``dbutils``, results and errors."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from airbrick.emulator.execute import bootstrap
from airbrick.emulator.execute.bootstrap import (
    Dbutils,
    InputWidgetNotDefined,
    Refused,
    TaskValues,
    Unavailable,
    Widgets,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def interpreter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep what the code changes in its own process from this one."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    monkeypatch.setattr(sys, "argv", list(sys.argv))
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.chdir(tmp_path)
    yield
    sys.modules.pop("databricks.sdk.runtime", None)


def run(tmp_path: Path, code: str, *, notebook: bool = True, **parameters: str) -> dict[str, Any]:
    source = tmp_path / "code.py"
    source.write_text(code)
    spec = {"source_path": str(source), "shown_path": "/Workspace/code", "arguments": ["a"], "is_notebook": notebook}
    return bootstrap._run(spec, Dbutils(parameters, {"before": {"n": 1}}))


def test_a_result_is_kept(tmp_path: Path) -> None:
    outcome = run(tmp_path, "dbutils.notebook.exit(dbutils.widgets.get('p') + 'ü')", p="v")
    assert outcome == {"result": "vü", "truncated": False, "error": None, "error_trace": None}


def test_a_result_is_cut_between_characters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "RESULT_LIMIT_BYTES", 4)
    outcome = run(tmp_path, "dbutils.notebook.exit('aüü')")
    assert (outcome["result"], outcome["truncated"]) == ("aü", True)


def test_an_error_names_the_users_lines_alone(tmp_path: Path) -> None:
    outcome = run(tmp_path, "def f():\n    raise KeyError('x')\nf()")
    assert outcome["error"] == "KeyError: 'x'"
    assert outcome["error_trace"].splitlines()[1] == '  File "/Workspace/code", line 3, in <module>'


def test_a_file_has_a_name_and_arguments_but_no_dbutils(tmp_path: Path) -> None:
    code = "import sys\nassert sys.argv == ['/Workspace/code', 'a']\n"
    code += "assert (__name__, bool(__file__)) == ('__main__', True)\ndbutils"
    assert run(tmp_path, code, notebook=False)["error"] == "NameError: name 'dbutils' is not defined"


@pytest.mark.parametrize(("code", "error"), [("exit()", None), ("raise SystemExit(2)", "SystemExit: 2")])
def test_an_exit_with_a_code_is_an_error(tmp_path: Path, code: str, error: str | None) -> None:
    assert run(tmp_path, code)["error"] == error


def test_widgets_fall_back_to_their_defaults() -> None:
    widgets = Widgets({"a": "given"})
    widgets.text("a", "default", "label")
    widgets.combobox("b", "x", ["x"])
    widgets.multiselect("c", "y", ["y"])
    assert widgets.getAll() == {"a": "given", "b": "x", "c": "y"}
    widgets.remove("b")
    with pytest.raises(InputWidgetNotDefined, match="b"):
        widgets.get("b")
    widgets.removeAll()
    assert widgets.getAll() == {"a": "given"}


def test_task_values_are_json_and_have_defaults() -> None:
    values = TaskValues({"before": {"n": 1}})
    assert values.get(taskKey="before", key="n", debugValue=9) == 1
    assert values.get("before", "m", default=2) == 2
    with pytest.raises(ValueError, match="'m'"):
        values.get("before", "m")
    with pytest.raises(TypeError):
        values.set("x", object())
    values.set("x", [1])
    assert values.own == {"x": [1]}


def test_what_is_unavailable_fails_by_name_and_can_still_be_inspected() -> None:
    spark = Unavailable("Spark engine", "do without")
    with pytest.raises(Refused, match=r"no Spark engine \(asked for .sql\); do without"):
        spark.sql("select 1")
    with pytest.raises(Refused, match="no Spark engine"):
        spark()
    assert not hasattr(spark, "__wrapped__")


def test_the_outcome_is_written_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "_end_with_parent", lambda: None)
    source = tmp_path / "code.py"
    source.write_text("from databricks.sdk.runtime import dbutils as d\nd.jobs.taskValues.set('k', 1)\n1 / 0")
    spec = {
        "source_path": str(source),
        "shown_path": "/Workspace/code",
        "arguments": [],
        "is_notebook": True,
        "parameters": {},
        "task_values": {},
        "limits": {"RLIMIT_CORE": 0, "RLIMIT_UNKNOWN": 1},
        "result_path": str(tmp_path / "result.json"),
    }
    (tmp_path / "spec.json").write_text(json.dumps(spec))
    assert bootstrap.main(str(tmp_path / "spec.json")) == 1
    result = json.loads((tmp_path / "result.json").read_text())
    assert (result["error"], result["task_values"]) == ("ZeroDivisionError: division by zero", {"k": 1})
    assert not (tmp_path / "result.part").exists()
