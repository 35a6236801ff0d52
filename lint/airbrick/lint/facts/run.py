"""Following a file as Python would run it, on facts instead of values."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import libcst as cst

from airbrick.lint.facts.callables import ClassValue, FunctionValue
from airbrick.lint.facts.frames import Frame
from airbrick.lint.facts.values import Fact, Loop, Place, Region, Unknown
from airbrick.lint.model.elements import Dag, Group, ModuleModel, Phase

if TYPE_CHECKING:
    from airbrick.lint.facts.siblings import World
    from airbrick.lint.parsed import ParsedFile

MAX_DEPTH: Final = 90
"""Levels of expressions, statements and calls that are followed into each other."""

MAX_CALLS: Final = 4
"""Calls of functions within functions that are followed."""

SPARE_STEPS: Final = 60_000
"""Expressions, besides one for each character of the file, after which nothing is followed twice any more."""

MAX_UNROLL: Final = 24
"""Items of a literal list up to which a loop is followed item by item."""


class Flow(Enum):
    """How a statement ends."""

    NEXT = "the next statement follows"
    CONTINUE = "the loop goes on"
    BREAK = "the loop ends"
    STOP = "the function ends"


@dataclass(frozen=True, slots=True)
class Handlers:
    """What is done for each kind of node.

    :param spine: the field of a node that is evaluated first; long chains nest there, so it is followed by a loop.
    :param leaves: expressions without a spine.
    :param steps: expressions with one; they get the fact of the spine.
    """

    spine: Mapping[type[Any], str]
    leaves: Mapping[type[Any], "Callable[[Run, Any], Fact]"]
    steps: Mapping[type[Any], "Callable[[Run, Fact, Any], Fact]"]
    statements: Mapping[type[Any], "Callable[[Run, Any], Flow]"]


class Run:
    """The state while one file is followed.

    :param file: the file.
    :param handlers: what is done for each kind of node.
    :param world: the other files of the project.
    """

    def __init__(self, file: "ParsedFile", handlers: Handlers, world: "World") -> None:
        self.file = file
        self._spine = handlers.spine
        self._leaves = handlers.leaves
        self._step = handlers.steps
        self._statements = handlers.statements
        self.world = world
        self.model = ModuleModel()
        self.region = Region()
        self.frame = Frame(region=self.region)
        self.contexts: list[Dag | Group] = []
        self.phase = Phase.PARSE
        self.entered: Place | None = None
        self.functions: list[FunctionValue] = []
        self.borrowed: list[FunctionValue] = []
        """Functions of other files that are the callables of tasks."""
        self.classes: list[ClassValue] = []
        self.returns: list[list[Fact]] = []
        self.active: list[FunctionValue] = []
        self.loops: tuple[Loop, ...] = ()
        self._depth = 0
        self._steps = 0
        self._limit = SPARE_STEPS + len(file.source.text)

    def place(self, node: cst.CSTNode) -> Place:
        """Give the place of a node."""
        return Place(self.file, node)

    def evaluate(self, node: cst.BaseExpression) -> Fact:
        """Give the fact about an expression; what it builds is recorded on the way."""
        spine: list[cst.BaseExpression] | None = None
        fields = self._spine
        field = fields.get(type(node))
        if field is not None:
            spine = []
            while field is not None:
                spine.append(node)
                node = getattr(node, field)
                field = fields.get(type(node))
        if self._depth >= MAX_DEPTH:
            return self.give_up(node)
        self._depth += 1
        self._steps += 1
        try:
            leaf = self._leaves.get(type(node))
            fact = leaf(self, node) if leaf else Unknown("this kind of expression is not followed", self.place(node))
            if spine is not None:
                self._steps += len(spine)
                for outer in reversed(spine):
                    fact = self._step[type(outer)](self, fact, outer)
        finally:
            self._depth -= 1
        return fact

    def execute(self, body: Sequence[cst.CSTNode]) -> Flow:
        """Follow statements until one of them ends the way."""
        if self._depth >= MAX_DEPTH:
            if body:
                self.give_up(body[0])
            return Flow.NEXT
        self._depth += 1
        try:
            for statement in body:
                handler = self._statements.get(type(statement))
                if handler is not None:
                    flow = handler(self, statement)
                    if flow is not Flow.NEXT:
                        return flow
        finally:
            self._depth -= 1
        return Flow.NEXT

    def give_up(self, node: cst.CSTNode) -> Unknown:
        """Note that code is nested too deeply to be followed."""
        if not self.active and self.model.truncated is None:
            self.model.truncated = self.place(node)
        return Unknown("it is nested too deeply to be followed", self.place(node))

    def may_repeat(self) -> bool:
        """Tell whether there is room left to follow code more than once."""
        return self._steps < self._limit

    @property
    def home(self) -> Path:
        """The folder of the file, where what it imports is looked for first."""
        return self.file.home

    @property
    def by_hand(self) -> bool:
        """Whether what is built here is built while a task runs."""
        return self.phase is Phase.TASK

    @property
    def dag(self) -> Dag | None:
        """The DAG that an operator built here joins."""
        context = self.contexts[-1] if self.contexts else None
        return context.dag if isinstance(context, Group) else context

    @property
    def group(self) -> Group | None:
        """The task group that an operator built here joins."""
        context = self.contexts[-1] if self.contexts else None
        return context if isinstance(context, Group) else None

    @contextmanager
    def inside(self, context: Dag | Group) -> Iterator[None]:
        """Build operators into a DAG or a task group."""
        self.contexts.append(context)
        try:
            yield
        finally:
            self.contexts.pop()

    @contextmanager
    def in_frame(self, frame: Frame) -> Iterator[None]:
        """Look names up in another frame."""
        before, self.frame = self.frame, frame
        try:
            yield
        finally:
            self.frame = before

    @contextmanager
    def in_file(self, file: "ParsedFile") -> Iterator[None]:
        """Follow code of another file."""
        before, self.file = self.file, file
        try:
            yield
        finally:
            self.file = before

    @contextmanager
    def repeated(self, loop: Loop) -> Iterator[None]:
        """Follow the body of a loop."""
        before = self.loops
        self.loops = (*before, loop)
        try:
            yield
        finally:
            self.loops = before

    @contextmanager
    def branch(self) -> Iterator[dict[str, Fact]]:
        """Follow code that may not run; what it assigns is in the dict afterwards."""
        assigned: dict[str, Fact] = {}
        before, self.region = self.region, Region(self.region)
        self.frame.push()
        try:
            yield assigned
        finally:
            assigned.update(self.frame.pop())
            self.region = before
