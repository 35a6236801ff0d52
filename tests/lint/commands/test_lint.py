"""``airbrick lint`` and ``airbrick rule`` as they are called."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.lint.workbench import contract_of, dag_file

from airbrick.cli import main
from airbrick.contract import write

BAD = dag_file('with DAG("d"):\n    DatabricksRunNowOperator(task_id="t", job_id=1)\n')
GOOD = BAD.replace("job_id=1", "job_id=1, deferrable=True")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "dag.py").write_text(BAD, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AIRBRICK_CONTRACT", raising=False)
    return tmp_path


def airbrick(*arguments: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, arguments, input=stdin, catch_exceptions=False)


def test_exit_status_tells_what_happened(folder: Path) -> None:
    assert airbrick("lint", "dag.py").exit_code == 1
    (folder / "dag.py").write_text(GOOD, encoding="utf-8")
    assert airbrick("lint", "dag.py").exit_code == 0
    assert airbrick("lint", "nope.py").exit_code == 2
    assert airbrick("lint", "--no-such-option").exit_code == 2
    assert airbrick("lint").exit_code == 0


def test_exit_zero_forgives_findings_but_not_errors(folder: Path) -> None:
    assert airbrick("lint", "--exit-zero").exit_code == 0
    assert airbrick("lint", "--exit-zero", "--contract", "nope.json").exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nope.py"], "error: nope.py: no such file or folder\n"),
        (["--select", "DBX2,misssing-deferrable"], "did you mean missing-deferrable?"),
        (["--ignore", "XYZ"], "error: --ignore: no rule matches 'XYZ'"),
        (["--config", "nope.toml"], "error: nope.toml: cannot be read: No such file or directory\n"),
        (["-", "dag.py"], "'-' reads standard input and stands alone"),
    ],
)
def test_mistakes_of_the_caller_are_one_line(folder: Path, arguments: list[str], message: str) -> None:
    result = airbrick("lint", *arguments, stdin="")
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_a_wrong_configuration_stops_the_run_and_isolated_passes_it_by(folder: Path) -> None:
    (folder / "airbrick.toml").write_text("selct = []")
    result = airbrick("lint")
    assert result.exit_code == 2
    assert "did you mean select?" in result.stderr
    assert airbrick("lint", "--isolated").exit_code == 1


def test_a_broken_contract_is_told_once_and_the_other_findings_are_kept(folder: Path) -> None:
    (folder / "airbrick.contract.dev.json").write_text("{")
    (folder / "other.py").write_text(BAD)
    result = airbrick("lint", "--output-format", "concise")
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "airbrick.contract.dev.json:1:2: not a contract" in result.stderr
    assert result.stdout.count("DBX201") == 2


def test_several_contracts_name_their_stacks(folder: Path) -> None:
    for stack, jobs in (("dev", {}), ("prod", {"nightly": ()})):
        write(folder / f"airbrick.contract.{stack}.json", contract_of(jobs, stack))
    (folder / "dag.py").write_text(dag_file('with DAG("d"):\n    RunNowOperator(task_id="t", job="nightly")\n'))
    result = airbrick("lint", "--output-format", "json", "--contract", "airbrick.contract.dev.json", "--contract", ".")
    (found,) = json.loads(result.stdout)
    assert found["stacks"] == ["dev"]


def test_select_and_ignore_take_lists_and_repeats(folder: Path) -> None:
    assert "DBX201" in airbrick("lint", "--select", "DBX1,DBX2").stdout
    assert airbrick("lint", "--select", "DBX1", "--select", "DBX3").exit_code == 0
    assert "DBX201" in airbrick("lint", "--select", "DBX1", "--extend-select", "DBX2").stdout
    assert airbrick("lint", "--ignore", "missing-deferrable").exit_code == 0


def test_fix_writes_and_reports_what_is_left(folder: Path) -> None:
    assert airbrick("lint", "--fix").exit_code == 1
    assert (folder / "dag.py").read_text(encoding="utf-8") == BAD
    result = airbrick("lint", "--fix", "--unsafe-fixes")
    assert result.exit_code == 0
    assert "No findings, 1 fixed (1 file checked)." in result.stdout
    assert (folder / "dag.py").read_text(encoding="utf-8") == GOOD
    assert "fixed" not in airbrick("lint", "--fix", "--unsafe-fixes").stdout


def test_diff_shows_and_changes_nothing(folder: Path) -> None:
    result = airbrick("lint", "--diff", "--unsafe-fixes")
    assert result.exit_code == 1
    assert '+    DatabricksRunNowOperator(task_id="t", job_id=1, deferrable=True)\n' in result.stdout
    assert (folder / "dag.py").read_text(encoding="utf-8") == BAD
    assert airbrick("lint", "--diff").exit_code == 0
    assert airbrick("lint", "--diff").stdout == ""


def test_standard_input_is_linted_under_a_name(folder: Path) -> None:
    (folder / "airbrick.toml").write_text("[per-file-ignores]\n'tests/' = ['ALL']\n")
    result = airbrick("lint", "-", "--stdin-filename", "dags/new.py", "--output-format", "concise", stdin=BAD)
    assert result.exit_code == 1
    assert "dags/new.py:12:5: DBX201" in result.stdout
    assert airbrick("lint", "-", "--stdin-filename", "tests/new.py", stdin=BAD).exit_code == 0
    assert airbrick("lint", "-", stdin="").exit_code == 0


def test_fixing_standard_input_writes_the_text(folder: Path) -> None:
    crlf = BAD.replace("\n", "\r\n").encode()
    result = airbrick("lint", "-", "--fix", "--unsafe-fixes", stdin=crlf)
    assert result.stdout_bytes == GOOD.replace("\n", "\r\n").encode()
    assert result.exit_code == 0
    clean = airbrick("lint", "-", "--fix", stdin="import os\n")
    assert clean.stdout == "import os\n"
    latin = "# coding: latin-1\n# é\n".encode("latin-1") + BAD.encode()
    fixed = airbrick("lint", "-", "--fix", "--unsafe-fixes", stdin=latin)
    assert fixed.stdout_bytes == latin.replace(b"job_id=1)", b"job_id=1, deferrable=True)")


@pytest.mark.parametrize(("option", "exit_code"), [("--fix", 1), ("--fix-only", 0)])
def test_standard_input_that_cannot_be_read_comes_out_unchanged_and_that_is_told(
    folder: Path, option: str, exit_code: int
) -> None:
    text = "import airflow\nx = (\n"
    result = airbrick("lint", "-", option, "--stdin-filename", "dags/x.py", stdin=text)
    assert (result.exit_code, result.stdout) == (exit_code, text)
    assert result.stderr.startswith("error: dags/x.py:2:5: ")
    assert result.stderr.count("\n") == 1
    assert airbrick("lint", "-", option, stdin=BAD).stderr == ""


def test_diff_of_standard_input(folder: Path) -> None:
    result = airbrick("lint", "-", "--diff", "--unsafe-fixes", "--stdin-filename", "x.py", stdin=BAD)
    assert result.exit_code == 1
    assert result.stdout.startswith("--- x.py\n+++ x.py\n")


def test_statistics(folder: Path) -> None:
    assert airbrick("lint", "--statistics").stdout == "1  DBX201  missing-deferrable\n"


def test_an_internal_error_exits_with_2(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from airbrick.lint.registry import find_rule

    def crash(*_args: object) -> None:
        raise KeyError

    monkeypatch.setattr(type(find_rule("DBX301")), "check_dag", crash)
    result = airbrick("lint", "--output-format", "json")
    assert result.exit_code == 2
    documents = json.loads(result.stdout)
    assert [document["code"] for document in documents] == ["DBX900", "DBX201"]
    assert "in _apply" in documents[0]["detail"]


def test_names_of_files_that_are_no_text_are_shown(folder: Path) -> None:
    name = b"d\xff.py".decode("utf-8", "surrogateescape")
    try:
        (folder / name).write_text(BAD)
    except OSError:
        pytest.skip("the file system takes text only")
    assert "DBX201" in airbrick("lint", "--output-format", "concise", name).stdout


@pytest.mark.parametrize("command", [["lint", "--help"], ["rule", "--help"]])
def test_help_loads_no_engine(command: list[str]) -> None:
    code = (
        "import sys\n"
        "from airbrick.cli import main\n"
        f"try:\n    main({command!r})\nexcept SystemExit:\n    pass\n"
        "print('LOADED', [n for n in ('libcst', 'rich', 'pathspec', 'airbrick.lint.engine') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Examples:" in done.stdout
    assert "LOADED []" in done.stdout


def test_one_file_without_contract_loads_nothing_that_it_does_not_need(folder: Path) -> None:
    spared = ["airbrick.contract.model", "airbrick.contract.reader", "airbrick.contract.writer"]
    spared += [f"airbrick.lint.{name}" for name in ("baseline", "cache", "config", "ignore_files", "kinds", "project")]
    spared += [f"airbrick.lint.{name}" for name in ("report.frames", "report.lines", "together", "walking")]
    code = (
        "import sys\n"
        "from airbrick.cli import main\n"
        "try:\n    main(['lint', '--no-cache', '--force-exclude', '--output-format', 'json', 'dag.py'])\n"
        "except SystemExit:\n    pass\n"
        f"print('LOADED', [name for name in {spared!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    assert "DBX201" in done.stdout
    assert "LOADED []" in done.stdout
