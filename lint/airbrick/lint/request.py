"""The options of the command line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from airbrick.lint.errors import LintError

STDIN: Final = Path("-")


@dataclass(frozen=True, slots=True)
class Request:
    """What ``airbrick lint`` was asked to do.

    :param overrides: keys of the configuration that win over those of the files.
    :param add_ignore: the reason to write; ``None`` to write no comments.
    :param baseline: the baseline to use; ``None`` for the configured or the nearest one.
    :param no_baseline: whether known findings are shown as well.
    :param jobs: the most processes to use; 0 for as many as there are processors.
    """

    paths: tuple[Path, ...] = ()
    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    contract: tuple[Path, ...] = ()
    fix: bool = False
    fix_only: bool = False
    unsafe_fixes: bool = False
    diff: bool = False
    show_fixes: bool = False
    add_ignore: str | None = None
    baseline: Path | None = None
    no_baseline: bool = False
    diff_base: str | None = None
    output_format: str = "full"
    stdin_filename: Path | None = None
    exit_zero: bool = False
    exit_non_zero_on_fix: bool = False
    statistics: bool = False
    config: Path | None = None
    overrides: Mapping[str, Any] = field(default_factory=dict)
    isolated: bool = False
    force_exclude: bool = False
    cache: bool = True
    cache_dir: Path | None = None
    jobs: int = 0

    @property
    def reads_stdin(self) -> bool:
        """Whether the text comes from standard input."""
        return STDIN in self.paths

    @property
    def places(self) -> tuple[Path, ...]:
        """The files and folders that are linted; without a path the current folder."""
        return self.paths or (Path(),)

    @property
    def fixes(self) -> bool:
        """Whether fixes are worked out."""
        return self.fix or self.fix_only or self.diff

    @property
    def whole_project(self) -> bool:
        """Whether folders are linted, so that what only shows in all files together can be told."""
        return any(path.is_dir() for path in self.places)

    def check(self) -> None:
        """Refuse options that contradict each other.

        :raises LintError: some do.
        """
        if self.reads_stdin and len(self.paths) > 1:
            raise LintError("'-' reads standard input and stands alone: give no other path with it")
        if self.add_ignore is not None and (self.fixes or self.reads_stdin):
            raise LintError("--add-ignore stands alone: it goes with neither --fix, --fix-only, --diff nor '-'")
        if self.add_ignore is not None and ("\n" in self.add_ignore or "\r" in self.add_ignore):
            raise LintError("--add-ignore: the reason is one line")
        if self.diff_base is not None and self.reads_stdin:
            raise LintError("--diff-base compares files: it does not go with '-'")
        if self.no_baseline and self.baseline is not None:
            raise LintError("--baseline and --no-baseline contradict each other")
