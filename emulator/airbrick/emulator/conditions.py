"""If/else condition tasks: comparing two operands."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

_TEXTUAL: dict[str, Callable[[str, str], bool]] = {"EQUAL_TO": operator.eq, "NOT_EQUAL": operator.ne}
_NUMERIC: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "GREATER_THAN": operator.gt,
    "GREATER_THAN_OR_EQUAL": operator.ge,
    "LESS_THAN": operator.lt,
    "LESS_THAN_OR_EQUAL": operator.le,
}


class ConditionError(Exception):
    """The operands cannot be compared; the task fails with this text."""


def holds(op: str, left: str, right: str) -> bool:
    """Tell whether a condition holds.

    Equality compares text, so ``12.0`` is not ``12``; order compares numbers.

    Source: https://docs.databricks.com/aws/en/jobs/if-else

    :param op: an operator of the Jobs API, such as ``EQUAL_TO``
    :raises ConditionError: an operand of an order is no number
    """
    if op in _TEXTUAL:
        return _TEXTUAL[op](left, right)
    return _NUMERIC[op](_number(left, op), _number(right, op))


def _number(text: str, op: str) -> Decimal:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        number = Decimal("nan")
    if number.is_nan():
        raise ConditionError(f"{op} compares numbers; the operand {text[:100]!r} is none.")
    return number
