"""Findings for people: ``full`` and ``concise``."""

import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from airbrick.lint.finding import Finding, Note
from airbrick.lint.report.colours import Palette
from airbrick.lint.report.frames import WIDTH, frame
from airbrick.lint.source import DecodeError, SourceFile

_INDENT: Final = "  "


def place(path: Path, line: int | None = None, column: int | None = None) -> str:
    """Write a place as editors and terminals understand it."""
    parts = [str(path), *(str(part) for part in (line, column) if part is not None)]
    return ":".join(parts)


def concise(findings: Sequence[Finding], palette: Palette) -> Iterator[str]:
    """Write one line a finding."""
    for finding in findings:
        where = palette.bold(place(finding.path, finding.span.line, finding.span.column))
        fixable = " [*]" if finding.fix is not None else ""
        yield f"{where}: {palette.code(finding.code)}{fixable} {finding.message}"


def full(findings: Sequence[Finding], sources: Mapping[Path, SourceFile], palette: Palette) -> Iterator[str]:
    """Write each finding with the code it is about and what to do; lines fit 80 columns."""
    for finding in findings:
        head = place(finding.path, finding.span.line, finding.span.column)
        yield palette.bold(head)
        title = f"{finding.code} {finding.name}: {finding.message}"
        lines = textwrap.wrap(title, WIDTH - len(_INDENT), break_on_hyphens=False) or [title]
        yield _INDENT + lines[0].replace(finding.code, palette.code(finding.code), 1)
        yield from (_INDENT + line for line in lines[1:])
        source = sources.get(finding.path)
        if source is not None:
            yield from frame(source, finding.span, palette)
        for note in finding.notes:
            yield from _note(note, sources, palette)
        if finding.help:
            yield from _labelled("help", finding.help, palette)
        if finding.fix is not None:
            option = "--fix" if finding.fix.safety == "safe" else "--fix --unsafe-fixes"
            yield from _labelled("fix", f"{finding.fix.description} ({option})", palette)
        yield ""


def _labelled(label: str, text: str, palette: Palette) -> Iterator[str]:
    start = f"{_INDENT}{label}: "
    wrapped = textwrap.wrap(text, WIDTH - len(start), break_on_hyphens=False, break_long_words=False)
    for index, line in enumerate(wrapped):
        yield f"{palette.hint(start) if index == 0 else ' ' * len(start)}{line}"


def _note(note: Note, sources: Mapping[Path, SourceFile], palette: Palette) -> Iterator[str]:
    where = place(_nearby(note.path), note.span.line if note.span else None)
    yield from _labelled("note", f"{note.message}: {where}", palette)
    source = sources.get(note.path) or _read(note.path)
    if note.span is not None and source is not None:
        yield from frame(source, note.span, palette, context=0)


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


def summary(findings: Sequence[Finding], files: int, *, fixed: int = 0) -> str:
    """Write the last line."""
    checked = f"{files} file{'' if files == 1 else 's'} checked"
    mended = f", {fixed} fixed" if fixed else ""
    if not findings:
        return f"No findings{mended} ({checked})."
    safe = sum(1 for f in findings if f.fix is not None and f.fix.safety == "safe")
    unsafe = sum(1 for f in findings if f.fix is not None and f.fix.safety == "unsafe")
    hints = [f"{safe} fixable with --fix"] if safe else []
    hints += [f"{unsafe} with --fix --unsafe-fixes"] if unsafe else []
    tail = f" {', '.join(hints)}." if hints else ""
    return f"{len(findings)} finding{'' if len(findings) == 1 else 's'}{mended} ({checked}).{tail}"


def statistics(findings: Sequence[Finding]) -> Iterator[str]:
    """Write how often each rule was broken, most often first."""
    names = {finding.code: finding.name for finding in findings}
    counted = sorted(Counter(finding.code for finding in findings).items(), key=lambda item: (-item[1], item[0]))
    width = max((len(str(count)) for _, count in counted), default=1)
    yield from (f"{count:>{width}}  {code}  {names[code]}" for code, count in counted)
