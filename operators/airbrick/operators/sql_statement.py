"""The operator that executes a SQL statement on a warehouse."""

import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final

from airflow.sdk import BaseOperator

from airbrick.operators.authoring.options import default_deferrable, is_late, seconds
from airbrick.operators.errors import StatementError, UsageError

if TYPE_CHECKING:
    from airflow.sdk import Context, XComArg

    from airbrick.operators.runs.statement import StatementView
    from airbrick.operators.workspace.client import WorkspaceClient

STATEMENT_ID: Final = "statement_id"
_TRIGGER_FAILED: Final = "__fail__"


class SqlStatementOperator(BaseOperator):
    """Execute a SQL statement on a warehouse, wait for its end, and return its rows.

    The Statement Execution API has no idempotency token: a worker that dies between the request and its answer leaves
    a statement that the next attempt does not know, and executes it again. So write statements that may be executed
    twice (``MERGE``, ``CREATE OR REPLACE``, ``DELETE`` and ``INSERT`` in one job), or provision a job with a SQL task
    and run it with ``RunNowOperator``, which runs once.

    The return value is a list of rows, each a dict of texts by column; the XCom ``statement_id`` names the statement.

    :param statement: the SQL; give values as ``parameters``. Templated.
    :param warehouse_id: the warehouse. Templated.
    :param parameters: values of ``:name`` markers, by name. Templated.
    :param catalog: catalog for names without one. Templated.
    :param schema: schema for names without one. Templated.
    :param row_limit: most rows that are returned; a result with more is cut, and the XCom ``result_truncated`` says so.
    :param timeout: longest time until the statement's end, in seconds; then it is cancelled and the task fails.
    :param databricks_conn_id: Airflow connection of type ``databricks``. Templated.
    :param deferrable: wait in the triggerer instead of a worker; by default ``[airbrick] default_deferrable``.
    :param poll_interval: longest time between two looks, in seconds.
    :raises UsageError: an argument is wrong; at parse.
    """

    template_fields: ClassVar[Sequence[str]] = (  # type: ignore[misc]
        "statement",
        "warehouse_id",
        "parameters",
        "catalog",
        "schema",
        "databricks_conn_id",
    )
    template_ext: ClassVar[Sequence[str]] = (".sql",)  # type: ignore[misc]
    template_fields_renderers: ClassVar[dict[str, str]] = {"statement": "sql", "parameters": "json"}
    ui_color = "#ffe8e3"
    ui_fgcolor = "#1b3139"

    def __init__(
        self,
        *,
        statement: "str | XComArg",
        warehouse_id: str,
        parameters: "Mapping[str, Any] | XComArg | None" = None,
        catalog: str | None = None,
        schema: str | None = None,
        row_limit: int = 1000,
        timeout: float | timedelta | None = None,
        databricks_conn_id: str = "databricks_default",
        deferrable: bool | None = None,
        poll_interval: float | timedelta = 30.0,
        **kwargs: Any,  # noqa: ANN401 -- BaseOperator's own arguments
    ) -> None:
        super().__init__(**kwargs)
        self.statement = statement
        self.warehouse_id = warehouse_id
        self.parameters = parameters
        self.catalog = catalog
        self.schema = schema
        self.row_limit = row_limit
        self.timeout_s = seconds("timeout", timeout)
        self.databricks_conn_id = databricks_conn_id
        self.deferrable = default_deferrable() if deferrable is None else deferrable
        self.poll_interval_s = seconds("poll_interval", poll_interval) or 30.0
        self._statement_id: str | None = None
        if type(row_limit) is not int or row_limit < 1:
            raise UsageError(f"row_limit={row_limit!r}", "is not a number of rows", fix="give 1 or more")
        if not is_late(statement) and not str(statement).endswith(".sql"):
            self._settings()

    def execute(self, context: "Context") -> Any:  # noqa: ANN401 -- rows, or nothing yet
        """Send the statement and wait for its end.

        :raises StatementError: it did not succeed.
        """
        from airbrick.operators.runs.statement import read_statement
        from airbrick.operators.statement_trigger import StatementTrigger
        from airbrick.operators.workspace import wire

        settings = self._settings()
        with self._client() as client:
            began = time.time()
            # Never sent twice: a lost answer would execute it again.
            sent = read_statement(client.call_once(wire.execute_statement(settings)))
            self._statement_id = sent.statement_id
            ti: Any = context["ti"]
            ti.xcom_push(key=STATEMENT_ID, value=sent.statement_id)
            self.log.info("statement %s is %s", sent.statement_id, sent.state)
            deadline_at = None if self.timeout_s is None else began + self.timeout_s
            if self.deferrable and not sent.ended:
                self.defer(
                    trigger=StatementTrigger(
                        conn_id=self.databricks_conn_id,
                        statement_id=sent.statement_id,
                        poll_interval_s=self.poll_interval_s,
                        asked_at=began,
                        deadline_at=deadline_at,
                    ),
                    method_name="resume",
                )
            return self._wait(context, client, sent.statement_id, began, deadline_at)

    def resume(self, context: "Context", event: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 -- as execute
        """Go on after the trigger: look at the statement itself.

        :raises StatementError: it did not succeed, or took too long.
        """
        ti: Any = context["ti"]
        statement_id = (event or {}).get("statement_id") or ti.xcom_pull(task_ids=self.task_id, key=STATEMENT_ID)
        if not statement_id:
            raise UsageError("event", "names no statement", fix="clear the task")
        self._statement_id = str(statement_id)
        with self._client() as client:
            deadline_at = time.time() if event is not None else None
            return self._wait(context, client, self._statement_id, time.time(), deadline_at)

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: "Context") -> Any:  # noqa: ANN401 -- as execute
        """Go on after the trigger, also when it failed: a failed trigger is not a failed statement."""
        if next_method == _TRIGGER_FAILED:
            return self.resume(context)
        return super().resume_execution(next_method, next_kwargs, context)

    def on_kill(self) -> None:
        """Cancel the statement: nothing finds it again."""
        if self._statement_id is not None:
            from airbrick.operators.workspace import wire

            with self._client() as client:
                client.call(wire.cancel_statement(self._statement_id))

    def _wait(
        self, context: "Context", client: "WorkspaceClient", statement_id: str, began: float, deadline_at: float | None
    ) -> Any:  # noqa: ANN401 -- as execute
        from airbrick.operators.poller.cadence import next_look_s
        from airbrick.operators.runs.statement import read_statement
        from airbrick.operators.runs.view import Phase
        from airbrick.operators.workspace import wire

        while not (statement := read_statement(client.call(wire.get_statement(statement_id)))).ended:
            now = time.time()
            if deadline_at is not None and now >= deadline_at:
                client.call(wire.cancel_statement(statement_id))
                text = f"statement {statement_id} passed its deadline and was cancelled: it was {statement.state}"
                raise StatementError(text, statement_id=statement_id)
            wait_s = next_look_s(Phase.RUNNING, age_s=now - began, poll_interval_s=self.poll_interval_s, unit=0.0)
            time.sleep(wait_s if deadline_at is None else min(wait_s, max(0.0, deadline_at - now)))
        self._statement_id = None
        if not statement.succeeded:
            parts = [statement.state, statement.error_code, statement.message]
            text = f"statement {statement_id} did not succeed: {': '.join(part for part in parts if part)}"
            raise StatementError(text, statement_id=statement_id, code=statement.error_code)
        return self._rows(context, client, statement)

    def _rows(self, context: "Context", client: "WorkspaceClient", statement: "StatementView") -> list[dict[str, Any]]:
        from airbrick.operators.runs.statement import read_rows
        from airbrick.operators.workspace import wire

        rows = list(statement.rows)
        for index in range(1, statement.chunks):
            rows += read_rows(client.call(wire.get_statement_chunk(statement.statement_id, index)))
        if statement.truncated:
            ti: Any = context["ti"]
            ti.xcom_push(key="result_truncated", value=True)
            self.log.warning("the result is cut to %d rows", len(rows))
        return [dict(zip(statement.columns, row, strict=True)) for row in rows]

    def _settings(self) -> dict[str, Any]:
        from airbrick.operators.authoring.parameters import text_of

        for name in ("statement", "warehouse_id"):
            text: object = getattr(self, name)
            if not isinstance(text, str) or not text.strip():
                raise UsageError(name, "is empty", fix=f"give the {name.replace('_', ' ')}")
        given: object = {} if self.parameters is None else self.parameters
        if not isinstance(given, Mapping):
            raise UsageError("parameters", f"are a {type(given).__name__}", fix="give a dict of names and values")
        parameters = [
            {"name": name, "value": None if value is None else text_of(name, value, field="parameters")}
            for name, value in given.items()
        ]
        settings = {
            "statement": self.statement,
            "warehouse_id": self.warehouse_id,
            "catalog": self.catalog,
            "schema": self.schema,
            "parameters": parameters or None,
            "row_limit": self.row_limit,
            "wait_timeout": "0s",
        }
        return {name: value for name, value in settings.items() if value is not None}

    def _client(self) -> "WorkspaceClient":
        from airbrick.operators.hook import WorkspaceHook

        return WorkspaceHook(self.databricks_conn_id).get_conn()
