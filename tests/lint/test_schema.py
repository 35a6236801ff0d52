"""The JSON Schema that is shipped says what the linter says."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from airbrick.lint.config import from_document
from airbrick.lint.errors import ConfigError
from airbrick.lint.registry import built_in_rules
from airbrick.lint.report.rules import plain
from airbrick.lint.schema import FILE, dumps

SCHEMA = json.loads(FILE.read_text(encoding="utf-8"))


def test_the_file_is_up_to_date() -> None:
    assert FILE.read_text(encoding="utf-8") == dumps(), "python -m airbrick.lint.schema writes it anew"
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"select": ["DBX1"], "per-file-ignores": {"a": ["ALL"]}, "target-airflow": "3.1", "severity": {"DBX1": "info"}},
        {"contract": "a", "baseline": "b", "fail-on": "error", "rules": {"DBX301": {"max-active-runs": 3}}},
        {"contract": ["a", "b"], "dag-ignore-file-syntax": "regexp"},
        {"selct": []},
        {"select": "DBX1"},
        {"target-airflow": 3.1},
        {"target-airflow": "three"},
        {"fail-on": "fatal"},
        {"severity": {"DBX1": "fatal"}},
        {"rules": []},
        {"rules": {"DBX301": 1}},
        {"default-deferrable": "yes"},
    ],
)
def test_the_schema_and_the_linter_agree(document: dict[str, Any], tmp_path: Path) -> None:
    try:
        from_document(document, source=tmp_path / "airbrick.toml")
        fits = True
    except ConfigError:
        fits = False
    assert Draft202012Validator(SCHEMA).is_valid(document) is fits


def test_every_option_can_be_written(tmp_path: Path) -> None:
    rules = {rule.code: {option.name: plain(option.default) for option in rule.options} for rule in built_in_rules()}
    document = {"rules": {code: options for code, options in rules.items() if options}}
    Draft202012Validator(SCHEMA).validate(document)
    assert from_document(document, source=tmp_path / "airbrick.toml").options
