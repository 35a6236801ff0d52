"""DBX404: a task pushes the rows of a query to XCom."""

import re
from collections.abc import Iterator
from typing import Final

from airbrick.lint.context import RuleContext
from airbrick.lint.facts.values import Absent, CallValue, Fact, Known, ListValue, Place
from airbrick.lint.finding import Finding, Severity
from airbrick.lint.knowledge.words import words
from airbrick.lint.model.elements import Operator, PythonTask
from airbrick.lint.model.submissions import alternatives
from airbrick.lint.rule import Example, Preset, Rule

_FETCHING: Final = words(
    "get_records get_pandas_df get_polars_df get_df toPandas to_pandas collect fetchall fetchall_arrow read_sql "
    "read_sql_query read_sql_table"
)
_COMMENT: Final = re.compile(r"--[^\n]*|/\*.*?\*/|\{#.*?#\}", re.DOTALL)
_QUERY: Final = re.compile(r"\s*\(*\s*(?:select|with|table|values)\b", re.IGNORECASE)
_BOUNDED: Final = re.compile(
    r"\blimit\b|\bfetch\s+first\b|\b(?:insert|merge|create|update|delete)\b|\{%|^\s*select\s+(?:1\b|'[^']*'\s*;?\s*$)",
    re.IGNORECASE,
)
_AGGREGATE: Final = re.compile(
    r"\s*select\s+(?:(?:count|count_if|sum|min|max|avg|any_value|bool_and|bool_or|approx_count_distinct|current_\w+)"
    r"\s*\([^()]*\)(?:\s+as)?(?:\s+\w+)?\s*,?\s*)+(?:\bfrom\b|;|$)",
    re.IGNORECASE,
)
_GROUPED: Final = re.compile(r"\bgroup\s+by\b", re.IGNORECASE)
_HELP: Final = "write the rows to a table, or push what is needed of them only"


class DriverCollectToXcom(Rule):
    """XCom is for small facts, not for tables."""

    code = "DBX404"
    name = "driver-collect-to-xcom"
    severity = Severity.WARNING
    summary = "A task pushes the rows of a query to XCom"
    why = (
        "What a task pushes to XCom is fetched into the worker's memory, serialised, and kept in Airflow's metadata "
        "database. A query without LIMIT is as large as its table happens to be. Write the result to a table and "
        "pass its name, or say do_xcom_push=False where nobody reads it."
    )
    preset = Preset.STRICT
    bad = (
        Example(
            """\
from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks_sql import DatabricksSqlOperator

with DAG("orders"):
    DatabricksSqlOperator(task_id="orders", sql="SELECT * FROM orders")
"""
        ),
    )
    good = (
        Example(
            """\
from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks_sql import DatabricksSqlOperator

with DAG("orders"):
    DatabricksSqlOperator(task_id="newest", sql="SELECT max(day) FROM orders")
"""
        ),
    )

    def check_operator(self, operator: Operator, context: RuleContext) -> Iterator[Finding]:
        """Check an operator that fetches the result of its query."""
        if operator.spec.name != "DatabricksSqlOperator" or not _pushes(operator):
            return
        query = _query(operator.argument("sql"), operator)
        if query is not None:
            notes = context.defined_at(query.where, beyond=operator.place, message="the query is written here")
            message = f"{operator.class_name} pushes all rows of its query to XCom"
            yield context.finding(self, operator.place, message, help=_HELP, notes=tuple(notes))

    def check_module(self, context: RuleContext) -> Iterator[Finding]:
        """Check what the functions of tasks return."""
        for task in context.model.python_tasks:
            place = _fetched(task) if task.place.file is context.file and not task.silent else None
            if place is not None:
                notes = context.defined_at(place, beyond=task.place, message="the rows are fetched here")
                message = f"{task.class_name} {task.function.name}() returns the rows of a query, which go to XCom"
                yield context.finding(self, task.place, message, help=_HELP, notes=tuple(notes))


def _pushes(operator: Operator) -> bool:
    pushes = operator.argument("do_xcom_push")
    pushed = isinstance(pushes, Absent) or (isinstance(pushes, Known) and pushes.value is True)
    return pushed and isinstance(operator.argument("output_path"), Absent)


def _query(fact: Fact, operator: Operator) -> Known | None:
    value = fact.value if isinstance(fact, Known) else None
    if isinstance(value, ListValue):
        # Only the last statement's result is returned.
        fact = operator.resolve(value.items[-1]) if value.items and value.open is None else fact
    queries = list(alternatives(fact))
    if queries and all(isinstance(known.value, str) and _is_unbounded(known.value) for known in queries):
        return queries[0]
    return None


def _is_unbounded(sql: str) -> bool:
    statement = _COMMENT.sub(" ", sql)
    if _QUERY.match(statement) is None or _BOUNDED.search(statement) is not None:
        return False
    return _AGGREGATE.match(statement) is None or _GROUPED.search(statement) is not None


def _fetched(task: PythonTask) -> Place | None:
    for known in alternatives(task.function.returned or Absent()):
        value = known.value
        if isinstance(value, CallValue) and value.callee.names[0].rpartition(".")[2] in _FETCHING:
            return value.arguments.call
    return None


RULE = DriverCollectToXcom()
