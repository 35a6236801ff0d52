"""Judging one file: the gate, what the code says, every rule that is on, and the comments that suppress."""

import ast
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import libcst as cst

from airbrick.lint import gate
from airbrick.lint.context import RuleContext
from airbrick.lint.crash import START, crash, engine_finding
from airbrick.lint.facts.interpreter import analyse, new_world
from airbrick.lint.facts.stand_ins import StandIns
from airbrick.lint.finding import Finding
from airbrick.lint.fingerprints import fingerprint
from airbrick.lint.parsed import parse
from airbrick.lint.registry import all_rules
from airbrick.lint.result import REFUSALS, FileResult
from airbrick.lint.settings import Settings
from airbrick.lint.source import DecodeError, SourceFile, Span
from airbrick.lint.suppression.findings import comments_without_reason, unused_comments
from airbrick.lint.suppression.suppressions import read

if TYPE_CHECKING:
    from airbrick.lint.engine import Linter
    from airbrick.lint.facts.siblings import World
    from airbrick.lint.rule import Rule

_LINE: Final = re.compile(r"\bline \d+")


def prepare() -> None:
    """Import the rules; what they rest on was imported with this module."""
    all_rules()


def judge(linter: "Linter", source: SourceFile, settings: Settings) -> FileResult:
    """Lint a decoded file.

    :raises SelectorError: the settings select or ignore a rule that does not exist.
    """
    on = linter.selection.codes(settings, source.path)
    said = _Said(on)
    tree = gate.parse(source)
    if isinstance(tree, gate.Refusal):
        code = "DBX901" if tree.syntax else "DBX903"
        said.findings.append(engine_finding(code, source.path, tree.span, tree.message))
    else:
        with warnings.catch_warnings():
            # Evaluating a literal of the file must not warn the user of the linter.
            warnings.simplefilter("ignore")
            _check(linter, source, tree, settings, said)
    comments = read(source, None if isinstance(tree, gate.Refusal) else tree)
    kept = [f for f in _unique(said.findings) if f.code == "DBX900" or (f.code in on and not comments.suppress(f))]
    if "DBX902" in on:
        kept.extend(f for f in unused_comments(comments, source, said.ran) if not comments.suppress(f))
    if "DBX904" in on and settings.require_suppression_reason:
        kept.extend(comments_without_reason(comments, source))
    refused = bool(REFUSALS & {finding.code for finding in said.findings})
    found = tuple(_finished(kept, settings))
    return FileResult(source.path, found, source, said.gathered, said.consulted, refused)


def _check(linter: "Linter", source: SourceFile, tree: ast.Module, settings: Settings, said: "_Said") -> None:
    """Run the rules on a file that passed the gate."""
    try:
        context = _context(linter, source, tree, settings, said)
    except Exception as error:  # noqa: BLE001 - a crash is a finding; the other files go on
        said.findings.append(crash("the reader of DAG files", source.path, error))
        return
    if context is None:
        return
    on = said.on
    ran: set[str] = set()
    for rule in all_rules():
        if rule.code not in on | linter.gathering:
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
        said.consulted = said.world.consulted | linter.contracts.consulted
    context.model.release()
    said.ran = frozenset(ran)


def _context(
    linter: "Linter", source: SourceFile, tree: ast.Module, settings: Settings, said: "_Said"
) -> RuleContext | None:
    contracts = linter.contracts.beside(source.path, settings.contract)
    try:
        file = parse(source, tree)
    except cst.ParserSyntaxError as error:
        span = Span(max(error.raw_line, 1), 1, max(error.raw_line, 1), 1)
        message = "libcst cannot read this, though Python can"
        said.findings.append(engine_finding("DBX903", source.path, span, message))
        return None
    said.world = _world(linter, settings)
    said.world.begin()
    linter.contracts.begin()
    model = analyse(file, said.world)
    if model.truncated is not None:
        message = "nested too deeply to be followed"
        said.findings.append(engine_finding("DBX903", source.path, model.truncated.span, message))
    return RuleContext(file, model, settings, contracts, linter.contracts)


def _world(linter: "Linter", settings: Settings) -> "World":
    """Give the files of the project as they are where the same classes stand for operators and DAGs."""
    key = (settings.operator_aliases, settings.dag_classes)
    if key not in linter.worlds:
        linter.worlds[key] = new_world(StandIns.of(settings))
    return linter.worlds[key]


def undecodable(linter: "Linter", path: Path, settings: Settings, error: DecodeError) -> FileResult:
    """Give the result for a file whose bytes are no text."""
    on = linter.selection.codes(settings, path)
    found = [engine_finding("DBX901", path, START, f"Python cannot read this: {error.reason}")]
    return FileResult(path, tuple(_finished((f for f in found if f.code in on), settings)), refused=True)


@dataclass(slots=True)
class _Said:
    """What the rules said of one file.

    :param on: codes of the rules that are on.
    :param ran: codes of the rules that could speak.
    """

    on: frozenset[str]
    findings: list[Finding] = field(default_factory=list)
    gathered: dict[str, tuple[str, ...]] = field(default_factory=dict)
    ran: frozenset[str] = frozenset()
    consulted: frozenset[Path] = frozenset()
    world: "World | None" = None


def _apply(rule: "Rule", context: RuleContext) -> Iterator[Finding]:
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
