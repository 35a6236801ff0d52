"""The edits that make a task trigger a provisioned job."""

import ast
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from airbrick.lint.finding import Edit
from airbrick.lint.inlined.refusal import RefusedError
from airbrick.lint.knowledge.airflow import BASE_OPERATOR_PARAMETERS
from airbrick.lint.knowledge.databricks import operator_spec
from airbrick.lint.moving import text_range

if TYPE_CHECKING:
    from airbrick.lint.parsed import ParsedFile

MODULE: Final = "airbrick.operators"
CLASS: Final = "RunNowOperator"
_RENAMED: Final[Mapping[str, str]] = {"polling_period_seconds": "poll_interval"}
_NEEDLESS: Final = frozenset(
    {
        "databricks_retry_limit", "databricks_retry_delay", "databricks_retry_args", "idempotency_token", "durable",
        "caller", "workflow_run_metadata",
    }
)  # fmt: skip
"""What the operator does by itself; docs/operators/moving.md says how."""

_INSTEAD: Final[Mapping[str, str]] = {
    "json": "write its keys as arguments",
    "repair_run": 'write on_retry="repair" with retries',
    "cancel_previous_runs": "write queue_enabled=True, or max_active_runs=1 for the DAG",
    "forward_dag_params": "name them in job_parameters",
    "databricks_repair_reason_new_settings": "change the job where it is provisioned",
}
_WIDTH: Final = 120


def triggering(
    file: "ParsedFile", call: ast.Call, key: str, gone: frozenset[str], passed: Mapping[str, str]
) -> list[Edit]:
    """Give the edits of one call.

    :param key: the job's key in the contract.
    :param gone: arguments that belong to the job now.
    :param passed: job parameters by name, with the code of their values.
    :raises RefusedError: an argument has no counterpart.
    """
    kept, edits = checked(call, gone), [Edit(*text_range(file, call.func), CLASS)]
    first = next((keyword for keyword in call.keywords if keyword.arg not in kept), None)
    told = _told(file, call, first or call.keywords[0], key, passed)
    going: list[ast.keyword] = []
    for keyword in call.keywords:
        start, end = text_range(file, keyword)
        if keyword is first:
            edits.append(Edit(start, end, told))
        elif (name := keyword.arg) in _RENAMED and name is not None:
            edits.append(Edit(start, start + len(name), _RENAMED[name]))
        elif keyword.arg not in kept:
            going.append(keyword)
    if first is None:
        start, _ = text_range(file, call.keywords[0])
        edits.append(Edit(start, start, f"{told}, "))
    return edits + _removals(file, call, going)


def checked(call: ast.Call, gone: frozenset[str]) -> frozenset[str]:
    """Give the arguments that stay.

    :raises RefusedError: an argument has no counterpart, or is not written as one.
    """
    own = operator_spec(f"{MODULE}.{CLASS}")
    if call.args or any(keyword.arg is None for keyword in call.keywords) or own is None:
        raise RefusedError("its arguments come from elsewhere", help="write each as name=value in the call")
    names = [keyword.arg for keyword in call.keywords if keyword.arg is not None]
    kept = frozenset(
        name
        for name in names
        if name not in gone and (own.takes(name) or name in BASE_OPERATOR_PARAMETERS or name in _RENAMED)
    )
    for name in names:
        if name not in kept and name not in gone and name not in _NEEDLESS:
            instead = _INSTEAD.get(name, "take it out, or keep this task as it is")
            raise RefusedError(f"{name} has no counterpart in {CLASS}", help=instead)
    return kept


def _told(file: "ParsedFile", call: ast.Call, at: ast.keyword, key: str, passed: Mapping[str, str]) -> str:
    start, _ = text_range(file, at)
    line, column = file.source.position(start)
    indent = file.source.line_text(line)[: column - 1]
    newline = file.source.newline_at(line)
    text = f"job={quoted(key)}"
    if not passed:
        return text
    entries = [f"{quoted(name)}: {code}" for name, code in passed.items()]
    flat = f"job_parameters={{{', '.join(entries)}}}"
    if indent.strip() or len(call.keywords) == 1:
        return f"{text}, {flat}"
    if len(indent) + len(flat) < _WIDTH and "\n" not in flat:
        return f"{text},{newline}{indent}{flat}"
    lines = "".join(f"{indent}    {entry},{newline}" for entry in entries)
    return f"{text},{newline}{indent}job_parameters={{{newline}{lines}{indent}}}"


def _removals(file: "ParsedFile", call: ast.Call, going: Sequence[ast.keyword]) -> list[Edit]:
    """Take arguments out, each with its comma and what is said about it on its last line."""
    staying = [index for index, keyword in enumerate(call.keywords) if keyword not in going]
    trailing = call.keywords[staying[-1] + 1 :]
    edits: list[Edit] = []
    if trailing and _own_lines(file, call, trailing[-1]) is None:
        # Before a bracket on the same line: the comma before them goes, too.
        edits.append(Edit(text_range(file, call.keywords[staying[-1]])[1], text_range(file, trailing[-1])[1], ""))
        going = [keyword for keyword in going if keyword not in trailing]
    for keyword in going:
        following = call.keywords[call.keywords.index(keyword) + 1 :]
        own = _own_lines(file, call, keyword)
        edits.append(own or Edit(text_range(file, keyword)[0], text_range(file, following[0])[0], ""))
    return edits


def _own_lines(file: "ParsedFile", call: ast.Call, keyword: ast.keyword) -> Edit | None:
    """Give the edit that takes out the lines of an argument; ``None`` when it shares them."""
    source, (start, end) = file.source, text_range(file, keyword)
    text, close = source.text, text_range(file, call)[1] - 1
    after = end
    while after < close and text[after] in " \t,":
        after += 1
    line = source.position(after)[0]
    if after < close and text[after] == "#":
        after = source.line_starts[line - 1] + len(source.line_text(line))
    begin = source.line_starts[source.position(start)[0] - 1]
    ended = "," in text[end:after].partition("#")[0] or keyword is call.keywords[-1]
    alone = ended and after < close and text[after] in "\r\n" and not text[begin:start].strip()
    return Edit(begin, source.line_starts[line], "") if alone else None


def quoted(text: str) -> str:
    """Write a text as Python."""
    return json.dumps(text, ensure_ascii=False)
