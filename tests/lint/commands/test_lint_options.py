"""Options of ``airbrick lint`` that say what to do with what is found."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.lint.workbench import dag_file

from airbrick.cli import main

BAD = dag_file('with DAG("d"):\n    DatabricksRunNowOperator(task_id="t", job_id=1)\n')
GOOD = BAD.replace("job_id=1", "job_id=1, deferrable=True")
CONFIG = 'select = ["DBX201", "DBX9"]\n'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "dag.py").write_text(BAD, encoding="utf-8")
    (tmp_path / "airbrick.toml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AIRBRICK_CONTRACT", raising=False)
    return tmp_path


def lint(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, ["lint", *arguments], input=stdin, catch_exceptions=False)


def test_severities_decide_on_what_is_shown_and_on_the_exit_code(folder: Path) -> None:
    assert lint("--fail-on", "warning").exit_code == 1
    result = lint("--fail-on", "error", "--output-format", "concise")
    assert (result.exit_code, result.stdout.count("DBX201")) == (0, 1)
    assert lint("--min-severity", "error").stdout == "No findings (1 file checked).\n"
    (folder / "airbrick.toml").write_text(CONFIG + 'fail-on = "error"\n')
    assert lint().exit_code == 0
    assert lint("--fail-on", "info").exit_code == 1
    (folder / "airbrick.toml").write_text(CONFIG + 'fail-on = "error"\nseverity = {DBX2 = "error"}\n')
    assert lint().exit_code == 1
    assert lint("--config", 'severity.DBX2="info"').exit_code == 0


@pytest.mark.parametrize("name", ["DBX3O3", "missing-deferrables", "ALL"])
def test_severities_of_what_is_no_rule_are_refused(folder: Path, name: str) -> None:
    assert lint("--exit-zero").exit_code == 0
    (folder / "airbrick.toml").write_text(CONFIG + f'severity = {{missing-deferrable = "error", {name} = "info"}}\n')
    result = lint("--exit-zero")
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"airbrick.toml: severity: no rule matches {name!r}: " in result.stderr


def test_keys_of_the_command_line_win(folder: Path) -> None:
    assert lint("--config", "default-deferrable=true").exit_code == 0
    assert lint("--config", "airbrick.toml", "--config", "default-deferrable=true").exit_code == 0
    assert lint("--isolated", "--select", "DBX201", "--config", "default-deferrable=true").exit_code == 0
    for arguments, message in (
        (["--config", "defalt-deferrable=true"], "did you mean default-deferrable?"),
        (["--config", "airbrick.toml", "--config", "other.toml"], "one file, not 2"),
        (["--config", "a b=1"], "neither a file nor key = value"),
    ):
        result = lint(*arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert message in result.stderr


def test_fix_only_reports_what_was_fixed_and_nothing_else(folder: Path) -> None:
    (folder / "broken.py").write_text("import airflow\nx = (\n")
    result = lint("--fix-only", "--unsafe-fixes")
    assert (result.exit_code, result.stdout) == (
        0,
        "dag.py:\n     1  DBX201  missing-deferrable\n1 fixed (2 files checked).\n",
    )
    assert (folder / "dag.py").read_text() == GOOD


def test_a_hook_fails_when_it_fixed_something_and_is_asked_to(folder: Path) -> None:
    arguments = ["--fix", "--unsafe-fixes", "--exit-non-zero-on-fix"]
    assert lint(*arguments).exit_code == 1
    assert lint(*arguments).exit_code == 0


def test_fixes_are_listed_when_that_is_asked_for(folder: Path) -> None:
    result = lint("--fix", "--unsafe-fixes", "--show-fixes")
    assert result.stdout == "dag.py:\n     1  DBX201  missing-deferrable\nNo findings, 1 fixed (1 file checked).\n"


def test_the_report_goes_to_a_file_without_colours(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    result = lint("-o", "reports/lint.json", "--output-format", "json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert json.loads((folder / "reports" / "lint.json").read_text())[0]["code"] == "DBX201"
    lint("-o", "lint.txt")
    assert "\x1b" not in (folder / "lint.txt").read_text()
    assert "\x1b" in lint().stdout
    result = lint("-o", "dag.py/x")
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


def test_statistics_for_programs(folder: Path) -> None:
    assert json.loads(lint("--statistics", "--output-format", "json").stdout) == [
        {"code": "DBX201", "name": "missing-deferrable", "count": 1}
    ]


def test_files_and_settings_are_shown(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "b.py").write_text("")
    assert lint("--show-files").stdout == "dag.py\nsub/b.py\n"
    (folder / "airbrick.toml").write_text(
        CONFIG
        + 'per-file-ignores = {"x/" = ["DBX2"]}\nseverity = {DBX2 = "info"}\n[rules.DBX301]\nmax-active-runs = 3\n'
    )
    shown = lint("--show-settings").stdout
    assert shown.startswith(f"# settings of dag.py\n# from {folder / 'airbrick.toml'}\n")
    # What is shown is a configuration that says the same.
    (folder / "airbrick.toml").write_text(shown)
    assert lint("--show-settings").stdout == shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--baseline", "x.json", "--no-baseline"], "contradict each other"),
        (["--baseline", "x.json"], "x.json: cannot be read"),
        (["--diff-base", "HEAD", "-"], "it does not go with '-'"),
        (["--watch", "-"], "it does not go with '-'"),
    ],
)
def test_options_that_contradict_each_other_are_refused(arguments: list[str], message: str) -> None:
    result = lint(*arguments, stdin="")
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


def test_a_file_lists_only_itself_however_often_it_is_named(folder: Path) -> None:
    (folder / "link.py").symlink_to(folder / "dag.py")
    assert lint("--show-files", "dag.py", ".", "link.py").stdout == "dag.py\n"


@pytest.mark.parametrize("output_format", ["json", "json-lines", "gitlab", "rdjson", "sarif", "junit"])
def test_what_programs_read_is_utf_8_whatever_files_and_tasks_are_called(folder: Path, output_format: str) -> None:
    name = b"caf\xe9.py".decode("utf-8", "surrogateescape")
    try:
        (folder / name).write_text(BAD.replace('"t"', '"\\ud800"'))
    except OSError:
        pytest.skip("the file system takes text only")
    for _ in range(2):
        text = lint("--output-format", output_format, name).stdout_bytes.decode("utf-8")
        assert "caf" in text
        assert "DBX201" in text


@pytest.mark.parametrize("output_format", ["concise", "full", "github", "grouped"])
def test_what_people_read_names_files_as_they_are_called(folder: Path, output_format: str) -> None:
    name = b"caf\xe9.py"
    try:
        (folder / name.decode("utf-8", "surrogateescape")).write_text(BAD.replace('"d"', '"\\ud800"'))
    except OSError:
        pytest.skip("the file system takes text only")
    assert name in lint("--output-format", output_format, "--select", "ALL").stdout_bytes
