"""The hooks, as pre-commit runs them from this repository."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.lint.workbench import contract_of, dag_file

from airbrick.contract import write

ROOT = Path(__file__).parents[2]
MISTAKES = dag_file(
    """\
CLUSTER = {"num_workers": 8}
with DAG("orders", schedule="@daily"):
    DatabricksSubmitRunOperator(task_id="a", new_cluster=CLUSTER)
    RunNowOperator(task_id="b", job="nightly_ordrs")
    RunNowOperator(task_id="c", job="nightly_orders", job_parameters={"run_dt": "{{ ds }}"})
"""
)


def run(*command: str, cwd: Path, home: Path) -> subprocess.CompletedProcess[str]:
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "COV_", "AIRBRICK_"))}
    environ |= {"PRE_COMMIT_HOME": str(home), "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    return subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True, timeout=500, check=False)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pre-commit")


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Path:
    """Give a clone of this repository, as pre-commit makes one of any hook repository."""
    clone = tmp_path_factory.mktemp("hooks") / "airbrick"
    done = run("git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(clone), cwd=ROOT, home=home)
    assert done.returncode == 0, done.stderr
    return clone


@pytest.fixture
def consumer(tmp_path: Path, home: Path) -> Path:
    repository = tmp_path / "consumer"
    (repository / "dags").mkdir(parents=True)
    (repository / "dags" / "orders.py").write_text(MISTAKES, encoding="utf-8")
    (repository / "plain.py").write_text("print('no DAG here')\n", encoding="utf-8")
    write(repository / "airbrick.contract.dev.json", contract_of({"nightly_orders": ("run_date",)}))
    run("git", "init", "--quiet", cwd=repository, home=home)
    run("git", "add", "--all", cwd=repository, home=home)
    return repository


@pytest.mark.slow
@pytest.mark.end_to_end
def test_try_repo_finds_the_mistakes_of_a_repository(consumer: Path, hooks: Path, home: Path) -> None:
    pre_commit = [sys.executable, "-m", "pre_commit"]
    done = run(*pre_commit, "try-repo", str(hooks), "airbrick-lint", "--all-files", cwd=consumer, home=home)
    assert done.returncode == 1, done.stdout + done.stderr
    for code in ("DBX101", "DBX201", "DBX301", "DBX801", "DBX805"):
        assert code in done.stdout
    assert "(2 files checked)" in done.stdout


@pytest.mark.slow
@pytest.mark.end_to_end
def test_the_fixing_hook_adds_the_missing_flag(consumer: Path, hooks: Path, home: Path) -> None:
    revision = run("git", "rev-parse", "HEAD", cwd=hooks, home=home).stdout.strip()
    (consumer / ".pre-commit-config.yaml").write_text(
        f"""\
repos:
  - repo: {hooks}
    rev: {revision}
    hooks:
      - id: airbrick-lint
        args: [--fix, --unsafe-fixes]
""",
        encoding="utf-8",
    )
    done = run(sys.executable, "-m", "pre_commit", "run", "--all-files", cwd=consumer, home=home)
    assert done.returncode == 1, done.stdout + done.stderr
    text = (consumer / "dags" / "orders.py").read_text(encoding="utf-8")
    assert re.search(r"new_cluster=CLUSTER, [^)]*deferrable=True", text)
    assert 'job="nightly_orders", job_parameters={"run_date"' in text
    # What no fix can mend is still reported.
    assert "DBX101" in done.stdout
    assert "DBX201" not in done.stdout
