"""Findings of the engine itself, a crash of a rule among them."""

from pathlib import Path
from typing import Final

from airbrick.lint.finding import Finding
from airbrick.lint.registry import find_rule
from airbrick.lint.source import Span

START: Final = Span(1, 1, 1, 1)


def engine_finding(code: str, path: Path, span: Span, message: str, *, detail: str = "") -> Finding:
    """Make a finding of a rule that has no check of its own."""
    rule = find_rule(code)
    if rule is None:
        raise LookupError(code)
    return Finding(code, rule.name, rule.severity, path, span, message, detail=detail)


_PACKAGE: Final = str(Path(__file__).parent)


def crash(who: str, path: Path, error: Exception) -> Finding:
    """Make a finding of a crash; it can be shown to others, as it holds nothing of the linted code.

    :param who: the rule or the part that crashed.
    """
    import traceback

    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(_PACKAGE)]
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    # The exception's own text may quote the linted code, so only its type is told.
    message = f"{who} failed: {type(error).__name__}{where}; please report it"
    detail = "".join(traceback.format_list(frames))
    return engine_finding("DBX900", path, START, message, detail=detail)
