"""The project pass."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.lint.workbench import contract_of, dag_file

from airbrick.cli import main
from airbrick.contract import write
from airbrick.lint.context import RuleContext
from airbrick.lint.finding import Finding
from airbrick.lint.project import Project
from airbrick.lint.registry import find_rule
from airbrick.lint.rules.dbx801_unknown_provisioned_job import RULE

FILE = dag_file('with DAG("d"):\n    RunNowOperator(task_id="t", job="nightly")\n')


def _gather(_rule: object, context: RuleContext) -> Iterator[str]:
    yield from (f"job {operator.class_name}" for operator in context.model.operators)


def _check(_rule: object, project: Project) -> Iterator[Finding]:
    for contract in project.contracts:
        seen = sorted(f"{path.name}: {', '.join(texts)}" for path, texts in project.gathered.items())
        yield project.finding(RULE, contract.path, "; ".join(seen), stacks=[contract.stack])


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AIRBRICK_CONTRACT", raising=False)
    monkeypatch.setattr(type(RULE), "gather", _gather)
    monkeypatch.setattr(type(RULE), "check_project", _check)
    write(tmp_path / "airbrick.contract.dev.json", contract_of({"nightly": ()}))
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text(FILE, encoding="utf-8")
    return tmp_path


def lint(*arguments: str) -> list[dict[str, object]]:
    result = CliRunner().invoke(main, ["lint", "--select", "DBX801", "--output-format", "json", *arguments])
    documents: list[dict[str, object]] = json.loads(result.stdout)
    return documents


def test_all_files_are_seen_together_once_each_was_checked() -> None:
    (found,) = lint(".")
    assert found["message"] == "a.py: job RunNowOperator; b.py: job RunNowOperator"
    assert str(found["path"]).endswith("airbrick.contract.dev.json")
    assert found["stacks"] == ["dev"]


def test_single_files_tell_nothing_of_the_project() -> None:
    assert lint("a.py") == []


def test_a_crash_in_the_pass_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_args: object) -> None:
        raise KeyError

    monkeypatch.setattr(type(find_rule("DBX801")), "check_project", crash)
    assert [found["code"] for found in lint()] == ["DBX900"]
