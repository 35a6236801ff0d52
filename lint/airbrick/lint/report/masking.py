"""What of a file's text a report may show: no secret.

The text is masked as a whole and cut into lines afterwards, because a secret may stand on several lines. What
DBX501 reports is hidden by the very function that finds it, so that the two cannot disagree.
"""

import ast
import re
import warnings
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

from airbrick.lint.finding import Finding, Fix
from airbrick.lint.knowledge import secret_shapes
from airbrick.lint.literals import string_literals
from airbrick.lint.registry import find_rule
from airbrick.lint.source import SourceFile

_SHOWN_AROUND: Final = 1
_MIN_LENGTH: Final = 4
_MAX_PREFIX: Final = 2
_STARS: Final = re.compile(r"\*+")


def secret_lines(findings: Iterable[Finding]) -> Mapping[Path, frozenset[int]]:
    """Give the lines, by file, that findings about secrets show; no literal of them may be told."""
    found: dict[Path, set[int]] = {}
    for finding in findings:
        rule = find_rule(finding.code)
        if rule is not None and rule.secret:
            places = [(finding.path, finding.span), *((note.path, note.span) for note in finding.notes)]
            for path, span in places:
                if span is not None:
                    found.setdefault(path, set()).update(range(span.line - _SHOWN_AROUND, span.end_line + 2))
    return {path: frozenset(lines) for path, lines in found.items()}


@lru_cache(maxsize=64)
def masked(source: SourceFile, lines: frozenset[int] = frozenset()) -> SourceFile:
    """Give a file with stars in place of its secrets; lines and columns stay what they are.

    :param lines: those in which every literal is hidden.
    """
    text = secret_shapes.mask(source.text)
    hidden = _literals(source, lines) if lines or _may_hold(source.text) else []
    return SourceFile(source.path, secret_shapes.cover(text, hidden), source.encoding, source.bom)


def shown_fix(finding: Finding, source: SourceFile | None, lines: frozenset[int] = frozenset()) -> Fix | None:
    """Give the fix a report may tell: not one whose edits repeat a secret of the file."""
    fix = finding.fix
    if fix is None or not fix.edits or source is None:
        return None
    texts = [edit.text for edit in fix.edits if edit.text]
    if any(secret_shapes.mask(text) != text for text in texts):
        return None
    secrets = _pieces(source, masked(source, lines).text)
    return None if any(secret in text for secret in secrets for text in texts) else fix


def _may_hold(text: str) -> bool:
    return secret_shapes.names_one(text) or next(secret_shapes.find(text), None) is not None


def _literals(source: SourceFile, lines: frozenset[int]) -> list[tuple[int, int]]:
    """Give the ranges within quotes that are hidden; where code does not parse, those of the lines alone."""
    ranges: list[tuple[int, int]] = []
    tree = _parse(source.text)
    if tree is not None:
        # Imported late: most files name no secret.
        from airbrick.lint.model.secrets import literals_to_hide

        for node in literals_to_hide(tree):
            end_line = node.end_lineno or node.lineno
            start = source.offset(node.lineno, source.column_of_byte(node.lineno, node.col_offset))
            end = source.offset(end_line, source.column_of_byte(end_line, node.end_col_offset or 0))
            ranges += _within_quotes(source.text, start, end)
    if lines:
        for start, end in string_literals(source.text, 0, len(source.text)):
            first, last = source.position(start)[0], source.position(end)[0]
            if any(line in lines for line in range(first, last + 1)):
                width = _quotes(source.text, start)
                ranges.append((start + width, end - width))
    return ranges


def _within_quotes(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Leave the quotes of a literal that stands alone; parts of f-strings and of concatenations go whole."""
    found = list(string_literals(text, start, end))
    if len(found) != 1 or found[0][0] > start + _MAX_PREFIX or found[0][1] != end:
        return [(start, end)]
    width = _quotes(text, found[0][0])
    return [(found[0][0] + width, end - width)]


def _quotes(text: str, start: int) -> int:
    return 3 if text[start : start + 3] in {'"""', "'''"} else 1


def _parse(text: str) -> ast.Module | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def _pieces(source: SourceFile, shown: str) -> set[str]:
    """Give the texts that are hidden."""
    if shown == source.text:
        return set()
    runs = (source.text[match.start() : match.end()] for match in _STARS.finditer(shown))
    # A star of the code itself hides nothing.
    pieces = {piece.strip("\"'") for run in runs for piece in run.split("*")}
    return {piece for piece in pieces if len(piece) >= _MIN_LENGTH}
