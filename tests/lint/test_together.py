"""The project pass of a run: what it hears, what judges it, and what of it is known."""

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.lint.workbench import contract_of, in_dag

from airbrick.cli import main
from airbrick.contract import write

ORDERS = in_dag('RunNowOperator(task_id="t", job="orders")')
REPORT = in_dag('RunNowOperator(task_id="t", job="report")')
CONTRACT = "airbrick.contract.dev.json"
GONE = "no DAG triggers job 'report'"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in (("a/orders.py", ORDERS), ("b/other.py", ORDERS)):
        path = tmp_path / "dags" / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
    (tmp_path / "airbrick.toml").write_text('select = ["DBX809"]\n')
    write(tmp_path / CONTRACT, contract_of({"orders": (), "report": ()}))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AIRBRICK_CONTRACT", raising=False)
    return tmp_path


def airbrick(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def lint(*arguments: str) -> list[str]:
    """Give the messages that are shown."""
    result = airbrick("lint", "--output-format", "json", *arguments)
    return [found["message"] for found in json.loads(result.stdout)]


def commit(folder: Path) -> None:
    for arguments in (["init", "-qb", "main"], ["add", "-A"], ["commit", "-qm", "x"]):
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)


def test_a_baseline_holds_what_all_files_show(folder: Path) -> None:
    assert lint("dags")[0].startswith(GONE)
    assert airbrick("baseline", "create", "dags").stdout == "airbrick.baseline.json: 1 finding.\n"
    assert airbrick("lint", "dags").stdout == "No findings (2 files checked, 1 known left out).\n"
    # Another stack changes the message, not the finding.
    write(folder / "airbrick.contract.prod.json", contract_of({"orders": (), "report": ()}, "prod"))
    assert lint("dags") == []
    assert airbrick("baseline", "check", "dags").exit_code == 0
    write(folder / CONTRACT, contract_of({"orders": (), "report": (), "third": ()}))
    assert len(lint("dags")) == 1
    (folder / "dags" / "b" / "other.py").write_text(REPORT)
    assert "gone: airbrick.contract.dev.json: DBX809" in airbrick("baseline", "check", "dags").stdout
    # Single files tell nothing of the project, so nothing of it is gone.
    assert "0 gone" in airbrick("baseline", "check", "dags/a/orders.py").stdout
    assert "1 removed, 0 findings left" in airbrick("baseline", "prune", "dags").stdout


def test_a_revision_is_compared_as_a_whole(folder: Path) -> None:
    other = folder / "dags" / "b" / "other.py"
    other.write_text(REPORT)
    commit(folder)
    assert lint("--diff-base", "HEAD") == []
    other.unlink()
    # The contract is what it was; that its job lost its trigger is new.
    assert lint("--diff-base", "HEAD")[0].startswith(GONE)
    other.write_text(ORDERS)
    assert lint("--diff-base", "HEAD", "dags")[0].startswith(GONE)
    commit(folder)
    assert lint("--diff-base", "HEAD") == []
    write(folder / CONTRACT, contract_of({"orders": (), "report": (), "third": ()}))
    assert ["third" in message for message in lint("--diff-base", "HEAD")] == [True]


def test_a_folder_of_the_project_does_not_make_orphans_of_what_the_others_trigger(folder: Path) -> None:
    (folder / "dags" / "b" / "other.py").write_text(REPORT)
    assert lint("dags/a") == []
    assert lint("dags/a", "--no-cache") == []
    (folder / "dags" / "b" / "other.py").write_text(ORDERS)
    assert len(lint("dags/a")) == 1
    # What is found in files that are only heard is not told.
    (folder / "dags" / "b" / "other.py").write_text(ORDERS + "    DatabricksRunNowOperator(task_id='u', job_id=1)\n")
    assert lint("dags/a", "--select", "DBX201") == []


def test_a_contract_above_says_what_the_project_is_where_no_configuration_does(folder: Path) -> None:
    (folder / "airbrick.toml").unlink()
    (folder / "dags" / "b" / "other.py").write_text(REPORT)
    assert lint("dags/a", "--select", "DBX809") == []


@pytest.mark.parametrize("place", ["dags/a/broken.py", "dags/b/broken.py"])
def test_a_file_that_cannot_be_followed_may_trigger_anything(folder: Path, place: str) -> None:
    (folder / place).write_text(REPORT + "(")
    assert lint("dags/a") == []


def test_a_file_the_rule_is_off_for_is_heard(folder: Path) -> None:
    (folder / "dags" / "b" / "other.py").write_text(REPORT)
    assert lint("dags") == []
    (folder / "airbrick.toml").write_text('select = ["DBX809"]\nper-file-ignores = { "dags/b/" = ["ALL"] }\n')
    assert lint("dags") == []
    # The contract is a file as well.
    (folder / "dags" / "b" / "other.py").write_text(ORDERS)
    assert len(lint("dags")) == 1
    (folder / "airbrick.toml").write_text(f'select = ["DBX809"]\nper-file-ignores = {{ "{CONTRACT}" = ["ALL"] }}\n')
    assert lint("dags") == []


def test_the_settings_of_the_folder_it_is_started_in_judge(folder: Path) -> None:
    # Those of the first file do not.
    (folder / "dags" / "a" / "airbrick.toml").write_text('select = ["DBX809"]\nfail-on = "error"\n')
    assert airbrick("lint").exit_code == 1
    (folder / "airbrick.toml").write_text('select = ["DBX809"]\nfail-on = "warning"\n')
    assert airbrick("lint").exit_code == 0
    (folder / "airbrick.toml").write_text('select = ["DBX809"]\nfail-on = "warning"\nseverity = { DBX809 = "error" }\n')
    result = airbrick("lint", "--output-format", "json")
    assert (result.exit_code, json.loads(result.stdout)[0]["severity"]) == (1, "error")
    (folder / "airbrick.toml").write_text('select = ["DBX809"]\nmin-severity = "warning"\n')
    assert lint() == []
