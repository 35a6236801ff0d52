"""Fixing files on disk."""

import stat
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from tests.lint.workbench import Workbench, dag_file

from airbrick.lint.config import from_document
from airbrick.lint.contracts import ContractStore
from airbrick.lint.edits import apply
from airbrick.lint.engine import Linter
from airbrick.lint.errors import WriteError
from airbrick.lint.finding import Edit
from airbrick.lint.fixing import FixResult, diff, fix, write
from airbrick.lint.paths import lint_file

BODY = 'with DAG("d"):\n    DatabricksRunNowOperator(task_id="t", job_id=1)\n'


def fixed(path: Path) -> FixResult:
    linter = Linter(ContractStore(environ={}))
    settings = from_document({}, source=path.parent / "airbrick.toml")
    result = fix(linter, lint_file(linter, path, settings), settings, unsafe=True)
    assert result is not None
    return result


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        (b"", "utf-8"),
        (b"\xef\xbb\xbf", "utf-8"),
        (b"# coding: latin-1\n", "latin-1"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encoding_newlines_and_byte_order_mark_are_kept(
    tmp_path: Path, head: bytes, encoding: str, newline: str
) -> None:
    path = tmp_path / "dag.py"
    text = ("# é\n" + dag_file(BODY)).replace("\n", newline)
    before = head + text.encode(encoding)
    path.write_bytes(before)
    write(fixed(path))
    assert path.read_bytes() == before.replace(b"job_id=1)", b"job_id=1, deferrable=True)")


def test_mode_and_links_are_kept_and_nothing_is_left_beside(tmp_path: Path) -> None:
    real = tmp_path / "real" / "dag.py"
    real.parent.mkdir()
    real.write_text(dag_file(BODY))
    real.chmod(0o640)
    link = tmp_path / "dag.py"
    link.symlink_to(real)
    write(fixed(link))
    assert link.is_symlink()
    assert "deferrable=True" in real.read_text()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert [path.name for path in real.parent.iterdir()] == ["dag.py"]


def test_a_write_that_fails_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "dag.py"
    path.write_text(dag_file(BODY))
    result = fixed(path)

    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(WriteError, match=r"dag\.py: cannot be written, it is unchanged: No space left on device"):
        write(result)
    assert path.read_text() == dag_file(BODY)
    assert [found.name for found in tmp_path.iterdir()] == ["dag.py"]


def git_applies(folder: Path, result: FixResult) -> None:
    named = replace(result, before=replace(result.before, path=Path("dag.py")))
    subprocess.run(["git", "-C", str(folder), "apply", "-p0", "-"], input=diff(named), check=True, timeout=60)
    assert (folder / "dag.py").read_bytes() == result.before.to_bytes(result.after)


def test_a_diff_shows_what_would_change(bench: Workbench) -> None:
    text = diff(bench.fix(dag_file(BODY))).decode()
    assert text.startswith(f"--- {bench.path}\n+++ {bench.path}\n@@ ")
    changed = [line for line in text.splitlines()[2:] if line[0] in "+-"]
    assert [line[0] for line in changed] == ["-", "+"]


def test_a_diff_of_a_file_without_a_last_newline_is_a_valid_one(bench: Workbench) -> None:
    assert diff(bench.fix(dag_file(BODY).rstrip("\n"))).endswith(b"\n\\ No newline at end of file\n")


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("odd", ["\f", "\v", "\x1c", "\x85", "\u2028", "\u2029"])
@pytest.mark.parametrize("end", ["\n", ""])
def test_git_applies_a_diff_whatever_else_ends_a_line(tmp_path: Path, newline: str, odd: str, end: str) -> None:
    path = tmp_path / "dag.py"
    text = dag_file(f"# é{odd}\nNOTE = '''{odd}\n{odd}'''\n{BODY}").rstrip("\n") + end
    path.write_bytes(text.replace("\n", newline).encode())
    result = fixed(path)
    assert "deferrable=True" in result.after
    git_applies(tmp_path, result)


@pytest.mark.parametrize(
    ("head", "encoding"), [(b"\xef\xbb\xbf", "utf-8"), (b"# coding: latin-1\n", "latin-1"), (b"", "utf-8")]
)
def test_git_applies_a_diff_whatever_the_encoding(tmp_path: Path, head: bytes, encoding: str) -> None:
    path = tmp_path / "dag.py"
    module = "airflow.providers.databricks.operators.databricks"
    imports = f"from airflow import DAG\nfrom {module} import DatabricksRunNowOperator\n"
    text = f"{imports}with DAG('é'): DatabricksRunNowOperator(task_id='t', job_id=1)\n"
    path.write_bytes(head + text.encode(encoding))
    git_applies(tmp_path, fixed(path))


def test_a_diff_escapes_what_the_encoding_lacks(tmp_path: Path) -> None:
    path = tmp_path / "dag.py"
    text = f"# coding: latin-1\n{dag_file(BODY)}NAME = 'a'\n"
    path.write_bytes(text.encode("latin-1"))
    assert b"+NAME = '\\u0436'\n" in diff(replace(fixed(path), after=text.replace("'a'", "'ж'")))


def test_fixes_of_several_rules_and_lines_come_together(bench: Workbench) -> None:
    bench.add_contract({"orders": ("run_date",)})
    body = """\
with DAG("d", schedule="@daily"):
    DatabricksRunNowOperator(task_id="a", job_name="orders jbo", job_parameters={"run_dt": 1})
    RunNowOperator(task_id="b", job="ordrs", job_parameters={"run_date": 1})  # airbrick: ignore[DBX201]
"""
    result = bench.fix(dag_file(body))
    assert result.result.findings == ()
    assert (
        result.after.removeprefix(dag_file(""))
        == """\
with DAG("d", schedule="@daily", max_active_runs=1):
    DatabricksRunNowOperator(task_id="a", job_name="orders job", job_parameters={"run_date": 1}, deferrable=True)
    RunNowOperator(task_id="b", job="orders", job_parameters={"run_date": 1})
"""
    )
    # The parameter's typing mistake comes to light only once the job is known.
    assert [finding.code for finding in result.applied].count("DBX805") == 1


# What comes after the bracket reads as a tree, and is refused only where that is compiled.
@pytest.mark.parametrize("text", ["(", "return\n", "print(end='', end='')\n", "def f(a, a): ...\n"])
@pytest.mark.filterwarnings("error")
def test_a_fix_that_would_break_the_file_is_not_applied(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    from airbrick.lint.rules import dbx201_missing_deferrable

    monkeypatch.setattr(dbx201_missing_deferrable, "add_argument", lambda *_: (Edit(0, 0, text),))
    result = bench.fix(dag_file(BODY))
    assert not result.changed
    assert [finding.code for finding in result.result.findings] == ["DBX201"]


@pytest.mark.filterwarnings("error")
def test_what_python_only_warns_about_is_fixed_all_the_same(bench: Workbench) -> None:
    assert bench.fix(dag_file(BODY + "assert (1, '\\d')\nprint(1 is 1)\n")).changed


def test_edits_are_applied_from_left_to_right() -> None:
    assert apply("abc", [Edit(3, 3, "!"), Edit(0, 1, "A"), Edit(1, 1, "-")]) == "A-bc!"
    assert apply("", [Edit(0, 0, "x")]) == "x"
