"""Classes that are operators: the known ones, the file's own subclasses, and their mapped form."""

from typing import Final

from airbrick.lint.facts.callables import MAX_BASES, ClassValue, FunctionValue, InstanceValue, OperatorPartial
from airbrick.lint.facts.constructs import build_operator
from airbrick.lint.facts.functions import call_function
from airbrick.lint.facts.joining import copy_dict, join
from airbrick.lint.facts.run import Run
from airbrick.lint.facts.values import (
    ABSENT,
    Absent,
    Arguments,
    DictValue,
    Entry,
    Fact,
    Known,
    ListValue,
    Place,
    Reference,
    Unknown,
)
from airbrick.lint.knowledge.airflow import BASE_OPERATOR_PARAMETERS, NEVER_MAPPED
from airbrick.lint.knowledge.databricks import OperatorSpec, operator_spec
from airbrick.lint.model.elements import FanOut, Operator

_FOR_CONSTRUCTOR: Final = frozenset({"dag", "task_group", "default_args"})
"""Parameters that only the constructor looks at."""


def initialise(run: Run, instance: InstanceValue, arguments: Arguments) -> None:
    """Follow the ``__init__`` of a class of the file."""
    init = instance.of.lookup("__init__")
    if isinstance(init, Known) and isinstance(init.value, FunctionValue):
        call_function(run, init.value, arguments, receiver=Known(instance, arguments.call))
    elif instance.of.fields is not None:
        _set_fields(instance, instance.of.fields, arguments)


def _set_fields(instance: InstanceValue, names: tuple[str, ...], arguments: Arguments) -> None:
    for index, name in enumerate(names):
        given = arguments.positional[index] if index < len(arguments.positional) else arguments.get(name)
        if isinstance(given, Absent) and arguments.more_positional is not None:
            given = arguments.more_positional
        if not isinstance(given, Absent):
            instance.attributes[name] = given


def operator_class(fact: Fact) -> tuple[OperatorSpec, str, Unknown | None] | None:
    """Tell what operator a class is.

    :returns: the operator it is or derives from, its name, and why a base class that is not in the
        file may set further arguments; ``None`` when it is no operator.
    """
    if not isinstance(fact, Known):
        return None
    if isinstance(fact.value, Reference):
        for name in fact.value.names:
            spec = operator_spec(name)
            if spec is not None:
                return spec, fact.value.stand_in or spec.name, None
    if isinstance(fact.value, ClassValue):
        return _local_class(fact.value, 0)
    return None


def _local_class(value: ClassValue, depth: int) -> tuple[OperatorSpec, str, Unknown | None] | None:
    found: tuple[OperatorSpec, str, Unknown | None] | None = None
    doubt: Unknown | None = None
    for base in value.bases:
        inner = base.value if isinstance(base, Known) else None
        here = (
            _local_class(inner, depth + 1)
            if isinstance(inner, ClassValue) and depth < MAX_BASES
            else operator_class(base)
        )
        if here is not None:
            found = found or here
        elif not isinstance(inner, ClassValue):
            doubt = Unknown(f"{value.name} also derives from a class outside this file", value.place)
    return None if found is None else (found[0], value.name, found[2] or doubt)


def construct(
    run: Run, fact: Fact, arguments: Arguments, *, place: Place, fan_out: FanOut | None = None
) -> Operator | None:
    """Build the operator that a class stands for; ``None`` when it is no operator."""
    known = operator_class(fact)
    if known is None:
        return None
    spec, name, doubt = known
    own = fact.value if isinstance(fact, Known) and isinstance(fact.value, ClassValue) else None
    effective = arguments
    # What a stand-in does with an argument is not known.
    editable = not (isinstance(fact, Known) and isinstance(fact.value, Reference) and fact.value.stand_in)
    if own is not None and own.lookup("__init__") is not None:
        effective = _through_init(run, own, spec, arguments)
        editable = False
    if doubt is not None and effective.open is None:
        keywords = DictValue(dict(effective.keywords.entries), doubt)
        effective = Arguments(effective.call, effective.positional, keywords, effective.more_positional)
    return build_operator(run, spec, name, effective, place=place, fan_out=fan_out, editable=editable)


def _through_init(run: Run, own: ClassValue, spec: OperatorSpec, arguments: Arguments) -> Arguments:
    """Follow a subclass's ``__init__`` to what it passes on to ``super().__init__``."""
    instance = InstanceValue(own, region=run.region)
    initialise(run, instance, arguments)
    passed = instance.parent_arguments
    if passed is None:
        why = Unknown(f"{own.name}.__init__ is not followed to super().__init__", own.place)
        return Arguments(arguments.call, [], DictValue(open=why))
    keywords = copy_dict(passed.keywords)
    for name, fact in instance.attributes.items():
        # An attribute set after super().__init__ replaces what was passed on.
        if fact is not instance.before_parent.get(name) and _is_setting(spec, name):
            keywords.entries[name] = Entry(fact)
    # The DAG and the group are looked up where the operator is built.
    return Arguments(arguments.call, [], keywords, passed.more_positional)


def _is_setting(spec: OperatorSpec, name: str) -> bool:
    return (spec.takes(name) or name in BASE_OPERATOR_PARAMETERS) and name not in _FOR_CONSTRUCTOR


def partial_of(operator: Fact, arguments: Arguments) -> OperatorPartial | None:
    """Make the value of ``Operator.partial(…)``; ``None`` when the class is no operator."""
    return OperatorPartial(operator, arguments) if operator_class(operator) is not None else None


def expand(run: Run, partial: OperatorPartial, method: str, arguments: Arguments) -> Operator | None:
    """Build the operator of ``Operator.partial(…).expand(…)``."""
    keywords = copy_dict(partial.arguments.keywords)
    if method == "expand_kwargs":
        given = arguments.positional[0] if arguments.positional else None
        names = _mapped_names(given)
        if names is None:
            if keywords.open is None:
                keywords.entries.update({n: Entry(ABSENT) for n in NEVER_MAPPED if n not in keywords.entries})
            keywords.open = keywords.open or Unknown("expand_kwargs() may set it", arguments.call)
        else:
            for name in names:
                keywords.entries[name] = Entry(Unknown("it differs from one mapped task to the next", arguments.call))
    else:
        for key, entry in arguments.keywords.entries.items():
            keywords.entries[key] = Entry(_mapped(entry.fact, arguments), entry.key_place)
        keywords.open = keywords.open or arguments.open
    merged = Arguments(partial.arguments.call, [], keywords)
    size = fan_out(method, arguments)
    return construct(run, partial.operator, merged, place=partial.arguments.call, fan_out=size)


def fan_out(method: str, arguments: Arguments) -> FanOut:
    """Tell into how many instances ``expand`` or ``expand_kwargs`` with these arguments leads."""
    given = arguments.positional if method == "expand_kwargs" else [fact for _, fact in arguments.keywords.items()]
    size: int | None = 1 if given and arguments.open is None else None
    for fact in given:
        length = _length(fact)
        size = None if size is None or length is None else size * length
    return FanOut(size)


def _length(fact: Fact) -> int | None:
    value = fact.value if isinstance(fact, Known) else None
    if isinstance(value, ListValue):
        return value.length
    return len(value.entries) if isinstance(value, DictValue) and value.open is None else None


def _mapped(fact: Fact, arguments: Arguments) -> Fact:
    value = fact.value if isinstance(fact, Known) else None
    if isinstance(value, ListValue) and value.items and value.open is None:
        joined = value.items[0]
        for item in value.items[1:]:
            joined = join(joined, item)
        return joined
    return Unknown("it differs from one mapped task to the next", arguments.call)


def _mapped_names(fact: Fact | None) -> set[str] | None:
    if not isinstance(fact, Known) or not isinstance(fact.value, ListValue) or fact.value.open is not None:
        return None
    names: set[str] = set()
    for item in fact.value.items:
        if not isinstance(item, Known) or not isinstance(item.value, DictValue) or item.value.open is not None:
            return None
        names.update(str(key) for key in item.value.entries)
    return names
