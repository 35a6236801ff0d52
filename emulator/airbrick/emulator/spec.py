"""Checks job settings and run-now parameters against the types that the API takes.

``spec.json`` is made from databricks-sdk by ``tools/generate_emulator_spec.py``. Fields it does not know are kept:
a newer API may know them.
"""

from __future__ import annotations

import functools
from importlib import resources
from typing import Any

import orjson

from airbrick.emulator.errors import invalid_parameter

_DIGITS_LIMIT = 19


@functools.cache
def spec() -> dict[str, Any]:
    """Return the checked-in spec."""
    data: dict[str, Any] = orjson.loads(resources.files("airbrick.emulator").joinpath("spec.json").read_bytes())
    return data


def check(type_name: str, value: dict[str, Any]) -> dict[str, Any]:
    """Return a deep copy of a JSON object whose known fields have the right types.

    ``null`` means absent. An id may be given as digits, as JSON readers that use doubles need it.

    :param type_name: a key of the spec's ``types``
    :raises ApiError: 400 INVALID_PARAMETER_VALUE naming the field, what it must be and what it is
    """
    return _object(type_name, value, "")


def _object(type_name: str, value: dict[str, Any], path: str) -> dict[str, Any]:
    fields: dict[str, str] = spec()["types"][type_name]
    checked = {
        name: _value(fields.get(name, "any"), item, f"{path}.{name}" if path else name)
        for name, item in value.items()
        if item is not None
    }
    for name in spec()["required"].get(type_name, ()):
        if name not in checked:
            raise invalid_parameter(
                f"Missing required field: {path}.{name}" if path else f"Missing required field: {name}"
            )
    return checked


def _value(kind: str, value: Any, path: str) -> Any:  # noqa: ANN401 - JSON values are of any type
    if kind == "any":
        return value
    container, _, item_kind = kind.partition(" ")
    if container == "list":
        if not isinstance(value, list):
            raise _wrong(path, "a list", value)
        return [_value(item_kind, item, f"{path}[{index}]") for index, item in enumerate(value)]
    if container == "map":
        if not isinstance(value, dict):
            raise _wrong(path, "an object", value)
        return {key: _value(item_kind, item, f"{path}.{key}") for key, item in value.items()}
    if kind in _SCALARS:
        return _scalar(kind, value, path)
    choices = spec()["enums"].get(kind)
    if choices is not None:
        if value not in choices:
            raise invalid_parameter(f"{path} must be one of {', '.join(choices)}; it is {_shown(value)}")
        return value
    if not isinstance(value, dict):
        raise _wrong(path, "an object", value)
    return _object(kind, value, path)


_SCALARS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
}


def _scalar(kind: str, value: Any, path: str) -> Any:  # noqa: ANN401 - JSON values are of any type
    if kind == "integer" and path.endswith("_id") and isinstance(value, str):
        digits = value.removeprefix("-")
        if digits.isascii() and digits.isdigit() and len(digits) <= _DIGITS_LIMIT:
            return int(value)
    if not isinstance(value, _SCALARS[kind]) or (isinstance(value, bool) and kind != "boolean"):
        raise _wrong(path, f"{'an' if kind == 'integer' else 'a'} {kind}", value)
    return value


def _wrong(path: str, wanted: str, value: object) -> Exception:
    return invalid_parameter(f"{path} must be {wanted}; it is {_shown(value)}")


def _shown(value: object) -> str:
    names = {dict: "an object", list: "a list", bool: "a boolean", int: "a number", float: "a number"}
    if isinstance(value, str):
        return f"the string {value[:40]!r}"
    return names.get(type(value), "null")
