"""Rules of others."""

import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.lint.workbench import dag_file

from airbrick.cli import main
from airbrick.lint import plugins
from airbrick.lint.errors import PluginError

RULE = '''
"""ACME101: a task has no owner."""

from collections.abc import Iterator

from airbrick.lint.context import RuleContext
from airbrick.lint.facts.values import Absent
from airbrick.lint.finding import Finding, Severity
from airbrick.lint.model.elements import Operator
from airbrick.lint.rule import Option, Rule

WORD = Option("word", "owner", "what the argument is called")


class NoOwner(Rule):
    code = "ACME101"
    name = "no-owner"
    severity = Severity.WARNING
    summary = "A task has no owner"
    why = "Nobody is called when it fails."
    options = (WORD,)

    def check_operator(self, operator: Operator, context: RuleContext) -> Iterator[Finding]:
        if isinstance(operator.argument("owner"), Absent):
            yield context.finding(self, operator.place, f"no {context.option(self, WORD)}")


RULE = NoOwner()
'''
DAG = dag_file('with DAG("d"):\n    DatabricksRunNowOperator(task_id="t", job_id=1)\n')


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "no_owner.py").write_text(RULE)
    (tmp_path / "rules" / "_helper.py").write_text("1 / 0")
    (tmp_path / "dag.py").write_text(DAG)
    (tmp_path / "airbrick.toml").write_text('select = ["ACME"]\nrule-paths = ["rules"]\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(plugins, "_local", {})
    return tmp_path


def lint(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["lint", "--output-format", "concise", *arguments], catch_exceptions=False)


def test_a_rule_of_the_project_runs(project: Path) -> None:
    result = lint()
    assert result.exit_code == 1
    assert "ACME101 no owner" in result.stdout


def test_its_options_suppressions_and_selectors_are_like_those_of_others(project: Path) -> None:
    config = project / "airbrick.toml"
    config.write_text(config.read_text() + '[rules.no-owner]\nword = "boss"\n')
    assert "ACME101 no boss" in lint().stdout
    for comment in ("airbrick: ignore[no-owner]", "airbrick: ignore[ACME101]", "noqa: ACME101"):
        (project / "dag.py").write_text(DAG.replace("job_id=1)", f"job_id=1)  # {comment}"))
        assert lint().exit_code == 0
    assert lint("--select", "no-owner").exit_code == 0
    config.write_text(config.read_text().replace('word = "boss"', "word = 1"))
    assert "rules.no-owner.word: expected text, found a number" in lint().stderr


def test_it_stays_in_its_project(project: Path) -> None:
    other = project / "other"
    other.mkdir()
    (other / "dag.py").write_text(DAG)
    (other / "airbrick.toml").write_text('select = ["ALL"]\n')
    result = lint("dag.py", "other/dag.py")
    assert [line.split()[1] for line in result.stdout.splitlines() if line.startswith("dag.py")] == ["ACME101"]
    assert "other/dag.py" in result.stdout
    assert result.stdout.count("ACME101") == 1


def test_what_a_process_finds_by_a_rule_that_changed_meanwhile_is_not_kept_for_the_next(project: Path) -> None:
    assert "ACME101 no owner" in lint().stdout
    (project / "rules" / "no_owner.py").write_text(RULE.replace('f"no {', 'f"lacks {'))
    assert "ACME101 no owner" in lint().stdout
    command = [sys.executable, "-m", "airbrick.cli", "lint", "--output-format", "concise"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert "ACME101 lacks owner" in done.stdout


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("x = (", "SyntaxError"),
        ("x = 1", "it holds no rule"),
        (RULE.replace('"ACME101"', '"DBX999"'), "'DBX999' is no code"),
        (RULE.replace('"no-owner"', '"No Owner"'), "'No Owner' is no name"),
        (RULE.replace('"no-owner"', '"missing-deferrable"'), "exists already"),
    ],
)
def test_a_rule_that_cannot_be_loaded_stops_the_run_by_name(project: Path, text: str, reason: str) -> None:
    (project / "rules" / "no_owner.py").write_text(text)
    result = lint()
    assert result.exit_code == 2
    assert reason in result.stderr
    assert "no_owner" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_path_that_does_not_exist_is_refused(project: Path) -> None:
    (project / "airbrick.toml").write_text('rule-paths = ["rulez"]\n')
    assert "rulez does not exist" in lint().stderr


class _EntryPoint:
    name = "acme"
    value = "acme_rules:RULES"

    def __init__(self, loaded: object) -> None:
        self._loaded = loaded

    def load(self) -> object:
        if isinstance(self._loaded, Exception):
            raise self._loaded
        return self._loaded


def _install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = folder / "site" / "acme-1.dist-info"
    installed.mkdir(parents=True)
    (installed / "entry_points.txt").write_text("[airbrick.rules]\nacme = acme_rules:RULES\n")
    monkeypatch.syspath_prepend(folder / "site")


def test_rules_of_an_installed_distribution(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plugins.load_rules([project / "rules"], source="test")
    (rule,) = plugins.local_rules()
    monkeypatch.setattr(plugins, "_local", {})
    plugins.installed_rules.cache_clear()
    monkeypatch.setattr(metadata, "entry_points", lambda group: [_EntryPoint((rule,))])
    _install(project, monkeypatch)
    try:
        assert plugins.installed_rules() == (rule,)
        (project / "airbrick.toml").write_text("")
        assert "ACME101" in lint("--select", "ACME").stdout
        shown = CliRunner().invoke(main, ["rule", "no-owner", "--output-format", "json"]).stdout
        assert json.loads(shown)[0]["code"] == "ACME101"
        plugins.installed_rules.cache_clear()
        monkeypatch.setattr(metadata, "entry_points", lambda group: [_EntryPoint(ImportError("no x"))])
        with pytest.raises(PluginError, match=r"entry point acme = acme_rules:RULES: .*ImportError: no x"):
            plugins.installed_rules()
    finally:
        plugins.installed_rules.cache_clear()


def test_without_such_a_distribution_nothing_is_imported_to_look_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_options: object) -> None:
        raise AssertionError

    plugins.installed_rules.cache_clear()
    monkeypatch.setattr(metadata, "entry_points", refuse)
    assert plugins.installed_rules() == ()
