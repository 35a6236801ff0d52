"""Between protobuf structs and property values.

Source: https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/plugin/rpc.go
"""

import math
from collections.abc import Mapping
from typing import Final

from google.protobuf.struct_pb2 import ListValue, NullValue, Struct
from google.protobuf.struct_pb2 import Value as Message

from airbrick.iac.errors import PropertyError
from airbrick.iac.values import UNKNOWN, Path, Properties, Secret, Value, identical, render_path

SIGNATURE_KEY: Final = "4dabf18193072939515e22adb298388d"
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the protocol's marker, not a password
OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
RESOURCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
REFUSED: Final = {
    "c44067f5952c0a294b673a41bacd8c17": "an asset",
    "0def7320c3a5731c473e5ecbe6d01bc7": "an archive",
}
# The engine has one marker for each type an unknown value would have.
UNKNOWN_MARKERS: Final = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
UNKNOWN_MARKER: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_MAY_BE_UNKNOWN: Final = tuple(mark.encode() for mark in (*sorted(UNKNOWN_MARKERS), OUTPUT, RESOURCE))

MAX_EXACT_INTEGER: Final = 2**53
"""Numbers travel as doubles; from here on neighbours cannot be told apart."""


def decode(struct: Struct) -> Properties:
    """Read the properties of a request.

    :raises PropertyError: a value cannot be carried exactly, or its kind is not supported.
    """
    # A protobuf map's items() is written in Python, its iterator and look-up are not.
    fields = struct.fields
    return {key: _decode(fields[key], (key,)) for key in fields}


def decode_one(struct: Struct, key: str) -> Value:
    """Read one property of a request; ``None`` where it is not there.

    :raises PropertyError: it cannot be carried exactly, or its kind is not supported.
    """
    return _decode(struct.fields[key], (key,)) if key in struct.fields else None


def encode(properties: Mapping[str, Value]) -> Struct:
    """Write the properties of a response.

    :raises PropertyError: a value cannot be carried exactly, or is no property value.
    """
    struct = Struct()
    _fill(struct, properties, ())
    return struct


def encode_over(struct: Struct, before: Properties, after: Properties) -> Struct:
    """Write the properties of a response of which most stand in its request.

    :param struct: the properties as the request has them.
    :param before: what they were read to, and nobody has changed since.
    :param after: what the response is to say.
    :raises PropertyError: a value cannot be carried exactly, or is no property value.
    """
    written = Struct()
    written.CopyFrom(struct)
    for key in before.keys() - after.keys():
        del written.fields[key]
    for key, value in after.items():
        if key not in before or not identical(before[key], value):
            written.fields[key].Clear()
            _encode(written.fields[key], value, (key,))
    return written


def same(old: Struct, new: Struct) -> bool:
    """Tell whether two structs say the same, and nothing in them is unknown, which may become anything."""
    if old != new:
        return False
    written = new.SerializeToString()
    return not any(mark in written for mark in _MAY_BE_UNKNOWN)


def _decode(message: Message, path: Path) -> Value:
    kind = message.WhichOneof("kind")
    if kind == "number_value":
        return _number(message.number_value, path)
    if kind == "string_value":
        return UNKNOWN if message.string_value in UNKNOWN_MARKERS else message.string_value
    if kind == "bool_value":
        return message.bool_value
    if kind == "list_value":
        return [_decode(item, (*path, index)) for index, item in enumerate(message.list_value.values)]
    if kind == "struct_value":
        return _decode_struct(message.struct_value, path)
    return None


def _number(number: float, path: Path) -> int | float:
    if not math.isfinite(number):
        raise PropertyError(render_path(path), f"{number} is not a JSON number")
    if abs(number) >= MAX_EXACT_INTEGER:
        raise PropertyError(
            render_path(path),
            f"the number {number:.0f} is not exact beyond 2^53 on its way to the provider; write an id as text",
        )
    return int(number) if number.is_integer() else number


def _decode_struct(struct: Struct, path: Path) -> Value:
    fields = struct.fields
    if SIGNATURE_KEY not in fields:
        return {key: _decode(fields[key], (*path, key)) for key in fields}
    signature = fields[SIGNATURE_KEY].string_value
    if signature == SECRET:
        return Secret(_decode(fields["value"], path))
    if signature == OUTPUT:
        value = _decode(fields["value"], path) if "value" in fields else UNKNOWN
        return Secret(value) if "secret" in fields and fields["secret"].bool_value else value
    if signature == RESOURCE:
        return _decode(fields["id"], path) if "id" in fields else UNKNOWN
    kind = REFUSED.get(signature, "a value of an unknown kind")
    raise PropertyError(render_path(path), f"{kind} is not supported here; pass plain values")


def _fill(struct: Struct, properties: Mapping[str, Value], path: Path) -> None:
    for key, value in properties.items():
        _encode(struct.fields[key], value, (*path, key))


def _encode(message: Message, value: Value, path: Path) -> None:
    if value is None:
        message.null_value = NullValue.NULL_VALUE
    elif value is UNKNOWN:
        message.string_value = UNKNOWN_MARKER
    elif isinstance(value, bool):
        message.bool_value = value
    elif isinstance(value, int | float):
        message.number_value = _exact(value, path)
    elif isinstance(value, str):
        message.string_value = value
    elif isinstance(value, Secret):
        _fill(message.struct_value, {SIGNATURE_KEY: SECRET}, path)
        _encode(message.struct_value.fields["value"], value.value, path)
    elif isinstance(value, Mapping):
        message.struct_value.SetInParent()
        _fill(message.struct_value, value, path)
    elif isinstance(value, list | tuple):
        message.list_value.CopyFrom(ListValue())
        for index, item in enumerate(value):
            _encode(message.list_value.values.add(), item, (*path, index))
    else:
        raise PropertyError(render_path(path), f"{type(value).__name__} is not a property value")


def _exact(value: float, path: Path) -> float:
    if not math.isfinite(value):
        raise PropertyError(render_path(path), f"{value} is not a JSON number")
    if abs(value) >= MAX_EXACT_INTEGER:
        raise PropertyError(render_path(path), f"the number {value} is not exact beyond 2^53")
    return float(value)
