"""Statements: assignments, branches, loops, functions, classes and ``with`` blocks."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any, Final

import libcst as cst

from airbrick.lint.facts import mappings
from airbrick.lint.facts.definitions import define_class, define_function
from airbrick.lint.facts.expressions import combine
from airbrick.lint.facts.imports import import_from, import_names
from airbrick.lint.facts.loops import repeat
from airbrick.lint.facts.mutation import taint_arguments
from airbrick.lint.facts.run import Flow, Run
from airbrick.lint.facts.targets import bind
from airbrick.lint.facts.values import DictValue, Fact, Known, ListValue, Loop, Unknown, truth
from airbrick.lint.model.elements import Dag, Group


def simple_line(run: Run, node: cst.SimpleStatementLine | cst.SimpleStatementSuite) -> Flow:
    """Follow the small statements of a line."""
    for statement in node.body:
        handler = _SMALL.get(type(statement))
        flow = handler(run, statement) if handler else Flow.NEXT
        if flow is not Flow.NEXT:
            return flow
    return Flow.NEXT


def _assign(run: Run, node: cst.Assign) -> Flow:
    fact = run.evaluate(node.value)
    for target in node.targets:
        bind(run, target.target, fact)
    return Flow.NEXT


def _annotated(run: Run, node: cst.AnnAssign) -> Flow:
    if node.value is not None:
        bind(run, node.target, run.evaluate(node.value))
    return Flow.NEXT


def _augmented(run: Run, node: cst.AugAssign) -> Flow:
    before = run.evaluate(node.target)
    value = before.value if isinstance(before, Known) else None
    change = run.evaluate(node.value)
    if isinstance(node.operator, cst.BitOrAssign) and isinstance(value, DictValue):
        mappings.merge(value, run.world.follow(change), region=run.region)
    elif isinstance(node.operator, cst.AddAssign) and isinstance(value, ListValue):
        mappings.extend(value, run.world.follow(change), region=run.region)
    elif not isinstance(node.operator, cst.LeftShiftAssign | cst.RightShiftAssign):
        bind(run, node.target, combine(run, before, change, node.operator, node.value))
    return Flow.NEXT


def _expression(run: Run, node: cst.Expr) -> Flow:
    fact = run.evaluate(node.value)
    if isinstance(node.value, cst.Call):
        taint_arguments(run, fact)
    return Flow.NEXT


def _return(run: Run, node: cst.Return) -> Flow:
    fact = run.evaluate(node.value) if node.value is not None else Known(None, run.place(node))
    if run.returns:
        run.returns[-1].append(fact)
    return Flow.STOP


def _raise(run: Run, node: cst.Raise) -> Flow:
    if node.exc is not None:
        run.evaluate(node.exc)
    return Flow.STOP


def _delete(run: Run, node: cst.Del) -> Flow:
    target = node.target
    if isinstance(target, cst.Subscript) and len(target.slice) == 1:
        container = run.evaluate(target.value)
        index = target.slice[0].slice
        if isinstance(container, Known) and isinstance(container.value, DictValue) and isinstance(index, cst.Index):
            mappings.remove(container.value, run.evaluate(index.value), region=run.region)
    elif isinstance(target, cst.Name):
        run.frame.assign(target.value, Unknown(f"{target.value} is deleted", run.place(target)))
    return Flow.NEXT


def _outside(run: Run, node: cst.Global | cst.Nonlocal) -> Flow:
    for item in node.names:
        frame = run.frame.module()
        if isinstance(node, cst.Nonlocal):
            outer = run.frame.closure
            while outer is not None and outer.local(item.name.value) is None:
                outer = outer.closure
            frame = outer or frame
        if frame is not run.frame:
            run.frame.outside[item.name.value] = frame
    return Flow.NEXT


def _assert(run: Run, node: cst.Assert) -> Flow:
    run.evaluate(node.test)
    return Flow.NEXT


def if_(run: Run, node: cst.If) -> Flow:
    """Follow the branches of ``if``; those that a constant rules out are dead."""
    ways: list[dict[str, Fact]] = []
    flows: list[Flow] = []
    current: cst.If | cst.Else | None = node
    while isinstance(current, cst.If):
        decided = False if _is_main_guard(current.test) else truth(run.evaluate(current.test))
        if decided is True and not flows:
            return run.execute(current.body.body)
        if decided is not False:
            _way(run, current.body, ways, flows)
        if decided is True:
            run.frame.merge(ways)
            return _meet(flows)
        current = current.orelse
    if current is None:
        ways.append({})
        flows.append(Flow.NEXT)
    elif not flows:
        return run.execute(current.body.body)
    else:
        _way(run, current.body, ways, flows)
    run.frame.merge(ways)
    return _meet(flows)


def _way(run: Run, body: cst.BaseSuite, ways: list[dict[str, Fact]], flows: list[Flow]) -> None:
    with run.branch() as assigned:
        flow = run.execute(body.body)
    flows.append(flow)
    if flow is Flow.NEXT:
        ways.append(assigned)


def _meet(flows: list[Flow]) -> Flow:
    return Flow.NEXT if Flow.NEXT in flows or not flows else flows[0]


def _is_main_guard(test: cst.BaseExpression) -> bool:
    if not isinstance(test, cst.Comparison):
        return False
    sides = [test.left, *(target.comparator for target in test.comparisons)]
    return any(isinstance(side, cst.Name) and side.value == "__name__" for side in sides)


def for_(run: Run, node: cst.For) -> Flow:
    """Follow a loop."""
    iterable = run.world.follow(run.evaluate(node.iter))
    repeat(run, node.target, iterable, lambda: run.execute(node.body.body) in {Flow.NEXT, Flow.CONTINUE})
    return run.execute(node.orelse.body.body) if node.orelse is not None else Flow.NEXT


def while_(run: Run, node: cst.While) -> Flow:
    """Follow the body of ``while`` once."""
    ways: list[dict[str, Fact]] = [{}]
    with run.repeated(Loop(None, unrolled=False)):
        run.evaluate(node.test)
        _way(run, node.body, ways, [])
    run.frame.merge(ways)
    return run.execute(node.orelse.body.body) if node.orelse is not None else Flow.NEXT


def try_(run: Run, node: cst.Try | cst.TryStar) -> Flow:
    """Follow ``try``, its handlers as other ways through the code."""
    ways: list[dict[str, Fact]] = []
    flows: list[Flow] = []
    with run.branch() as assigned:
        flow = run.execute(node.body.body)
        if flow is Flow.NEXT and node.orelse is not None:
            flow = run.execute(node.orelse.body.body)
    flows.append(flow)
    if flow is Flow.NEXT:
        ways.append(assigned)
    for handler in node.handlers:
        if handler.name is not None and isinstance(handler.name.name, cst.Name):
            run.frame.assign(handler.name.name.value, Unknown("it is an exception", run.place(handler.name.name)))
        _way(run, handler.body, ways, flows)
    run.frame.merge(ways)
    if node.finalbody is not None:
        last = run.execute(node.finalbody.body.body)
        if last is not Flow.NEXT:
            return last
    return _meet(flows)


def with_(run: Run, node: cst.With) -> Flow:
    """Follow a ``with`` block; what is built in it joins the DAG or the task group it opens."""
    with ExitStack() as stack:
        for item in node.items:
            fact = run.evaluate(item.item)
            if item.asname is not None:
                bind(run, item.asname.name, fact)
            if isinstance(fact, Known) and isinstance(fact.value, Dag | Group):
                stack.enter_context(run.inside(fact.value))
        return run.execute(node.body.body)


def match(run: Run, node: cst.Match) -> Flow:
    """Follow the cases of ``match`` as branches."""
    run.evaluate(node.subject)
    ways: list[dict[str, Fact]] = [{}]
    flows: list[Flow] = [Flow.NEXT]
    for case in node.cases:
        _way(run, case.body, ways, flows)
    run.frame.merge(ways)
    return _meet(flows)


def _flow(flow: Flow) -> Callable[[Run, Any], Flow]:
    return lambda _run, _node: flow


_SMALL: Final[Mapping[type[Any], Callable[[Run, Any], Flow]]] = {
    cst.Assign: _assign,
    cst.AnnAssign: _annotated,
    cst.AugAssign: _augmented,
    cst.Expr: _expression,
    cst.Return: _return,
    cst.Raise: _raise,
    cst.Del: _delete,
    cst.Global: _outside,
    cst.Nonlocal: _outside,
    cst.Assert: _assert,
    cst.Import: import_names,
    cst.ImportFrom: import_from,
    cst.Break: _flow(Flow.BREAK),
    cst.Continue: _flow(Flow.CONTINUE),
}
STATEMENTS: Final[Mapping[type[Any], Callable[[Run, Any], Flow]]] = {
    **_SMALL,
    cst.SimpleStatementLine: simple_line,
    cst.If: if_,
    cst.For: for_,
    cst.While: while_,
    cst.Try: try_,
    cst.TryStar: try_,
    cst.With: with_,
    cst.Match: match,
    cst.FunctionDef: define_function,
    cst.ClassDef: define_class,
}
