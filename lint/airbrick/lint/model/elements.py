"""DAGs, task groups and operators."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from airbrick.lint.facts.frames import Frame
from airbrick.lint.facts.values import (
    ABSENT,
    Absent,
    Arguments,
    CallValue,
    DictValue,
    Fact,
    Known,
    Loop,
    Place,
    Region,
    Unknown,
)
from airbrick.lint.knowledge.airflow import BASE_OPERATOR_PARAMETERS
from airbrick.lint.knowledge.databricks import OperatorSpec

if TYPE_CHECKING:
    from airbrick.lint.facts.callables import FunctionValue

Resolver = Callable[[Fact], Fact]
"""Follows a name imported from a file of the same project; gives other facts back."""


class DagForm(Enum):
    """How a DAG is written."""

    CALL = "DAG(…)"
    DECORATOR = "@dag(…)"
    BARE_DECORATOR = "@dag"
    STAND_IN = "a call of another class"

    @property
    def editable(self) -> bool:
        """Whether an argument can be added, and is the DAG's own."""
        return self in {DagForm.CALL, DagForm.DECORATOR}


@dataclass(slots=True, eq=False)
class Dag:
    """A DAG.

    :param place: the call or the decorator.
    :param arguments: what it was built with, positional arguments under their names.
    """

    place: Place
    arguments: Arguments
    form: DagForm
    resolve: Resolver
    operators: list["Operator"] = field(default_factory=list)
    loops: tuple[Loop, ...] = ()
    """The loops it is built in."""
    region: Region | None = None
    """Where it is built, which decides how surely its ``default_args`` are changed."""

    def argument(self, name: str) -> Fact:
        """Give the fact about an argument."""
        return self.resolve(self.arguments.get(name))

    def default(self, name: str) -> Fact:
        """Give the fact about an entry of ``default_args``."""
        return default_in(self.argument("default_args"), name, self.resolve)


@dataclass(slots=True, eq=False)
class Group:
    """A task group.

    :param dag: the DAG it belongs to; ``None`` when this file does not show it.
    :param workflow: whether it is the official ``DatabricksWorkflowTaskGroup``.
    """

    place: Place
    arguments: Arguments
    dag: Dag | None
    parent: "Group | None"
    workflow: bool
    resolve: Resolver
    fan_out: "FanOut | None" = None
    """How often it is repeated when it is expanded."""

    def argument(self, name: str) -> Fact:
        """Give the fact about an argument."""
        return self.resolve(self.arguments.get(name))


@dataclass(frozen=True, slots=True)
class FanOut:
    """Into how many instances a mapped task or group is expanded.

    :param size: the number; ``None`` when it is decided while the DAG runs.
    """

    size: int | None


@dataclass(slots=True, eq=False)
class Operator:
    """A call that builds an operator.

    :param place: the call; of a mapped operator the call of ``partial``.
    :param class_name: the class as named in the code, which may be a subclass of the specified one.
    :param dag: the DAG it belongs to; ``None`` when this file does not show it.
    :param fan_out: into how many task instances it is expanded; ``None`` when it is not.
    :param loops: the loops it is built in.
    :param by_hand: whether it is built while a task runs, outside any DAG.
    :param editable: whether an argument added to the call reaches the operator's constructor.
    """

    spec: OperatorSpec
    class_name: str
    place: Place
    arguments: Arguments
    dag: Dag | None
    group: Group | None
    resolve: Resolver
    fan_out: FanOut | None = None
    by_hand: bool = False
    editable: bool = True
    loops: tuple[Loop, ...] = ()

    @property
    def mapped(self) -> bool:
        """Whether it is expanded into many task instances."""
        return self.fan_out is not None

    def own(self, name: str) -> Fact:
        """Give the fact about an argument of the call itself, without defaults from elsewhere."""
        return self.resolve(self.arguments.get(name))

    def argument(self, name: str) -> Fact:
        """Give the fact about an argument, with Airflow's inheritance of ``default_args``.

        The call wins over its own ``default_args``, those over the task groups from the inside out,
        those over the DAG. Source: ``get_merged_defaults`` in Airflow's base operator.
        """
        fact = self.own(name)
        if not isinstance(fact, Absent):
            return fact
        if not self.spec.takes(name) and name not in BASE_OPERATOR_PARAMETERS:
            return ABSENT
        fact = default_in(self.own("default_args"), name, self.resolve)
        group = self.group
        while isinstance(fact, Absent) and group is not None:
            fact = default_in(group.argument("default_args"), name, self.resolve)
            group = group.parent
        if not isinstance(fact, Absent):
            return fact
        if self.dag is None:
            return Unknown("the DAG of this task is not in this file")
        return self.dag.default(name)


def default_in(defaults: Fact, name: str, resolve: Resolver) -> Fact:
    """Give the fact about an entry of what was given as ``default_args``."""
    if isinstance(defaults, Known):
        if isinstance(defaults.value, DictValue):
            return resolve(defaults.value.get(name))
        if defaults.value is None:
            return ABSENT
        return Unknown("default_args is not a plain dict", defaults.where)
    return defaults


class Phase(Enum):
    """When code runs."""

    PARSE = "whenever the file is parsed"
    TASK = "while a task runs"
    NOT_CALLED = "whenever somebody outside the file calls it"


@dataclass(frozen=True, slots=True, eq=False)
class OutsideCall:
    """A call into code outside this file.

    :param root: the function of the file through which it is reached; ``None`` in the file's own statements.
    :param entered: the call of that function, when the file calls it itself.
    :param loops: the loops around it.
    """

    value: CallValue
    phase: Phase
    root: "FunctionValue | None" = None
    entered: Place | None = None
    loops: tuple[Loop, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class PythonTask:
    """A task that runs a function of the file.

    :param place: the operator's call, or the decorator.
    :param class_name: the operator's class, or the decorator's name behind an ``@``.
    :param elsewhere: whether the function runs in an environment or on a machine of its own.
    :param silent: whether it was told not to push what it returns.
    """

    place: Place
    class_name: str
    function: "FunctionValue"
    dag: Dag | None
    elsewhere: bool = False
    silent: bool = False


@dataclass(slots=True, eq=False)
class ModuleModel:
    """Everything the rules look at in one file.

    :param truncated: where code was nested too deeply to be followed.
    :param scopes: the names that were followed.
    """

    dags: list[Dag] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    operators: list[Operator] = field(default_factory=list)
    calls: list[OutsideCall] = field(default_factory=list)
    python_tasks: list[PythonTask] = field(default_factory=list)
    truncated: Place | None = None
    scopes: list[Frame] = field(default_factory=list)
    chains: bool | None = None
    """Whether tasks of a loop may be put one behind the other, once somebody asked."""

    def release(self) -> None:
        """Untie what refers to each other in circles, so that the tree goes at once.

        Left to the garbage collector, trees of files that are done make every collection slower.
        """
        for scope in self.scopes:
            scope.clear()
        for dag in self.dags:
            dag.operators.clear()
