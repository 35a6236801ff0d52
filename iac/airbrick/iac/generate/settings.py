"""Settings that another tool sent, as a program writes them."""

from collections.abc import Mapping
from typing import Any, Final

from airbrick.iac.settings.consistency import check_consistency
from airbrick.iac.settings.rule import RuleKind
from airbrick.iac.settings.shape import Shape, job_settings
from airbrick.iac.settings.validation import validate
from airbrick.iac.values import Properties

_BOOLEANS: Final = {"true": True, "false": False}


def job_inputs(settings: Mapping[str, Any]) -> Properties:
    """Give settings with each value of the type that its field has.

    The Jobs API takes numbers as text and text as numbers, and the official operators make use of that.
    """
    inputs: Properties = _typed(dict(settings), job_settings())
    return inputs


def mistakes(inputs: Properties) -> list[str]:
    """Give what a preview would refuse."""
    found = [finding for finding in validate(inputs, job_settings()) if finding.fatal]
    return [str(finding) for finding in found or check_consistency(inputs)]


def _typed(value: Any, shape: Shape) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, Mapping):
        return {key: _typed(item, shape.member(key)) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_typed(item, shape.item()) for item in value]
    if isinstance(value, str):
        return _from_text(value, shape)
    if shape.kind == "str" and isinstance(value, bool):
        return str(value).lower()
    return str(value) if shape.kind == "str" and isinstance(value, int | float) else value


def _from_text(value: str, shape: Shape) -> Any:  # noqa: ANN401 - JSON
    if shape.kind == "int" and RuleKind.IDENTIFIER not in shape.rules and value.removeprefix("-").isdecimal():
        return int(value)
    return _BOOLEANS.get(value.lower(), value) if shape.kind == "bool" else value
