"""One run of ``airbrick lint``, from its options to its output."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from airbrick.lint.contracts import ContractStore, StackContract
from airbrick.lint.discovery import discover
from airbrick.lint.engine import FileResult, Linter
from airbrick.lint.errors import LintError
from airbrick.lint.finding import Finding
from airbrick.lint.fixing import FixResult, diff, fix, write
from airbrick.lint.paths import lint_file, settings_source
from airbrick.lint.project import check_project
from airbrick.lint.report import machine, text
from airbrick.lint.report.colours import Palette
from airbrick.lint.selection import Selection
from airbrick.lint.settings import Settings
from airbrick.lint.source import SourceFile

STDIN: Final = Path("-")


@dataclass(frozen=True, slots=True)
class Request:
    """The options of the command line."""

    paths: tuple[Path, ...]
    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    contract: tuple[Path, ...] = ()
    fix: bool = False
    unsafe_fixes: bool = False
    diff: bool = False
    output_format: str = "full"
    stdin_filename: Path | None = None
    exit_zero: bool = False
    statistics: bool = False
    config: Path | None = None
    isolated: bool = False
    force_exclude: bool = False

    @property
    def reads_stdin(self) -> bool:
        """Whether the text comes from standard input."""
        return STDIN in self.paths

    @property
    def whole_project(self) -> bool:
        """Whether folders are linted, so that what only shows in all files together can be told."""
        return not self.paths or any(path.is_dir() for path in self.paths)


@dataclass(slots=True)
class Outcome:
    """What came out of a run.

    :param output: for standard output.
    :param errors: for standard error, one line each.
    :param findings: how many findings, or with ``--diff`` changes, there are.
    :param crashed: whether the linter failed on a file.
    """

    output: str = ""
    errors: list[str] = field(default_factory=list)
    findings: int = 0
    crashed: bool = False


def execute(request: Request, *, stdin: bytes, environ: Mapping[str, str], palette: Palette) -> Outcome:
    """Lint what was asked for.

    :param stdin: what standard input holds, when it is asked for.
    :raises LintError: an option, a path, the configuration or a selector is wrong.
    """
    if request.reads_stdin and len(request.paths) > 1:
        raise LintError("'-' reads standard input and stands alone: give no other path with it")
    return _Session(request, stdin, environ).run(palette)


class _Session:
    """The files of one run, as they are linted and fixed."""

    def __init__(self, request: Request, stdin: bytes, environ: Mapping[str, str]) -> None:
        self.request = request
        self.stdin = stdin
        self.contracts = ContractStore(request.contract, environ)
        self.linter = Linter(self.contracts, Selection(request.select, request.extend_select, request.ignore))
        self.findings: list[Finding] = []
        self.sources: dict[Path, SourceFile] = {}
        self.fixes: list[FixResult] = []
        self.files = 0
        self.gathered: list[tuple[Path, Mapping[str, tuple[str, ...]]]] = []
        self.stacks: dict[Path, StackContract] = {}
        self.outcome = Outcome()

    def run(self, palette: Palette) -> Outcome:
        settings_for = settings_source(self.request.config, isolated=self.request.isolated)
        for result, settings in self._lint(settings_for):
            self._collect(result, settings)
        if self.request.whole_project:
            settings = settings_for(Path())
            on = self.linter.selection.codes(settings, Path())
            self.findings.extend(check_project(self.gathered, tuple(self.stacks.values()), settings, on))
        outcome = self.outcome
        outcome.crashed = any(finding.code == "DBX900" for finding in self.findings)
        outcome.errors.extend(str(error) for error in self.contracts.errors)
        outcome.findings = len(self.fixes) if self.request.diff else len(self.findings)
        if self.request.diff:
            outcome.output = "".join(diff(fixed) for fixed in self.fixes)
        elif self.request.reads_stdin and self.request.fix:
            outcome.output = self._fixed_stdin()
        else:
            outcome.output = self._report(palette)
        return outcome

    def _lint(self, settings_for: Callable[[Path], Settings]) -> Iterator[tuple[FileResult, Settings]]:
        request = self.request
        # Wrong selectors are told even when no file is looked at.
        self.linter.selection.check()
        if request.reads_stdin:
            path = request.stdin_filename or Path("<stdin>")
            settings = settings_for(path.parent)
            yield self.linter.lint_bytes(self.stdin, path, settings), settings
            return
        for path in discover(request.paths or (Path(),), settings_for, force_exclude=request.force_exclude):
            settings = settings_for(path.parent)
            yield lint_file(self.linter, path, settings), settings

    def _collect(self, result: FileResult, settings: Settings) -> None:
        self.files += 1
        if (self.request.fix or self.request.diff) and result.findings:
            result = self._fix(result, settings)
        self.findings.extend(result.findings)
        if result.source is not None:
            self.gathered.append((result.path, result.gathered))
            self.stacks |= {c.path: c for c in self.contracts.beside(result.path, settings.contract)}
        if result.source is not None and result.findings:
            self.sources[result.path] = result.source

    def _fix(self, result: FileResult, settings: Settings) -> FileResult:
        fixed = fix(self.linter, result, settings, unsafe=self.request.unsafe_fixes)
        if fixed is None or not fixed.changed:
            return result
        try:
            if not self.request.diff and not self.request.reads_stdin:
                write(fixed)
        except LintError as error:
            self.outcome.errors.append(str(error))
            return result
        self.fixes.append(fixed)
        return fixed.result

    def _fixed_stdin(self) -> str:
        fixed = self.fixes[0] if self.fixes else None
        data = self.stdin if fixed is None else fixed.before.to_bytes(fixed.after)
        return data.decode("utf-8", "surrogateescape")

    def _report(self, palette: Palette) -> str:
        if self.request.statistics:
            return "".join(f"{line}\n" for line in text.statistics(self.findings))
        if self.request.output_format == "json":
            return f"{machine.as_json(self.findings, self.sources)}\n"
        lines = (
            text.concise(self.findings, palette)
            if self.request.output_format == "concise"
            else text.full(self.findings, self.sources, palette)
        )
        fixed = sum(len(result.applied) for result in self.fixes)
        return "".join(f"{line}\n" for line in (*lines, text.summary(self.findings, self.files, fixed=fixed)))
