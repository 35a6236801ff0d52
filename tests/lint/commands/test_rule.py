"""``airbrick rule`` as it is called."""

import json

import pytest
from click.testing import CliRunner, Result

from airbrick.cli import main


def airbrick(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def test_a_rule_is_explained() -> None:
    text = airbrick("rule", "missing-deferrable").stdout
    assert text.startswith("DBX201 missing-deferrable (warning, fix: unsafe)\n")
    assert "Bad:" in text
    assert "max-active-runs = 16" in airbrick("rule", "DBX301").stdout
    assert airbrick("rule", "--all").stdout.splitlines()[0].startswith("DBX101")
    assert json.loads(airbrick("rule", "--all", "--output-format", "json").stdout)


def test_examples_of_a_rule_are_whole_and_say_what_they_need() -> None:
    lines = airbrick("rule", "DBX201").stdout.splitlines()
    statement = "from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator"
    assert lines.count(f"    {statement}") == 3
    assert [line for line in lines if line.startswith(("Bad", "Good"))] == [
        "Bad:",
        "Good:",
        "Good, with default-deferrable = true under [tool.airbrick]:",
    ]
    text = airbrick("rule", "DBX805").stdout
    assert "Bad, where the contract has the job nightly_orders(run_date):" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["mising-deferrable"], "did you mean missing-deferrable?"),
        ([], "name a rule"),
        (["DBX201", "--all"], "name a rule"),
    ],
)
def test_a_rule_that_does_not_exist_is_refused(arguments: list[str], message: str) -> None:
    result = airbrick("rule", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
