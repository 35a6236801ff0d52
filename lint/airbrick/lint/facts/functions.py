"""Calls of the file's own functions: parameters, bodies and what they return."""

from collections.abc import Hashable, Iterable
from contextlib import ExitStack

import libcst as cst

from airbrick.lint.facts.callables import FunctionKind, FunctionValue, InstanceValue
from airbrick.lint.facts.constructs import build_dag, build_group
from airbrick.lint.facts.frames import Frame
from airbrick.lint.facts.joining import join
from airbrick.lint.facts.run import MAX_CALLS, Run
from airbrick.lint.facts.values import (
    ABSENT,
    Absent,
    Arguments,
    DictValue,
    Entry,
    Fact,
    Known,
    ListValue,
    Region,
    Unknown,
)
from airbrick.lint.model.elements import Dag, DagForm, Group, Phase


def call_function(
    run: Run, function: FunctionValue, arguments: Arguments | None, *, receiver: Fact | None = None
) -> Fact:
    """Follow a call.

    :param arguments: ``None`` when nobody in the file calls it and the parameters are not known.
    :param receiver: what the first parameter of a method is.
    """
    if function.kind is FunctionKind.TASK:
        return Unknown("it is the result of a task, known only while the DAG runs", function.place)
    if function in run.active or len(run.active) >= MAX_CALLS or not run.may_repeat():
        return Unknown(f"the call of {function.name}() is not followed", function.place)
    function.called = True
    if not run.active:
        run.entered = arguments.call if arguments is not None else None
    with ExitStack() as stack:
        context = _context(run, function)
        if context is not None:
            stack.enter_context(run.inside(context))
        result = _follow(run, function, arguments, receiver)
    if isinstance(context, Dag | Group):
        return Known(context, function.place)
    return Unknown(f"a decorator may change what {function.name}() returns") if function.opaque else result


def _context(run: Run, function: FunctionValue) -> Dag | Group | None:
    place = function.decorator or function.place
    arguments = function.decorator_arguments or Arguments(place)
    if function.kind is FunctionKind.DAG:
        form = DagForm.DECORATOR if function.decorator_arguments else DagForm.BARE_DECORATOR
        return build_dag(run, arguments, place, form)
    if function.kind is FunctionKind.TASK_GROUP:
        return build_group(run, arguments, workflow=False)
    return None


def _follow(run: Run, function: FunctionValue, arguments: Arguments | None, receiver: Fact | None) -> Fact:
    # A DAG's parameters reach its function as templates, never as the values themselves.
    given = None if function.kind is FunctionKind.DAG or function.rewired else arguments
    frame = Frame(function.closure, run.region)
    _bind_parameters(run, function, given, receiver, frame)
    run.active.append(function)
    run.returns.append([])
    try:
        with run.in_frame(frame), run.in_file(function.place.file):
            if isinstance(function.node, cst.Lambda):
                return run.evaluate(function.node.body)
            body = function.node.body
            run.execute(body.body)
    finally:
        returned = run.returns.pop()
        run.active.pop()
        if not run.active:
            run.entered = None
    return _join_all(returned, function)


def _join_all(facts: Iterable[Fact], function: FunctionValue) -> Fact:
    joined: Fact | None = None
    for fact in facts:
        joined = fact if joined is None else join(joined, fact)
    return Known(None, function.place) if joined is None else joined


def _bind_parameters(
    run: Run, function: FunctionValue, arguments: Arguments | None, receiver: Fact | None, frame: Frame
) -> None:
    parameters = function.node.params
    names = [p.name.value for p in (*parameters.posonly_params, *parameters.params)]
    positional = ([receiver] if receiver is not None else []) + (list(arguments.positional) if arguments else [])
    unknown = Unknown(f"it is a parameter of {function.name}()", function.place)
    taken = set(names) | {p.name.value for p in parameters.kwonly_params}
    for index, parameter in enumerate(names):
        if index < len(positional):
            frame.assign(parameter, positional[index])
        else:
            frame.assign(parameter, _parameter(function, arguments, parameter, unknown))
    for keyword in parameters.kwonly_params:
        frame.assign(keyword.name.value, _parameter(function, arguments, keyword.name.value, unknown))
    if isinstance(parameters.star_arg, cst.Param):
        rest = ListValue(positional[len(names) :], None if arguments else unknown, "tuple", run.region)
        frame.assign(parameters.star_arg.name.value, Known(rest, function.place))
    if parameters.star_kwarg is not None:
        frame.assign(parameters.star_kwarg.name.value, Known(_rest(arguments, taken, unknown, run.region)))


def _parameter(function: FunctionValue, arguments: Arguments | None, name: str, unknown: Unknown) -> Fact:
    if arguments is None:
        return unknown
    fact = arguments.get(name)
    if not isinstance(fact, Absent):
        return fact
    if arguments.more_positional is not None:
        return arguments.more_positional
    default = function.defaults.get(name, ABSENT)
    return unknown if isinstance(default, Absent) else default


def _rest(arguments: Arguments | None, taken: set[str], unknown: Unknown, region: Region) -> DictValue:
    if arguments is None:
        return DictValue(open=unknown, region=region)
    entries: dict[Hashable, Entry] = {k: e for k, e in arguments.keywords.entries.items() if k not in taken}
    return DictValue(entries, arguments.open, region)


def follow_uncalled(run: Run) -> None:
    """Follow the functions that nothing in the file calls.

    They are tasks and callbacks, which run by hand, or helpers and factories that other files call. What
    a task calls is followed through the task.
    """
    for borrowed in dict.fromkeys(run.borrowed):
        _follow_uncalled(run, borrowed, Phase.TASK)
    for tasks_only in (True, False):
        index = 0
        while index < len(run.functions):
            function = run.functions[index]
            index += 1
            if function.called or (isinstance(function.node, cst.Lambda) and not function.is_callable):
                continue
            by_hand = function.kind is FunctionKind.TASK or function.handed_over or function.is_operator_method
            if by_hand or not tasks_only:
                _follow_uncalled(run, function, Phase.TASK if by_hand else Phase.NOT_CALLED)


def _follow_uncalled(run: Run, function: FunctionValue, phase: Phase) -> None:
    kind, owner = function.kind, function.owner
    if kind is FunctionKind.TASK:
        function.kind = FunctionKind.PLAIN
    before, run.phase = run.phase, phase
    region, run.region = run.region, Region(run.region)
    receiver = Known(InstanceValue(owner), function.place) if owner is not None else None
    try:
        function.returned = call_function(run, function, None, receiver=receiver)
    finally:
        run.phase, run.region, function.kind = before, region, kind
