"""Linting files and folders."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from airbrick.lint.config import ConfigFinder, read
from airbrick.lint.crash import START, engine_finding
from airbrick.lint.discovery import discover
from airbrick.lint.engine import FileResult, Linter
from airbrick.lint.settings import Settings


def settings_source(config: Path | None = None, *, isolated: bool = False) -> Callable[[Path], Settings]:
    """Give what tells the settings for the files of a folder.

    :param config: the configuration file for every file; ``None`` to use the nearest one of each.
    :param isolated: whether configuration files are left alone.
    :raises ConfigError: the configuration file named is wrong.
    """
    if isolated:
        fixed = Settings()
        return lambda _folder: fixed
    if config is not None:
        chosen = read(config) or Settings()
        return lambda _folder: chosen
    return ConfigFinder().settings_for


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
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        return FileResult(path, (engine_finding("DBX903", path, START, f"the file cannot be read: {reason}"),))
    return linter.lint_bytes(data, path, settings)
