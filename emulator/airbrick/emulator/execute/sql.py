"""SQL tasks: files of statements, executed by the engine that executes the workspace's SQL statements."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import CancelledError, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airbrick.emulator.errors import ApiError
from airbrick.emulator.execute.process import Ended
from airbrick.emulator.execute.refusal import CannotExecuteError
from airbrick.emulator.references import Lookup, resolve
from airbrick.emulator.sql_engine import Parameter, SqlError, is_available
from airbrick.emulator.timeline import Output

if TYPE_CHECKING:
    from airbrick.emulator.files import FileTree
    from airbrick.emulator.statements import StatementBook

_KILL_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class SqlProgram:
    """Statements to execute.

    :param text: one statement, or several with semicolons between
    :param parameters: values of markers such as ``:day``, by name
    """

    text: str
    parameters: Mapping[str, str]
    warehouse_id: str


def sql_program(details: Mapping[str, Any], lookup: Lookup, files: FileTree) -> SqlProgram:
    """Return what a SQL task executes.

    :param details: the settings of the ``sql_task``
    :raises CannotExecuteError: it is no file of the workspace, or there is no engine
    """
    file = details.get("file")
    if file is None or file.get("source") == "GIT":
        what = next((name for name in ("query", "alert", "dashboard") if name in details), "a Git source")
        raise CannotExecuteError(
            f"The airbrick emulator has no engine for a sql_task with {what}; it executes files of the workspace. "
            "Give this task a plan to simulate it."
        )
    if not is_available():
        raise CannotExecuteError(
            "The airbrick emulator has no SQL engine for a sql_task: install 'airbrick[sql]' to execute it with "
            "DuckDB, or give this task a plan."
        )
    try:
        found = files.find(file["path"])
    except ApiError as error:
        raise CannotExecuteError(error.message) from None
    if found is None or found.object_type == "DIRECTORY":
        raise CannotExecuteError(f'The SQL file "{file["path"]}" is not in the workspace.', "RESOURCE_NOT_FOUND")
    parameters = {name: resolve(value, lookup) for name, value in details.get("parameters", {}).items()}
    return SqlProgram(found.content.decode("utf-8", "replace"), parameters, details["warehouse_id"])


class SqlProcess:
    """Statements that are executed; it can be asked, stopped and collected as a process can.

    :param program: what is executed
    :param book: the workspace's statements, whose engine is made when it has none
    """

    def __init__(self, program: SqlProgram, book: StatementBook) -> None:
        engine = book.running_engine()
        self._program = program
        self._dialect = engine.dialect
        parameters = {name: Parameter(value, "STRING") for name, value in program.parameters.items()}
        self._execution = engine.submit(program.text, parameters)

    def ended(self) -> bool:
        """Tell whether the statements are over."""
        return self._execution.outcome.done()

    def stop(self) -> None:
        """Interrupt the statements."""
        self._execution.cancel()

    def kill(self) -> None:
        """Interrupt the statements and wait for them."""
        self._execution.cancel()
        wait([self._execution.outcome], _KILL_TIMEOUT_S)

    def collect(self) -> Ended:
        """Return how the statements ended; call it once, after the end."""
        query = {"query_text": self._program.text, "warehouse_id": self._program.warehouse_id}
        info = f"Executed by {self._dialect}, in its dialect."
        output = Output(more={"sql_output": {"query_output": query}, "info": info})
        try:
            self._execution.outcome.result(0)
        except (SqlError, CancelledError, TimeoutError) as error:
            return Ended(
                failed=True, output=Output(error=str(error) or "The statement was canceled.", more=output.more)
            )
        return Ended(failed=False, output=output)
