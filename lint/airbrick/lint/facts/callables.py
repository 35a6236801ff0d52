"""Functions, classes and instances of the file itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final

from airbrick.lint.facts.frames import Frame
from airbrick.lint.facts.values import Arguments, Fact, Known, Place, Region
from airbrick.lint.knowledge.airflow import OPERATOR_METHODS, Construct, construct_of

if TYPE_CHECKING:
    import libcst as cst


class FunctionKind(Enum):
    """What Airflow makes of a function."""

    PLAIN = "function"
    TASK = "task"
    DAG = "dag"
    TASK_GROUP = "task group"


DECORATED: Final[Mapping[Construct, FunctionKind]] = {
    Construct.DAG_DECORATOR: FunctionKind.DAG,
    Construct.TASK_GROUP_DECORATOR: FunctionKind.TASK_GROUP,
    Construct.TASK_DECORATOR: FunctionKind.TASK,
}


@dataclass(slots=True, eq=False)
class FunctionValue:
    """A function of the file.

    :param defaults: facts of the parameters' defaults, which are evaluated when the file is parsed.
    :param decorator: the decorator that makes it a DAG or a task group.
    :param decorator_arguments: what that decorator was called with; ``None`` for a bare one.
    :param opaque: whether other decorators may change what a call returns.
    :param rewired: whether they may call it with other arguments than they were called with.
    """

    node: "cst.FunctionDef | cst.Lambda"
    name: str
    place: Place
    closure: Frame
    defaults: Mapping[str, Fact]
    kind: FunctionKind = FunctionKind.PLAIN
    decorator: Place | None = None
    decorator_arguments: Arguments | None = None
    opaque: bool = False
    rewired: bool = False
    owner: "ClassValue | None" = None
    called: bool = False
    handed_over: bool = False
    """Whether it is given to somebody else to call, such as a ``python_callable``."""
    of_class: bool = False
    """Whether its first parameter is the class, as a ``classmethod``'s is."""
    is_callable: bool = False
    """Whether it is the ``python_callable`` of a task."""
    returned: Fact | None = None
    """What it returned when it was followed as a task."""

    @property
    def is_operator_method(self) -> bool:
        """Whether it is a method that Airflow calls while the task of an operator of one's own runs."""
        return self.owner is not None and self.name in OPERATOR_METHODS


@dataclass(slots=True, eq=False)
class ClassValue:
    """A class of the file.

    :param fields: of a data class or a named tuple the names its constructor sets, in order.
    """

    name: str
    place: Place
    bases: tuple[Fact, ...]
    namespace: Frame
    fields: tuple[str, ...] | None = None

    def lookup(self, name: str, depth: int = 0) -> Fact | None:
        """Find an attribute in the class or its bases of the same file."""
        found = self.namespace.local(name)
        if found is not None or depth > MAX_BASES:
            return found
        for base in self.bases:
            if isinstance(base, Known) and isinstance(base.value, ClassValue):
                found = base.value.lookup(name, depth + 1)
                if found is not None:
                    return found
        return None


MAX_BASES = 8
"""Levels of base classes that are followed."""


@dataclass(slots=True, eq=False)
class InstanceValue:
    """An instance of a class of the file.

    :param parent_arguments: what ``super().__init__`` was called with, once it was.
    :param before_parent: the attributes at that time, which the parent's constructor may replace.
    :param region: where it was created, which decides how surely an attribute is set; ``None`` when that is no matter.
    """

    of: ClassValue
    attributes: dict[str, Fact] = field(default_factory=dict)
    parent_arguments: Arguments | None = None
    before_parent: Mapping[str, Fact] = field(default_factory=dict)
    region: Region | None = None


@dataclass(frozen=True, slots=True, eq=False)
class SuperValue:
    """``super()`` within a method."""

    instance: InstanceValue | None
    owner: ClassValue


@dataclass(frozen=True, slots=True, eq=False)
class BoundMethod:
    """A method of an instance."""

    function: FunctionValue
    receiver: Fact


@dataclass(frozen=True, slots=True, eq=False)
class DecoratorValue:
    """A decorator that was called with arguments and waits for its function.

    :param variant: the last part of its name.
    """

    kind: FunctionKind
    arguments: Arguments
    variant: str = "task"


@dataclass(frozen=True, slots=True, eq=False)
class OperatorPartial:
    """``Operator.partial(…)``, waiting for ``expand``.

    :param operator: the class it will build.
    """

    operator: Fact
    arguments: Arguments


def decorator_kind(name: str) -> FunctionKind | None:
    """Tell what Airflow makes of a function with a decorator of this full name."""
    construct = construct_of(name)
    return None if construct is None else DECORATED.get(construct)
