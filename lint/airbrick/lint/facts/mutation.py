"""Dicts and lists that code outside the file may change."""

from typing import Final

from airbrick.lint.facts import mappings
from airbrick.lint.facts.run import Run
from airbrick.lint.facts.values import CallValue, DictValue, Fact, Known, ListValue, Unknown

_HARMLESS: Final = (
    *("airflow.", "airbrick.", "databricks.", "requests.", "httpx."),
    *("builtins.", "logging.", "json.", "pprint.", "warnings.", "os."),
)


def taint_arguments(run: Run, result: Fact) -> None:
    """Note what a call may have changed.

    A call whose result nobody uses is made for its effect, so a dict that is handed to it may not be
    what it was.
    """
    del run
    if not isinstance(result, Known) or not isinstance(result.value, CallValue):
        return
    call = result.value
    name = call.callee.names[0]
    if name.startswith(_HARMLESS):
        return
    why = Unknown(f"it is handed to {name.rpartition('.')[2]}(), which may change it", call.arguments.call)
    facts = [*call.arguments.positional, *(entry.fact for entry in call.arguments.keywords.entries.values())]
    for fact in facts:
        value = fact.value if isinstance(fact, Known) else None
        if isinstance(value, DictValue):
            mappings.open_up(value, why)
        elif isinstance(value, ListValue):
            value.open = value.open or why
