"""DBX402: a DAG file goes to a server whenever it is parsed."""

from collections.abc import Iterator

from airbrick.lint.context import RuleContext
from airbrick.lint.facts.callables import FunctionKind
from airbrick.lint.facts.values import CallValue, Place, parts_of
from airbrick.lint.finding import Finding, Note, Severity
from airbrick.lint.knowledge.outside_world import is_client, reaches_out, reads_from, uses
from airbrick.lint.model.elements import OutsideCall, Phase
from airbrick.lint.rule import Example, Rule
from airbrick.lint.wording import call_name


class ParseTimeIo(Rule):
    """Parsing a DAG file must not depend on a server."""

    code = "DBX402"
    name = "parse-time-io"
    severity = Severity.ERROR
    summary = "A DAG file goes to a server whenever it is parsed"
    why = (
        "Airflow parses every DAG file again and again, and once more in each worker for each task. A connection, "
        "a query or a request that is made on the way there loads the server around the clock, slows down all DAGs, "
        "and makes the DAG disappear whenever the server does not answer. Do it in a task, or with a template. "
        "`Variable.get` is ruff's AIR003, unless defer-to-ruff = false."
    )
    bad = (
        Example(
            """\
from airflow.sdk import DAG
from airflow.providers.databricks.hooks.databricks_sql import DatabricksSqlHook

tables = DatabricksSqlHook("databricks_default").get_records("show tables")

with DAG("orders"):
    pass
"""
        ),
    )
    good = (
        Example(
            """\
from airflow.sdk import DAG, task
from airflow.providers.databricks.hooks.databricks_sql import DatabricksSqlHook

with DAG("orders"):

    @task
    def tables():
        return DatabricksSqlHook("databricks_default").get_records("show tables")

    tables()
"""
        ),
    )

    def check_module(self, context: RuleContext) -> Iterator[Finding]:
        """Check the calls that happen when a file with a DAG is parsed."""
        model = context.model
        if not (model.dags or model.operators or model.groups):
            return
        seen: set[int] = set()
        for call in model.calls:
            found = _found(call, context) if call.phase is Phase.PARSE else None
            if found is not None and id(found.arguments.call.node) not in seen:
                seen.add(id(found.arguments.call.node))
                yield self._report(call, found, context)

    def _report(self, call: OutsideCall, found: CallValue, context: RuleContext) -> Finding:
        place = found.arguments.call
        notes = list(_notes(call, found, place, context))
        return context.finding(
            self,
            place,
            f"{call_name(found.callee.names[0])} goes to a server whenever this file is parsed",
            help="do it in a task, or with a template",
            notes=notes,
        )


def _found(call: OutsideCall, context: RuleContext) -> CallValue | None:
    """Give the call that goes to a server: this one, or the one that built the client it is made on."""
    value = call.value
    if value.arguments.call.file is not context.file:
        return None
    if any(reaches_out(name, defer_to_ruff=context.settings.defer_to_ruff) for name in value.callee.names):
        return value
    source = parts_of(value.arguments.positional[0])[0] if value.arguments.positional else None
    if source is not None and any(reads_from(name, source) for name in value.callee.names):
        return value
    if not uses(value.callee.names[0]):
        return None
    receiver = value.callee.receiver
    while receiver is not None:
        if any(is_client(name) for name in receiver.callee.names):
            return receiver if receiver.arguments.call.file is context.file else None
        receiver = receiver.callee.receiver
    return None


def _notes(call: OutsideCall, found: CallValue, place: Place, context: RuleContext) -> Iterator[Note]:
    if found is not call.value:
        yield from context.defined_at(call.value.arguments.call, beyond=place, message="it is used here")
    if call.entered is not None and call.root is not None and call.root.kind is FunctionKind.PLAIN:
        message = f"{call.root.name}() is called here while the file is parsed"
        yield from context.defined_at(call.entered, beyond=place, message=message)


RULE = ParseTimeIo()
