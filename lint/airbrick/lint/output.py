"""What a run writes to standard output."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from airbrick.lint.outcome import Outcome
from airbrick.lint.report.colours import Palette
from airbrick.lint.report.report import Report, render, shown_path
from airbrick.lint.request import Request

_FOR_PEOPLE: Final = frozenset({"concise", "full", "github", "grouped"})


def written(outcome: Outcome, request: Request, *, stdin: bytes, palette: Palette, width: int) -> bytes:
    """Give the bytes for standard output: a report, or a diff or a fixed text encoded as the file is."""
    if request.reads_stdin and (request.fix or request.fix_only):
        fixed = outcome.fixes[0] if outcome.fixes else None
        return stdin if fixed is None else fixed.before.to_bytes(fixed.after)
    if request.diff:
        from airbrick.lint.fixing import diff

        return b"".join(diff(fixed) for fixed in outcome.fixes)
    if request.add_ignore is not None:
        return _encoded(_ignored(outcome))
    if request.fix_only:
        return _encoded("".join(f"{line}\n" for line in (*_fixed(outcome), _mended(outcome))))
    # A program reads UTF-8 only; a terminal is given the names of files as they are.
    errors = "surrogateescape" if request.output_format in _FOR_PEOPLE else "replace"
    return _encoded(_report(outcome, request, palette, width), errors)


def complaints(outcome: Outcome, request: Request) -> Iterator[str]:
    """Say what kept the linter from its work, and why a text it was to mend comes out as it went in."""
    yield from outcome.errors
    if request.reads_stdin and (request.fix or request.fix_only):
        for result in (file.result for file in outcome.files if file.result.refused):
            for finding in result.findings:
                yield f"{shown_path(finding.path)}:{finding.span.line}:{finding.span.column}: {finding.message}"


def _encoded(text: str, errors: str = "surrogateescape") -> bytes:
    return text.encode("utf-8", errors)


def _report(outcome: Outcome, request: Request, palette: Palette, width: int) -> str:
    if request.statistics:
        return _statistics(outcome, as_json=request.output_format in {"json", "json-lines"})
    report = Report(
        results=[file.result for file in outcome.files],
        together=outcome.project.findings,
        fixed=sum(len(fixed.applied) for fixed in outcome.fixes),
        known=sum(len(file.known) for file in outcome.files) + len(outcome.project.known),
        errors=outcome.errors,
        palette=palette,
        width=width,
    )
    head = "".join(f"{line}\n" for line in _fixed(outcome)) if request.show_fixes else ""
    return head + render(report, request.output_format)


def _statistics(outcome: Outcome, *, as_json: bool) -> str:
    if not as_json:
        from airbrick.lint.report.lines import statistics

        return "".join(f"{line}\n" for line in statistics(outcome.findings))
    counted = Counter((finding.code, finding.name) for finding in outcome.findings)
    rows = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    return json.dumps([{"code": code, "name": name, "count": count} for (code, name), count in rows], indent=2) + "\n"


def _fixed(outcome: Outcome) -> Iterator[str]:
    """Say what was mended, file by file."""
    for fixed in outcome.fixes:
        yield f"{shown_path(fixed.before.path)}:"
        counted = Counter((finding.code, finding.name) for finding in fixed.applied)
        yield from (f"  {count:>4}  {code}  {name}" for (code, name), count in sorted(counted.items()))


def _mended(outcome: Outcome) -> str:
    count = sum(len(fixed.applied) for fixed in outcome.fixes)
    return f"{count} fixed ({len(outcome.files)} file{'' if len(outcome.files) == 1 else 's'} checked)."


def _ignored(outcome: Outcome) -> str:
    changed = [file for file in outcome.files if file.ignored]
    left = len(outcome.findings)
    done = sum(file.ignored for file in changed)
    where: list[Path] = [file.result.path for file in changed]
    text = f"{done} finding{'' if done == 1 else 's'} suppressed in {len(where)} file{'' if len(where) == 1 else 's'}"
    return f"{text}, {left} left.\n" if left else f"{text}.\n"
