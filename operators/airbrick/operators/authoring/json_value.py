"""Values that go into a request as they are."""

import math
from collections.abc import Mapping

from airbrick.operators.errors import UsageError


def check_json(place: str, value: object) -> None:
    """Refuse what JSON cannot hold, and name where it stands; the value is not shown.

    :param place: the argument.
    :raises UsageError: something in it is no JSON.
    """
    if value is None or isinstance(value, str | bool | int):
        return
    if isinstance(value, float):
        if math.isfinite(value):
            return
        raise UsageError(place, "is not a finite number, which JSON cannot hold", fix="use a number or null")
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                raise UsageError(place, f"has a key that is a {type(key).__name__}", fix="use text as key")
            check_json(f"{place}.{key}", item)
        return
    if isinstance(value, list | tuple):
        for number, item in enumerate(value):
            check_json(f"{place}[{number}]", item)
        return
    if not hasattr(value, "resolve"):
        raise UsageError(place, f"is a {type(value).__name__}, which JSON cannot hold", fix="write it as text")
