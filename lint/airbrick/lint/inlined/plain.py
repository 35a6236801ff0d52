"""Arguments of a task as JSON, with a mark where the file alone does not tell."""

import ast
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from airbrick.lint.facts.values import (
    Absent,
    CallValue,
    DictValue,
    Fact,
    Known,
    ListValue,
    OneOf,
    Place,
    Unknown,
    is_template,
)
from airbrick.lint.inlined.refusal import RefusedError
from airbrick.lint.model.elements import Group, Operator
from airbrick.lint.moving import text_range

Json: TypeAlias = Any
"""A JSON value, in which an :class:`Open` may stand for one that is not known."""

_MAX_DEPTH: Final = 40
_CONSTANT: Final = re.compile(
    r"\{%-?\s*raw\s*-?%\}(?P<raw>.*?)\{%-?\s*endraw\s*-?%\}|\{\{\s*(?P<quote>[\"'])(?P<text>[^\"']*)(?P=quote)\s*\}\}",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Open:
    """A value that is decided outside the file, or when the task runs.

    :param path: the way to it from the task's arguments, such as ``json.new_cluster.num_workers``.
    :param why: the reason.
    :param code: what gives it where the task is built; ``None`` when it is not written in the task's call.
    """

    path: str
    why: str
    code: str | None
    place: Place | None

    def refuse(self, fix: str) -> RefusedError:
        """Give the error that names it."""
        return RefusedError(f"{self.path} is not known: {self.why}", help=fix, place=self.place)


class Reader:
    """Reads the arguments of one call.

    :param element: the task or the group it builds.
    :param stays: whether what the call writes means the same where it will stand: a helper's parameters do not.
    """

    def __init__(self, element: Operator | Group, *, stays: bool = True) -> None:
        self._element = element
        self._stays = stays
        self._file = element.place.file
        self._call = self._file.counterpart(element.place.node)

    def read(self, name: str, *, templated: bool = True) -> Json:
        """Give an argument; ``None`` when it is not given.

        :param templated: whether Airflow renders it.
        """
        fact = self._element.argument(name)
        return None if isinstance(fact, Absent) else self._plain(fact, (name,), templated=templated)

    def _plain(self, fact: Fact, path: tuple[str | int, ...], *, templated: bool) -> Json:
        fact = self._element.resolve(fact)
        value = fact.value if isinstance(fact, Known) else None
        if not isinstance(fact, Known) or len(path) > _MAX_DEPTH:
            return self._open(path, fact.why if isinstance(fact, Unknown) else "it is nested too deeply", fact)
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, str):
            return self._text(value, path, fact, templated=templated)
        if isinstance(value, DictValue) and value.open is None and all(isinstance(key, str) for key in value.entries):
            return {key: self._plain(item, (*path, str(key)), templated=templated) for key, item in value.items()}
        if isinstance(value, ListValue) and value.open is None and value.kind != "set" and value.size is None:
            return [self._plain(item, (*path, index), templated=templated) for index, item in enumerate(value.items)]
        return self._open(path, _why(value), fact)

    def _text(self, value: str, path: tuple[str | int, ...], fact: Known, *, templated: bool) -> Json:
        constant = rendered(value) if templated else value
        if constant is not None:
            return constant
        found = self._open(path, "Airflow renders it when the task runs", fact)
        return Open(found.path, found.why, found.code or json.dumps(value, ensure_ascii=False), found.place)

    def _open(self, path: tuple[str | int, ...], why: str, fact: Fact) -> Open:
        node = written_at(self._call, path) if self._stays else None
        code = None if node is None else self._file.source.text[slice(*text_range(self._file, node))]
        place = fact.where if isinstance(fact, Known | Unknown) else None
        return Open(dotted(path), why, code, place or self._element.place)

    def together(self, one: Json, other: Json, path: tuple[str | int, ...]) -> Json:
        """Give what two turns of a loop have in common, with a mark where they differ."""
        if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
            return {key: self.together(one[key], other[key], (*path, key)) for key in one}
        if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
            pairs = zip(one, other, strict=True)
            return [self.together(a, b, (*path, index)) for index, (a, b) in enumerate(pairs)]
        if isinstance(one, Open) or (one == other and type(one) is type(other)):
            return one
        return self._open(path, "it differs between the tasks that this call builds", Unknown(""))


def rendered(text: str) -> str | None:
    """Give a text as Airflow renders it; ``None`` when that is decided when the task runs."""
    if not is_template(text):
        return text
    left = _CONSTANT.sub("", text)
    if is_template(left) or "{#" in left:
        return None
    return _CONSTANT.sub(lambda found: found["raw"] if found["raw"] is not None else found["text"], text)


def written_at(call: ast.AST | None, path: Sequence[str | int]) -> ast.expr | None:
    """Find where a call itself writes a value; ``None`` when it stands elsewhere."""
    node: ast.AST | None = call
    for step in path:
        node = _inner(node, step)
    return node if isinstance(node, ast.expr) and node is not call else None


def _inner(node: ast.AST | None, step: str | int) -> ast.expr | None:
    if isinstance(node, ast.Call) and isinstance(step, str):
        return next((keyword.value for keyword in node.keywords if keyword.arg == step), None)
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        found = [value for key, value in pairs if isinstance(key, ast.Constant) and key.value == step]
        return found[-1] if found and None not in node.keys else None
    if isinstance(node, ast.List | ast.Tuple) and isinstance(step, int):
        starred = any(isinstance(item, ast.Starred) for item in node.elts)
        return node.elts[step] if not starred and step < len(node.elts) else None
    return None


def opens_in(value: Json) -> Iterator[Open]:
    """Give everything in a JSON value that is not known."""
    if isinstance(value, Open):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from opens_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from opens_in(item)


def dotted(path: Sequence[str | int]) -> str:
    """Write a way into arguments."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def _why(value: object) -> str:
    if isinstance(value, OneOf):
        return "it differs with the way through the code"
    if isinstance(value, CallValue):
        return f"{value.callee.names[0]} gives it"
    if isinstance(value, DictValue | ListValue) and value.open is not None:
        return value.open.why
    return "it is computed"
