"""The operator that executes a SQL statement on a warehouse."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final

from airflow.sdk import BaseOperator

from airbrick.operators.airflow_timer import postpone_timer
from airbrick.operators.authoring.options import default_deferrable, is_late, seconds
from airbrick.operators.errors import UsageError
from airbrick.operators.run_operator import TRIGGER_FAILED

if TYPE_CHECKING:
    from airflow.providers.openlineage.extractors import OperatorLineage
    from airflow.sdk import Context, XComArg

    from airbrick.operators.kill import KillSwitch

POLL_INTERVAL_MAX_S: Final = 15 * 60.0
"""Source: databricks-sdk 0.156, ``StatementExecutionAPI``: poll at least once every 15 minutes."""


class SqlStatementOperator(BaseOperator):
    """Execute a SQL statement on a warehouse, wait for its end, and return its rows.

    An attempt finds the statement that the one before it sent, as long as its id was stored (Airflow 3.3). The
    Statement Execution API has no idempotency token: a worker that dies between the request and its answer leaves a
    statement that the next attempt does not know, and executes again; so does every worker that dies on Airflow 3.1
    and 3.2.
    So write statements that may be executed twice (``MERGE``, ``CREATE OR REPLACE``, ``DELETE`` and ``INSERT`` in
    one job), or provision a job with a SQL task and run it with ``RunNowOperator``, which runs once.

    The return value is a list of rows, each a dict of texts by column; the XCom ``statement_id`` names the statement.

    :param statement: the SQL; give values as ``parameters``. Templated.
    :param warehouse_id: the warehouse. Templated.
    :param parameters: values of ``:name`` markers, by name. Templated.
    :param catalog: catalog for names without one. Templated.
    :param schema: schema for names without one. Templated.
    :param row_limit: most rows that are returned; a result with more is cut, and the XCom ``result_truncated`` says so.
    :param timeout: longest time from the attempt's start until the statement's end, in seconds; then it is cancelled
        and the task fails. ``execution_timeout`` holds too, deferred or not.
    :param databricks_conn_id: Airflow connection of type ``databricks``. Templated.
    :param deferrable: wait in the triggerer instead of a worker; by default ``[airbrick] default_deferrable``.
    :param poll_interval: longest time between two looks, in seconds; at most 15 minutes, after which Databricks may end
        a statement that nobody asks for.
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
        self.seen: tuple[str, str] | None = None
        """The statement's id, and the address of its workspace."""
        self.kill_switch: KillSwitch[str] | None = None
        if self.poll_interval_s > POLL_INTERVAL_MAX_S:
            fix = "give 15 minutes or less: Databricks may end a statement that nobody asks for"
            raise UsageError(f"poll_interval={poll_interval!r}", "is too long", fix=fix)
        if type(row_limit) is not int or row_limit < 1:
            raise UsageError(f"row_limit={row_limit!r}", "is not a number of rows", fix="give 1 or more")
        if not is_late(statement) and not str(statement).endswith(".sql"):
            self.settings()

    def execute(self, context: "Context") -> Any:  # noqa: ANN401 -- rows, or nothing yet
        """Send the statement and wait for its end.

        :raises StatementError: it did not succeed, or took too long.
        """
        postpone_timer(self.execution_timeout)
        from airbrick.operators.statement_execution import StatementExecution

        with StatementExecution(self, context) as execution:
            return execution.start()

    def resume(self, context: "Context", event: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 -- as execute
        """Go on after the trigger: look at the statement itself.

        :raises StatementError: it did not succeed, or took too long.
        """
        postpone_timer(self.execution_timeout)
        from airbrick.operators.statement_execution import StatementExecution

        with StatementExecution(self, context) as execution:
            return execution.resume(event or {})

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: "Context") -> Any:  # noqa: ANN401 -- as execute
        """Go on after the trigger, also when it failed: a failed trigger is not a failed statement."""
        if next_method == TRIGGER_FAILED:
            trace = "".join((next_kwargs or {}).get("traceback") or ())
            self.log.warning("the trigger failed; waiting here for the statement\n%s", trace)
            return self.resume(context)
        return super().resume_execution(next_method, next_kwargs, context)

    def get_openlineage_facets_on_complete(self, task_instance: object) -> "OperatorLineage[Any, Any] | None":  # noqa: ARG002 -- OpenLineage's own signature
        """Tell OpenLineage which statement this was, however it ended, and which tables it names.

        :returns: ``None`` when no statement was sent.
        """
        if self.seen is None:
            return None
        from airbrick.operators.lineage import statement_lineage

        return statement_lineage(*self.seen, sql=str(self.statement), catalog=self.catalog, schema=self.schema)

    def on_kill(self) -> None:
        """Cancel the statement if a person ended the task; before Airflow 3.3, whoever stops it."""
        if self.kill_switch is not None:
            self.kill_switch.pull()

    def settings(self) -> dict[str, Any]:
        """Give the request's fields, once templates are rendered.

        :raises UsageError: it cannot be asked for.
        """
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
