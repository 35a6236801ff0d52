"""Text: literals, f-strings, templates, and the methods that DAG files use on them."""

import string
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

import libcst as cst

from airbrick.lint.facts.values import Arguments, Fact, Known, Pattern, Unknown, parts_of, sources_of

if TYPE_CHECKING:
    from airbrick.lint.facts.run import Run

MAX_TEXT: Final = 100_000
"""Characters up to which text is computed rather than given up."""


def assemble(parts: list[str | None], sources: tuple[Known, ...] = ()) -> str | Pattern:
    """Join pieces: text when all are known, else a pattern.

    :param sources: what the unknown pieces are made of.
    """
    merged: list[str | None] = []
    for part in parts:
        if part is None:
            if not merged or merged[-1] is not None:
                merged.append(None)
        elif merged and merged[-1] is not None:
            merged[-1] += part
        elif part:
            merged.append(part)
    if not merged:
        return ""
    if merged == [None] or None in merged or len(merged) > 1:
        return Pattern(tuple(merged), sources)
    return merged[0] or ""


def simple_string(run: "Run", node: cst.SimpleString) -> Fact:
    """Evaluate a literal."""
    text = node.value
    # The parser behind evaluated_value costs more than everything else done for a literal.
    if text[0] in "'\"" and "\\" not in text and "\r" not in text:
        quotes = 3 if text[:3] in {'"""', "'''"} else 1
        return Known(text[quotes:-quotes], run.place(node))
    return Known(node.evaluated_value, run.place(node))


def concatenated_string(run: "Run", node: cst.ConcatenatedString) -> Fact:
    """Evaluate literals that stand side by side; libcst nests them to the right."""
    facts: list[Fact] = []
    part: cst.BaseExpression = node
    while isinstance(part, cst.ConcatenatedString):
        facts.append(run.evaluate(part.left))
        part = part.right
    facts.append(run.evaluate(part))
    if all(isinstance(fact, Known) and isinstance(fact.value, bytes) for fact in facts):
        return Known(b"".join(fact.value for fact in facts if isinstance(fact, Known)), run.place(node))  # type: ignore[misc]
    pieces = [piece for fact in facts for piece in parts_of(fact)]
    return Known(assemble(pieces, sources_of(*facts)), run.place(node))


def formatted_string(run: "Run", node: cst.FormattedString) -> Fact:
    """Evaluate an f-string; what stays open becomes a gap of a pattern."""
    pieces: list[str | None] = []
    sources: tuple[Known, ...] = ()
    for part in node.parts:
        if isinstance(part, cst.FormattedStringText):
            text = part.value.replace("{{", "{").replace("}}", "}")
            pieces.append(text if "\\" not in text or "r" in node.prefix else _unescape(text))
        elif isinstance(part, cst.FormattedStringExpression):
            fact = run.world.follow(run.evaluate(part.expression))
            plain = part.format_spec is None and part.conversion is None and part.equal is None
            pieces.extend(parts_of(fact) if plain else (None,))
            sources += sources_of(fact)
    return Known(assemble(pieces, sources), run.place(node))


def _unescape(text: str) -> str:
    try:
        return cst.SimpleString('"""' + text.replace('"', '\\"') + '"""').evaluated_value  # type: ignore[return-value]
    except (SyntaxError, ValueError):
        return text


def percent(text: str, values: Fact) -> str | Pattern:
    """Fill a text in by ``%``, as far as it is known up to the first gap."""
    before, _, rest = text.partition("%")
    if rest[:1] == "s" and "%" not in rest:
        return assemble([before, *parts_of(values), rest[1:]], sources_of(values))
    return Pattern((before, None) if before else (None,), sources_of(values))


def join_path(run: "Run", arguments: Arguments) -> str | Pattern | None:
    """Join the parts of a path; ``None`` when a part may start a path of its own."""
    pieces: list[str | None] = []
    for index, fact in enumerate(arguments.positional):
        parts = parts_of(run.world.follow(fact))
        if index and (parts[0] or "").startswith("/"):
            return None
        if index and not (pieces and (pieces[-1] or "").endswith("/")):
            pieces.append("/")
        pieces.extend(parts)
    return assemble(pieces, sources_of(*arguments.positional)) if arguments.more_positional is None else None


def _format(text: str, arguments: Arguments) -> str | Pattern | None:
    pieces: list[str | None] = []
    counter = 0
    try:
        fields = list(string.Formatter().parse(text))
    except ValueError:
        return None
    for before, name, spec, conversion in fields:
        pieces.append(before)
        if name is None:
            continue
        fact: Fact = Unknown("it is a computed field")
        index = counter if name == "" else int(name) if name.isdecimal() else None
        counter += name == ""
        if spec or conversion:
            pass
        elif index is not None:
            fact = arguments.positional[index] if index < len(arguments.positional) else fact
        elif name.isidentifier():
            fact = arguments.get(name)
        pieces.extend(parts_of(fact))
    return assemble(pieces, sources_of(*arguments.positional, *(fact for _, fact in arguments.keywords.items())))


_METHODS: Final[Mapping[str, Callable[..., object]]] = {
    "strip": str.strip,
    "lstrip": str.lstrip,
    "rstrip": str.rstrip,
    "lower": str.lower,
    "upper": str.upper,
    "title": str.title,
    "capitalize": str.capitalize,
    "removeprefix": str.removeprefix,
    "removesuffix": str.removesuffix,
    "startswith": str.startswith,
    "endswith": str.endswith,
    "replace": str.replace,
}


def call_method(text: str, name: str, arguments: Arguments, result: "Callable[[object], Known]") -> Fact:
    """Call a method of a known text, where the result can be computed.

    :param result: makes the fact of a computed value.
    """
    if name == "format" and arguments.open is None:
        formatted = _format(text, arguments)
        return Unknown("its format string is malformed") if formatted is None else result(formatted)
    method = _METHODS.get(name)
    values = [fact.value for fact in arguments.positional if isinstance(fact, Known) and isinstance(fact.value, str)]
    complete = len(values) == len(arguments.positional) and not arguments.keywords.entries and arguments.open is None
    if method is None or not complete:
        return Unknown(f"it is the result of str.{name}()")
    try:
        computed = method(text, *values)
    except (TypeError, ValueError):
        return Unknown(f"str.{name}() fails")
    return Unknown("it is a very long text") if _is_long(computed) else result(computed)


def _is_long(value: object) -> bool:
    return isinstance(value, str) and len(value) > MAX_TEXT
