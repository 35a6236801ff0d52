"""Linting a text."""

import ast
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from airbrick.lint import collection, gate
from airbrick.lint.contracts import ContractStore
from airbrick.lint.crash import START, crash, engine_finding
from airbrick.lint.finding import Finding
from airbrick.lint.fingerprints import fingerprint
from airbrick.lint.registry import all_rules
from airbrick.lint.result import FileResult
from airbrick.lint.selection import Selection
from airbrick.lint.settings import Settings
from airbrick.lint.source import DecodeError, SourceFile, Span
from airbrick.lint.suppression.findings import comments_without_reason, unused_comments
from airbrick.lint.suppression.suppressions import read

if TYPE_CHECKING:
    from airbrick.lint.context import RuleContext
    from airbrick.lint.facts.siblings import World
    from airbrick.lint.rule import Rule

_MARKS: Final = (b"airflow", b"databricks", b"airbrick")
REFUSALS: Final = frozenset({"DBX901", "DBX903"})
"""Codes of findings that say that a file could not be followed."""

_LINE: Final = re.compile(r"\bline \d+")


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
    """

    contracts: ContractStore = field(default_factory=ContractStore)
    selection: Selection = field(default_factory=Selection)
    gathering: frozenset[str] = frozenset()
    _worlds: "dict[object, World]" = field(default_factory=dict, repr=False)

    def lint_bytes(self, data: bytes, path: Path, settings: Settings) -> FileResult:
        """Lint the content of a file.

        :raises SelectorError: the settings select or ignore a rule that does not exist.
        """
        if not is_relevant(data, settings):
            return FileResult(path)
        try:
            source = SourceFile.from_bytes(data, path)
        except DecodeError as error:
            on = self.selection.codes(settings, path)
            found = [engine_finding("DBX901", path, START, f"Python cannot read this: {error.reason}")]
            return FileResult(path, tuple(_finished((f for f in found if f.code in on), settings)), refused=True)
        return self.lint_source(source, settings)

    def lint_source(self, source: SourceFile, settings: Settings) -> FileResult:
        """Lint a decoded file.

        :raises SelectorError: the settings select or ignore a rule that does not exist.
        """
        with collection.paused():
            return self._lint(source, settings)

    def _lint(self, source: SourceFile, settings: Settings) -> FileResult:
        on = self.selection.codes(settings, source.path)
        said = _Said()
        tree = gate.parse(source)
        if isinstance(tree, gate.Refusal):
            code = "DBX901" if tree.syntax else "DBX903"
            said.findings.append(engine_finding(code, source.path, tree.span, tree.message))
        else:
            with warnings.catch_warnings():
                # Evaluating a literal of the file must not warn the user of the linter.
                warnings.simplefilter("ignore")
                self._check(source, tree, settings, on, said)
        comments = read(source, None if isinstance(tree, gate.Refusal) else tree)
        kept = [f for f in _unique(said.findings) if f.code == "DBX900" or (f.code in on and not comments.suppress(f))]
        if "DBX902" in on:
            kept.extend(f for f in unused_comments(comments, source, said.ran) if not comments.suppress(f))
        if "DBX904" in on and settings.require_suppression_reason:
            kept.extend(comments_without_reason(comments, source))
        refused = bool(REFUSALS & {finding.code for finding in said.findings})
        found = tuple(_finished(kept, settings))
        return FileResult(source.path, found, source, said.gathered, said.consulted, refused)

    def _check(
        self, source: SourceFile, tree: ast.Module, settings: Settings, on: frozenset[str], said: "_Said"
    ) -> None:
        """Run the rules on a file that passed the gate."""
        try:
            context = self._context(source, tree, settings, said)
        except Exception as error:  # noqa: BLE001 - a crash is a finding; the other files go on
            said.findings.append(crash("the reader of DAG files", source.path, error))
            return
        if context is None:
            return
        ran: set[str] = set()
        for rule in all_rules():
            if rule.code not in on | self.gathering:
                continue
            try:
                if rule.code in on:
                    said.findings.extend(_apply(rule, context))
                told = tuple(rule.gather(context))
            except Exception as error:  # noqa: BLE001 - one rule's crash must not lose what the others find
                said.findings.append(crash(rule.code, source.path, error))
                continue
            if told:
                said.gathered[rule.code] = told
            if rule.code in on and (context.contracts or not rule.needs_contract):
                ran.add(rule.code)
        if said.world is not None:
            said.consulted = said.world.consulted | self.contracts.consulted
        context.model.release()
        said.ran = frozenset(ran)

    def _context(self, source: SourceFile, tree: ast.Module, settings: Settings, said: "_Said") -> "RuleContext | None":
        import libcst as cst

        from airbrick.lint.context import RuleContext
        from airbrick.lint.facts.interpreter import analyse
        from airbrick.lint.parsed import parse

        contracts = self.contracts.beside(source.path, settings.contract)
        try:
            file = parse(source, tree)
        except cst.ParserSyntaxError as error:
            span = Span(max(error.raw_line, 1), 1, max(error.raw_line, 1), 1)
            message = "libcst cannot read this, though Python can"
            said.findings.append(engine_finding("DBX903", source.path, span, message))
            return None
        said.world = self._world(settings)
        said.world.begin()
        self.contracts.begin()
        model = analyse(file, said.world)
        if model.truncated is not None:
            message = "nested too deeply to be followed"
            said.findings.append(engine_finding("DBX903", source.path, model.truncated.span, message))
        return RuleContext(file, model, settings, contracts, self.contracts)

    def _world(self, settings: Settings) -> "World":
        """Give the files of the project as they are where the same classes stand for operators and DAGs."""
        from airbrick.lint.facts.interpreter import new_world
        from airbrick.lint.facts.stand_ins import StandIns

        key = (settings.operator_aliases, settings.dag_classes)
        if key not in self._worlds:
            self._worlds[key] = new_world(StandIns.of(settings))
        return self._worlds[key]


@dataclass(slots=True)
class _Said:
    """What the rules said of one file.

    :param ran: codes of the rules that could speak.
    """

    findings: list[Finding] = field(default_factory=list)
    gathered: dict[str, tuple[str, ...]] = field(default_factory=dict)
    ran: frozenset[str] = frozenset()
    consulted: frozenset[Path] = frozenset()
    world: "World | None" = None


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


def _finished(kept: Iterable[Finding], settings: Settings) -> Iterator[Finding]:
    """Order findings, give them the severities the settings want, and leave out what is less than wanted."""
    for finding in sorted(kept, key=lambda f: f.sort_key):
        severity = settings.severity_of(finding)
        if severity.rank >= settings.min_severity.rank or finding.code == "DBX900":
            # Not the line itself: a hash of it could tell a password that stands beside a comment.
            known_by = finding.fingerprint or fingerprint(finding.code, _LINE.sub("", finding.message))
            yield replace(finding, severity=severity, fingerprint=known_by)


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
