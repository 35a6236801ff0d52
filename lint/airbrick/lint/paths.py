"""Linting files and folders."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from airbrick.lint.config_finder import settings_source
from airbrick.lint.discovery import discover
from airbrick.lint.engine import Linter
from airbrick.lint.result import FileResult
from airbrick.lint.settings import Settings


def lint_paths(
    paths: Sequence[Path],
    linter: Linter | None = None,
    *,
    settings_for: Callable[[Path], Settings] | None = None,
    force_exclude: bool = False,
) -> Iterator[FileResult]:
    """Lint files and folders.

    :param linter: what the files share; its ``contracts.errors`` tell afterwards what could not be read.
    :param settings_for: gives the settings for a folder; by default those of the nearest configuration.
    :param force_exclude: whether ``exclude`` also holds for files that are named.
    :raises LintError: a path, the configuration or a selector is wrong.
    """
    linter = linter or Linter()
    settings_for = settings_for or settings_source()
    for path in discover(paths, settings_for, force_exclude=force_exclude):
        yield lint_file(linter, path, settings_for(path.parent))


def lint_file(linter: Linter, path: Path, settings: Settings) -> FileResult:
    """Lint one file; one that cannot be read is a finding."""
    data = read_file(path)
    return data if isinstance(data, FileResult) else linter.lint_bytes(data, path, settings)


def read_file(path: Path) -> bytes | FileResult:
    """Read a file; one that cannot be read is a finding."""
    try:
        # Unbuffered: it is read in one go, in half the time.
        with path.open("rb", buffering=0) as file:
            return file.read()
    except OSError as error:
        from airbrick.lint.crash import START, engine_finding
        from airbrick.lint.fingerprints import fingerprint

        message = f"the file cannot be read: {error.strerror or error}"
        finding = engine_finding("DBX903", path, START, message)
        return FileResult(path, (replace(finding, fingerprint=fingerprint(finding.code, message)),), refused=True)
