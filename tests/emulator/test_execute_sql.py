"""SQL tasks with the engine of the workspace's SQL statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from databricks.sdk.service.jobs import SqlTask, SqlTaskFile, SqlTaskQuery, Task
from databricks.sdk.service.sql import StatementState

if TYPE_CHECKING:
    from tests.emulator.lab import Lab

pytest.importorskip("duckdb")


def sql_task(path: str = "/Shared/load.sql", **values: str) -> Task:
    return Task(task_key="q", sql_task=SqlTask(warehouse_id="w", file=SqlTaskFile(path), parameters=values or None))


def test_a_file_of_statements_is_executed_with_its_parameters(lab: Lab) -> None:
    lab.upload("/Shared/make.sql", "CREATE TABLE orders (day VARCHAR);\nCREATE TABLE other (n INTEGER);")
    assert lab.run([sql_task("/Shared/make.sql")])["state"]["result_state"] == "SUCCESS"
    lab.upload("/Shared/load.sql", "INSERT INTO orders VALUES (:day)")
    run = lab.run([sql_task(day="{{job.parameters.day}}")], parameters={"day": "2026-01-02"})
    assert run["state"]["result_state"] == "SUCCESS", lab.output(run, "q")
    output = lab.output(run, "q")
    assert output["sql_output"]["query_output"]["query_text"] == "INSERT INTO orders VALUES (:day)"
    assert "duckdb" in output["info"]
    warehouse = next(iter(lab.client.warehouses.list())).id or ""
    answer = lab.client.statement_execution.execute_statement("SELECT * FROM orders", warehouse, wait_timeout="30s")
    assert answer.status is not None
    assert answer.status.state is StatementState.SUCCEEDED
    assert answer.result is not None
    assert answer.result.data_array == [["2026-01-02"]]


def test_an_error_of_the_engine_fails_the_task_in_its_words(lab: Lab) -> None:
    lab.upload("/Shared/load.sql", "SELECT * FROM missing_table")
    run = lab.run([sql_task()])
    assert run["state"]["result_state"] == "FAILED"
    assert "missing_table" in lab.output(run, "q")["error"]


@pytest.mark.parametrize(
    ("task", "names"),
    [
        (Task(task_key="q", sql_task=SqlTask("w", query=SqlTaskQuery("id"))), "sql_task with query"),
        (sql_task("/Shared/nowhere.sql"), "/Shared/nowhere.sql"),
    ],
)
def test_what_is_no_file_of_the_workspace_is_refused_by_name(lab: Lab, task: Task, names: str) -> None:
    run = lab.run([task])
    assert run["state"]["result_state"] == "FAILED"
    assert names in run["tasks"][0]["state"]["state_message"]


def test_several_statements_use_the_parameters_that_each_names(lab: Lab) -> None:
    text = (
        "CREATE TABLE days (day DATE, note VARCHAR);\n"
        "INSERT INTO days VALUES (:day, 'a;b');\n"
        "UPDATE days SET note = :note; DELETE FROM days WHERE day < CAST(:day AS DATE);"
    )
    lab.upload("/Shared/load.sql", text)
    run = lab.run([sql_task(day="2026-01-02", note=":day", unused="x")])
    assert run["state"]["result_state"] == "SUCCESS", lab.output(run, "q")
    warehouse = next(iter(lab.client.warehouses.list())).id or ""
    answer = lab.client.statement_execution.execute_statement("FROM days", warehouse, wait_timeout="30s")
    assert answer.result is not None
    assert answer.result.data_array == [["2026-01-02", ":day"]]
