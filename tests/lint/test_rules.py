"""The documentation of every rule, executed."""

import re
from typing import Any

import pytest
from tests.lint.workbench import Workbench

from airbrick.contract import Task
from airbrick.lint.registry import all_rules, find_rule
from airbrick.lint.report.rules import plain
from airbrick.lint.rule import Example, Option, Rule

RULES = all_rules()
# Their bad examples would be crashes and a thousand levels of nesting; test_engine and test_gate have them.
ENGINE_ONLY = {"DBX900", "DBX903"}


def _cases(kind: str, rules: tuple[Rule, ...] = RULES) -> list[Any]:
    return [
        pytest.param(rule, example, id=f"{rule.code}-{index}")
        for rule in rules
        for index, example in enumerate(getattr(rule, kind))
    ]


def _codes(bench: Workbench, rule: Rule, example: Example) -> list[str]:
    _provision(bench, example)
    config = _config(rule, example)
    together = [finding.code for finding in bench.project({"dag.py": example.code}, config)]
    return bench.codes(example.code, config) + together


def _provision(bench: Workbench, example: Example) -> None:
    if example.contract or example.connections:
        tasks = {key: Task("notebook_task", code=path) for key, path in example.notebooks.items()}
        bench.add_contract(
            example.contract,
            settings={**example.job, **({"tasks": tasks} if tasks else {})},
            connections=example.connections,
            files=example.files,
        )


def _config(rule: Rule, example: Example) -> dict[str, object]:
    return {"select": ["recommended", rule.code], **example.config}


@pytest.mark.parametrize(("rule", "example"), _cases("bad"))
def test_bad_examples_are_reported(bench: Workbench, rule: Rule, example: Example) -> None:
    assert rule.code in _codes(bench, rule, example)


@pytest.mark.parametrize(("rule", "example"), _cases("good"))
def test_good_examples_are_not_reported(bench: Workbench, rule: Rule, example: Example) -> None:
    assert rule.code not in _codes(bench, rule, example)


@pytest.mark.parametrize(("rule", "example"), _cases("bad", tuple(rule for rule in RULES if rule.fix)))
def test_fixes_of_bad_examples_mend_them_once_and_for_all(bench: Workbench, rule: Rule, example: Example) -> None:
    _provision(bench, example)
    # Almost by itself: what other fixes leave may be a case this rule's fix declines.
    config = {"select": ["DBX301", "DBX9", rule.code], **example.config}
    first = bench.fix(example.code, config=config)
    assert rule.code not in [f.code for f in first.result.findings]
    assert first.changed
    assert not bench.fix(first.after, config=config).changed


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_rules_are_documented(rule: Rule) -> None:
    assert re.fullmatch(r"DBX\d{3}", rule.code)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.name)
    assert rule.summary
    assert not rule.summary.endswith(".")
    assert len(rule.why) > 60
    assert rule.code in ENGINE_ONLY or (rule.bad and rule.good)
    assert len({option.name for option in rule.options}) == len(rule.options)


@pytest.mark.parametrize(
    "option", [option for rule in RULES for option in rule.options], ids=lambda option: option.name
)
def test_options_are_documented_and_take_their_own_default(option: Option[Any]) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", option.name)
    assert option.summary
    assert option.kind.check(plain(option.default)) == option.default


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_modules_are_named_for_their_rule(rule: Rule) -> None:
    expected = f"{rule.code.lower()}_{rule.name.replace('-', '_')}"
    assert type(rule).__module__.rpartition(".")[2] == expected


def test_codes_and_names_are_unique() -> None:
    assert len({rule.code for rule in RULES}) == len(RULES)
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_rules_are_found_by_code_and_by_name() -> None:
    assert find_rule("dbx201") is find_rule("missing-deferrable") is not None
    assert find_rule("DBX999") is None
