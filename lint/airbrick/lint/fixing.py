"""Applying fixes: round by round, re-linted after each, written in one step."""

import difflib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

from airbrick.lint.edits import apply
from airbrick.lint.engine import Linter
from airbrick.lint.errors import WriteError
from airbrick.lint.finding import Edit, Finding, Safety
from airbrick.lint.known import Remembered, split
from airbrick.lint.result import Result, only
from airbrick.lint.settings import Settings
from airbrick.lint.source import SourceFile

MAX_ROUNDS: Final = 10


@dataclass(frozen=True, slots=True)
class FixResult:
    """A file after its fixes.

    :param before: the text as it was read.
    :param after: the text with the fixes.
    :param result: what is left to find in it.
    :param applied: the findings that were fixed.
    """

    before: SourceFile
    after: str
    result: Result
    applied: tuple[Finding, ...]

    @property
    def changed(self) -> bool:
        """Whether there is anything to write."""
        return self.after != self.before.text


def fix(
    linter: Linter, result: Result, settings: Settings, *, unsafe: bool, known: Sequence[Finding] = ()
) -> FixResult | None:
    """Apply the fixes of a file until none is left.

    :param result: what linting the file found, without the known findings.
    :param known: findings that are neither mended nor reported.
    :param unsafe: whether to apply fixes that may change what the code does.
    :returns: ``None`` when the file was not read.
    """
    before = result.source
    if before is None:
        return None
    source = before
    applied: list[Finding] = []
    for _ in range(MAX_ROUNDS):
        chosen = _choose(result.findings, unsafe=unsafe)
        if not chosen:
            break
        text = apply(source.text, [edit for finding in chosen for edit in _edits(finding)])
        if not _compiles(text):
            # A fix must never break a file; what it would have mended stays reported.
            break
        source = SourceFile(before.path, text, before.encoding, before.bom)
        applied.extend(chosen)
        result = linter.lint_source(source, settings)
        result = only(result, split(result.findings, [Remembered(known)])[0])
    return FixResult(before, source.text, result, tuple(applied))


def _edits(finding: Finding) -> tuple[Edit, ...]:
    return finding.fix.edits if finding.fix is not None else ()


def _choose(findings: tuple[Finding, ...], *, unsafe: bool) -> list[Finding]:
    """Choose fixes that do not touch each other; the others get their turn in the next round."""
    if any(finding.code == "DBX901" for finding in findings):
        return []
    chosen: list[Finding] = []
    taken: list[Edit] = []
    for finding in findings:
        edits = _edits(finding)
        allowed = finding.fix is not None and (unsafe or finding.fix.safety is Safety.SAFE)
        if allowed and edits and not any(_touch(edit, other) for edit in edits for other in taken):
            chosen.append(finding)
            taken.extend(edits)
    return chosen


def _touch(one: Edit, other: Edit) -> bool:
    return one.start <= other.end and other.start <= one.end


def _compiles(text: str) -> bool:
    """Tell whether Python takes a text; of a tree alone it also accepts an argument that is given twice."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(text, "<fixed>", "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True


def diff(fixed: FixResult) -> bytes:
    """Give the fixes of a file as a unified diff."""
    return unified(fixed.before, fixed.after)


def unified(before: SourceFile, after: str) -> bytes:
    """Give the changes of a file as a unified diff.

    Its lines are the file's own bytes and end at line feeds only, as tools that apply it read them.
    """
    name = before.path.as_posix().encode("utf-8", "surrogateescape")
    # What the encoding lacks can only stand in a string, where its escape says the same.
    old, new = (BytesIO(before.to_bytes(text, errors="backslashreplace")).readlines() for text in (before.text, after))
    lines = difflib.diff_bytes(difflib.unified_diff, old, new, fromfile=name, tofile=name)
    return b"".join(line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n" for line in lines)


def write(fixed: FixResult) -> None:
    """Write a fixed file.

    :raises WriteError: it cannot be written; the file is unchanged.
    """
    write_text(fixed.before, fixed.after)


def write_text(before: SourceFile, after: str) -> None:
    """Write a changed file in one step, with the mode, the encoding and the newlines it had.

    :raises WriteError: it cannot be written; the file is unchanged.
    """
    # A symbolic link stays one: the file it leads to is replaced.
    path = Path(os.path.realpath(before.path))
    temporary: str | None = None
    try:
        data = before.to_bytes(after)
        mode = path.stat().st_mode
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
        Path(temporary).chmod(mode & 0o7777)
        Path(temporary).replace(path)
        temporary = None
    except UnicodeEncodeError as error:
        raise WriteError(before.path, reason=f"{before.encoding} has no {error.object[error.start]!r}") from error
    except OSError as error:
        raise WriteError(before.path, reason=error.strerror or str(error)) from error
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
