"""Moving a class to another module: the edits of its import and of its uses."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from airbrick.lint.finding import Edit

if TYPE_CHECKING:
    from airbrick.lint.parsed import ParsedFile

_BINDERS: Final = (ast.arg, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler)


@dataclass(frozen=True, slots=True)
class Binding:
    """A ``from module import name`` that binds a name.

    :param full: the full name of what is imported.
    :param local: the name it is bound to.
    """

    statement: ast.ImportFrom
    alias: ast.alias
    full: str
    local: str


def bindings(file: "ParsedFile") -> Iterator[Binding]:
    """Give all names that ``from … import …`` binds in a file, at any level."""
    for node in file.from_imports:
        if node.module is not None and not node.level:
            for alias in node.names:
                yield Binding(node, alias, f"{node.module}.{alias.name}", alias.asname or alias.name)


def binding_of(file: "ParsedFile", call: ast.AST | None) -> Binding | None:
    """Give the one import that binds the class a call names.

    :returns: ``None`` when the class is named in another way, or bound by several imports.
    """
    function = call.func if isinstance(call, ast.Call) else None
    if isinstance(function, ast.Attribute) and function.attr == "partial":
        function = function.value
    if not isinstance(function, ast.Name):
        return None
    found = [binding for binding in bindings(file) if binding.local == function.id]
    return found[0] if len(found) == 1 else None


def uses(file: "ParsedFile", name: str) -> list[ast.Name] | None:
    """Give the places where a name is read; ``None`` when the file also binds it by other means than an import."""
    found: list[ast.Name] = []
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Name) and node.id == name:
            if not isinstance(node.ctx, ast.Load):
                return None
            found.append(node)
        elif name in {getattr(node, "arg", None), getattr(node, "name", None)} and isinstance(node, _BINDERS):
            return None
    return found


def move(file: "ParsedFile", binding: Binding, module: str, name: str) -> tuple[Edit, ...]:
    """Import a class from elsewhere, and rename its uses.

    :param module: the module it is imported from afterwards.
    :param name: its name afterwards.
    :returns: the edits; none when the file cannot be changed surely.
    """
    imported = _move_import(file, binding, module, name)
    if not imported or binding.alias.asname is not None or name == binding.local:
        return imported
    places = uses(file, binding.local)
    if places is None or _is_taken(file, name, f"{module}.{name}"):
        return ()
    return (*imported, *(Edit(*text_range(file, place), name) for place in places))


def _is_taken(file: "ParsedFile", name: str, full: str) -> bool:
    others = [binding for binding in bindings(file) if binding.local == name and binding.full != full]
    imported = any(binding.local == name for binding in bindings(file))
    return bool(others) or (not imported and bool(uses(file, name) is None or uses(file, name)))


def _move_import(file: "ParsedFile", binding: Binding, module: str, name: str) -> tuple[Edit, ...]:
    statement, alias = binding.statement, binding.alias
    start, end = text_range(file, statement)
    text = file.source.text
    if "#" in text[start:end] or "\\" in text[start:end]:
        return ()
    line = f"from {module} import {name}" + (f" as {alias.asname}" if alias.asname else "")
    exists = any(b.full == f"{module}.{name}" and b.alias.asname == alias.asname for b in bindings(file))
    if len(statement.names) == 1 and not exists:
        return (Edit(start, end, line),)
    if len(statement.names) == 1:
        return remove_line(file, statement)
    removal = _remove_alias(file, statement, alias)
    if exists:
        return (removal,)
    # The new line comes first: whoever reads down the list meets what is current.
    begin = file.source.line_starts[statement.lineno - 1]
    indent = text[begin:start]
    if indent.strip():
        return ()
    return (Edit(begin, begin, f"{indent}{line}{file.source.newline_at(statement.lineno)}"), removal)


def remove_line(file: "ParsedFile", statement: ast.stmt) -> tuple[Edit, ...]:
    """Remove a statement of the module that has its lines for itself; no edits when it has not."""
    starts = file.source.line_starts
    start, end = text_range(file, statement)
    begin = starts[statement.lineno - 1]
    last = statement.end_lineno or statement.lineno
    after = starts[last] if last < len(starts) else len(file.source.text)
    alone = not file.source.text[begin:start].strip() and not file.source.text[end:after].strip()
    # An import may be the only statement of its block.
    return (Edit(begin, after, ""),) if alone and statement in file.tree.body else ()


def _remove_alias(file: "ParsedFile", statement: ast.ImportFrom, alias: ast.alias) -> Edit:
    index = statement.names.index(alias)
    start, end = text_range(file, alias)
    if index + 1 < len(statement.names):
        return Edit(start, text_range(file, statement.names[index + 1])[0], "")
    return Edit(text_range(file, statement.names[index - 1])[1], end, "")


def text_range(file: "ParsedFile", node: ast.expr | ast.stmt | ast.alias | ast.keyword) -> tuple[int, int]:
    """Give the offsets of a node's first character and of the character after its last."""
    span = file.span_of(node)
    return file.source.offset(span.line, span.column), file.source.offset(span.end_line, span.end_column)
