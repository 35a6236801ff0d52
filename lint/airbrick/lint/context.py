"""What a rule is given, and how it says what it found."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from airbrick.lint.contracts import ContractStore, StackContract
from airbrick.lint.facts.values import Absent, Fact, Known, Place, literal_text
from airbrick.lint.finding import Finding, Fix, Note
from airbrick.lint.fingerprints import fingerprint, owners_of, snippet
from airbrick.lint.knowledge.secret_shapes import mask
from airbrick.lint.model.elements import ModuleModel, Operator
from airbrick.lint.rule import Option, Rule
from airbrick.lint.settings import Settings
from airbrick.lint.source import Span

if TYPE_CHECKING:
    from airbrick.lint.parsed import ParsedFile

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RuleContext:
    """Everything a rule may look at.

    :param contracts: what the stacks provisioned; empty when no contract was found.
    :param store: reads the contracts that tasks name themselves.
    """

    file: "ParsedFile"
    model: ModuleModel
    settings: Settings
    contracts: tuple[StackContract, ...] = ()
    store: ContractStore | None = None
    _by_call: dict[int, list[Operator]] = field(default_factory=dict, repr=False)
    _owners: dict[int, tuple[str, str]] = field(default_factory=dict, repr=False)

    def finding(
        self,
        rule: Rule,
        place: Place | ast.expr | ast.stmt | ast.alias,
        message: str,
        *,
        help: str = "",  # noqa: A002 - the field's own name
        notes: Sequence[Note] = (),
        fix: Fix | None = None,
        stacks: Sequence[str] = (),
    ) -> Finding:
        """Report a mistake.

        :param place: where, or the node of Python's tree that stands there; of a call its callee is marked, so
            that the frame shows one line.
        :param message: what is wrong; whatever looks like a secret in it is hidden.
        :param stacks: the stacks in which it holds.
        """
        if not self._owners:
            self._owners.update(owners_of(self.model))
        node = place if isinstance(place, ast.expr | ast.stmt | ast.alias) else place.file.shown_at(place.node)
        span = self.file.span_of(place) if isinstance(place, ast.expr | ast.stmt | ast.alias) else self.span_of(place)
        dag_id, task_id = self._owners.get(id(place.node), ("", "")) if isinstance(place, Place) else ("", "")
        own = bool(dag_id or task_id)
        known_by = self.file.source.line_text(span.line)[span.column - 1 : span.end_column - 1] if own else ""
        return Finding(
            code=rule.code,
            name=rule.name,
            severity=rule.severity,
            path=self.file.source.path,
            span=span,
            dag_id=dag_id,
            task_id=task_id,
            fingerprint=fingerprint(
                rule.code, dag_id, task_id, known_by.rpartition(".")[2] or snippet(node, secret=rule.secret)
            ),
            message=mask(message),
            help=help,
            notes=tuple(notes),
            fix=fix,
            stacks=tuple(stacks),
        )

    def span_of(self, place: Place) -> Span:
        """Give the span that marks a place."""
        import libcst as cst

        node = place.node
        return place.file.span(node.func if isinstance(node, cst.Call) else node)

    def defined_at(self, place: Place | None, *, beyond: Place, message: str) -> Iterator[Note]:
        """Give a note on where a value is defined, unless it stands in the call itself.

        :param beyond: the call.
        """
        if place is None:
            return
        span = place.file.span(place.node)
        outer = beyond.file.span(beyond.node)
        within = (outer.line, outer.column) <= (span.line, span.column) and (span.end_line, span.end_column) <= (
            outer.end_line,
            outer.end_column,
        )
        if place.file is not beyond.file or not within:
            yield Note(message, place.file.source.path, span)

    def same_call(self, operator: Operator) -> Iterator[Operator]:
        """Give all operators that the same call builds, such as one in a helper called several times."""
        if not self._by_call:
            for other in self.model.operators:
                self._by_call.setdefault(id(other.place.node), []).append(other)
        return iter(self._by_call[id(operator.place.node)])

    def contracts_for(self, operator: Operator) -> tuple[StackContract, ...]:
        """Give the contracts a task is checked against: the one it names itself, else those of the file."""
        if not operator.spec.takes("contract"):
            return self.contracts
        named = operator.argument("contract")
        text = literal_text(named)
        if text is not None and self.store is not None:
            return self.store.named(self.file.source.path.parent / text)
        return self.contracts if isinstance(named, Absent) or _is_none(named) else ()

    def option(self, rule: Rule, option: Option[T]) -> T:
        """Give what an option of a rule is set to."""
        given: T = self.settings.options.get(rule.code, {}).get(option.name, option.default)
        return given


def _is_none(fact: Fact) -> bool:
    return isinstance(fact, Known) and fact.value is None
