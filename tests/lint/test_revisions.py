"""``--diff-base``: only what a revision did not have."""

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.lint.workbench import dag_file

from airbrick.cli import main

CALL = '    DatabricksRunNowOperator(task_id="{}", job_id=1)\n'
BAD = dag_file('with DAG("d"):\n' + CALL.format("t"))


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags" / "a.py").write_text(BAD)
    (tmp_path / "dags" / "ü b.py").write_text(BAD)
    (tmp_path / "airbrick.toml").write_text('select = ["DBX201"]\n')
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "start")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def lint(*arguments: str) -> Result:
    return CliRunner().invoke(
        main, ["lint", "--output-format", "concise", "--no-cache", *arguments], catch_exceptions=False
    )


def test_what_was_there_is_left_out(repository: Path) -> None:
    assert lint().exit_code == 1
    result = lint("--diff-base", "HEAD")
    assert (result.exit_code, result.stdout) == (0, "No findings (2 files checked, 2 known left out).\n")


def test_changes_of_the_work_tree_and_of_commits_count(repository: Path) -> None:
    path = repository / "dags" / "ü b.py"
    path.write_text("# moved\n" + BAD + CALL.format("u"))
    result = lint("--diff-base", "HEAD")
    assert (result.exit_code, result.stdout.count("DBX201")) == (1, 1)
    assert "dags/ü b.py:14:5" in result.stdout
    git(repository, "commit", "-qam", "more")
    assert lint("--diff-base", "HEAD").exit_code == 0
    assert lint("--diff-base", "HEAD~1").exit_code == 1


def test_new_files_are_new_and_renamed_ones_are_not(repository: Path) -> None:
    (repository / "dags" / "new.py").write_text(BAD)
    assert "new.py" in lint("--diff-base", "main").stdout
    git(repository, "add", "-A")
    assert "new.py" in lint("--diff-base", "main").stdout
    git(repository, "rm", "-q", "--cached", "dags/new.py")
    (repository / "dags" / "new.py").unlink()
    git(repository, "mv", "dags/a.py", "dags/renamed.py")
    assert lint("--diff-base", "main").exit_code == 0


def test_it_works_from_a_folder_of_the_repository(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repository / "dags" / "a.py").write_text(BAD + CALL.format("u"))
    monkeypatch.chdir(repository / "dags")
    result = lint("--diff-base", "HEAD", ".")
    assert result.stdout.count("DBX201") == 1
    (repository / "dags" / "new.py").write_text(BAD)
    assert lint("--diff-base", "HEAD", "new.py").exit_code == 1


def test_what_git_is_configured_to_show_makes_no_difference(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in (("diff.relative", "true"), ("diff.noprefix", "true"), ("diff.renames", "false")):
        git(repository, "config", key, value)
    (repository / "dags" / "a.py").write_text(BAD + CALL.format("u"))
    git(repository, "mv", "dags/ü b.py", "dags/renamed.py")
    monkeypatch.chdir(repository / "dags")
    assert lint("--diff-base", "HEAD", ".").stdout.count("DBX201") == 1


@pytest.mark.parametrize("name", ["nonsense", "--help", "HEAD:dags", ""])
def test_a_revision_that_does_not_exist_is_refused(repository: Path, name: str) -> None:
    result = lint(f"--diff-base={name}")
    assert result.exit_code == 2
    assert f"error: --diff-base {name}: " in result.stderr
    assert result.stderr.count("\n") == 1


def test_without_a_repository_or_git_that_is_told(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("outside"))
    assert "not a git repository" in lint("--diff-base", "HEAD").stderr
    monkeypatch.setenv("PATH", "")
    assert "git cannot be run" in lint("--diff-base", "HEAD").stderr
