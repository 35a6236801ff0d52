"""``full``: each finding with the code it is about, and what to do."""

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from airbrick.lint.finding import Note
from airbrick.lint.report.frames import frame
from airbrick.lint.report.lines import place, summary
from airbrick.lint.report.report import Report
from airbrick.lint.source import DecodeError, SourceFile

_INDENT: Final = "  "


def write(report: Report) -> str:
    """Write the report; lines fit the width."""
    return "".join(f"{line}\n" for line in (*_lines(report), summary(report)))


def _lines(report: Report) -> Iterator[str]:
    palette, sources, width = report.palette, report.sources, report.width
    for finding in report.findings:
        head = place(finding.path, finding.span.line, finding.span.column)
        yield palette.bold(head)
        title = f"{finding.code} {finding.name}: {finding.message}"
        lines = textwrap.wrap(title, width - len(_INDENT), break_on_hyphens=False) or [title]
        yield _INDENT + lines[0].replace(finding.code, palette.code(finding.code), 1)
        yield from (_INDENT + line for line in lines[1:])
        source = sources.get(finding.path)
        if source is not None:
            yield from frame(source, finding.span, palette, width=width, secret=report.hidden(finding.path))
        for note in finding.notes:
            yield from _note(note, report, report.hidden(note.path))
        if finding.help:
            yield from _labelled("help", finding.help, report)
        if finding.fix is not None:
            option = "--fix" if finding.fix.safety == "safe" else "--fix --unsafe-fixes"
            yield from _labelled("fix", f"{finding.fix.description} ({option})", report)
        yield ""


def _labelled(label: str, text: str, report: Report) -> Iterator[str]:
    start = f"{_INDENT}{label}: "
    wrapped = textwrap.wrap(text, report.width - len(start), break_on_hyphens=False, break_long_words=False)
    for index, line in enumerate(wrapped):
        yield f"{report.palette.hint(start) if index == 0 else ' ' * len(start)}{line}"


def _note(note: Note, report: Report, secret: frozenset[int]) -> Iterator[str]:
    where = place(_nearby(note.path), note.span.line if note.span else None)
    yield from _labelled("note", f"{note.message}: {where}", report)
    source = report.sources.get(note.path) or _read(note.path)
    if note.span is not None and source is not None:
        yield from frame(source, note.span, report.palette, context=0, width=report.width, secret=secret)


def _nearby(path: Path) -> Path:
    """Name a file from the current folder when it lies below it."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _read(path: Path) -> SourceFile | None:
    if path.suffix != ".py":
        return None
    try:
        return SourceFile.from_bytes(path.read_bytes(), path)
    except (OSError, DecodeError):
        return None
