"""Expressions: names, literals, dicts and lists, operators, attributes and items."""

import ast
import builtins
from collections.abc import Callable, Mapping
from typing import Any, Final

import libcst as cst

from airbrick.lint.facts import mappings, strings
from airbrick.lint.facts.callables import (
    BoundMethod,
    ClassValue,
    FunctionKind,
    FunctionValue,
    InstanceValue,
    SuperValue,
)
from airbrick.lint.facts.constructs import default_args_of
from airbrick.lint.facts.frames import Frame
from airbrick.lint.facts.functions import call_function
from airbrick.lint.facts.joining import join
from airbrick.lint.facts.loops import repeat
from airbrick.lint.facts.run import Run
from airbrick.lint.facts.values import (
    NUMBER_BITS_MAX,
    CallValue,
    Computed,
    DictValue,
    Fact,
    Known,
    ListValue,
    MethodValue,
    Pattern,
    Reference,
    Unknown,
    parts_of,
    sources_of,
    truth,
)
from airbrick.lint.model.elements import Dag

_CONSTANTS: Final[Mapping[str, object]] = {"None": None, "True": True, "False": False}
_BUILTINS: Final = frozenset(dir(builtins))
_MAX_NUMBER: Final = 10**30


def name(run: Run, node: cst.Name) -> Fact:
    """Look a name up."""
    text = node.value
    found = run.frame.lookup(text)
    if found is not None:
        return found
    if text in _CONSTANTS:
        return Known(_CONSTANTS[text], run.place(node))
    frame: Frame | None = run.frame
    while frame is not None:
        for module in reversed(frame.stars):
            starred = run.world.star(module, run.home, text)
            if starred is not None:
                return starred
        frame = frame.closure
    if text in _BUILTINS:
        return Known(Reference((f"builtins.{text}",)), run.place(node))
    return Unknown(f"{text} is not defined in this file", run.place(node))


def number(run: Run, node: cst.Integer | cst.Float | cst.Imaginary) -> Fact:
    """Evaluate a number."""
    try:
        value: object = int(node.value) if node.value.isdecimal() else ast.literal_eval(node.value)
    except (ValueError, SyntaxError):
        value = None
    if value is None or (isinstance(value, int) and value.bit_length() > NUMBER_BITS_MAX):
        return Unknown("the number is too large", run.place(node))
    return Known(value, run.place(node))


def dict_display(run: Run, node: cst.Dict) -> Fact:
    """Evaluate a dict display."""
    value = DictValue(region=run.region)
    for element in node.elements:
        if isinstance(element, cst.DictElement):
            key = run.evaluate(element.key)
            mappings.put(value, key, run.evaluate(element.value), key_place=run.place(element.key), region=None)
        elif isinstance(element, cst.StarredDictElement):
            mappings.merge(value, run.world.follow(run.evaluate(element.value)), region=None)
    return Known(value, run.place(node))


def sequence_display(run: Run, node: cst.List | cst.Tuple | cst.Set) -> Fact:
    """Evaluate a list, tuple or set display."""
    kind = "list" if isinstance(node, cst.List) else "tuple" if isinstance(node, cst.Tuple) else "set"
    value = ListValue(kind=kind, region=run.region)  # type: ignore[arg-type]  # one of the three
    for element in node.elements:
        fact = run.evaluate(element.value)
        if isinstance(element, cst.StarredElement):
            mappings.extend(value, run.world.follow(fact), region=None)
        else:
            value.items.append(fact)
    return Known(value, run.place(node))


def comprehension(run: Run, node: cst.ListComp | cst.SetComp | cst.GeneratorExp | cst.DictComp) -> Fact:
    """Evaluate a comprehension; over a short literal list item by item."""
    items = ListValue(region=run.region)
    entries = DictValue(region=run.region)

    def collect() -> None:
        if isinstance(node, cst.DictComp):
            key = run.evaluate(node.key)
            mappings.put(entries, key, run.evaluate(node.value), key_place=None, region=None)
        else:
            items.items.append(run.evaluate(node.elt))

    with run.in_frame(Frame(run.frame, run.region)):
        exact = _follow_loops(run, node.for_in, collect)
    if not exact:
        why = Unknown("it is built in a loop", run.place(node))
        items.open = entries.open = why
        items.items.clear()
        entries.entries.clear()
    return Known(entries if isinstance(node, cst.DictComp) else items, run.place(node))


def _follow_loops(run: Run, loop: cst.CompFor, collect: Callable[[], None]) -> bool:
    iterable = run.world.follow(run.evaluate(loop.iter))
    exact = True

    def once() -> bool:
        nonlocal exact
        for condition in loop.ifs:
            decided = truth(run.evaluate(condition.test))
            if decided is False:
                return True
            exact = exact and decided is True
        if loop.inner_for_in is None:
            collect()
        else:
            exact = _follow_loops(run, loop.inner_for_in, collect) and exact
        return True

    unrolled = repeat(run, loop.target, iterable, once)
    return unrolled and exact


def unary(run: Run, node: cst.UnaryOperation) -> Fact:
    """Evaluate ``-x``, ``+x`` and ``not x``."""
    fact = run.evaluate(node.expression)
    value = fact.value if isinstance(fact, Known) else None
    if isinstance(node.operator, cst.Not):
        decided = truth(fact)
        return Unknown("it is a condition") if decided is None else Known(not decided, run.place(node))
    if isinstance(value, int | float) and isinstance(node.operator, cst.Minus | cst.Plus):
        return Known(-value if isinstance(node.operator, cst.Minus) else value, run.place(node))
    return Unknown("it is computed", run.place(node))


def conditional(run: Run, node: cst.IfExp) -> Fact:
    """Evaluate ``a if test else b``."""
    decided = truth(run.evaluate(node.test))
    yes, no = run.evaluate(node.body), run.evaluate(node.orelse)
    if decided is not None:
        return yes if decided else no
    return join(yes, no)


def named(run: Run, node: cst.NamedExpr) -> Fact:
    """Evaluate ``(name := value)``."""
    fact = run.evaluate(node.value)
    if isinstance(node.target, cst.Name):
        run.frame.assign(node.target.value, fact)
    return fact


def lambda_(run: Run, node: cst.Lambda) -> Fact:
    """Evaluate a lambda to a function that is followed when it is called."""
    function = FunctionValue(node, "<lambda>", run.place(node), run.frame, {}, FunctionKind.PLAIN)
    run.functions.append(function)
    return Known(function, run.place(node))


def awaited(run: Run, node: cst.Await | cst.Yield | cst.From) -> Fact:
    """Evaluate what is awaited or yielded, for what it builds."""
    inner = node.expression if isinstance(node, cst.Await) else getattr(node, "value", None)
    if isinstance(inner, cst.From):
        inner = inner.item
    if inner is not None:
        run.evaluate(inner)
    return Unknown("it is awaited or yielded")


def binary(run: Run, left: Fact, node: cst.BinaryOperation) -> Fact:
    """Evaluate an operator between two values."""
    right = run.evaluate(node.right)
    operator = node.operator
    if isinstance(operator, cst.LeftShift | cst.RightShift):
        return right
    return combine(run, left, right, operator, node)


def combine(  # noqa: PLR0911 - one return for each pair of kinds
    run: Run, left: Fact, right: Fact, operator: cst.CSTNode, node: cst.CSTNode
) -> Fact:
    """Combine two facts by an operator that is no shift."""
    place = run.place(node)
    left, right = run.world.follow(left), run.world.follow(right)
    first = left.value if isinstance(left, Known) else None
    second = right.value if isinstance(right, Known) else None
    if isinstance(operator, cst.BitOr | cst.BitOrAssign) and isinstance(first, DictValue):
        merged = DictValue(region=run.region)
        mappings.merge(merged, left, region=None)
        mappings.merge(merged, right, region=None)
        return Known(merged, place)
    if isinstance(operator, cst.Add | cst.AddAssign) and isinstance(first, ListValue):
        extended = ListValue(list(first.items), first.open, first.kind, run.region)
        mappings.extend(extended, right, region=None)
        return Known(extended, place)
    if isinstance(operator, cst.Add | cst.AddAssign) and _is_text(first, second):
        return Known(strings.assemble([*parts_of(left), *parts_of(right)], sources_of(left, right)), place)
    if isinstance(first, str) and isinstance(operator, cst.Modulo):
        return Known(strings.percent(first, right), place)
    if isinstance(first, CallValue) and isinstance(operator, cst.BitOr | cst.BitAnd):
        # Asset("a") | Asset("b") is an asset condition.
        return left
    if isinstance(first, int | float) and isinstance(second, int | float):
        return _arithmetic(first, second, operator, run, node)
    sources = sources_of(left, right)
    # A timedelta times two is as good as a timedelta; what is multiplied is still there to look at.
    return Known(Computed(sources), place) if sources else Unknown("it is computed", place)


def _is_text(first: object, second: object) -> bool:
    return isinstance(first, str | Pattern) or isinstance(second, str | Pattern)


_ARITHMETIC: Final[Mapping[type[Any], Callable[[Any, Any], Any]]] = {
    cst.Add: lambda a, b: a + b,
    cst.AddAssign: lambda a, b: a + b,
    cst.Subtract: lambda a, b: a - b,
    cst.SubtractAssign: lambda a, b: a - b,
    cst.Multiply: lambda a, b: a * b,
    cst.Divide: lambda a, b: a / b,
    cst.FloorDivide: lambda a, b: a // b,
}


def _arithmetic(first: float, second: float, operator: cst.CSTNode, run: Run, node: cst.CSTNode) -> Fact:
    compute = _ARITHMETIC.get(type(operator))
    if compute is not None and abs(first) < _MAX_NUMBER and abs(second) < _MAX_NUMBER:
        try:
            return Known(compute(first, second), run.place(node))
        except (ArithmeticError, ValueError):
            pass
    return Unknown("it is computed", run.place(node))


def boolean(run: Run, left: Fact, node: cst.BooleanOperation) -> Fact:
    """Evaluate ``and`` and ``or``."""
    right = run.evaluate(node.right)
    decided = truth(left)
    if decided is None:
        return join(left, right)
    return right if decided is isinstance(node.operator, cst.And) else left


def comparison(run: Run, left: Fact, node: cst.Comparison) -> Fact:
    """Evaluate the sides of a comparison; its outcome is left open, as people switch such constants."""
    del left
    for target in node.comparisons:
        run.evaluate(target.comparator)
    return Unknown("it is a condition", run.place(node))


def attribute(run: Run, receiver: Fact, node: cst.Attribute) -> Fact:
    """Read an attribute."""
    return attribute_of(run, receiver, node.attr.value, node)


def attribute_of(  # noqa: PLR0911 - one return for each kind of receiver
    run: Run, receiver: Fact, attr: str, node: cst.CSTNode
) -> Fact:
    """Read an attribute of a value."""
    if not isinstance(receiver, Known):
        return receiver if isinstance(receiver, Unknown) else Unknown("it is an attribute of nothing")
    value = receiver.value
    if isinstance(value, Reference):
        return Known(value.attribute(attr), run.place(node))
    if isinstance(value, CallValue):
        names = tuple(f"{own}().{attr}" for own in value.callee.names)
        return Known(Reference(names, receiver=value), run.place(node))
    if isinstance(value, InstanceValue):
        return _instance_attribute(run, receiver, value, attr)
    if isinstance(value, SuperValue):
        return Known(MethodValue(value, attr), receiver.where)
    if isinstance(value, ClassValue):
        found = value.lookup(attr)
        if isinstance(found, Known) and isinstance(found.value, FunctionValue) and found.value.of_class:
            return Known(BoundMethod(found.value, receiver), found.where)
        return found if found is not None else Known(MethodValue(value, attr), receiver.where)
    if isinstance(value, Dag) and attr == "default_args":
        return default_args_of(value)
    return Known(MethodValue(value, attr), receiver.where)


def _instance_attribute(run: Run, receiver: Known, value: InstanceValue, attr: str) -> Fact:
    found = value.attributes.get(attr) or value.of.lookup(attr)
    if found is None:
        return Unknown(f"{value.of.name} does not set {attr} in this file")
    if isinstance(found, Known) and isinstance(found.value, FunctionValue) and attr not in value.attributes:
        if _is_property(found.value):
            return call_function(run, found.value, None, receiver=receiver)
        return Known(BoundMethod(found.value, receiver), found.where)
    return found


def _is_property(function: FunctionValue) -> bool:
    node = function.node
    if not isinstance(node, cst.FunctionDef):
        return False
    names = (decorator.decorator for decorator in node.decorators)
    return any(isinstance(n, cst.Name) and n.value in {"property", "cached_property"} for n in names)


def subscript(run: Run, container: Fact, node: cst.Subscript) -> Fact:
    """Read an item."""
    keys = [run.evaluate(part.slice.value) for part in node.slice if isinstance(part.slice, cst.Index)]
    container = run.world.follow(container)
    if not isinstance(container, Known):
        return container
    if len(keys) != 1 or len(node.slice) != 1:
        return Unknown("it is a slice", run.place(node))
    value = container.value
    if isinstance(value, Reference) and value.names[0] in {"os.environ", "airflow.models.Variable"}:
        return Unknown("it is read from the environment", run.place(node))
    if isinstance(value, CallValue):
        return Known(Reference(tuple(f"{own}()[]" for own in value.callee.names), receiver=value), run.place(node))
    return mappings.item_of(value, keys[0])


LEAVES: Final[Mapping[type[Any], Callable[[Run, Any], Fact]]] = {
    cst.Name: name,
    cst.Integer: number,
    cst.Float: number,
    cst.Imaginary: number,
    cst.SimpleString: strings.simple_string,
    cst.ConcatenatedString: strings.concatenated_string,
    cst.FormattedString: strings.formatted_string,
    cst.Dict: dict_display,
    cst.List: sequence_display,
    cst.Tuple: sequence_display,
    cst.Set: sequence_display,
    cst.ListComp: comprehension,
    cst.SetComp: comprehension,
    cst.GeneratorExp: comprehension,
    cst.DictComp: comprehension,
    cst.UnaryOperation: unary,
    cst.IfExp: conditional,
    cst.NamedExpr: named,
    cst.Lambda: lambda_,
    cst.Await: awaited,
    cst.Yield: awaited,
}
STEPS: Final[Mapping[type[Any], Callable[[Run, Fact, Any], Fact]]] = {
    cst.BinaryOperation: binary,
    cst.BooleanOperation: boolean,
    cst.Comparison: comparison,
    cst.Attribute: attribute,
    cst.Subscript: subscript,
}
SPINE: Final[Mapping[type[Any], str]] = {
    cst.BinaryOperation: "left",
    cst.BooleanOperation: "left",
    cst.Comparison: "left",
    cst.Attribute: "value",
    cst.Subscript: "value",
    cst.Call: "func",
}
