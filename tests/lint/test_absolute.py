"""Paths that lead out of the current folder: what lies above a file is what it lies in."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.lint.workbench import contract_of, dag_file

from airbrick.cli import main
from airbrick.contract import write
from airbrick.lint.absolute import absolute

DAG = dag_file(
    "from common import ARGS\n"
    'with DAG("d", default_args=ARGS):\n'
    '    DatabricksRunNowOperator(task_id="t", job_id=JOB)\n'
    '    RunNowOperator(task_id="u", job="nightly")\n'
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for folder in ("dags", "infra"):
        (tmp_path / folder).mkdir()
    for name in ("a", "left", "ignored", "old"):
        (tmp_path / "dags" / f"{name}.py").write_text(DAG)
    return tmp_path


def found(folder: Path, path: str, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Lint from a folder; give the names as they are told, and the codes."""
    monkeypatch.chdir(folder)
    arguments = ["lint", path, "--no-cache", "--output-format", "json"]
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    return [(finding["path"], finding["code"]) for finding in json.loads(result.stdout)]


def test_settings_contracts_baselines_and_modules_are_those_above_the_file(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "infra" / "airbrick.toml").write_text('select = ["DBX301"]\n')
    (project / "infra" / "airbrick.baseline.json").write_text("no baseline")
    (project / "infra" / "common.py").write_text('ARGS = {"deferrable": True}\n')
    write(project / "infra" / "airbrick.contract.dev.json", contract_of({"nightly": ()}))
    (project / "airbrick.toml").write_text(
        'select = ["DBX201", "DBX801"]\nexclude = ["dags/left.py"]\n'
        'per-file-ignores = { "dags/ignored.py" = ["DBX2"] }\n'
    )
    (project / "common.py").write_text("ARGS = {}\n")
    write(project / "airbrick.contract.dev.json", contract_of({}))
    expected = [(name, code) for name in ("a", "ignored", "old") for code in ("DBX201", "DBX801")]
    expected.remove(("ignored", "DBX201"))
    assert found(project, "dags", monkeypatch) == [(f"dags/{name}.py", code) for name, code in expected]
    above = [(f"../dags/{name}.py", code) for name, code in expected]
    assert found(project / "infra", "../dags", monkeypatch) == above


def test_ignore_files_are_those_above_the_file(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / ".git").mkdir()
    (project / "infra" / ".gitignore").write_text("a.py\n")
    (project / ".gitignore").write_text("/dags/old.py\n")
    (project / "airbrick.toml").write_text('select = ["DBX201"]\n')
    paths = {path for path, _ in found(project / "infra", "../dags", monkeypatch)}
    assert paths == set()
    (project / "common.py").write_text("ARGS = {}\n")
    paths = {path for path, _ in found(project / "infra", "../dags", monkeypatch)}
    assert paths == {"../dags/a.py", "../dags/ignored.py", "../dags/left.py"}


def test_symbolic_links_stay_what_they_are(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "link").symlink_to(project / "dags")
    monkeypatch.chdir(project / "infra")
    assert absolute(Path("../link/a.py")) == project / "link" / "a.py"
    assert absolute(Path()) == project / "infra"
