"""SQL warehouses and SQL statements."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import InvalidParameterValue, NotFound, ResourceAlreadyExists
from databricks.sdk.service import iam, sql
from hypothesis import given
from hypothesis import strategies as st
from tests.emulator.helpers import Api

from airbrick.emulator import ConfigurationError, Emulator, ManualClock, SystemClock
from airbrick.emulator.api import statements as api_statements
from airbrick.emulator.sql_engine import (
    Parameter,
    SqlEngine,
    SqlError,
    as_text,
    databricks_type,
    duckdb_type,
    with_markers,
)
from airbrick.emulator.statements import read_statement_plan

if TYPE_CHECKING:
    from collections.abc import Iterator

STATEMENTS = "/api/2.0/sql/statements"
PLANS = "/_local/statement-plans"


def first(client: WorkspaceClient) -> str:
    return next(iter(client.warehouses.list())).id or ""


def run(client: WorkspaceClient, text: str, **values: Any) -> sql.StatementResponse:
    return client.statement_execution.execute_statement(text, first(client), **{"wait_timeout": "30s", **values})


def state(response: sql.StatementResponse) -> str:
    assert response.status is not None
    assert response.status.state is not None
    return response.status.state.value


def rows(response: sql.StatementResponse) -> list[list[str]]:
    assert state(response) == "SUCCEEDED", response.status
    return (response.result and response.result.data_array) or []


def message(response: sql.StatementResponse) -> str:
    assert state(response) == "FAILED"
    assert response.status is not None
    assert response.status.error is not None
    return response.status.error.message or ""


def test_a_new_workspace_has_a_warehouse(client: WorkspaceClient) -> None:
    found = list(client.warehouses.list())
    assert [(item.name, item.state) for item in found] == [("Serverless Starter Warehouse", sql.State.STOPPED)]
    shown = client.warehouses.get(found[0].id or "")
    assert shown.odbc_params is not None
    assert shown.odbc_params.path == f"/sql/1.0/warehouses/{found[0].id}"


def test_a_warehouse_goes_through_its_states(client: WorkspaceClient, clock: ManualClock) -> None:
    made: Any = client.warehouses.create(name="lab", cluster_size="2X-Small", auto_stop_mins=10, max_num_clusters=2)
    key = made.id
    seen = [client.warehouses.get(key).state]
    for command in (None, client.warehouses.stop, None, client.warehouses.start, None):
        if command is None:
            clock.advance(3)
        else:
            command(key)
        seen.append(client.warehouses.get(key).state)
    assert [item and item.value for item in seen] == [
        "STARTING",
        "RUNNING",
        "STOPPING",
        "STOPPED",
        "STARTING",
        "RUNNING",
    ]
    clock.advance(600)
    assert client.warehouses.get(key).state is sql.State.STOPPING
    client.warehouses.edit(key, name="renamed", auto_stop_mins=0)
    edited = client.warehouses.get(key)
    assert (edited.name, edited.auto_stop_mins, edited.cluster_size) == ("renamed", 0, "2X-Small")
    with pytest.raises(ResourceAlreadyExists):
        client.warehouses.create(name="renamed", cluster_size="Small")
    client.warehouses.delete(key)
    with pytest.raises(NotFound, match=key):
        client.warehouses.get(key)


def test_a_warehouse_has_permissions_and_one_owner(client: WorkspaceClient) -> None:
    key = first(client)
    entry = iam.AccessControlRequest(group_name="team", permission_level=iam.PermissionLevel.CAN_USE)
    found = client.permissions.update("warehouses", key, access_control_list=[entry])
    assert (found.object_id, found.object_type) == (f"/sql/warehouses/{key}", "warehouses")
    with pytest.raises(InvalidParameterValue, match="exactly one owner"):
        client.permissions.set("warehouses", key, access_control_list=[entry])


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({}, "name must not be empty"),
        ({"name": "x", "cluster_size": "Tiny"}, "cluster_size must be one of 2X-Small"),
        ({"name": "x", "min_num_clusters": 3}, "max_num_clusters not below it"),
        ({"name": "x", "auto_stop_mins": 5}, "auto_stop_mins"),
        ({"name": "x", "auto_stop_mins": "5"}, "auto_stop_mins must be an integer"),
    ],
)
def test_wrong_warehouses_are_refused(api: Api, values: dict[str, Any], text: str) -> None:
    status, code, found = api.error("POST", "/api/2.0/sql/warehouses", values)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert text in found


def test_a_statement_is_executed_by_an_engine_that_it_names(api: Api, client: WorkspaceClient) -> None:
    body = {"statement": "select 1 as one, 'x' as two, null as three", "warehouse_id": first(client)}
    answer = api.post(STATEMENTS, body)
    assert answer["engine"].startswith("duckdb ")
    assert answer["status"] == {"state": "SUCCEEDED"}
    assert answer["result"]["data_array"] == [["1", "x", None]]
    columns = answer["manifest"]["schema"]["columns"]
    assert [(item["name"], item["type_name"]) for item in columns] == [
        ("one", "INT"),
        ("two", "STRING"),
        ("three", "NULL"),
    ]
    assert api.get(f"{STATEMENTS}/{answer['statement_id']}") == answer


def test_tables_stay_from_statement_to_statement(client: WorkspaceClient) -> None:
    run(client, "create schema raw")
    run(client, "create table raw.orders as select * from range(3) t(id)")
    assert rows(run(client, "select sum(id) from orders", schema="raw")) == [["3"]]
    assert "nowhere" in message(run(client, "select 1", catalog="nowhere", schema="s"))


def test_parameters_are_values_of_their_type(client: WorkspaceClient) -> None:
    item = sql.StatementParameterListItem
    parameters = [
        item(name="name", value="it's ; :day"),
        item(name="day", value="2026-01-31", type="DATE"),
        item(name="price", value="1.5", type="DECIMAL(10, 2)"),
        item(name="nothing"),
    ]
    text = "select :name, :day + interval 1 day, :price, :nothing, ':day', '1'::int -- :day"
    found = rows(run(client, text, parameters=parameters))
    assert found == [["it's ; :day", "2026-02-01T00:00:00.000Z", "1.50", None, ":day", "1"]]
    assert "unbound parameter: missing" in message(run(client, "select :missing"))
    wrong = [item(name="x", value="1", type="MONEY")]
    assert "'MONEY' are not known" in message(run(client, "select :x", parameters=wrong))
    assert "Could not convert" in message(run(client, "select :x", parameters=[item(name="x", value="a", type="INT")]))


def test_a_large_result_comes_in_chunks(client: WorkspaceClient) -> None:
    answer = run(client, "select * from range(25000)")
    assert answer.manifest is not None
    assert (answer.manifest.total_chunk_count, answer.manifest.total_row_count) == (3, 25_000)
    found = rows(answer)
    chunk = answer.result
    while chunk is not None and chunk.next_chunk_index is not None:
        chunk = client.statement_execution.get_statement_result_chunk_n(
            answer.statement_id or "", chunk.next_chunk_index
        )
        found += chunk.data_array or []
    assert found == [[str(number)] for number in range(25_000)]
    with pytest.raises(NotFound, match="no chunk 3"):
        client.statement_execution.get_statement_result_chunk_n(answer.statement_id or "", 3)


def test_limits_cut_a_result_and_say_so(client: WorkspaceClient) -> None:
    for limit in ({"row_limit": 2}, {"byte_limit": 2}):
        answer = run(client, "select * from range(5)", **limit)
        assert answer.manifest is not None
        assert (len(rows(answer)), answer.manifest.truncated) == (2, True)
    assert "Inline byte limit exceeded" in message(run(client, "select repeat('x', 30000000)"))


def test_a_statement_has_no_way_to_files_or_the_network(client: WorkspaceClient) -> None:
    for text in (
        "select * from read_text('/etc/hostname')",
        "copy (select 1) to '/tmp/x'",
        "attach '/tmp/x.db'",
        "install httpfs",
        "set enable_external_access = true",
    ):
        assert message(run(client, text))


ENDLESS = "select count(*) from range(100000000000) a, range(100000) b where a.range + b.range < 0"


def wait_for(client: WorkspaceClient, key: str, wanted: str) -> None:
    deadline_s = time.monotonic() + 60
    while state(client.statement_execution.get_statement(key)) != wanted:
        assert time.monotonic() < deadline_s
        threading.Event().wait(0.02)


def test_a_statement_that_takes_long_is_polled_and_cancelled(client: WorkspaceClient) -> None:
    answer = run(client, ENDLESS, wait_timeout="0s")
    key = answer.statement_id or ""
    assert state(answer) in ("PENDING", "RUNNING")
    wait_for(client, key, "RUNNING")
    client.statement_execution.cancel_execution(key)
    assert state(client.statement_execution.get_statement(key)) == "CANCELED"
    assert rows(run(client, "select 1")) == [["1"]]


def test_statements_that_run_do_not_outlive_the_emulator() -> None:
    before = set(threading.enumerate())
    with Emulator() as emulator:
        client = WorkspaceClient(host=emulator.host, token=emulator.token)
        for _ in range(6):
            run(client, ENDLESS, wait_timeout="0s")
    assert set(threading.enumerate()) <= before


@pytest.mark.slow
def test_a_wait_ends_in_time_and_others_are_answered_meanwhile(client: WorkspaceClient) -> None:
    answers: list[sql.StatementResponse] = []
    waiting = threading.Thread(
        target=lambda: answers.append(
            run(client, ENDLESS, wait_timeout="10s", on_wait_timeout=sql.ExecuteStatementRequestOnWaitTimeout.CANCEL)
        )
    )
    waiting.start()
    client.current_user.me()
    assert not answers
    waiting.join(60)
    assert [state(answer) for answer in answers] == ["CANCELED"]


def plan(api: Api, **values: Any) -> None:
    api.post(PLANS, values)


def test_a_plan_decides_how_a_statement_ends(api: Api, client: WorkspaceClient, clock: ManualClock) -> None:
    plan(api, statement="select*", run_s=20, columns=[["id", "BIGINT"]], rows=[["1"], [None]])
    plan(api, statement="*nope*", run_s=0, result="FAILED", error="no such table", sql_state="42P01")
    answer = run(client, "SELECT * FROM t")
    seen = [state(answer)]
    for seconds in (2, 1, 20):
        clock.advance(seconds)
        seen.append(state(client.statement_execution.get_statement(answer.statement_id or "")))
    assert seen == ["PENDING", "PENDING", "RUNNING", "SUCCEEDED"]
    assert rows(client.statement_execution.get_statement(answer.statement_id or "")) == [["1"], [None]]
    clock.advance(12 * 3600)
    assert state(client.statement_execution.get_statement(answer.statement_id or "")) == "CLOSED"
    run(client, "select 1")
    clock.advance(3)
    failed = run(client, "select * from nope")
    assert message(failed) == "no such table"
    assert failed.status is not None
    assert failed.status.sql_state == "42P01"
    assert len(api.get(PLANS)["plans"]) == 2
    assert api.call("DELETE", PLANS).json() == {"plans": []}


def test_a_planned_statement_is_cancelled(
    workspace: Emulator, api: Api, client: WorkspaceClient, clock: ManualClock
) -> None:
    workspace.plan_statement(run_s=5)
    answer = run(client, "select 1")
    client.statement_execution.cancel_execution(answer.statement_id or "")
    clock.advance(60)
    assert state(client.statement_execution.get_statement(answer.statement_id or "")) == "CANCELED"
    status, code, _ = api.error("GET", f"{STATEMENTS}/{answer.statement_id}/result/chunks/0")
    assert (status, code) == (400, "INVALID_STATE")


@pytest.fixture
def fast() -> Iterator[WorkspaceClient]:
    with Emulator(clock=SystemClock(speed=10)) as emulator:
        yield WorkspaceClient(host=emulator.host, token=emulator.token)


def test_execute_waits_for_a_planned_end(fast: WorkspaceClient) -> None:
    fast.api_client.do("POST", PLANS, body={"run_s": 1})
    assert state(run(fast, "select 1")) == "SUCCEEDED"


def test_without_an_engine_a_statement_is_refused_by_name(
    api: Api, client: WorkspaceClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_statements, "is_available", lambda: False)
    body = {"statement": "select 1", "warehouse_id": first(client)}
    status, code, text = api.error("POST", STATEMENTS, body)
    assert (status, code) == (501, "NOT_IMPLEMENTED")
    assert "airbrick[sql]" in text
    plan(api)
    assert api.post(STATEMENTS, body)["engine"] == "simulated by a plan"


@pytest.mark.parametrize(
    ("values", "error", "text"),
    [
        ({"statement": " "}, (400, "INVALID_PARAMETER_VALUE"), "statement must not be empty"),
        ({"warehouse_id": "x"}, (404, "RESOURCE_DOES_NOT_EXIST"), "SQL warehouse x does not exist"),
        ({"warehouse_id": None}, (400, "INVALID_PARAMETER_VALUE"), "warehouse_id"),
        ({"wait_timeout": "3s"}, (400, "INVALID_PARAMETER_VALUE"), "wait_timeout must be"),
        ({"wait_timeout": "10"}, (400, "INVALID_PARAMETER_VALUE"), "wait_timeout must be"),
        ({"wait_timeout": "0s", "on_wait_timeout": "CANCEL"}, (400, "INVALID_PARAMETER_VALUE"), "on_wait_timeout"),
        ({"on_wait_timeout": "STOP"}, (400, "INVALID_PARAMETER_VALUE"), "on_wait_timeout must be one of"),
        ({"disposition": "EXTERNAL_LINKS"}, (501, "NOT_IMPLEMENTED"), "use disposition INLINE"),
        ({"format": "CSV"}, (400, "INVALID_PARAMETER_VALUE"), "format must be JSON_ARRAY"),
        ({"row_limit": 0}, (400, "INVALID_PARAMETER_VALUE"), "row_limit"),
        ({"parameters": [{"value": "x"}]}, (400, "INVALID_PARAMETER_VALUE"), "parameters[0].name"),
    ],
)
def test_wrong_statements_are_refused(
    api: Api, client: WorkspaceClient, values: dict[str, Any], error: tuple[int, str], text: str
) -> None:
    body = {"statement": "select 1", "warehouse_id": first(client), **values}
    status, code, found = api.error("POST", STATEMENTS, body)
    assert (status, code) == error
    assert text in found


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"result": "DONE"}, "result must be one of SUCCEEDED"),
        ({"run_s": True}, "run_s must be a number"),
        ({"run_s": "5"}, "run_s must be a number"),
        ({"error": 5}, "error must be a string"),
        ({"rows": [[1]]}, "rows must be a list of lists of strings"),
        ({"rows": [["1"]]}, "each row must have 0 values"),
        ({"columns": [["id"]]}, "each column must be a name and a type"),
        ({"statment": "x"}, "unknown key 'statment'"),
    ],
)
def test_a_plan_for_statements_that_means_nothing_is_refused(api: Api, values: dict[str, Any], text: str) -> None:
    with pytest.raises(ConfigurationError, match=text):
        read_statement_plan(values)
    assert api.error("POST", PLANS, values)[:2] == (400, "INVALID_PARAMETER_VALUE")


@given(st.text(st.sampled_from("a:$'\"-/*; \n"), max_size=12))
def test_markers_are_replaced_or_named(text: str) -> None:
    try:
        found, used = with_markers(text, {"a": Parameter("1", "INT")})
    except SqlError as error:
        assert "unbound parameter" in str(error)  # noqa: PT017 - both outcomes are right
    else:
        assert (found == text) is (not used)


@given(st.text(max_size=12))
def test_a_type_is_known_or_refused(name: str) -> None:
    try:
        assert duckdb_type(name).partition("(")[0].isalpha()
    except SqlError as error:
        assert "are not known" in str(error)  # noqa: PT017 - both outcomes are right
    assert len(databricks_type(name)) == 2


def test_values_of_every_kind_become_text() -> None:
    engine = SqlEngine()
    text = "select true, 1.5::double, 'ab'::blob, [1, 2], {'a': 1}, map {'k': 'v'}, date '2026-01-31', 1::hugeint"
    try:
        table = engine.submit(text, {}).outcome.result(20)
    finally:
        engine.close()
    assert table.rows == [["true", "1.5", "6162", "[1, 2]", '{"a": 1}', '{"k": "v"}', "2026-01-31", "1"]]
    kinds = [databricks_type(kind)[0] for _, kind in table.columns]
    assert kinds == ["BOOLEAN", "DOUBLE", "BINARY", "ARRAY", "STRUCT", "MAP", "DATE", "DECIMAL"]
    assert as_text(None) is None
