"""Linting many files: those the cache knows at once, the others on all processors."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from airbrick.lint import collection, parallel
from airbrick.lint.engine import Linter, is_relevant
from airbrick.lint.paths import read_file
from airbrick.lint.result import FileResult, Result
from airbrick.lint.settings import Settings
from airbrick.lint.source import SourceFile

if TYPE_CHECKING:
    from airbrick.lint.cache import Cache
    from airbrick.lint.contracts import StackContract


@dataclass(frozen=True, slots=True)
class Work:
    """A file that is to be linted."""

    path: Path
    settings: Settings


@dataclass(frozen=True, slots=True)
class _Pending:
    """A file the cache does not know.

    :param index: its place among all files.
    """

    index: int
    work: Work
    data: bytes
    key: str


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a process found, without the text that the other side has already.

    :param errors: contracts that could not be read.
    """

    result: FileResult
    decoded: bool
    errors: tuple[str, ...]


class Checker:
    """Lints files.

    :param cache: results of earlier runs; ``None`` to do without.
    :param jobs: the most processes to use.
    :param advance: is told how many files are done, each time some are.
    """

    def __init__(
        self,
        linter: Linter,
        cache: "Cache | None" = None,
        *,
        jobs: int = 1,
        advance: Callable[[int], None] | None = None,
    ) -> None:
        self._linter = linter
        self._cache = cache
        self._jobs = jobs
        self._advance = advance or (lambda _count: None)
        self.stacks: dict[Path, StackContract] = {}
        self._errors: dict[str, None] = {}

    @property
    def errors(self) -> tuple[str, ...]:
        """What kept the linter from its work, each once."""
        return tuple(dict.fromkeys([*map(str, self._linter.contracts.errors), *self._errors]))

    def check(self, works: Sequence[Work]) -> list[Result]:
        """Give the results in the order of the files.

        :raises SelectorError: the settings select or ignore a rule that does not exist.
        """
        results: list[Result | None] = []
        pending: list[_Pending] = []
        with collection.paused(lasting=True):
            for index, work in enumerate(works):
                found = self._at_once(index, work)
                if isinstance(found, _Pending):
                    results.append(None)
                    pending.append(found)
                else:
                    results.append(found)
        self._advance(len(works) - len(pending))
        for waiting, answer in zip(pending, self._answers(pending), strict=True):
            self._errors.update(dict.fromkeys(answer.errors))
            results[waiting.index] = self._whole(waiting, answer)
            self._advance(1)
        if self._cache is not None:
            self._cache.save()
        return [result for result in results if result is not None]

    def _at_once(self, index: int, work: Work) -> "Result | _Pending":
        path, settings = work.path, work.settings
        # Wrong selectors are told whatever the files hold.
        on = self._linter.selection.codes(settings, path)
        data = read_file(path)
        if isinstance(data, FileResult):
            return data if "DBX903" in on else replace(data, findings=())
        if not is_relevant(data, settings):
            return FileResult(path)
        contracts = self._linter.contracts.beside(path, settings.contract)
        if contracts:
            self.stacks.update({contract.path: contract for contract in contracts})
        if self._cache is None:
            return _Pending(index, work, data, "")
        # A rule that only hears a file says less of it than one that is on.
        heard = self._linter.gathering - on
        asked = on | {f"{code} heard" for code in heard} if heard else on
        key = self._cache.key(path, data, settings, asked, contracts)
        return self._cache.find(path, data, key) or _Pending(index, work, data, key)

    def _answers(self, pending: list[_Pending]) -> Iterator[_Answer]:
        if pending:
            # Imported here, it need not be imported in each process.
            with collection.paused(lasting=True):
                from airbrick.lint.judging import prepare

                prepare()

        def lost(index: int) -> _Answer:
            from airbrick.lint.crash import START, engine_finding

            path = pending[index].work.path
            message = "the process that read this file ended: it ran out of memory, or was killed; please report it"
            found = (engine_finding("DBX900", path, START, message),)
            return _Answer(FileResult(path, found, refused=True), decoded=False, errors=())

        return parallel.run(lambda index: self._lint(pending[index]), range(len(pending)), jobs=self._jobs, lost=lost)

    def _lint(self, waiting: _Pending) -> _Answer:
        result = self._linter.lint_bytes(waiting.data, waiting.work.path, waiting.work.settings)
        errors = tuple(map(str, self._linter.contracts.errors))
        return _Answer(replace(result, source=None), result.source is not None, errors)

    def _whole(self, waiting: _Pending, answer: _Answer) -> FileResult:
        result = answer.result
        if answer.decoded and result.findings:
            result = replace(result, source=SourceFile.from_bytes(waiting.data, waiting.work.path))
        # A contract that cannot be read must be told again the next time.
        if self._cache is not None and not answer.errors:
            self._cache.keep(result, waiting.key)
        return result
