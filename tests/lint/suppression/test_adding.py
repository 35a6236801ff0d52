"""``--add-ignore``: comments that suppress what is found today."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from tests.lint.workbench import Workbench, dag_file

from airbrick.cli import main
from airbrick.lint.engine import lint_text
from airbrick.lint.settings import Settings
from airbrick.lint.suppression.adding import add_ignores

RUN = "DatabricksRunNowOperator"
ONLY = {"select": ["DBX201", "DBX301", "DBX9"]}


def ignored(bench: Workbench, body: str, reason: str = "") -> str:
    result = bench.lint(dag_file(body), ONLY)
    assert result.source is not None
    text = add_ignores(result.source, result.findings, reason)
    assert bench.codes(text, ONLY) == []
    return text.removeprefix(dag_file(""))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            f'with DAG("d"):\n    {RUN}(task_id="t", job_id=1)\n',
            f'with DAG("d"):\n    {RUN}(task_id="t", job_id=1)  # airbrick: ignore[DBX201] why\n',
        ),
        (
            f'with DAG("d"):\n    {RUN}(task_id="t", job_id=1)   # a comment\n',
            f'with DAG("d"):\n    {RUN}(task_id="t", job_id=1)   # a comment  # airbrick: ignore[DBX201] why\n',
        ),
        (
            f'with DAG("d"):\n    {RUN}(task_id="t", job_id=1)  # airbrick: ignore[DBX101] old\n',
            f'with DAG("d"):\n    {RUN}(task_id="t", job_id=1)  # airbrick: ignore[DBX101, DBX201] old\n',
        ),
        (
            f'with DAG("d"):\n    x = \\\n        {RUN}(task_id="t", job_id=1)',
            f'with DAG("d"):\n    x = \\\n        {RUN}(task_id="t", job_id=1)  # airbrick: ignore[DBX201] why',
        ),
        (
            f'with DAG("d"):\n    x = {RUN}(task_id="t", job_name="""\n""")\n',
            f'with DAG("d"):\n    x = {RUN}(task_id="t", job_name="""\n""")  # airbrick: ignore[DBX201] why\n',
        ),
        (
            f'with DAG("d"):\n    x = {RUN}(task_id="t", \\\n        job_id=1)\n',
            f'with DAG("d"):\n    x = {RUN}(task_id="t", \\\n        job_id=1)  # airbrick: ignore[DBX201] why\n',
        ),
        (
            f'with DAG("d", schedule="@daily"): {RUN}(task_id="t", job_id=1)\n',
            f'with DAG("d", schedule="@daily"): {RUN}(task_id="t", job_id=1)  # airbrick: ignore[DBX301, DBX201] why\n',
        ),
    ],
)
def test_comments_come_where_they_can_stand(bench: Workbench, before: str, after: str) -> None:
    if "DBX101] old" in before:
        result = bench.lint(dag_file(before), {"select": ["DBX201"]})
        assert result.source is not None
        assert add_ignores(result.source, result.findings, "why").removeprefix(dag_file("")) == after
    else:
        assert ignored(bench, before, "why") == after


def test_newlines_are_kept_and_a_second_time_changes_nothing(bench: Workbench) -> None:
    text = dag_file(f'with DAG("d"):\n    {RUN}(task_id="t", job_id=1)\n').replace("\n", "\r\n")
    result = bench.lint(text, ONLY)
    assert result.source is not None
    once = add_ignores(result.source, result.findings, "")
    assert once == text.replace("job_id=1)", "job_id=1)  # airbrick: ignore[DBX201]")
    again = bench.lint(once, ONLY)
    assert again.source is not None
    assert add_ignores(again.source, again.findings, "") == once


def test_a_file_that_cannot_be_parsed_is_left_alone(bench: Workbench) -> None:
    result = bench.lint("import airflow\nx = (\n")
    assert result.source is not None
    assert add_ignores(result.source, result.findings, "") == result.source.text


LAYOUTS = st.sampled_from(["", "\n        ", " \\\n        ", "  # note\n        "])


@given(st.lists(st.tuples(LAYOUTS, LAYOUTS, st.sampled_from(['"t"', '"""t\n"""', "'a' 'b'"])), min_size=1, max_size=4))
def test_whatever_the_layout_everything_is_suppressed(calls: list[tuple[str, str, str]]) -> None:
    lines = "".join(
        f"    {RUN}({one if '#' not in one else chr(10)}task_id={name},{two}job_id=1)\n" for one, two, name in calls
    )
    settings = Settings(select=("DBX201", "DBX9"))
    result = lint_text(dag_file(f'with DAG("d"):\n{lines}'), settings=settings)
    assert result.source is not None
    assert len(result.findings) == len(calls)
    assert lint_text(add_ignores(result.source, result.findings, "why"), settings=settings).findings == ()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "airbrick.toml").write_text('select = ["DBX201", "DBX9"]\n')
    (tmp_path / "a.py").write_text(dag_file(f'with DAG("d"):\n    {RUN}(task_id="t", job_id=1)\n'))
    (tmp_path / "broken.py").write_text("import airflow\nx = (\n")
    return tmp_path


def airbrick(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["lint", *arguments], catch_exceptions=False)


def test_the_command_writes_files_and_says_what_is_left(folder: Path) -> None:
    result = airbrick("--add-ignore=moved in May")
    assert (result.exit_code, result.stdout) == (1, "1 finding suppressed in 1 file, 1 left.\n")
    assert "  # airbrick: ignore[DBX201] moved in May\n" in (folder / "a.py").read_text()
    assert (folder / "broken.py").read_text() == "import airflow\nx = (\n"
    assert airbrick("a.py").exit_code == 0
    assert airbrick("--add-ignore", "a.py").stdout == "0 findings suppressed in 0 files.\n"


def test_a_reason_the_file_cannot_hold_changes_nothing(folder: Path) -> None:
    text = "# coding: latin-1\n" + (folder / "a.py").read_text()
    (folder / "a.py").write_text(text)
    result = airbrick("a.py", "--add-ignore=日本")
    assert result.exit_code == 2
    assert "a.py: cannot be written, it is unchanged: iso-8859-1 has no '日'" in result.stderr
    assert (folder / "a.py").read_text() == text


@pytest.mark.parametrize("arguments", [["--fix"], ["--diff"], ["-"]])
def test_it_stands_alone(folder: Path, arguments: list[str]) -> None:
    result = airbrick("--add-ignore", *arguments)
    assert result.exit_code == 2
    assert "--add-ignore stands alone" in result.stderr


def test_a_reason_is_one_line(folder: Path) -> None:
    assert airbrick("--add-ignore=a\nb").exit_code == 2
