"""Assignment: to names, attributes, items and unpacked tuples."""

import libcst as cst

from airbrick.lint.facts import mappings
from airbrick.lint.facts.callables import ClassValue, InstanceValue
from airbrick.lint.facts.joining import join
from airbrick.lint.facts.run import Run
from airbrick.lint.facts.values import ABSENT, DictValue, Entry, Fact, Known, ListValue, OneOf, Reference, Unknown
from airbrick.lint.model.elements import Dag, Operator


def bind(run: Run, target: cst.BaseExpression, fact: Fact) -> None:
    """Assign a fact to whatever stands left of the equals sign."""
    if isinstance(target, cst.Name):
        run.frame.assign(target.value, fact)
    elif isinstance(target, cst.Attribute):
        _bind_attribute(run, target, fact)
    elif isinstance(target, cst.Subscript):
        _bind_item(run, target, fact)
    elif isinstance(target, cst.Tuple | cst.List):
        _unpack(run, target, fact)


def _bind_attribute(run: Run, target: cst.Attribute, fact: Fact) -> None:
    receiver = run.evaluate(target.value)
    value = receiver.value if isinstance(receiver, Known) else None
    name = target.attr.value
    if isinstance(value, InstanceValue):
        sure = value.region is None or run.region.contains(value.region)
        value.attributes[name] = fact if sure else join(value.attributes.get(name, ABSENT), fact)
    elif isinstance(value, ClassValue):
        value.namespace.layers[0][name] = fact
    elif isinstance(value, Operator | Dag):
        # Setting it afterwards has the effect of the constructor's argument.
        value.arguments.keywords.entries[name] = Entry(fact, run.place(target))
    elif isinstance(value, OneOf):
        for alternative in value.alternatives:
            if isinstance(alternative.value, Operator):
                why = Unknown("it is set on one of several tasks", run.place(target))
                alternative.value.arguments.keywords.entries[name] = Entry(why, run.place(target))


def _bind_item(run: Run, target: cst.Subscript, fact: Fact) -> None:
    container = run.evaluate(target.value)
    keys = [run.evaluate(part.slice.value) for part in target.slice if isinstance(part.slice, cst.Index)]
    if not isinstance(container, Known) or isinstance(container.value, Reference):
        return
    value = container.value
    if isinstance(value, DictValue) and len(keys) == 1:
        part = target.slice[0].slice
        place = run.place(part.value if isinstance(part, cst.Index) else target)
        mappings.put(value, keys[0], fact, key_place=place, region=run.region)
    elif isinstance(value, ListValue):
        _bind_list_item(value, keys, fact)


def _bind_list_item(value: ListValue, keys: list[Fact], fact: Fact) -> None:
    index = keys[0].value if len(keys) == 1 and isinstance(keys[0], Known) else None
    if isinstance(index, int) and value.open is None and -len(value.items) <= index < len(value.items):
        value.items[index] = fact
    else:
        value.open = value.open or Unknown("its items are replaced by computed index")


def _unpack(run: Run, target: cst.Tuple | cst.List, fact: Fact) -> None:
    elements = list(target.elements)
    items = fact.value.items if isinstance(fact, Known) and isinstance(fact.value, ListValue) else None
    closed = isinstance(fact, Known) and isinstance(fact.value, ListValue) and fact.value.open is None
    starred = any(isinstance(element, cst.StarredElement) for element in elements)
    if items is not None and closed and not starred and len(items) == len(elements):
        for element, item in zip(elements, items, strict=True):
            bind(run, element.value, item)
        return
    for element in elements:
        bind(run, element.value, Unknown("it is unpacked from a value that is not known", run.place(target)))
