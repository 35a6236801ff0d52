"""A file that passed the gate: both trees, and positions where they are asked for."""

import ast
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import libcst as cst

from airbrick.lint.source import SourceFile, Span

_KINDS: Final[Mapping[type[Any], str]] = {
    cst.Call: "call",
    cst.Dict: "dict",
    cst.List: "list",
    cst.Tuple: "tuple",
    cst.Name: "name",
    cst.Attribute: "attribute",
    cst.Subscript: "subscript",
    cst.SimpleString: "string",
    cst.ConcatenatedString: "string",
    cst.FormattedString: "string",
    cst.Integer: "number",
    cst.Float: "number",
    cst.Imaginary: "number",
    cst.BinaryOperation: "binary",
    cst.FunctionDef: "function",
    cst.ClassDef: "class",
}

# Parts of a node that hold expressions, in the order they stand in the text. Everything else of a
# node is names, operators and white space, which Python's tree holds no nodes for.
_FIELDS: Final[Mapping[type[Any], tuple[str, ...]]] = {
    cst.FunctionDef: ("decorators", "type_parameters", "params", "returns", "body"),
    cst.ClassDef: ("decorators", "type_parameters", "bases", "keywords", "body"),
    cst.Parameters: ("posonly_params", "params", "star_arg", "kwonly_params", "star_kwarg"),
    cst.Param: ("annotation", "default"),
    cst.Arg: ("value",),
    cst.IfExp: ("body", "test", "orelse"),
    cst.Attribute: ("value",),
    cst.Import: (),
    cst.ImportFrom: (),
    cst.Global: (),
    cst.Nonlocal: (),
    cst.ExceptHandler: ("type", "body"),
    cst.ExceptStarHandler: ("type", "body"),
    cst.MatchAs: ("pattern",),
    cst.MatchStar: (),
    cst.MatchSingleton: (),
    cst.MatchMapping: ("elements",),
    cst.MatchKeywordElement: ("pattern",),
    cst.TypeParam: ("param", "default"),
    cst.TypeVar: ("bound",),
    cst.TypeVarTuple: (),
    cst.ParamSpec: (),
    cst.ConcatenatedString: (),
    cst.FormattedString: (),
    cst.SimpleString: (),
}
_WITH_PARTS: Final = (cst.ConcatenatedString, cst.FormattedString)
_SKIPPED_BASES: Final = (cst.BaseParenthesizableWhitespace, cst.TrailingWhitespace, cst.EmptyLine, cst.Newline)
_SKIPPED_FIELDS: Final = frozenset(
    {"lpar", "rpar", "lbracket", "rbracket", "lbrace", "rbrace", "operator", "comma", "semicolon", "header", "footer"}
)

_VALIDATE: Final = cst.CSTNode.__post_init__
_PARSING: Final = threading.Lock()


def parse(source: SourceFile, tree: ast.Module) -> "ParsedFile":
    """Read a file that passed the gate.

    libcst looks over each node it parses as if somebody had made it by hand, which is a quarter of its time; what a
    parser makes is right as it is. Nodes that are made otherwise are looked over as ever.

    :param tree: Python's tree of it.
    :raises cst.ParserSyntaxError: libcst cannot read it, though Python can.
    """
    with _PARSING:
        cst.CSTNode.__post_init__ = _trust  # type: ignore[method-assign]
        try:
            module = cst.parse_module(source.text)
        finally:
            cst.CSTNode.__post_init__ = _VALIDATE  # type: ignore[method-assign]
    return ParsedFile(source, tree, module)


def _trust(self: cst.CSTNode) -> None:
    pass


class ParsedFile:
    """A file's text and its two trees.

    :param tree: Python's tree, which knows positions.
    :param module: libcst's tree, which the rules look at.
    """

    def __init__(self, source: SourceFile, tree: ast.Module, module: cst.Module) -> None:
        self.source = source
        self.tree = tree
        self.module = module

    @cached_property
    def home(self) -> Path:
        """The folder of the file."""
        return self.source.path.parent

    @cached_property
    def from_imports(self) -> tuple[ast.ImportFrom, ...]:
        """All ``from … import …`` statements, at any level."""
        return tuple(node for node in ast.walk(self.tree) if isinstance(node, ast.ImportFrom))

    @cached_property
    def meanings(self) -> Mapping[str, set[str]]:
        """What each name stands for that the file binds anywhere: what is imported, or an empty text."""
        from airbrick.lint.replacing import meanings_of

        return meanings_of(self.tree)

    @cached_property
    def scopes(self) -> tuple[tuple[ast.expr | ast.stmt, frozenset[str]], ...]:
        """The functions with parameters and the loops, each with the names bound within it."""
        from airbrick.lint.varying import scopes_of

        return scopes_of(self.tree)

    def span(self, node: cst.CSTNode) -> Span:
        """Give the place of an expression, a function or a class.

        What stands inside a string, as in an f-string, is placed where that string is: Python tells no better
        before 3.12. A node whose kind stands in a different number in the two trees, which only unusual code
        can bring about, is placed at the start of the file rather than at a wrong line.
        """
        found = self.shown_at(node)
        if found is None:
            return Span(1, 1, 1, 1)
        return self.span_of(found)

    def span_of(self, found: "ast.expr | ast.stmt | ast.alias | ast.keyword") -> Span:
        """Give the place of a node of Python's tree."""
        source = self.source
        end_line = found.end_lineno or found.lineno
        return Span(
            found.lineno,
            source.column_of_byte(found.lineno, found.col_offset),
            end_line,
            source.column_of_byte(end_line, found.end_col_offset or found.col_offset),
        )

    def has_position(self, node: cst.CSTNode) -> bool:
        """Tell whether the place of a node is known."""
        return id(node) in self._positions

    def counterpart(self, node: cst.CSTNode) -> "ast.expr | ast.stmt | None":
        """Give the node of Python's tree that stands at the same place."""
        return self._positions.get(id(node))

    def shown_at(self, node: cst.CSTNode) -> "ast.expr | ast.stmt | None":
        """Give the node of Python's tree that stands at the same place, or the string around it.

        Only the former may be edited.
        """
        return self._positions.get(id(node)) or self._inside_strings.get(id(node))

    @cached_property
    def names(self) -> frozenset[str]:
        """All names the file uses."""
        return frozenset(node.id for node in ast.walk(self.tree) if isinstance(node, ast.Name))

    @cached_property
    def _positions(self) -> dict[int, "ast.expr | ast.stmt"]:
        of_cst = _group(_walk_cst(self.module), lambda node: _KINDS.get(type(node)))
        of_ast = _group(_walk_ast(self.tree), _ast_kind)
        positions: dict[int, ast.expr | ast.stmt] = {}
        for kind, nodes in of_cst.items():
            others = sorted(
                of_ast.get(kind, []),
                key=lambda n: (n.lineno, n.col_offset, -(n.end_lineno or 0), -(n.end_col_offset or 0)),
            )
            if len(nodes) == len(others):
                positions.update(zip(map(id, nodes), others, strict=True))
        return positions

    @cached_property
    def _inside_strings(self) -> dict[int, "ast.expr | ast.stmt"]:
        strings = (node for node in _walk_cst(self.module) if isinstance(node, _WITH_PARTS))
        return {
            id(inner): outer
            for node in strings
            if (outer := self._positions.get(id(node))) is not None
            for inner in _all_inside(node)
        }


def _group(nodes: Iterator[Any], kind_of: Callable[[Any], str | None]) -> dict[str, list[Any]]:
    grouped: dict[str, list[Any]] = {}
    for node in nodes:
        kind = kind_of(node)
        if kind is not None:
            grouped.setdefault(kind, []).append(node)
    return grouped


def _fields_of(kind: type[Any]) -> tuple[str, ...]:
    listed = _FIELDS.get(kind)
    if listed is None:
        names = kind.__dataclass_fields__
        listed = tuple(name for name in names if name not in _SKIPPED_FIELDS and "whitespace" not in name)
        _FIELD_CACHE[kind] = listed
    return listed


_FIELD_CACHE: Final[dict[type[Any], tuple[str, ...]]] = {}


_IS_WALKED: Final[dict[type[Any], bool]] = {}


def _is_walked(kind: type[Any]) -> bool:
    # By class, since libcst's base is abstract and asking each of thousands of nodes takes long.
    walked = issubclass(kind, cst.CSTNode) and not issubclass(kind, _SKIPPED_BASES)
    _IS_WALKED[kind] = walked
    return walked


def _walk_cst(module: cst.Module) -> Iterator[cst.CSTNode]:
    """Walk expressions and statements in the order they stand in the text."""
    stack: list[cst.CSTNode] = [module]
    fields, walked = _FIELD_CACHE, _IS_WALKED
    while stack:
        node = stack.pop()
        yield node
        kind = type(node)
        children: list[cst.CSTNode] = []
        for name in fields.get(kind) or _fields_of(kind):
            value = getattr(node, name)
            for child in value if isinstance(value, list | tuple) else (value,):
                inner = type(child)
                if walked[inner] if inner in walked else _is_walked(inner):
                    children.append(child)
        stack.extend(reversed(children))


def _walk_ast(tree: ast.Module) -> Iterator[ast.AST]:
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        yield node
        if type(node).__name__ in {"JoinedStr", "TemplateStr"}:
            continue
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple) and _is_bare(node.slice):
            # libcst holds the elements of x[a, b] in the subscript itself.
            stack.extend((node.value, *node.slice.elts))
            continue
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, list):
                stack.extend(item for item in value if isinstance(item, ast.AST))
            elif isinstance(value, ast.AST):
                stack.append(value)


def _all_inside(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    for child in node.children:
        yield child
        yield from _all_inside(child)


def _is_bare(node: ast.Tuple) -> bool:
    """Tell a tuple without parentheses of its own, as in x[a, b], from one with them."""
    return bool(node.elts) and (node.lineno, node.col_offset) == (node.elts[0].lineno, node.elts[0].col_offset)


_AST_KINDS: Final[Mapping[str, str]] = {
    "Call": "call",
    "Dict": "dict",
    "List": "list",
    "Tuple": "tuple",
    "Name": "name",
    "Attribute": "attribute",
    "Subscript": "subscript",
    "JoinedStr": "string",
    "TemplateStr": "string",
    "BinOp": "binary",
    "FunctionDef": "function",
    "AsyncFunctionDef": "function",
    "ClassDef": "class",
}


def _ast_kind(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant):
        value = node.value
        if isinstance(value, str | bytes):
            return "string"
        if value is None or isinstance(value, bool):
            return "name"
        return "number" if value is not Ellipsis else None
    return _AST_KINDS.get(type(node).__name__)
