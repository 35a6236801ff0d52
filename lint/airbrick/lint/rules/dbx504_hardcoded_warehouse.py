"""DBX504: a SQL warehouse is named by its id."""

import re
from collections.abc import Iterator
from typing import Final

from airbrick.lint.context import RuleContext
from airbrick.lint.facts.values import Fact, Place
from airbrick.lint.finding import Finding, Severity
from airbrick.lint.model.elements import Operator
from airbrick.lint.model.submissions import literals, setting_in, task_settings
from airbrick.lint.rule import Example, Rule
from airbrick.lint.wording import call_name

_PATH: Final = re.compile(r"/?sql/1\.0/(?:warehouses|endpoints)/(?P<id>[^/{}]+)")
_HELP: Final = "keep the http_path in the connection, or take the id from what the stack provisioned"


class HardcodedWarehouse(Rule):
    """Warehouses have ids that differ between environments."""

    code = "DBX504"
    name = "hardcoded-warehouse"
    severity = Severity.WARNING
    summary = "A SQL warehouse is named by its id"
    why = (
        "The id of a SQL warehouse exists in one workspace only and changes when the warehouse is created anew. "
        "Keep http_path in the connection, or read the id from a variable that the stack writes."
    )
    bad = (
        Example(
            """\
from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks_sql import DatabricksSqlOperator

with DAG("orders"):
    DatabricksSqlOperator(task_id="vacuum", sql="vacuum orders", http_path="/sql/1.0/warehouses/1a2b3c4d5e6f7a8b")
"""
        ),
    )
    good = (
        Example(
            """\
from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks_sql import DatabricksSqlOperator

with DAG("orders"):
    DatabricksSqlOperator(task_id="vacuum", sql="vacuum orders", databricks_conn_id="warehouse")
"""
        ),
    )

    def check_operator(self, operator: Operator, context: RuleContext) -> Iterator[Finding]:
        """Check the warehouses an operator names."""
        for fact, is_path in _sources(operator):
            found = _warehouse(fact, is_path=is_path)
            if found is not None:
                yield self._report(operator.class_name, operator.place, found, context)
                return

    def check_module(self, context: RuleContext) -> Iterator[Finding]:
        """Check the hooks and connections that functions build."""
        for call in context.model.calls:
            place = call.value.arguments.call
            found = _warehouse(call.value.arguments.get("http_path"), is_path=True)
            if found is not None and place.file is context.file:
                yield self._report(call_name(call.value.callee.names[0]), place, found, context)

    def _report(self, who: str, call: Place, found: tuple[str, Place | None], context: RuleContext) -> Finding:
        name, where = found
        notes = context.defined_at(where, beyond=call, message="the warehouse is named here")
        return context.finding(self, call, f"{who} uses the SQL warehouse {name}", help=_HELP, notes=tuple(notes))


def _sources(operator: Operator) -> Iterator[tuple[Fact, bool]]:
    if operator.spec.takes("http_path"):
        yield operator.argument("http_path"), True
    if operator.spec.takes("warehouse_id"):
        yield operator.argument("warehouse_id"), False
    for task in ("sql_task", "dbt_task"):
        for fact in task_settings(operator, task):
            inner = setting_in(fact, "warehouse_id", operator.resolve)
            if inner is not None:
                yield inner, False


def _warehouse(fact: Fact, *, is_path: bool) -> tuple[str, Place | None] | None:
    for text, where in literals(fact):
        match = _PATH.fullmatch(text) if is_path else None
        if match is not None or (not is_path and text):
            return (match["id"] if match is not None else text), where
    return None


RULE = HardcodedWarehouse()
