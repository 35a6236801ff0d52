"""Loops: over short literal lists item by item, else once for all items."""

from collections.abc import Callable

import libcst as cst

from airbrick.lint.facts.run import MAX_UNROLL, Run
from airbrick.lint.facts.targets import bind
from airbrick.lint.facts.values import DictValue, Fact, Known, ListValue, Loop, MethodValue, OneOf, Unknown
from airbrick.lint.model.elements import Dag


def repeat(run: Run, target: cst.BaseExpression, iterable: Fact, once: Callable[[], bool]) -> bool:
    """Follow the body of a loop.

    :param once: follows it one time; answers whether the loop goes on.
    :returns: whether every item was followed by itself.
    """
    items = _items(iterable)
    if items is not None and run.may_repeat():
        with run.repeated(Loop(len(items), unrolled=True)):
            for item in items:
                bind(run, target, item)
                if not once():
                    break
        return True
    with run.repeated(Loop(_length(iterable), unrolled=False)), run.branch() as assigned:
        bind(run, target, _each(run, target, iterable))
        once()
    run.frame.merge([assigned, {}])
    return False


def _each(run: Run, target: cst.BaseExpression, iterable: Fact) -> Fact:
    """Give what the target of a loop stands for: one of the tasks for those of a DAG, else nothing that is known."""
    value = iterable.value if isinstance(iterable, Known) else None
    if isinstance(value, MethodValue) and isinstance(value.receiver, Dag) and value.name == "tasks":
        return Known(OneOf(tuple(Known(operator) for operator in value.receiver.operators)), run.place(target))
    return Unknown("it differs from one turn of the loop to the next", run.place(target))


def _length(iterable: Fact) -> int | None:
    value = iterable.value if isinstance(iterable, Known) else None
    if isinstance(value, ListValue):
        return value.length
    return len(value.entries) if isinstance(value, DictValue) and value.open is None else None


def _items(iterable: Fact) -> list[Fact] | None:
    value = iterable.value if isinstance(iterable, Known) else None
    if isinstance(value, ListValue) and value.open is None and len(value.items) <= MAX_UNROLL:
        return list(value.items)
    if isinstance(value, DictValue) and value.open is None and len(value.entries) <= MAX_UNROLL:
        return [Known(key, entry.key_place) for key, entry in value.entries.items()]
    return None
