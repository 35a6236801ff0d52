"""The edits that make a task trigger a provisioned job."""

import ast
import json
from collections.abc import Iterator, Mapping, Sequence
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
_PACKAGES: Final = frozenset({"airflow", "airbrick", "astro_databricks", "astronomer"})
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


def importing(file: "ParsedFile", renamed: Sequence[ast.expr]) -> list[Edit]:
    """Give the edits of the imports, once classes are named otherwise.

    :param renamed: where the classes were named.
    :raises RefusedError: the file means something else by the operator's name.
    """
    if not renamed:
        return []
    gone = {node.id for node in renamed if isinstance(node, ast.Name)}
    spots = {id(node) for node in renamed}
    left = {node.id for node in ast.walk(file.tree) if isinstance(node, ast.Name) and id(node) not in spots}
    imports = [node for node in file.from_imports if not node.level]
    has = any(_brings_ours(node) and node in file.tree.body for node in imports)
    if not has and (CLASS in file.names or any((n.asname or n.name) == CLASS for i in imports for n in i.names)):
        raise RefusedError(f"{CLASS} is something else in this file", help="give that another name")
    edits, line = [], f"from {MODULE} import {CLASS}"
    for node in imports:
        removed = [name for name in node.names if (name.asname or name.name) in gone - left]
        if not removed or (node.module or "").partition(".")[0] not in _PACKAGES:
            continue
        kept = [name for name in node.names if name not in removed]
        # One inside a function or a branch would not be there for all.
        here = not has and node in file.tree.body
        if here and node.module == MODULE:
            kept.insert(0, ast.alias(CLASS))
        new = [_import(file, node, kept)] if kept else []
        if here and node.module != MODULE:
            new.insert(0, line)
        has = has or here
        edits.append(_replaced(file, node, new))
    if not has:
        first = next(n for n in file.tree.body if isinstance(n, ast.Import | ast.ImportFrom) and not _future(n))
        at = file.source.line_starts[first.lineno - 1]
        edits.append(Edit(at, at, line + file.source.newline_at(first.lineno)))
    return edits


def _brings_ours(node: ast.ImportFrom) -> bool:
    return node.module == MODULE and any(name.name == CLASS and name.asname is None for name in node.names)


def _future(node: ast.Import | ast.ImportFrom) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _import(file: "ParsedFile", node: ast.ImportFrom, names: Sequence[ast.alias]) -> str:
    told = [name.name + (f" as {name.asname}" if name.asname else "") for name in names]
    flat = f"from {node.module} import {', '.join(told)}"
    if len(flat) + node.col_offset <= _WIDTH:
        return flat
    newline, indent = file.source.newline_at(node.lineno), " " * node.col_offset
    lines = "".join(f"{indent}    {name},{newline}" for name in told)
    return f"from {node.module} import ({newline}{lines}{indent})"


def _replaced(file: "ParsedFile", node: ast.stmt, new: Sequence[str]) -> Edit:
    start, end = text_range(file, node)
    if new:
        joint = file.source.newline_at(node.lineno) + " " * node.col_offset
        return Edit(start, end, joint.join(new))
    return removed_statement(file, node)


def removed_statement(file: "ParsedFile", node: ast.stmt) -> Edit:
    """Take a statement out; ``pass`` stays where its block would be empty or its line holds more."""
    source, (start, end) = file.source, text_range(file, node)
    begin = source.line_starts[node.lineno - 1]
    last = node.end_lineno or node.lineno
    after = source.line_starts[last] if last < len(source.line_starts) else len(source.text)
    comment = source.text[end:after].strip()
    alone = not source.text[begin:start].strip() and (not comment or comment.startswith("#"))
    sole = any(body == [node] for body in _blocks(file.tree))
    # Of the empty lines around it one half is enough.
    if begin and not source.line_text(node.lineno - 1).strip() and not source.line_text(last + 1).strip():
        after = source.line_starts[last + 1] if last + 1 < len(source.line_starts) else after
    return Edit(begin, after, "") if alone and not sole else Edit(start, end, "pass")


def _blocks(tree: ast.Module) -> Iterator[list[ast.stmt]]:
    for parent in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(parent, name, None)
            if isinstance(block, list) and not isinstance(parent, ast.Module):
                yield block


def unused_values(file: "ParsedFile", gone: Sequence[tuple[int, int]]) -> list[ast.stmt]:
    """Give assignments of plain values that only code that goes has read.

    :param gone: ranges of the text that go.
    """
    found: list[ast.stmt] = []
    ranges = list(gone)
    while True:
        more = [node for node in _assignments(file.tree) if node not in found and _is_unread(file, node, ranges)]
        if not more:
            return found
        found += more
        ranges += [text_range(file, node) for node in more]


def _assignments(tree: ast.Module) -> Iterator[ast.Assign | ast.AnnAssign]:
    for node in ast.walk(tree):
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(value, ast.Dict | ast.List):
            acts = any(isinstance(inner, ast.Call | ast.Await | ast.Yield) for inner in ast.walk(value))
            yield from () if acts else (node,)


def _is_unread(file: "ParsedFile", node: ast.Assign | ast.AnnAssign, gone: Sequence[tuple[int, int]]) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    target = targets[0]
    if len(targets) != 1 or not isinstance(target, ast.Name) or target.id.startswith("__"):
        return False
    uses = [n for n in ast.walk(file.tree) if isinstance(n, ast.Name) and n.id == target.id and n is not target]
    read = [text_range(file, use) for use in uses]
    return bool(read) and all(any(start <= a and b <= end for start, end in gone) for a, b in read)


def quoted(text: str) -> str:
    """Write a text as Python."""
    return json.dumps(text, ensure_ascii=False)
