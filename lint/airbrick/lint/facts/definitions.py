"""Definitions of functions and classes."""

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from airbrick.lint.facts.callables import ClassValue, DecoratorValue, FunctionKind, FunctionValue, decorator_kind
from airbrick.lint.facts.frames import Frame
from airbrick.lint.facts.python_tasks import record_decorated
from airbrick.lint.facts.run import Flow, Run
from airbrick.lint.facts.values import Arguments, CallValue, Fact, Known, MethodValue, Place, Reference
from airbrick.lint.model.elements import Dag

_TRANSPARENT = frozenset(
    {
        "functools.cache",
        "functools.lru_cache",
        "functools.wraps",
        "functools.lru_cache()",
        "builtins.staticmethod",
        "builtins.classmethod",
        "builtins.property",
        "functools.cached_property",
        "typing.no_type_check",
        "typing.override",
    }
)
_PASSING_ON = _TRANSPARENT | {
    "abc.abstractmethod",
    "contextlib.asynccontextmanager",
    "contextlib.contextmanager",
    "tenacity.retry",
    "airflow.utils.decorators.apply_defaults",
    "airflow.utils.session.provide_session",
}
"""What calls a function with the arguments it was itself called with."""
_FIELD_MAKERS = frozenset(
    {"dataclasses.dataclass", "typing.NamedTuple", "attr.s", "attr.dataclass", "attrs.define", "attrs.frozen"}
    | {"pydantic.BaseModel", "pydantic.dataclasses.dataclass"}
)
"""What gives a class a constructor that takes its annotated names."""


@dataclass(slots=True)
class _Decorated:
    """What the decorators of a function make of it."""

    kind: FunctionKind = FunctionKind.PLAIN
    place: Place | None = None
    arguments: Arguments | None = None
    opaque: bool = False
    rewired: bool = False
    of_class: bool = False
    variant: str = "task"


def define_function(run: Run, node: cst.FunctionDef) -> Flow:
    """Bind a function; its body is followed when it is called."""
    decorated = _Decorated()
    for decorator in node.decorators:
        _apply(run, run.evaluate(decorator.decorator), decorator, decorated)
    function = FunctionValue(
        node=node,
        name=node.name.value,
        place=run.place(node),
        closure=_closure(run.frame),
        defaults=_defaults(run, node.params),
        kind=decorated.kind,
        decorator=decorated.place,
        decorator_arguments=decorated.arguments,
        opaque=decorated.opaque or node.asynchronous is not None,
        rewired=decorated.rewired,
        owner=run.frame.owner,
        of_class=decorated.of_class,
    )
    run.functions.append(function)
    if decorated.kind is FunctionKind.TASK and decorated.place is not None:
        record_decorated(run, function, decorated.place, decorated.variant)
    run.frame.assign(function.name, Known(function, function.place))
    return Flow.NEXT


def _apply(run: Run, fact: Fact, decorator: cst.Decorator, decorated: _Decorated) -> None:
    value = fact.value if isinstance(fact, Known) else None
    place = run.place(decorator.decorator)
    if isinstance(value, DecoratorValue):
        decorated.kind, decorated.place, decorated.arguments = value.kind, place, value.arguments
        decorated.variant = value.variant
        return
    if isinstance(value, Reference):
        for name in value.names:
            kind = decorator_kind(name)
            if kind is not None:
                decorated.kind, decorated.place = kind, place
                decorated.variant = name.rpartition(".")[2]
                return
        _wrap(decorated, value)
        decorated.of_class = decorated.of_class or value.names[0] == "builtins.classmethod"
        return
    if isinstance(value, MethodValue) and isinstance(value.receiver, Dag) and value.name == "task":
        decorated.kind, decorated.place = FunctionKind.TASK, place
        return
    _wrap(decorated, value.callee if isinstance(value, CallValue) else None)


def _wrap(decorated: _Decorated, decorator: Reference | None) -> None:
    """Note what a decorator may change that makes nothing of Airflow's.

    :param decorator: what it is, or what made it; ``None`` when that is not known.
    """
    name = "" if decorator is None else decorator.names[0]
    decorated.opaque = decorated.opaque or name not in _TRANSPARENT
    decorated.rewired = decorated.rewired or name not in _PASSING_ON


def _defaults(run: Run, parameters: cst.Parameters) -> dict[str, Fact]:
    given = (*parameters.posonly_params, *parameters.params, *parameters.kwonly_params)
    return {p.name.value: run.evaluate(p.default) for p in given if p.default is not None}


def _closure(frame: Frame) -> Frame:
    """Give the frame a function sees: names of a class body are not visible in its methods."""
    while frame.owner is not None and frame.closure is not None:
        frame = frame.closure
    return frame


def _is_named(fact: Fact, names: frozenset[str]) -> bool:
    value = fact.value if isinstance(fact, Known) else None
    reference = value.callee if isinstance(value, CallValue) else value
    return isinstance(reference, Reference) and not names.isdisjoint(reference.names)


def _inherited(bases: tuple[Fact, ...]) -> Iterator[str]:
    for base in bases:
        if isinstance(base, Known) and isinstance(base.value, ClassValue):
            yield from base.value.fields or ()


def _annotated(node: cst.ClassDef) -> Iterator[str]:
    for line in node.body.body:
        statement = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
        if isinstance(statement, cst.AnnAssign) and isinstance(statement.target, cst.Name):
            yield statement.target.value


def define_class(run: Run, node: cst.ClassDef) -> Flow:
    """Bind a class and follow its body."""
    decorators = [run.evaluate(decorator.decorator) for decorator in node.decorators]
    bases = tuple(run.world.stand_ins.follow(run.evaluate(base.value)) for base in node.bases)
    namespace = Frame(run.frame, run.region)
    value = ClassValue(node.name.value, run.place(node), bases, namespace)
    namespace.owner = value
    if any(_is_named(fact, _FIELD_MAKERS) for fact in (*decorators, *bases)):
        value.fields = (*_inherited(bases), *_annotated(node))
    run.classes.append(value)
    with run.in_frame(namespace):
        run.execute(node.body.body)
    run.frame.assign(value.name, Known(value, value.place))
    return Flow.NEXT
