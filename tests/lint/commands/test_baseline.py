"""``airbrick baseline`` as it is called."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.lint.workbench import contract_of, dag_file

from airbrick.cli import main
from airbrick.contract import write

BODY = 'with DAG("d"):\n    DatabricksRunNowOperator(task_id="t", job_id=1)\n'
BAD = dag_file(BODY)
NAME = "airbrick.baseline.json"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags" / "a.py").write_text(BAD)
    (tmp_path / "airbrick.toml").write_text('select = ["DBX201", "DBX9"]\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AIRBRICK_CONTRACT", raising=False)
    return tmp_path


def airbrick(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def test_a_new_user_comes_to_green_and_sees_only_what_comes(folder: Path) -> None:
    assert airbrick("lint", "dags").exit_code == 1
    assert airbrick("baseline", "create", "dags").stdout == f"{NAME}: 1 finding.\n"
    result = airbrick("lint", "dags")
    assert (result.exit_code, result.stdout) == (0, "No findings (1 file checked, 1 known left out).\n")
    (folder / "dags" / "b.py").write_text(BAD.replace('"d"', '"e"'))
    result = airbrick("lint", "dags", "--output-format", "concise")
    assert (result.exit_code, result.stdout.count("DBX201")) == (1, 1)
    assert "dags/b.py" in result.stdout
    assert airbrick("lint", "dags", "--no-baseline", "--output-format", "concise").stdout.count("DBX201") == 2


def test_it_holds_when_lines_move_and_files_move(folder: Path) -> None:
    airbrick("baseline", "create", "dags")
    path = folder / "dags" / "a.py"
    path.write_text("# a comment\n\n" + BAD.replace("job_id=1", "job_id=2,\n        retries=3"))
    assert airbrick("lint", "dags").exit_code == 0
    path.rename(folder / "dags" / "renamed.py")
    assert airbrick("lint", "dags").exit_code == 0
    assert airbrick("baseline", "check", "dags").exit_code == 0
    # A copy is something new.
    (folder / "dags" / "copy.py").write_text(BAD)
    assert airbrick("lint", "dags").exit_code == 1


def test_as_many_findings_are_known_as_there_were(folder: Path) -> None:
    twice = BAD + "    DatabricksRunNowOperator(task_id='t', job_id=1)\n"
    (folder / "dags" / "a.py").write_text(twice)
    assert airbrick("baseline", "create", "dags").stdout == f"{NAME}: 2 findings.\n"
    (entry,) = json.loads((folder / NAME).read_text())["findings"]
    assert entry["count"] == 2
    assert airbrick("lint", "dags").exit_code == 0
    (folder / "dags" / "a.py").write_text(twice + "    DatabricksRunNowOperator(task_id='t', job_id=1)\n")
    assert airbrick("lint", "dags", "--output-format", "concise").stdout.count("DBX201") == 1


def test_check_tells_what_is_new_and_what_is_gone_and_prune_removes_it(folder: Path) -> None:
    (folder / "dags" / "b.py").write_text(BAD.replace('"d"', '"e"'))
    airbrick("baseline", "create", "dags")
    assert airbrick("baseline", "check", "dags").exit_code == 0
    (folder / "dags" / "b.py").write_text(BAD.replace('"d"', '"f"'))
    result = airbrick("baseline", "check", "dags")
    assert result.exit_code == 1
    assert "new:  dags/b.py:12: DBX201" in result.stdout
    assert "gone: dags/b.py: DBX201 missing-deferrable (DAG e, task t)" in result.stdout
    assert f"{NAME}: 2 findings, 1 new, 1 gone. `airbrick baseline prune` removes what is gone.\n" in result.stdout
    # Of files that were not looked at, nothing is known to be gone.
    assert "0 gone" in airbrick("baseline", "check", "dags/a.py").stdout
    assert airbrick("baseline", "prune", "dags").stdout == f"{NAME}: 1 removed, 1 finding left.\n"
    assert airbrick("lint", "dags", "--output-format", "concise").stdout.count("DBX201") == 1
    assert airbrick("baseline", "prune", "dags").stdout == f"{NAME}: 0 removed, 1 finding left.\n"


def test_what_a_deleted_file_had_is_gone(folder: Path) -> None:
    airbrick("baseline", "create", "dags")
    (folder / "dags" / "a.py").unlink()
    assert "1 gone" in airbrick("baseline", "check", "dags").stdout
    assert airbrick("baseline", "prune", "dags").exit_code == 0
    assert json.loads((folder / NAME).read_text())["findings"] == []


@pytest.mark.parametrize(
    "arguments",
    [("--select", "DBX9"), ("--ignore", "DBX201"), ("--config", 'min-severity="error"'), ("--extend-select", "DBX8")],
)
def test_what_was_not_looked_for_is_not_gone(folder: Path, arguments: tuple[str, ...]) -> None:
    (folder / "dags" / "b.py").write_text(BAD.replace('"d"', '"e"'))
    everything = ("--extend-select", "DBX802,DBX801")
    write(folder / "airbrick.contract.dev.json", contract_of({"orders": ()}))
    (folder / "dags" / "c.py").write_text(dag_file('with DAG("c"):\n    RunNowOperator(task_id="t", job="no")\n'))
    airbrick("baseline", "create", "dags", *everything)
    before = (folder / NAME).read_bytes()
    # A file that is gone, a contract that is not at hand, and a file that does not parse tell nothing of the others.
    (folder / "airbrick.contract.dev.json").unlink()
    (folder / "dags" / "a.py").write_text(BAD + "(")
    if arguments[1] != "DBX8":
        (folder / "dags" / "b.py").unlink()
    assert ", 0 gone." in airbrick("baseline", "check", "dags", *arguments).stdout
    assert airbrick("baseline", "prune", "dags", *arguments).exit_code == 0
    assert (folder / NAME).read_bytes() == before


@pytest.mark.parametrize("arguments", [("dags", "--select", "DBX9"), ("dags/b.py",), ("dags/b.py", "--select", "DBX9")])
def test_making_it_again_keeps_what_was_not_looked_for(folder: Path, arguments: tuple[str, ...]) -> None:
    (folder / "dags" / "b.py").write_text(BAD.replace('"d"', '"e"'))
    airbrick("baseline", "create", "dags")
    before = (folder / NAME).read_bytes()
    assert airbrick("baseline", "create", *arguments).stdout == f"{NAME}: 2 findings.\n"
    assert (folder / NAME).read_bytes() == before


def test_making_it_again_forgets_what_is_gone(folder: Path) -> None:
    (folder / "dags" / "b.py").write_text(BAD.replace('"d"', '"e"'))
    airbrick("baseline", "create", "dags")
    (folder / "dags" / "a.py").unlink()
    (folder / "dags" / "b.py").rename(folder / "dags" / "c.py")
    assert airbrick("baseline", "create", "dags").stdout == f"{NAME}: 1 finding.\n"
    (entry,) = json.loads((folder / NAME).read_text())["findings"]
    assert entry["path"] == "dags/c.py"


def test_what_is_no_baseline_is_not_written_over(folder: Path) -> None:
    (folder / "notes.json").write_text('["mine"]')
    result = airbrick("baseline", "create", "dags", "--file", "notes.json")
    assert (result.exit_code, (folder / "notes.json").read_text()) == (2, '["mine"]')
    assert "notes.json: is no baseline" in result.stderr


def test_the_file_is_named_by_option_by_configuration_or_by_its_place(folder: Path) -> None:
    airbrick("baseline", "create", "dags", "--file", "known.json")
    assert airbrick("lint", "dags").exit_code == 1
    assert airbrick("lint", "dags", "--baseline", "known.json").exit_code == 0
    (folder / "airbrick.toml").write_text('select = ["DBX201"]\nbaseline = "known.json"\n')
    assert airbrick("lint", "dags").exit_code == 0
    assert airbrick("baseline", "check").stdout == "known.json: 1 finding, 0 new, 0 gone.\n"


def test_known_findings_are_not_fixed(folder: Path) -> None:
    airbrick("baseline", "create", "dags")
    path = folder / "dags" / "a.py"
    body = BODY.replace('"t"', '"u"').removeprefix('with DAG("d"):\n')
    path.write_text(BAD + body)
    assert airbrick("lint", "--fix", "--unsafe-fixes").exit_code == 0
    assert path.read_text() == BAD + body.replace("job_id=1", "job_id=1, deferrable=True")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no airbrick.baseline.json here or in a folder above"),
        ("{", "is no JSON"),
        ("[]", "is no baseline"),
        ('{"baseline": 2}', "has version 2; this airbrick reads 1"),
        ('{"baseline": 1}', "holds no list of findings"),
        ('{"baseline": 1, "findings": [{}]}', "finding 1 is broken"),
        ("[" * 20_000, "is no JSON"),
    ],
)
def test_a_broken_baseline_is_told_by_name(folder: Path, content: str | None, message: str) -> None:
    if content is not None:
        (folder / NAME).write_text(content)
        result = airbrick("lint", "dags")
        assert (result.exit_code, result.stdout) == (2, "")
        assert f"{NAME}: {message}" in result.stderr
    for command in ("check", "prune"):
        result = airbrick("baseline", command, "dags")
        assert result.exit_code == 2
        assert message in result.stderr
        assert result.stderr.count("\n") == 1


def test_a_linter_that_cannot_do_its_work_prunes_and_creates_nothing(folder: Path) -> None:
    airbrick("baseline", "create", "dags")
    before = (folder / NAME).read_bytes()
    (folder / "airbrick.contract.dev.json").write_text("{")
    (folder / "dags" / "a.py").write_text(BAD.replace("job_id=1", "job_id=1, deferrable=True"))
    for command in ("create", "check", "prune"):
        assert airbrick("baseline", command, "dags").exit_code == 2
    assert (folder / NAME).read_bytes() == before


def test_the_file_is_the_same_however_it_is_made(folder: Path) -> None:
    for name in "cb":
        (folder / "dags" / f"{name}.py").write_text(BAD.replace('"d"', f'"{name}"'))
    airbrick("baseline", "create", "dags/c.py", "dags/b.py", "dags/a.py")
    first = (folder / NAME).read_bytes()
    airbrick("baseline", "create", str(folder / "dags"))
    assert (folder / NAME).read_bytes() == first
    # One finding a line, and no line numbers: a review sees what came and what went.
    assert len(first.splitlines()) == 5
