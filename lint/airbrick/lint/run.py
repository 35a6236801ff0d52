"""One run of ``airbrick lint``, from its options to its output."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from airbrick.lint import baseline, parallel
from airbrick.lint.cache import FOLDER_NAME, Cache
from airbrick.lint.checking import Checker, Work
from airbrick.lint.contracts import ContractStore
from airbrick.lint.discovery import discover
from airbrick.lint.engine import FileResult, Linter
from airbrick.lint.errors import LintError
from airbrick.lint.finding import Finding
from airbrick.lint.fixing import FixResult, fix, write, write_text
from airbrick.lint.known import Known, Remembered, split
from airbrick.lint.paths import settings_source
from airbrick.lint.project import check_project
from airbrick.lint.request import Request
from airbrick.lint.revisions import Revision
from airbrick.lint.selection import Selection
from airbrick.lint.settings import Settings
from airbrick.lint.source import SourceFile
from airbrick.lint.suppression.adding import add_ignores


@dataclass(frozen=True, slots=True)
class Checked:
    """A file after everything that was asked for was done with it.

    :param known: its findings that are not shown.
    :param fixed: what was mended; ``None`` when nothing was.
    :param ignored: how many findings got a comment.
    """

    settings: Settings
    result: FileResult
    known: tuple[Finding, ...] = ()
    fixed: FixResult | None = None
    ignored: int = 0


@dataclass(slots=True)
class Outcome:
    """What came out of a run.

    :param project: what the files show together.
    :param errors: what kept the linter from its work, one line each.
    :param baselines: the baselines that were used, with what is left of them.
    """

    files: list[Checked] = field(default_factory=list)
    project: tuple[Finding, ...] = ()
    errors: list[str] = field(default_factory=list)
    baselines: tuple[baseline.Baseline, ...] = ()

    @property
    def findings(self) -> list[Finding]:
        """What is shown, in order."""
        return [finding for file in self.files for finding in file.result.findings] + list(self.project)

    @property
    def fixes(self) -> list[FixResult]:
        """The files that were changed, or would be."""
        return [file.fixed for file in self.files if file.fixed is not None]

    @property
    def crashed(self) -> bool:
        """Whether the linter failed on a file."""
        return any(finding.code == "DBX900" for finding in self.findings)

    @property
    def failing(self) -> bool:
        """Whether something was found that is as bad as the settings say a failure is."""
        by_file = ((finding, file.settings) for file in self.files for finding in file.result.findings)
        settings = self.files[0].settings if self.files else Settings()
        by_project = ((finding, settings) for finding in self.project)
        return any(f.severity.rank >= s.fail_on.rank for f, s in (*by_file, *by_project))

    @property
    def sources(self) -> dict[Path, SourceFile]:
        """The texts that findings are in."""
        return {f.result.path: f.result.source for f in self.files if f.result.source is not None}


Progress = Callable[[int], Callable[[int], None]]
"""Is told how many files there are, and gives what is told how many more are done."""


def execute(
    request: Request, *, stdin: bytes = b"", environ: Mapping[str, str], progress: Progress | None = None
) -> Outcome:
    """Lint what was asked for.

    :param stdin: what standard input holds, when it is asked for.
    :raises LintError: an option, a path, the configuration, a baseline or a selector is wrong.
    """
    request.check()
    return Session(request, stdin, environ, progress).run()


class Session:
    """The files of one run, as they are linted and changed."""

    def __init__(
        self, request: Request, stdin: bytes, environ: Mapping[str, str], progress: Progress | None = None
    ) -> None:
        self.request = request
        self.stdin = stdin
        self.settings_for = settings_source(request.config, isolated=request.isolated, overrides=request.overrides)
        selection = Selection(request.select, request.extend_select, request.ignore)
        self.linter = Linter(ContractStore(request.contract, environ), selection)
        self.jobs = request.jobs or parallel.processors()
        self._progress = progress
        self._baselines: dict[Path, baseline.Baseline] = {}
        self._nearest: dict[Path, Path | None] = {}

    def run(self) -> Outcome:
        """Do it."""
        # Wrong selectors are told even when no file is looked at.
        self.linter.selection.check()
        outcome = Outcome()
        works = self.works()
        advance = self._progress(len(works)) if self._progress is not None else None
        checker = Checker(self.linter, self._cache(), jobs=self.jobs, advance=advance)
        results = self._lint_stdin(works) if self.request.reads_stdin else checker.check(works)
        known = self._known(works)
        checked = [self._screen(work, result, known) for work, result in zip(works, results, strict=True)]
        outcome.files = self._change(checked, outcome.errors)
        if self.request.whole_project:
            outcome.project = self._project(results, checker)
        outcome.errors.extend(checker.errors)
        outcome.baselines = tuple(self._baselines.values())
        return outcome

    def works(self) -> list[Work]:
        """Give the files that are linted, with their settings."""
        request = self.request
        if request.reads_stdin:
            path = request.stdin_filename or Path("<stdin>")
            return [Work(path, self.settings_for(path.parent))]
        paths = discover(request.paths or (Path(),), self.settings_for, force_exclude=request.force_exclude)
        return [Work(path, self.settings_for(path.parent)) for path in paths]

    def _lint_stdin(self, works: Sequence[Work]) -> list[FileResult]:
        return [self.linter.lint_bytes(self.stdin, work.path, work.settings) for work in works]

    def _cache(self) -> Cache | None:
        request = self.request
        if not request.cache or request.reads_stdin:
            return None
        root = self.settings_for(Path()).source
        return Cache(request.cache_dir or (root.parent if root is not None else Path()) / FOLDER_NAME)

    def _known(self, works: Sequence[Work]) -> list[Known]:
        if self.request.diff_base is None:
            return []
        revision = Revision(self.request.diff_base, Path())
        return [revision.known(((work.path, work.settings) for work in works), self.linter)]

    def _baseline(self, work: Work) -> baseline.Baseline | None:
        if self.request.no_baseline:
            return None
        file = self.request.baseline or work.settings.baseline or self._nearest_baseline(work.path)
        if file is None:
            return None
        if file not in self._baselines:
            self._baselines[file] = baseline.load(file)
        return self._baselines[file]

    def _nearest_baseline(self, path: Path) -> Path | None:
        if path.parent not in self._nearest:
            self._nearest[path.parent] = baseline.nearest(path)
        return self._nearest[path.parent]

    def _screen(self, work: Work, result: FileResult, known: Sequence[Known]) -> Checked:
        """Leave out what is known already."""
        own = self._baseline(work) if result.findings else None
        fresh, old = split(result.findings, (*known, own) if own is not None else known)
        return Checked(work.settings, replace(result, findings=fresh), old)

    def _project(self, results: Sequence[FileResult], checker: Checker) -> tuple[Finding, ...]:
        settings = self.settings_for(Path())
        on = self.linter.selection.codes(settings, Path())
        gathered = ((result.path, result.gathered) for result in results)
        found = check_project(gathered, tuple(checker.stacks.values()), settings, on)
        return tuple(f for f in found if f.severity.rank >= settings.min_severity.rank)

    def _change(self, checked: list[Checked], errors: list[str]) -> list[Checked]:
        """Fix what can be fixed, or write comments, and write the files."""
        request = self.request
        if request.add_ignore is not None:
            return [self._add_ignores(file, request.add_ignore, errors) for file in checked]
        if not request.fixes:
            return checked
        places = [index for index, file in enumerate(checked) if any(f.fix for f in file.result.findings)]
        fixed = parallel.run(
            lambda index: self._fix(checked[index]), places, jobs=self.jobs, lost=lambda index: checked[index]
        )
        for index, file in zip(places, fixed, strict=True):
            checked[index] = self._write(checked[index], file, errors)
        return checked

    def _fix(self, file: Checked) -> Checked:
        unsafe = self.request.unsafe_fixes
        done = fix(self.linter, file.result, file.settings, unsafe=unsafe, known=file.known)
        return file if done is None or not done.changed else replace(file, result=done.result, fixed=done)

    def _write(self, before: Checked, after: Checked, errors: list[str]) -> Checked:
        if after.fixed is not None and not self.request.diff and not self.request.reads_stdin:
            return _told(partial(write, after.fixed), after, before, errors)
        return after

    def _add_ignores(self, file: Checked, reason: str, errors: list[str]) -> Checked:
        source = file.result.source
        if source is None or not file.result.findings:
            return file
        text = add_ignores(source, file.result.findings, reason)
        if text == source.text:
            return file
        changed = self.linter.lint_source(SourceFile(source.path, text, source.encoding, source.bom), file.settings)
        left, _ = split(changed.findings, [Remembered(file.known)])
        after = replace(file, result=replace(changed, findings=left), ignored=len(file.result.findings) - len(left))
        return _told(partial(write_text, source, text), after, file, errors)


def _told(change: Callable[[], None], after: Checked, before: Checked, errors: list[str]) -> Checked:
    """Give what holds after a change of a file; when it fails, that is told and nothing has changed."""
    try:
        change()
    except LintError as error:
        errors.append(str(error))
        return before
    return after
