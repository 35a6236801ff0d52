"""Mistakes in settings that can be seen without asking the API."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from airbrick.contract import suggest
from airbrick.iac.settings.canonical import element_keys
from airbrick.iac.settings.limits import beyond_limits
from airbrick.iac.settings.rule import RuleKind
from airbrick.iac.settings.shape import Shape
from airbrick.iac.values import UNKNOWN, Path, Secret, Value, is_unknown, render_path, reveal


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about one place in the settings.

    :param path: the place.
    :param message: what is wrong and what to do; never holds the value.
    :param fatal: whether the settings cannot be applied. What is not fatal is passed to the API as it is.
    """

    path: Path
    message: str
    fatal: bool = True

    def __str__(self) -> str:
        return f"{render_path(self.path)}: {self.message}"


_SCALARS: Final[Mapping[str, type]] = {"str": str, "int": int, "float": float, "bool": bool}
_QUOTED: Final = {"int": re.compile(r"-?\d+"), "float": re.compile(r"-?\d+(\.\d+)?"), "bool": re.compile("True|False")}
_EXPECTED: Final[Mapping[str, str]] = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "enum": "text",
    "list": "a list",
    "map": "a mapping",
    "struct": "a mapping",
}


def validate(value: Value, shape: Shape, path: Path = ()) -> Iterator[Finding]:
    """Find wrong types, missing and unknown fields, keys that stand twice, and what passes a limit."""
    if isinstance(value, Secret):
        yield from validate(value.value, shape, path)
    elif value is UNKNOWN or shape.kind == "any":
        return
    elif not _fits(value, shape):
        yield Finding(path, _mismatch(value, shape))
    else:
        yield from (Finding(path, said) for said in beyond_limits(value, shape))
        yield from _validate_inside(value, shape, path)


def _validate_inside(value: Value, shape: Shape, path: Path) -> Iterator[Finding]:
    if shape.kind == "struct":
        yield from _validate_struct(value, shape, path)
    elif shape.kind == "map":
        for key, item in value.items():
            yield from validate(item, shape.member(key), (*path, key))
    elif shape.kind == "list":
        yield from _validate_list(value, shape, path)
    elif shape.kind == "enum" and value not in shape.choices:
        yield Finding(path, _unknown("value", value) + _nearest(value, shape.choices), fatal=False)


def _validate_struct(value: Mapping[str, Value], shape: Shape, path: Path) -> Iterator[Finding]:
    fields = shape.fields
    for key, item in value.items():
        inner = fields.get(key)
        if inner is None:
            yield Finding((*path, key), _unknown_setting(key, fields), fatal=False)
        elif item is not None and not _goes_without_asking(item, inner):
            yield from validate(item, inner, (*path, key))
    for key in shape.required:
        if value.get(key) is None:
            yield Finding((*path, key), f"is missing; every {shape.name} needs it")


def _validate_list(value: list[Value], shape: Shape, path: Path) -> Iterator[Finding]:
    for index, item in enumerate(value):
        yield from validate(item, shape.item(), (*path, index))
    keys = element_keys(value, shape) if shape.keys else []
    ordinals = [index for index, key in enumerate(keys) if "#" in key]
    if not ordinals or is_unknown(value) or not all(isinstance(reveal(item), Mapping) for item in value):
        return
    for index in ordinals:
        key = keys[index]
        if key.rpartition("#")[2].isdigit() and key not in _literal_keys(value, shape):
            name = shape.keys[0]
            yield Finding((*path, index, name), f"{key.rpartition('#')[0]!r} stands twice; each {name} must be unique")


def _literal_keys(value: list[Value], shape: Shape) -> set[str]:
    return {str(reveal(item).get(shape.keys[0])) for item in value}


def _goes_without_asking(value: Value, shape: Shape) -> bool:
    """Tell of most values, which are scalars without limits, that nothing is wrong with them."""
    return not shape.limits and type(value) is _SCALARS.get(shape.kind)


def _fits(value: Value, shape: Shape) -> bool:
    if shape.kind == "int":
        whole = isinstance(value, int) and not isinstance(value, bool)
        return whole or (RuleKind.IDENTIFIER in shape.rules and isinstance(value, str) and value.isdecimal())
    if shape.kind == "float":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if shape.kind == "bool":
        return isinstance(value, bool)
    if shape.kind in ("str", "enum"):
        return isinstance(value, str)
    return isinstance(value, list if shape.kind == "list" else Mapping)


def _mismatch(value: Value, shape: Shape) -> str:
    found = _name(value)
    expected = "digits, as a number or as text" if RuleKind.IDENTIFIER in shape.rules else _EXPECTED[shape.kind]
    fix = ""
    if shape.kind == "str" and isinstance(value, int | float):
        fix = "; write it in quotes"
    elif shape.kind in _QUOTED and isinstance(value, str) and _QUOTED[shape.kind].fullmatch(value):
        fix = "; write it without quotes"
    elif shape.kind == "struct" and isinstance(value, str) and len(shape.required) == 1:
        fix = f"; write it as {{{shape.required[0]!r}: …}}"
    elif shape.kind == "list":
        fix = "; put it in [ ]"
    return f"expected {expected}, found {found}{fix}"


def _name(value: Value) -> str:
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "text"
    if isinstance(value, list):
        return "a list"
    return "nothing" if value is None else "a mapping"


def _unknown(kind: str, name: str) -> str:
    return f"airbrick does not know the {kind} {name!r} and passes it on to the API as it is"


def _nearest(name: str, known: Iterable[str]) -> str:
    near = suggest(name, known)
    return f"; did you mean {near!r}?" if near else ""


def _unknown_setting(name: str, known: Mapping[str, Shape]) -> str:
    # A job of one task was once written without the list; the API takes such settings and does nothing with them.
    inside = [f"{key}[].{name}" for key, shape in known.items() if name in shape.item().fields]
    hint = f"; did you mean {' or '.join(inside)}?" if inside else _nearest(name, known)
    return _unknown("setting", name) + hint
