"""What a rule is."""

from abc import ABC
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from airbrick.lint.finding import Finding, Safety, Severity
from airbrick.lint.settings import ALL, RECOMMENDED, STRICT

if TYPE_CHECKING:
    from airbrick.lint.context import RuleContext
    from airbrick.lint.kinds import Kind
    from airbrick.lint.model.elements import Dag, Group, Operator
    from airbrick.lint.project import Project

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Example:
    """A piece of a DAG file, in the documentation of a rule and in its tests.

    :param code: the file.
    :param contract: jobs of a contract by their key, each with the names of its parameters.
    :param job: what else the contract says of those jobs, such as ``has_schedule``.
    :param connections: names of connections in the contract.
    :param notebooks: notebooks that those jobs run, by the key of the task.
    :param files: paths the contract says are deployed.
    :param config: settings that differ from the defaults, as in ``[tool.airbrick]``.
    """

    code: str
    contract: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    job: Mapping[str, Any] = field(default_factory=dict)
    connections: tuple[str, ...] = ()
    notebooks: Mapping[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    config: Mapping[str, object] = field(default_factory=dict)


class Preset(StrEnum):
    """The smallest named selection a rule belongs to."""

    RECOMMENDED = RECOMMENDED
    """Right for every project; on by default."""
    STRICT = STRICT
    """For teams that want everything said; also holds what is recommended."""
    ALL = ALL
    """On only when selected by itself, or with everything."""


@dataclass(frozen=True, slots=True)
class Option(Generic[T]):
    """A setting of a rule, written under ``[tool.airbrick.rules.CODE]``.

    :param name: its key, words joined by hyphens.
    :param default: used where the configuration says nothing. Its type is the option's: a flag, a number,
        a text, a tuple of texts, or a version as (major, minor), which is written as text.
    :param summary: what it means, with its unit.
    :param minimum: the smallest number that is allowed.
    :param choices: the texts that are allowed.
    """

    name: str
    default: T
    summary: str
    minimum: float | None = None
    choices: tuple[str, ...] = ()

    @property
    def kind(self) -> "Kind":
        """What values it takes."""
        from airbrick.lint.kinds import kind_of

        return kind_of(self.default, minimum=self.minimum, choices=self.choices)


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
    options: ClassVar[tuple[Option[Any], ...]] = ()
    """Read through :meth:`RuleContext.option`."""
    fix: ClassVar[Safety | None] = None
    """Whether and how safely ``--fix`` mends it."""
    needs_contract: ClassVar[bool] = False
    """Whether it compares the code with what a stack provisioned."""
    secret: ClassVar[bool] = False
    """Whether what it reports may be a secret: then no literal of the code takes part in fingerprints."""
    preset: ClassVar[Preset] = Preset.RECOMMENDED

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

    def gather(self, context: "RuleContext") -> Iterator[str]:
        """Give what :meth:`check_project` has to know of a file; files the rule is off for are asked as well.

        Texts, because they are kept in the cache and pass between processes.
        """
        del context
        yield from ()

    def check_project(self, project: "Project") -> Iterator[Finding]:
        """Check all files together, once each was checked by itself.

        Not asked when single files are linted, nor when a file of the project cannot be followed.
        """
        del project
        yield from ()
