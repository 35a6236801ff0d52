"""Fixes that set an argument of an operator or a DAG."""

from collections.abc import Iterator

from airbrick.lint.context import RuleContext
from airbrick.lint.edits import add_argument
from airbrick.lint.facts.values import Absent
from airbrick.lint.finding import Edit, Fix, Safety
from airbrick.lint.model.elements import Dag, Operator
from airbrick.lint.replacing import replace_argument


def set_argument(
    target: Operator | Dag, context: RuleContext, name: str, value: str, safety: Safety, *, more: tuple[Edit, ...] = ()
) -> Fix | None:
    """Give the fix that sets an argument in the call itself.

    :param value: the code of the value.
    :param more: edits that belong to it, such as an import.
    :returns: ``None`` where the call cannot be edited surely: it stands in another file, a subclass passes
        its own arguments on, or the argument comes from a splat or from ``expand``.
    """
    text = f"{name}={value}"
    edits = argument_edits(target, context, name, text)
    return Fix(f"Set {text}", safety, (*more, *edits)) if edits else None


def argument_edits(target: Operator | Dag, context: RuleContext, name: str, text: str) -> tuple[Edit, ...]:
    """Give the edits that write an argument where it stands, or add it; none where that is not sure.

    :param text: the code of the argument, whose name may be a new one.
    """
    if target.place.file is not context.file or not all(_editable(other) for other in _same(target, context)):
        return ()
    written = text.partition("=")[0]
    # A call that has the new name, or a helper that is called with the argument elsewhere, would get it twice.
    if written != name and not _lacks(target, context, written):
        return ()
    edits = replace_argument(target.place, name, text)
    return add_argument(target.place, text) if not edits and _lacks(target, context, name) else edits


def _lacks(target: Operator | Dag, context: RuleContext, name: str) -> bool:
    return all(isinstance(other.arguments.get(name), Absent) for other in _same(target, context))


def _same(target: Operator | Dag, context: RuleContext) -> Iterator[Operator | Dag]:
    if isinstance(target, Operator):
        return context.same_call(target)
    return (other for other in context.model.dags if other.place.node is target.place.node)


def _editable(target: Operator | Dag) -> bool:
    return target.editable if isinstance(target, Operator) else target.form.editable
