"""Edits that replace a part of an expression, and the imports they need."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from airbrick.lint.facts.values import Place
from airbrick.lint.finding import Edit
from airbrick.lint.source import SourceFile

if TYPE_CHECKING:
    from airbrick.lint.parsed import ParsedFile

_NAMED: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler, ast.MatchAs, ast.MatchStar)


def replace_argument(place: Place, name: str, text: str) -> tuple[Edit, ...]:
    """Replace a keyword argument of a call, its name included.

    :param place: the call.
    :returns: the edit; none when the call does not write the argument itself, or with another value each time it
        is run.
    """
    from airbrick.lint.varying import varies

    file, call = place.file, place.file.counterpart(place.node)
    if not isinstance(call, ast.Call):
        return ()
    written = [keyword for keyword in call.keywords if keyword.arg == name and not varies(file, keyword.value)]
    return tuple(Edit(*_range(file.source, keyword), text) for keyword in written)


def replace_expression(place: Place, text: str) -> tuple[Edit, ...]:
    """Replace an expression; none when its place is not known, or it has another value each time it is run."""
    from airbrick.lint.varying import varies

    found = place.file.counterpart(place.node)
    if not isinstance(found, ast.expr) or varies(place.file, found):
        return ()
    return (Edit(*_range(place.file.source, found), text),)


def import_name(file: "ParsedFile", module: str, name: str) -> tuple[str, tuple[Edit, ...]] | None:
    """Give what a name of another module is called in a file, with the edits that import it if need be.

    :returns: ``None`` when the name stands for something else in the file.
    """
    body = file.tree.body
    for node in body:
        if isinstance(node, ast.ImportFrom) and node.module == module and not node.level:
            for alias in node.names:
                local = alias.asname or name
                if alias.name == name and file.meanings[local] == {f"{module}.{name}"}:
                    return local, ()
        elif isinstance(node, ast.Import):
            for alias in node.names:
                local = alias.asname or module
                if alias.name == module and len(file.meanings[local.partition(".")[0]]) == 1:
                    return f"{local}.{name}", ()
    if name in file.names or name in file.meanings:
        return None
    imports = [n for n in body if isinstance(n, ast.Import | ast.ImportFrom) and not _is_future(n)]
    if not imports:
        return None
    at = file.source.line_starts[imports[0].lineno - 1]
    line = f"from {module} import {name}{file.source.newline_at(imports[0].lineno)}"
    return name, (Edit(at, at, line),)


def meanings_of(tree: ast.Module) -> Mapping[str, set[str]]:
    """Give what each name a file binds stands for: the full name of what is imported, or nothing we know."""
    meanings: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        for name, meaning in _bindings(node):
            meanings.setdefault(name, set()).add(meaning)
    return meanings


def _bindings(node: ast.AST) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.ImportFrom):
        module = "." * node.level + (node.module or "")
        yield from ((alias.asname or alias.name, f"{module}.{alias.name}") for alias in node.names)
    elif isinstance(node, ast.Import):
        for alias in node.names:
            yield (alias.asname, alias.name) if alias.asname else (alias.name.partition(".")[0],) * 2
    elif isinstance(node, ast.Name):
        if not isinstance(node.ctx, ast.Load):
            yield node.id, ""
    elif isinstance(node, ast.MatchMapping | ast.arg):
        name = node.arg if isinstance(node, ast.arg) else node.rest
        yield from ((name, ""),) if name else ()
    elif isinstance(node, _NAMED) and node.name:
        yield node.name, ""


def _is_future(node: ast.Import | ast.ImportFrom) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _range(source: SourceFile, node: ast.expr | ast.keyword) -> tuple[int, int]:
    """Give the offsets of a node."""
    end_line = node.end_lineno or node.lineno
    start = source.offset(node.lineno, source.column_of_byte(node.lineno, node.col_offset))
    return start, source.offset(end_line, source.column_of_byte(end_line, node.end_col_offset or 0))


def entry_values(place: Place, keys: Iterable[str]) -> dict[str, str]:
    """Give the code of values of a dict display, those on one line."""
    node = place.file.counterpart(place.node)
    if not isinstance(node, ast.Dict):
        return {}
    source = place.file.source
    wanted = set(keys)
    found = {
        str(key.value): source.text[slice(*_range(source, value))]
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and key.value in wanted
    }
    return {key: text for key, text in found.items() if "\n" not in text and "\r" not in text}


def remove_entries(place: Place, keys: Iterable[str]) -> tuple[Edit, ...]:
    """Take entries out of a dict display.

    :returns: the edits; none when the dict is written in another way, or a comment stands among what would go.
    """
    node = place.file.counterpart(place.node)
    if not isinstance(node, ast.Dict) or None in node.keys:
        return ()
    source, wanted, edits = place.file.source, set(keys), list[Edit]()
    ends = [_range(source, value)[1] for value in node.values]
    starts = [_range(source, key)[0] for key in node.keys if key is not None]
    close = _range(source, node)[1] - 1
    for index, key in enumerate(node.keys):
        if not isinstance(key, ast.Constant) or key.value not in wanted:
            continue
        following = starts[index + 1] if index + 1 < len(starts) else close
        gap = source.text[ends[index] : following]
        if gap.strip() not in {"", ","}:
            return ()
        start, end = _whole_lines(source, starts[index], ends[index], following)
        if start is None:
            # The last of several goes with the comma before it, so that one behind it stays.
            last = index and index + 1 == len(starts)
            start, end = (ends[index - 1], ends[index]) if last else (starts[index], following)
        edits.append(Edit(start, end, ""))
    ordered = sorted(edits, key=lambda edit: edit.start)
    overlap = any(first.end > second.start for first, second in pairwise(ordered))
    return () if overlap or len(edits) != len(wanted) else tuple(ordered)


def _whole_lines(source: SourceFile, start: int, end: int, following: int) -> tuple[int | None, int]:
    """Give the lines of an entry when nothing else stands on them."""
    first, last = source.position(start)[0], source.position(end)[0]
    after = source.position(following)[0]
    alone = not source.text[source.line_starts[first - 1] : start].strip() and after > last
    return (source.line_starts[first - 1], source.line_starts[last]) if alone else (None, end)
