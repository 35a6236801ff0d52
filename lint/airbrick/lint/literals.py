"""Finding string literals in source text, in time that grows with its length only.

Python's own ``tokenize`` is not used here: on 3.11 it takes quadratic time for long literals when the
process is traced.
"""

import re
from collections.abc import Iterator
from typing import Final

_LITERAL: Final = re.compile(
    r'"""(?:[^\\]|\\.)*?"""'
    r"|'''(?:[^\\]|\\.)*?'''"
    r'|"(?:[^"\\\n\r]|\\.)*"'
    r"|'(?:[^'\\\n\r]|\\.)*'"
    r"|(?P<comment>#[^\n\r]*)",
    re.DOTALL,
)


def string_literals(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Give the ranges of the literals between two offsets, where an expression of strings stands.

    :param start: offset of the expression.
    :param end: offset after it.
    """
    for match in _LITERAL.finditer(text, start, end):
        if match["comment"] is None:
            yield match.span()
