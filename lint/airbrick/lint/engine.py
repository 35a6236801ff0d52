"""Linting: one text, one file, or many paths."""

import ast
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from airbrick.lint import collection, gate, suppressions
from airbrick.lint.config import ConfigFinder, read
from airbrick.lint.contracts import ContractStore, StackContract
from airbrick.lint.discovery import discover
from airbrick.lint.finding import Finding, Fix, Safety
from airbrick.lint.registry import all_rules, find_rule
from airbrick.lint.selection import Selection
from airbrick.lint.settings import Settings
from airbrick.lint.source import DecodeError, SourceFile, Span

if TYPE_CHECKING:
    from airbrick.lint.context import RuleContext
    from airbrick.lint.facts.siblings import World
    from airbrick.lint.rule import Rule

_MARKS: Final = (b"airflow", b"databricks", b"airbrick")
_START: Final = Span(1, 1, 1, 1)


def is_relevant(data: bytes) -> bool:
    """Tell whether a file can hold anything the rules look at; all others are not even parsed."""
    return any(mark in data for mark in _MARKS)


@dataclass(frozen=True, slots=True)
class FileResult:
    """What was found in one file.

    :param source: the file; ``None`` when it was not read or could not be decoded.
    """

    path: Path
    findings: tuple[Finding, ...] = ()
    source: SourceFile | None = None

    @property
    def crashed(self) -> bool:
        """Whether the linter failed on the file."""
        return any(finding.code == "DBX900" for finding in self.findings)


@dataclass(slots=True)
class Linter:
    """Lints files and keeps what they share: project files, contracts, the selection of rules.

    :param contracts: where contracts are found.
    :param selection: the rules that the command line asks for.
    """

    contracts: ContractStore = field(default_factory=ContractStore)
    selection: Selection = field(default_factory=Selection)
    _world: "World | None" = None

    def lint_bytes(self, data: bytes, path: Path, settings: Settings) -> FileResult:
        """Lint the content of a file.

        :raises SelectorError: the settings select or ignore a rule that does not exist.
        """
        if not is_relevant(data):
            return FileResult(path)
        try:
            source = SourceFile.from_bytes(data, path)
        except DecodeError as error:
            on = self.selection.codes(settings, path)
            found = [_engine_finding("DBX901", path, _START, f"Python cannot read this: {error.reason}")]
            return FileResult(path, tuple(finding for finding in found if finding.code in on))
        return self.lint_source(source, settings)

    def lint_source(self, source: SourceFile, settings: Settings) -> FileResult:
        """Lint a decoded file.

        :raises SelectorError: the settings select or ignore a rule that does not exist.
        """
        with collection.paused():
            return self._lint(source, settings)

    def _lint(self, source: SourceFile, settings: Settings) -> FileResult:
        on = self.selection.codes(settings, source.path)
        found: list[Finding] = []
        tree = gate.parse(source)
        ran = on
        if isinstance(tree, gate.Refusal):
            code = "DBX901" if tree.syntax else "DBX903"
            found.append(_engine_finding(code, source.path, tree.span, tree.message))
            ran = frozenset()
        else:
            with warnings.catch_warnings():
                # Evaluating a literal of the file must not warn the user of the linter.
                warnings.simplefilter("ignore")
                ran = self._check(source, tree, settings, on, found)
        comments = suppressions.read(source, None if isinstance(tree, gate.Refusal) else tree)
        kept = [f for f in _unique(found) if f.code == "DBX900" or (f.code in on and not comments.suppress(f))]
        if "DBX902" in on:
            kept.extend(f for f in _unused(comments, source, ran) if not comments.suppress(f))
        return FileResult(source.path, tuple(sorted(kept, key=lambda f: f.sort_key)), source)

    def _check(
        self, source: SourceFile, tree: ast.Module, settings: Settings, on: frozenset[str], found: list[Finding]
    ) -> frozenset[str]:
        """Run the rules on a file that passed the gate.

        :returns: the codes of the rules that could speak.
        """
        contracts = self.contracts.beside(source.path, settings.contract)
        rules = [rule for rule in all_rules() if rule.code in on]
        try:
            context = self._context(source, tree, settings, contracts, found)
        except Exception as error:  # noqa: BLE001 - a crash is a finding; the other files go on
            found.append(_crash("the reader of DAG files", source.path, error))
            return frozenset()
        if context is None:
            return frozenset()
        crashed: set[str] = set()
        for rule in rules:
            try:
                found.extend(_apply(rule, context))
            except Exception as error:  # noqa: BLE001 - one rule's crash must not lose what the others find
                found.append(_crash(rule.code, source.path, error))
                crashed.add(rule.code)
        context.model.release()
        return frozenset(rule.code for rule in rules if contracts or not rule.needs_contract) - crashed

    def _context(
        self,
        source: SourceFile,
        tree: ast.Module,
        settings: Settings,
        contracts: tuple[StackContract, ...],
        found: list[Finding],
    ) -> "RuleContext | None":
        import libcst as cst

        from airbrick.lint.context import RuleContext
        from airbrick.lint.facts.interpreter import analyse, new_world
        from airbrick.lint.parsed import ParsedFile

        try:
            file = ParsedFile(source, tree, cst.parse_module(source.text))
        except cst.ParserSyntaxError as error:
            span = Span(max(error.raw_line, 1), 1, max(error.raw_line, 1), 1)
            found.append(_engine_finding("DBX903", source.path, span, "libcst cannot read this, though Python can"))
            return None
        if self._world is None:
            self._world = new_world()
        model = analyse(file, self._world)
        if model.truncated is not None:
            found.append(
                _engine_finding("DBX903", source.path, model.truncated.span, "nested too deeply to be followed")
            )
        return RuleContext(file, model, settings, contracts, self.contracts)


def _apply(rule: "Rule", context: "RuleContext") -> Iterator[Finding]:
    # What a helper in another file builds is reported in that file.
    file = context.file
    for dag in context.model.dags:
        if dag.place.file is file:
            yield from rule.check_dag(dag, context)
    for group in context.model.groups:
        if group.place.file is file:
            yield from rule.check_group(group, context)
    for operator in context.model.operators:
        if operator.place.file is file:
            yield from rule.check_operator(operator, context)
    yield from rule.check_module(context)


def _unique(found: Iterable[Finding]) -> Iterator[Finding]:
    """Give one finding per code and place: a call in a loop or a helper builds many operators."""
    seen: set[tuple[str, Span, str]] = set()
    for finding in found:
        key = (finding.code, finding.span, finding.message if finding.code.startswith("DBX8") else "")
        if key not in seen:
            seen.add(key)
            yield finding


def _engine_finding(code: str, path: Path, span: Span, message: str, *, detail: str = "") -> Finding:
    rule = find_rule(code)
    if rule is None:
        raise LookupError(code)
    return Finding(code, rule.name, rule.severity, path, span, message, detail=detail)


_PACKAGE: Final = str(Path(__file__).parent)


def _crash(who: str, path: Path, error: Exception) -> Finding:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(_PACKAGE)]
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    # The exception's own text may quote the linted code, so only its type is told.
    message = f"{who} failed: {type(error).__name__}{where}; please report it"
    detail = "".join(traceback.format_list(frames))
    return _engine_finding("DBX900", path, _START, message, detail=detail)


def _unused(comments: suppressions.Suppressions, source: SourceFile, ran: frozenset[str]) -> Iterator[Finding]:
    rule = find_rule("DBX902")
    if rule is None or not comments.comments:
        return
    for idle in suppressions.unused(comments, source, ran):
        fix = Fix("Remove the comment", Safety.SAFE, idle.edits) if idle.edits else None
        finding = Finding("DBX902", rule.name, rule.severity, source.path, idle.span, idle.message)
        yield replace(finding, help="remove it" if fix else "", fix=fix)


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
        return FileResult(path, (_engine_finding("DBX903", path, _START, f"the file cannot be read: {reason}"),))
    return linter.lint_bytes(data, path, settings)
