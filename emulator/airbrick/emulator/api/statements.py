"""``/api/2.0/sql/statements``: SQL statements, executed with DuckDB or simulated by a plan."""

from __future__ import annotations

import asyncio
import contextlib
import re
from typing import TYPE_CHECKING, Any

from airbrick.emulator.api.warehouses import find_warehouse
from airbrick.emulator.clock import ManualClock
from airbrick.emulator.errors import ApiError, ConfigurationError, StateError, invalid_parameter, not_implemented
from airbrick.emulator.spec import check
from airbrick.emulator.sql_engine import Parameter, SqlCanceledError, SqlError, is_available
from airbrick.emulator.statements import TERMINAL, StatementEnd, read_statement_plan, show_chunk, show_statement
from airbrick.emulator.wire import Call, Later, Reply, Route, read_integer

if TYPE_CHECKING:
    from concurrent.futures import Future

    from airbrick.emulator.sql_engine import Table
    from airbrick.emulator.statements import Statement
    from airbrick.emulator.store import Store

MAX_STATEMENT_BYTES = 16 * 1024 * 1024
_PATH = "/api/2.0/sql/statements"
_PLANS = "/_local/statement-plans"
_WAIT = re.compile(r"(\d{1,3})s")
_WAITS_S = range(5, 51)


def execute(store: Store, call: Call) -> Reply:
    """Answer execute: waits for the result as long as the request says."""
    request = check("ExecuteStatement", call.params)
    _check(request)
    wait_s = _wait_s(request)
    warehouse, now = find_warehouse(store, request["warehouse_id"]), store.clock.now()
    plan = store.statements.plan_for(request["statement"], warehouse.name)
    starts_s = warehouse.use(now, call.whoami().name)
    if plan is None:
        statement = _start(store, request, now)
    else:
        statement = store.statements.add(created_s=now, starts_s=starts_s, engine="simulated by a plan", plan=plan)

    def _finish() -> dict[str, Any]:
        if request.get("on_wait_timeout") == "CANCEL":
            _give_up(store, statement, call)
        return show_statement(statement, store.clock.now())

    if wait_s == 0:
        return Reply(show_statement(statement, now))
    return Reply({}, later=Later(lambda: _wait(store, statement, wait_s), _finish))


def _give_up(store: Store, statement: Statement, call: Call) -> None:
    turn = store.begin()
    if statement.state(turn.at_s) not in TERMINAL and store.keeper is not None:
        asked = Call("POST", f"{_PATH}/{statement.statement_id}/cancel", {}, {}, b"", identity=call.identity)
        with contextlib.suppress(StateError):  # The journal said so itself.
            store.keeper.write_request(asked, turn)
    statement.cancel(turn.at_s)
    store.end(turn, kept=True)


def get(store: Store, call: Call) -> dict[str, Any]:
    """Answer get: the state, and the first chunk of the result when there is one."""
    return show_statement(store.statements.get(call.path_params["id"]), store.clock.now())


def cancel(store: Store, call: Call) -> dict[str, Any]:
    """Answer cancel: without effect on a statement that is over."""
    store.statements.get(call.path_params["id"]).cancel(store.clock.now())
    return {}


def get_chunk(store: Store, call: Call) -> dict[str, Any]:
    """Answer a chunk of the result."""
    statement, state = _find(store, call)
    if state != "SUCCEEDED":
        message = f"The statement {statement.statement_id} is in state {state}; it has no result."
        raise ApiError(400, "INVALID_STATE", message)
    return show_chunk(statement, read_integer("chunk_index", call.path_params["index"]) or 0)


def list_plans(store: Store, _call: Call) -> dict[str, Any]:
    """Answer the plans for statements; the last one that matches wins."""
    return {"plans": store.statements.plans}


def add_plan(store: Store, call: Call) -> dict[str, Any]:
    """Add a plan: ``{"statement": "select*", "columns": [["id", "BIGINT"]], "rows": [["1"]]}``."""
    try:
        plan = read_statement_plan(call.params)
    except ConfigurationError as error:
        raise invalid_parameter(str(error)) from None
    store.statements.plans = (*store.statements.plans, plan)
    return list_plans(store, call)


def clear_plans(store: Store, call: Call) -> dict[str, Any]:
    """Drop all plans for statements."""
    store.statements.plans = ()
    return list_plans(store, call)


def _find(store: Store, call: Call) -> tuple[Statement, str]:
    statement = store.statements.get(call.path_params["id"])
    return statement, statement.state(store.clock.now())


def _check(request: dict[str, Any]) -> None:
    if not request["statement"].strip():
        raise invalid_parameter("statement must not be empty")
    if len(request["statement"].encode()) > MAX_STATEMENT_BYTES:
        raise invalid_parameter(f"statement must be at most {MAX_STATEMENT_BYTES} bytes")
    if request.get("disposition") == "EXTERNAL_LINKS":
        raise not_implemented("The airbrick emulator answers results inline alone; use disposition INLINE.")
    if request.get("format", "JSON_ARRAY") != "JSON_ARRAY":
        raise invalid_parameter("format must be JSON_ARRAY with disposition INLINE")
    for name in ("row_limit", "byte_limit"):
        if request.get(name, 1) < 1:
            raise invalid_parameter(f"{name} must be 1 or more")


def _wait_s(request: dict[str, Any]) -> int:
    match = _WAIT.fullmatch(request.get("wait_timeout", "10s"))
    seconds = int(match[1]) if match else -1
    if seconds != 0 and seconds not in _WAITS_S:
        raise invalid_parameter("wait_timeout must be 0s, or from 5s to 50s")
    if seconds == 0 and request.get("on_wait_timeout") == "CANCEL":
        raise invalid_parameter("on_wait_timeout CANCEL needs a wait_timeout from 5s to 50s")
    return seconds


def _start(store: Store, request: dict[str, Any], now_s: float) -> Statement:
    book, keeper = store.statements, store.keeper
    if store.redoes:
        # What it did is in the database; how it ended is written beside it.
        return book.add(created_s=now_s, starts_s=now_s, engine="duckdb")
    if book.engine is None and not is_available():
        raise not_implemented(
            "The airbrick emulator has no SQL engine: install 'airbrick[sql]' to execute statements with DuckDB, "
            "or add a plan for them."
        )
    engine = book.running_engine()
    statement = book.add(created_s=now_s, starts_s=now_s, engine=engine.dialect)

    def _ended(error: SqlError | None) -> None:
        if keeper is not None:
            stopped = "CANCELED" if isinstance(error, SqlCanceledError) else "FAILED"
            state = "SUCCEEDED" if error is None else stopped
            with contextlib.suppress(StateError):  # The journal said so itself.
                keeper.write_statement(
                    statement.statement_id, StatementEnd(state, engine.dialect, None if error is None else str(error))
                )

    statement.execution = engine.submit(
        request["statement"],
        {
            item["name"]: Parameter(item.get("value"), item.get("type", "STRING"))
            for item in request.get("parameters", ())
        },
        row_limit=request.get("row_limit"),
        byte_limit=request.get("byte_limit"),
        schema=[request[name] for name in ("catalog", "schema") if request.get(name)],
        ended=_ended,
    )
    return statement


async def _wait(store: Store, statement: Statement, wait_s: int) -> None:
    if statement.execution is not None:
        await _done(statement.execution.outcome, wait_s)
    elif statement.plan is not None and not isinstance(store.clock.inner, ManualClock):
        left_s = statement.starts_s + statement.plan.run_s - store.clock.now()
        await asyncio.sleep(max(0.0, min(wait_s, left_s / store.clock.speed)))


async def _done(outcome: Future[Table], timeout_s: float) -> None:
    loop, done = asyncio.get_running_loop(), asyncio.Event()

    def _tell(_outcome: Future[Table]) -> None:
        # The server may be gone when a statement ends.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(done.set)

    outcome.add_done_callback(_tell)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(done.wait(), timeout_s)


ROUTES = (
    Route("POST", _PATH, execute),
    Route("GET", f"{_PATH}/{{id}}", get),
    Route("POST", f"{_PATH}/{{id}}/cancel", cancel),
    Route("GET", f"{_PATH}/{{id}}/result/chunks/{{index}}", get_chunk),
    Route("GET", _PLANS, list_plans, access="admin"),
    Route("POST", _PLANS, add_plan, access="admin"),
    Route("DELETE", _PLANS, clear_plans, access="admin"),
)
