"""Calls: who is called, with what, and what comes back."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import libcst as cst

from airbrick.lint.facts import methods, strings
from airbrick.lint.facts.builtin_calls import call_builtin
from airbrick.lint.facts.callables import (
    DECORATED,
    BoundMethod,
    ClassValue,
    DecoratorValue,
    FunctionKind,
    FunctionValue,
    InstanceValue,
    OperatorPartial,
    SuperValue,
)
from airbrick.lint.facts.classes import construct, expand, fan_out, initialise, operator_class, partial_of
from airbrick.lint.facts.constructs import build_dag, build_group
from airbrick.lint.facts.functions import call_function
from airbrick.lint.facts.python_tasks import record_python_operator
from airbrick.lint.facts.run import Run
from airbrick.lint.facts.values import (
    Arguments,
    CallValue,
    Computed,
    DictValue,
    Entry,
    Fact,
    Known,
    ListValue,
    MethodValue,
    PartialValue,
    Pattern,
    Reference,
    Unknown,
    sources_of,
)
from airbrick.lint.knowledge.airflow import Construct, construct_of
from airbrick.lint.knowledge.data_work import DATA_VERBS
from airbrick.lint.knowledge.databricks import is_workflow_group
from airbrick.lint.model.elements import Dag, DagForm, Group, OutsideCall


def evaluate_arguments(run: Run, node: cst.Call) -> Arguments:
    """Evaluate the arguments of a call, splats included."""
    arguments = Arguments(run.place(node))
    for arg in node.args:
        fact = run.evaluate(arg.value)
        if isinstance(fact, Known) and isinstance(fact.value, FunctionValue):
            fact.value.handed_over = True
        if arg.star == "**":
            _splat(arguments, run.world.follow(fact))
        elif arg.star == "*":
            rest = run.world.follow(fact)
            value = rest.value if isinstance(rest, Known) else None
            if isinstance(value, ListValue) and value.open is None:
                arguments.positional.extend(value.items)
            else:
                arguments.more_positional = Unknown("it may come from a splat that is not known", run.place(arg.value))
        elif arg.keyword is not None:
            arguments.keywords.entries[arg.keyword.value] = Entry(fact, run.place(arg.value))
        else:
            arguments.positional.append(fact)
    return arguments


def _splat(arguments: Arguments, fact: Fact) -> None:
    value = fact.value if isinstance(fact, Known) else None
    keywords = arguments.keywords
    if isinstance(value, DictValue):
        for key, entry in value.entries.items():
            keywords.entries.setdefault(key, entry)
        keywords.open = keywords.open or value.open
    elif keywords.open is None:
        why = fact.why if isinstance(fact, Unknown) else "it is no plain dict"
        keywords.open = Unknown(f"it may come from a ** splat ({why})", arguments.call)


def evaluate_call(run: Run, callee: Fact, node: cst.Call) -> Fact:
    """Follow a call."""
    if isinstance(callee, Known) and isinstance(callee.value, Reference) and callee.value.names == ("builtins.super",):
        return _super(run)
    arguments = evaluate_arguments(run, node)
    if isinstance(callee, Unknown) and isinstance(node.func, cst.Attribute) and node.func.attr.value in DATA_VERBS:
        # Whatever it is that has such a method, it is called like this.
        callee = Known(Reference((f"<unknown>().{node.func.attr.value}",)), run.place(node.func))
    return call(run, callee, arguments)


def call(run: Run, callee: Fact, arguments: Arguments) -> Fact:
    """Call something with arguments that are evaluated already."""
    callee = run.world.follow_callable(callee)
    if not isinstance(callee, Known):
        return Unknown("it is the result of a call that is not followed", arguments.call)
    handler = _CALLS.get(type(callee.value))
    if handler is None:
        return Unknown("it is the result of a call that is not followed", arguments.call)
    return handler(run, callee, arguments)


def _call_function(run: Run, callee: Known, arguments: Arguments) -> Fact:
    assert isinstance(callee.value, FunctionValue)  # noqa: S101 - chosen by type
    return call_function(run, callee.value, arguments)


def _call_bound(run: Run, callee: Known, arguments: Arguments) -> Fact:
    method = callee.value
    assert isinstance(method, BoundMethod)  # noqa: S101 - chosen by type
    static = _is_static(method.function)
    return call_function(run, method.function, arguments, receiver=None if static else method.receiver)


def _is_static(function: FunctionValue) -> bool:
    node = function.node
    decorators = node.decorators if isinstance(node, cst.FunctionDef) else ()
    return any(isinstance(d.decorator, cst.Name) and d.decorator.value == "staticmethod" for d in decorators)


def _call_class(run: Run, callee: Known, arguments: Arguments) -> Fact:
    value = callee.value
    assert isinstance(value, ClassValue)  # noqa: S101 - chosen by type
    operator = construct(run, callee, arguments, place=arguments.call)
    if operator is not None:
        return Known(operator, arguments.call)
    for base in value.bases:
        if isinstance(base, Known) and isinstance(base.value, Reference) and value.lookup("__init__") is None:
            built = _airflow_construct(run, base.value, arguments)
            if built is not None:
                return built
            record_python_operator(run, base.value.names, value.name, arguments)
    instance = InstanceValue(value)
    initialise(run, instance, arguments)
    return Known(instance, arguments.call)


def _super(run: Run) -> Fact:
    function = run.active[-1] if run.active else None
    if function is None or function.owner is None or not function.node.params.params:
        return Unknown("super() is used outside a method")
    receiver = run.frame.lookup(function.node.params.params[0].name.value)
    instance = receiver.value if isinstance(receiver, Known) else None
    return Known(SuperValue(instance if isinstance(instance, InstanceValue) else None, function.owner))


def _call_method(run: Run, callee: Known, arguments: Arguments) -> Fact:  # noqa: PLR0911 - one return for each kind of receiver
    method = callee.value
    assert isinstance(method, MethodValue)  # noqa: S101 - chosen by type
    receiver, name = method.receiver, method.name
    if isinstance(receiver, SuperValue):
        return _call_super(run, receiver, name, arguments)
    if isinstance(receiver, DictValue):
        return methods.dict_method(run, receiver, name, arguments)
    if isinstance(receiver, ListValue):
        return methods.list_method(run, receiver, name, arguments)
    if isinstance(receiver, str):
        return strings.call_method(receiver, name, arguments, lambda value: Known(value, arguments.call))
    if isinstance(receiver, ClassValue) and name == "partial":
        return _partial(Known(receiver, callee.where), arguments)
    if isinstance(receiver, OperatorPartial) and name in {"expand", "expand_kwargs"}:
        operator = expand(run, receiver, name, arguments)
        return Known(operator, arguments.call) if operator else Unknown("it is a mapped task", arguments.call)
    if isinstance(receiver, FunctionValue):
        return _call_decorated(run, Known(receiver, callee.where), name, arguments)
    if isinstance(receiver, Dag) and name == "task":
        return Known(DecoratorValue(FunctionKind.TASK, arguments), arguments.call)
    if isinstance(receiver, Computed | Pattern):
        return Known(Computed(sources_of(Known(receiver, callee.where), *arguments.positional)), arguments.call)
    return Unknown(f"it is the result of {name}(), which is not followed", arguments.call)


def _call_decorated(run: Run, function: Known, name: str, arguments: Arguments) -> Fact:
    """Follow ``group.override(…)()`` and ``group.partial(…).expand(…)`` of a decorated function."""
    assert isinstance(function.value, FunctionValue)  # noqa: S101 - chosen by type
    if function.value.kind is FunctionKind.TASK_GROUP:
        if name in {"override", "partial"}:
            return function
        if name in {"expand", "expand_kwargs"}:
            built = call_function(run, function.value, None)
            if isinstance(built, Known) and isinstance(built.value, Group):
                built.value.fan_out = fan_out(name, arguments)
            return built
    return Unknown(f"it is the result of {name}(), which is not followed", arguments.call)


def _call_super(run: Run, receiver: SuperValue, name: str, arguments: Arguments) -> Fact:
    for base in receiver.owner.bases:
        value = base.value if isinstance(base, Known) else None
        found = value.lookup(name) if isinstance(value, ClassValue) else None
        if isinstance(found, Known) and isinstance(found.value, FunctionValue) and receiver.instance is not None:
            return call_function(run, found.value, arguments, receiver=Known(receiver.instance, arguments.call))
    if name == "__init__" and receiver.instance is not None:
        receiver.instance.parent_arguments = arguments
        receiver.instance.before_parent = dict(receiver.instance.attributes)
    return Known(None, arguments.call)


def _partial(operator: Fact, arguments: Arguments) -> Fact:
    partial = partial_of(operator, arguments)
    return Known(partial, arguments.call) if partial else Unknown("it is a mapped task", arguments.call)


def _call_partial(run: Run, callee: Known, arguments: Arguments) -> Fact:
    partial = callee.value
    assert isinstance(partial, PartialValue)  # noqa: S101 - chosen by type
    before = partial.arguments
    keywords = DictValue({**before.keywords.entries, **arguments.keywords.entries}, before.open or arguments.open)
    positional = [*before.positional, *arguments.positional]
    return call(run, partial.callee, Arguments(arguments.call, positional, keywords, arguments.more_positional))


def _call_reference(run: Run, callee: Known, arguments: Arguments) -> Fact:
    reference = callee.value
    assert isinstance(reference, Reference)  # noqa: S101 - chosen by type
    operator = construct(run, callee, arguments, place=arguments.call)
    if operator is not None:
        return Known(operator, arguments.call)
    built = _airflow_construct(run, reference, arguments)
    if built is not None:
        return built
    for name in reference.names:
        owner, _, method = name.rpartition(".")
        if method == "partial" and operator_class(Known(Reference((owner,)))) is not None:
            return _partial(Known(Reference((owner,), stand_in=reference.stand_in), callee.where), arguments)
    if reference.names[0] == "functools.partial" and arguments.positional:
        rest = Arguments(arguments.call, arguments.positional[1:], arguments.keywords, arguments.more_positional)
        return Known(PartialValue(arguments.positional[0], rest), arguments.call)
    record_python_operator(run, reference.names, "", arguments)
    computed = call_builtin(run, reference.names[0], arguments)
    if computed is not None:
        return computed
    value = CallValue(reference, arguments)
    root = run.active[0] if run.active else None
    run.model.calls.append(OutsideCall(value, run.phase, root, run.entered, run.loops))
    return Known(value, arguments.call)


def _airflow_construct(run: Run, reference: Reference, arguments: Arguments) -> Fact | None:
    place = arguments.call
    for name in reference.names:
        construct_ = construct_of(name)
        if construct_ is Construct.DAG:
            form = DagForm.STAND_IN if reference.stand_in else DagForm.CALL
            return Known(build_dag(run, arguments, place, form), place)
        if construct_ is Construct.TASK_GROUP:
            return Known(build_group(run, arguments, workflow=False), place)
        if construct_ is not None:
            return Known(DecoratorValue(DECORATED[construct_], arguments, name.rpartition(".")[2]), place)
        if is_workflow_group(name):
            return Known(build_group(run, arguments, workflow=True), place)
    return None


_CALLS: Final[Mapping[type[Any], Callable[[Run, Known, Arguments], Fact]]] = {
    FunctionValue: _call_function,
    BoundMethod: _call_bound,
    ClassValue: _call_class,
    MethodValue: _call_method,
    PartialValue: _call_partial,
    Reference: _call_reference,
}
