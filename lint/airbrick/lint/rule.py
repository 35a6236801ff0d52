"""What a rule is."""

from abc import ABC
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from airbrick.lint.finding import Finding, Safety, Severity

if TYPE_CHECKING:
    from airbrick.lint.context import RuleContext
    from airbrick.lint.model.elements import Dag, Group, Operator


@dataclass(frozen=True, slots=True)
class Example:
    """A piece of a DAG file, in the documentation of a rule and in its tests.

    :param code: the file.
    :param contract: jobs of a contract by their key, each with the names of its parameters.
    :param config: settings that differ from the defaults, as in ``[tool.airbrick]``.
    """

    code: str
    contract: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    config: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Option:
    """A setting of a rule, written under ``[tool.airbrick.rules.CODE]``.

    :param default: used where the configuration says nothing; its type is the option's type.
    """

    default: int | str | bool
    summary: str


class Rule(ABC):
    """A rule: one mistake, its documentation and its check.

    A rule lives in a module of its own in ``airbrick.lint.rules`` that ends with ``RULE = TheRule()``.
    """

    code: ClassVar[str]
    """``DBX`` and three digits; never changes once released."""
    name: ClassVar[str]
    """Words joined by hyphens."""
    severity: ClassVar[Severity]
    summary: ClassVar[str]
    """One line without a full stop."""
    why: ClassVar[str]
    """What goes wrong, in prose."""
    bad: ClassVar[tuple[Example, ...]] = ()
    """Each is reported by the rule; executed as tests."""
    good: ClassVar[tuple[Example, ...]] = ()
    """None is reported by the rule; executed as tests."""
    options: ClassVar[Mapping[str, Option]] = {}
    fix: ClassVar[Safety | None] = None
    """Whether and how safely ``--fix`` mends it."""
    needs_contract: ClassVar[bool] = False
    """Whether it compares the code with what a stack provisioned."""
    recommended: ClassVar[bool] = True

    def check_dag(self, dag: "Dag", context: "RuleContext") -> Iterator[Finding]:
        """Check a DAG."""
        del dag, context
        yield from ()

    def check_group(self, group: "Group", context: "RuleContext") -> Iterator[Finding]:
        """Check a task group."""
        del group, context
        yield from ()

    def check_operator(self, operator: "Operator", context: "RuleContext") -> Iterator[Finding]:
        """Check a task."""
        del operator, context
        yield from ()

    def check_module(self, context: "RuleContext") -> Iterator[Finding]:
        """Check the file as a whole."""
        del context
        yield from ()
