"""One run of ``airbrick lint``, from its options to its output."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from airbrick.lint import parallel
from airbrick.lint.asked import Asked
from airbrick.lint.baseline_finder import nearest
from airbrick.lint.checking import Checker, Work
from airbrick.lint.config_finder import settings_source
from airbrick.lint.contracts import ContractStore
from airbrick.lint.discovery import discover
from airbrick.lint.engine import Linter
from airbrick.lint.errors import LintError
from airbrick.lint.finding import Finding
from airbrick.lint.known import Known, Remembered, split
from airbrick.lint.outcome import Checked, Outcome, Together
from airbrick.lint.registry import Listed, listed
from airbrick.lint.request import Request
from airbrick.lint.result import FileResult, Result, only
from airbrick.lint.selection import Selection
from airbrick.lint.source import SourceFile

if TYPE_CHECKING:
    from airbrick.lint.baseline import Baseline
    from airbrick.lint.cache import Cache
    from airbrick.lint.revisions import Revision
    from airbrick.lint.together import Heard, Hearing

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
        self._environ = environ
        self.linter = self._linter()
        self.jobs = request.jobs or parallel.processors()
        self._progress = progress
        self._baselines: dict[Path, Baseline] = {}
        self._nearest: dict[Path, Path | None] = {}

    def _linter(self, gathering: frozenset[str] = frozenset()) -> Linter:
        request = self.request
        selection = Selection(request.select, request.extend_select, request.ignore, self._rules)
        return Linter(ContractStore(request.contract, self._environ), selection, gathering)

    def run(self) -> Outcome:
        """Do it."""
        request, selection = self.request, self.linter.selection
        # First, because configurations name rules as well.
        works = self.works()
        # Wrong selectors are told even when no file is looked at.
        selection.check()
        if request.whole_project:
            self.linter.gathering = selection.joining & selection.codes(self.settings_for(Path()), Path())
        advance = self._progress(len(works)) if self._progress is not None else None
        checker = Checker(self.linter, self._cache, jobs=self.jobs, advance=advance)
        results = self._lint_stdin(works) if request.reads_stdin else checker.check(works)
        revision = self._revision()
        known = [revision.known(works, self.linter)] if revision is not None else []
        checked = [self._screen(work, result, known) for work, result in zip(works, results, strict=True)]
        project = Together()
        if self.linter.gathering:
            project = self._together(self._hearing().hear(works, results, checker.stacks), revision)
        asked = Asked(self.linter, self.settings_for, tuple(results), frozenset(checker.stacks), project.asked)
        errors: list[str] = []
        files = self._change(checked, errors)
        return Outcome(files, asked, project, [*errors, *checker.errors], tuple(self._baselines.values()))

    def _revision(self) -> "Revision | None":
        if self.request.diff_base is None:
            return None
        from airbrick.lint.revisions import Revision

        return Revision(self.request.diff_base, Path())

    def works(self) -> list[Work]:
        """Give the files that are linted, with their settings."""
        request = self.request
        if request.reads_stdin:
            path = request.stdin_filename or Path("<stdin>")
            return [Work(path, self.settings_for(path.parent))]
        paths = discover(request.places, self.settings_for, force_exclude=request.force_exclude)
        works: list[Work] = []
        for folder, inside in groupby(paths, key=attrgetter("parent")):
            settings = self.settings_for(folder)
            works.extend(Work(path, settings) for path in inside)
        return works

    def _lint_stdin(self, works: Sequence[Work]) -> list[FileResult]:
        return [self.linter.lint_bytes(self.stdin, work.path, work.settings) for work in works]

    @cached_property
    def _cache(self) -> "Cache | None":
        request = self.request
        if not request.cache or request.reads_stdin:
            return None
        from airbrick.lint.cache import FOLDER_NAME, Cache

        root = self.settings_for(Path()).source
        folder = request.cache_dir or (root.parent if root is not None else Path()) / FOLDER_NAME
        return Cache(folder, mends=request.fixes)

    def _rules(self) -> Sequence[Listed]:
        return self._cache.rules() if self._cache is not None else listed()

    def _hearing(self) -> "Hearing":
        from airbrick.lint.together import Hearing

        # What is wrong with a contract that only other files name is not told: they are not linted.
        others = Checker(self._linter(self.linter.gathering), self._cache, jobs=self.jobs)
        request = self.request
        return Hearing(self.linter, self.settings_for, request.places, request.force_exclude, others)

    def _baseline(self, work: Work) -> "Baseline | None":
        if self.request.no_baseline:
            return None
        file = self.request.baseline or work.settings.baseline or self._nearest_baseline(work.path)
        if file is None:
            return None
        if file not in self._baselines:
            from airbrick.lint.baseline import load

            self._baselines[file] = load(file)
        return self._baselines[file]

    def _nearest_baseline(self, path: Path) -> Path | None:
        if path.parent not in self._nearest:
            self._nearest[path.parent] = nearest(path)
        return self._nearest[path.parent]

    def _screen(self, work: Work, result: Result, known: Sequence[Known]) -> Checked:
        """Leave out what is known already."""
        own = self._baseline(work) if result.worst is not None else None
        if own is None and not known:
            return Checked(work.settings, result)
        fresh, old = split(result.findings, (*known, own) if own is not None else known)
        return Checked(work.settings, only(result, fresh), old)

    def _together(self, heard: "Heard", revision: "Revision | None") -> Together:
        """Give what the files show together and is not known already."""
        settings = heard.settings
        if not heard.is_whole:
            return Together(settings)
        known: list[Known] = []
        if revision is not None:
            known.append(Remembered(heard.before(revision, self.settings_for)))
        fresh: list[Finding] = []
        old: list[Finding] = []
        for finding in heard.now():
            own = self._baseline(Work(finding.path, settings))
            is_known = any(one.take(finding) for one in (*known, *([own] if own is not None else [])))
            (old if is_known else fresh).append(finding)
        return Together(settings, self.linter.gathering, tuple(fresh), tuple(old))

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
        from airbrick.lint.fixing import fix

        unsafe = self.request.unsafe_fixes
        done = fix(self.linter, file.result, file.settings, unsafe=unsafe, known=file.known)
        return file if done is None or not done.changed else replace(file, result=done.result, fixed=done)

    def _write(self, before: Checked, after: Checked, errors: list[str]) -> Checked:
        if after.fixed is not None and not self.request.diff and not self.request.reads_stdin:
            from airbrick.lint.fixing import write

            return _told(partial(write, after.fixed), after, before, errors)
        return after

    def _add_ignores(self, file: Checked, reason: str, errors: list[str]) -> Checked:
        from airbrick.lint.fixing import write_text
        from airbrick.lint.suppression.adding import add_ignores

        source = file.result.source
        if source is None or not file.result.findings:
            return file
        text = add_ignores(source, file.result.findings, reason)
        if text == source.text:
            return file
        changed = self.linter.lint_source(SourceFile(source.path, text, source.encoding, source.bom), file.settings)
        left, _ = split(changed.findings, [Remembered(file.known)])
        after = replace(file, result=only(changed, left), ignored=len(file.result.findings) - len(left))
        return _told(partial(write_text, source, text), after, file, errors)


def _told(change: Callable[[], None], after: Checked, before: Checked, errors: list[str]) -> Checked:
    """Give what holds after a change of a file; when it fails, that is told and nothing has changed."""
    try:
        change()
    except LintError as error:
        errors.append(str(error))
        return before
    return after
