"""Linting a text."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from airbrick.lint import collection
from airbrick.lint.contracts import ContractStore
from airbrick.lint.result import FileResult
from airbrick.lint.selection import Selection
from airbrick.lint.settings import Settings
from airbrick.lint.source import DecodeError, SourceFile

if TYPE_CHECKING:
    from airbrick.lint.facts.siblings import World

_MARKS: Final = (b"airflow", b"databricks", b"airbrick")


def is_relevant(data: bytes, settings: Settings | None = None) -> bool:
    """Tell whether a file can hold anything the rules look at; all others are not even parsed.

    :param settings: may name classes that the rules look at as well.
    """
    return any(mark in data for mark in _MARKS) or (settings is not None and _names_own(data, settings))


def _names_own(data: bytes, settings: Settings) -> bool:
    own = (*(name for name, _ in settings.operator_aliases), *settings.dag_classes)
    return any(name.rpartition(".")[2].encode() in data for name in own)


@dataclass(slots=True)
class Linter:
    """Lints files and keeps what they share: project files, contracts, the selection of rules.

    :param contracts: where contracts are found.
    :param selection: the rules that the command line asks for.
    :param gathering: codes of the rules that hear every file, even one that they are not on for.
    :param worlds: the files of the project as facts led into them, by the classes that stand for operators and DAGs.
    """

    contracts: ContractStore = field(default_factory=ContractStore)
    selection: Selection = field(default_factory=Selection)
    gathering: frozenset[str] = frozenset()
    worlds: "dict[object, World]" = field(default_factory=dict, repr=False)

    def lint_bytes(self, data: bytes, path: Path, settings: Settings) -> FileResult:
        """Lint the content of a file.

        :raises SelectorError: the settings select or ignore a rule that does not exist.
        """
        if not is_relevant(data, settings):
            return FileResult(path)
        try:
            source = SourceFile.from_bytes(data, path)
        except DecodeError as error:
            from airbrick.lint.judging import undecodable

            return undecodable(self, path, settings, error)
        return self.lint_source(source, settings)

    def lint_source(self, source: SourceFile, settings: Settings) -> FileResult:
        """Lint a decoded file.

        :raises SelectorError: the settings select or ignore a rule that does not exist.
        """
        # A run whose results are all kept imports neither rules nor what they rest on.
        from airbrick.lint.judging import judge

        with collection.paused():
            return judge(self, source, settings)


def lint_text(
    text: str,
    *,
    path: Path = Path("<text>"),
    settings: Settings | None = None,
    contracts: ContractStore | None = None,
) -> FileResult:
    """Lint a text as it stands, whether or not it mentions Airflow.

    :param path: the name of the file; contracts and project files are looked for beside it.
    :raises SelectorError: the settings select or ignore a rule that does not exist.
    """
    linter = Linter(contracts or ContractStore(environ={}))
    return linter.lint_source(SourceFile(path, text), settings or Settings())
