"""SQL statements and their database in a workspace that is kept in a file."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import httpx
import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.service.sql import ExecuteStatementRequestOnWaitTimeout
from tests.emulator.test_sql import ENDLESS, STATEMENTS, first, message, rows, run, state, wait_for

from airbrick.emulator import Emulator, ManualClock

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("duckdb")


def kept(path: Path) -> Emulator:
    return Emulator(clock=ManualClock(), state=path)


def client_of(workspace: Emulator) -> WorkspaceClient:
    return WorkspaceClient(host=workspace.host, token=workspace.token)


def test_what_statements_did_is_there_when_a_workspace_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "state"
    with kept(path) as workspace:
        run(client_of(workspace), "create table orders as select 1 as id")
    with kept(path) as workspace:
        assert state(run(client_of(workspace), "insert into orders values (2)")) == "SUCCEEDED"
        assert "already exists" in message(run(client_of(workspace), "create table orders as select 1 as id"))
    with kept(path) as workspace:
        assert rows(run(client_of(workspace), "from orders order by id")) == [["1"], ["2"]]
    assert (tmp_path / "state.sql/0/0").stat().st_mode & 0o777 == 0o700


def test_statements_come_back_with_how_they_ended(tmp_path: Path) -> None:
    with kept(tmp_path / "state") as workspace:
        workspace.plan_statement(statement="planned*", run_s=5, columns=[["id", "BIGINT"]], rows=[["7"]])
        client = client_of(workspace)
        good, bad = run(client, "select 1"), run(client, "select * from nowhere")
        error = message(bad)
        planned, stopped = (run(client, f"planned {number}", wait_timeout="0s") for number in range(2))
        given_up = run(
            client, "planned 2", wait_timeout="5s", on_wait_timeout=ExecuteStatementRequestOnWaitTimeout.CANCEL
        )
        client.statement_execution.cancel_execution(stopped.statement_id or "")
        endless = run(client, ENDLESS, wait_timeout="0s").statement_id or ""
        client.statement_execution.cancel_execution(endless)
        workspace.advance(60)
    for _ in range(2):
        with kept(tmp_path / "state") as workspace:
            client = client_of(workspace)
            found = {
                name: client.statement_execution.get_statement(key or "")
                for name, key in {
                    "good": good.statement_id,
                    "bad": bad.statement_id,
                    "planned": planned.statement_id,
                    "stopped": stopped.statement_id,
                    "given_up": given_up.statement_id,
                    "endless": endless,
                }.items()
            }
            assert {
                name: answer.status and answer.status.state and answer.status.state.value
                for name, answer in found.items()
            } == {
                "good": "CLOSED",
                "bad": "FAILED",
                "planned": "SUCCEEDED",
                "stopped": "CANCELED",
                "given_up": "CANCELED",
                "endless": "CANCELED",
            }
            assert found["bad"].status is not None
            assert found["bad"].status.error is not None
            assert found["bad"].status.error.message == error
            assert found["planned"].result is not None
            assert found["planned"].result.data_array == [["7"]]


def test_a_statement_that_was_cut_off_says_so(tmp_path: Path) -> None:
    with kept(tmp_path / "state") as workspace:
        client = client_of(workspace)
        run(client, "create table orders as select 1 as id")
        endless = run(client, ENDLESS, wait_timeout="0s").statement_id or ""
        wait_for(client, endless, "RUNNING")
        shutil.copy(tmp_path / "state", tmp_path / "copy")
        shutil.copytree(tmp_path / "state.sql", tmp_path / "copy.sql")
        client.statement_execution.cancel_execution(endless)
    with kept(tmp_path / "copy") as workspace:
        client = client_of(workspace)
        assert "was restarted while this statement ran" in message(client.statement_execution.get_statement(endless))
        assert rows(run(client, "from orders")) == [["1"]]


def test_a_reset_drops_the_database_for_good_and_a_new_file_has_none(tmp_path: Path) -> None:
    make = "create table orders as select 1 as id"
    with kept(tmp_path / "state") as workspace:
        assert rows(run(client_of(workspace), make)) == [["1"]]
        workspace.reset()
        assert rows(run(client_of(workspace), make)) == [["1"]]
        workspace.reset()
    with kept(tmp_path / "state") as workspace:
        assert rows(run(client_of(workspace), make)) == [["1"]]
    (tmp_path / "state").unlink()
    with kept(tmp_path / "state") as workspace:
        assert rows(run(client_of(workspace), make)) == [["1"]]


def test_a_database_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "state.sql").write_text("in the way")
    with kept(tmp_path / "state") as workspace:
        body = {"statement": "select 1", "warehouse_id": first(client_of(workspace))}
        answer = httpx.post(
            f"{workspace.host}{STATEMENTS}", json=body, headers={"Authorization": f"Bearer {workspace.token}"}
        )
    assert answer.status_code == 500
    assert "state.sql" in answer.json()["message"]
