"""Built-in functions whose result can be told."""

import math
from collections.abc import Callable, Mapping
from typing import Final

from airbrick.lint.facts import mappings
from airbrick.lint.facts.joining import snapshot
from airbrick.lint.facts.run import MAX_UNROLL, Run
from airbrick.lint.facts.strings import assemble, join_path
from airbrick.lint.facts.values import (
    NUMBER_BITS_MAX,
    Arguments,
    DictValue,
    Fact,
    Known,
    ListValue,
    Pattern,
    Unknown,
    parts_of,
    sources_of,
)

_MAX_RANGE: Final = 2**31


def call_builtin(run: Run, name: str, arguments: Arguments) -> Fact | None:
    """Compute the result of a built-in function.

    :param name: its full name.
    :returns: ``None`` when it is not one of those that are computed.
    """
    compute = _COMPUTED.get(name)
    return None if compute is None else compute(run, arguments)


def _dict(run: Run, arguments: Arguments) -> Fact:
    value = DictValue(region=run.region)
    for fact in arguments.positional:
        mappings.merge(value, run.world.follow(fact), region=None)
    if arguments.more_positional is not None:
        mappings.open_up(value, arguments.more_positional)
    mappings.merge(value, Known(arguments.keywords), region=None)
    return Known(value, arguments.call)


def _sequence(run: Run, arguments: Arguments) -> Fact:
    value = ListValue(region=run.region)
    for fact in arguments.positional:
        followed = run.world.follow(fact)
        if isinstance(followed, Known) and isinstance(followed.value, DictValue):
            keys: list[Fact] = [Known(key, entry.key_place) for key, entry in followed.value.entries.items()]
            followed = Known(ListValue(keys, followed.value.open))
        mappings.extend(value, followed, region=None)
    return Known(value, arguments.call)


def _sorted(run: Run, arguments: Arguments) -> Fact:
    fact = _sequence(run, arguments)
    if isinstance(fact, Known) and isinstance(fact.value, ListValue):
        texts = {
            item.value: item for item in fact.value.items if isinstance(item, Known) and isinstance(item.value, str)
        }
        if len(texts) == len(fact.value.items) and not arguments.keywords.entries:
            return Known(ListValue([texts[text] for text in sorted(texts)], fact.value.open), arguments.call)
        fact.value.open = fact.value.open or Unknown("its order is not known")
        fact.value.items.clear()
    return fact


def _range(run: Run, arguments: Arguments) -> Fact:
    bounds = [f.value for f in arguments.positional if isinstance(f, Known) and isinstance(f.value, int)]
    value = ListValue(region=run.region)
    if len(bounds) == len(arguments.positional) and 1 <= len(bounds) <= 3 and (len(bounds) < 3 or bounds[2]):  # noqa: PLR2004 - start, stop, step
        numbers = range(*bounds)
        value.size = min(len(numbers), _MAX_RANGE) if abs(numbers.stop - numbers.start) < _MAX_RANGE else _MAX_RANGE
        if value.size <= MAX_UNROLL:
            value.items = [Known(number, arguments.call) for number in numbers]
            return Known(value, arguments.call)
    value.open = Unknown("it is a range that is long or not known", arguments.call)
    return Known(value, arguments.call)


def _enumerate(run: Run, arguments: Arguments) -> Fact:
    items = _closed(run, arguments, 0)
    start = arguments.positional[1] if len(arguments.positional) > 1 else arguments.get("start")
    first = start.value if isinstance(start, Known) and isinstance(start.value, int) else 0
    if items is None:
        return Unknown("it is a loop over items that are not known", arguments.call)
    pairs: list[Fact] = [
        Known(ListValue([Known(first + index, arguments.call), item], kind="tuple"), arguments.call)
        for index, item in enumerate(items)
    ]
    return Known(ListValue(pairs), arguments.call)


def _zip(run: Run, arguments: Arguments) -> Fact:
    columns = [_closed(run, arguments, index) for index in range(len(arguments.positional))]
    known = [column for column in columns if column is not None]
    if len(known) != len(columns) or arguments.more_positional is not None:
        return Unknown("it is a loop over items that are not known", arguments.call)
    rows: list[Fact] = [Known(ListValue(list(row), kind="tuple"), arguments.call) for row in zip(*known, strict=False)]
    return Known(ListValue(rows), arguments.call)


def _closed(run: Run, arguments: Arguments, index: int) -> list[Fact] | None:
    fact = run.world.follow(arguments.positional[index]) if index < len(arguments.positional) else None
    value = fact.value if isinstance(fact, Known) else None
    return value.items if isinstance(value, ListValue) and value.open is None else None


def _copy(run: Run, arguments: Arguments) -> Fact:
    fact = run.world.follow(arguments.positional[0]) if arguments.positional else Unknown("nothing is copied")
    copied = snapshot(fact)
    if isinstance(copied, Known) and isinstance(copied.value, DictValue | ListValue):
        copied.value.region = run.region
    return copied


def _str(run: Run, arguments: Arguments) -> Fact:
    if len(arguments.positional) != 1:
        return Unknown("it is computed", arguments.call)
    fact = run.world.follow(arguments.positional[0])
    text = assemble(list(parts_of(fact)), sources_of(fact))
    return Known(text, arguments.call)


def _join_path(run: Run, arguments: Arguments) -> Fact:
    joined = join_path(run, arguments)
    return Unknown("it is a path that is computed", arguments.call) if joined is None else Known(joined, arguments.call)


def _number(kind: type[int] | type[float]) -> Callable[[Run, Arguments], Fact]:
    def compute(run: Run, arguments: Arguments) -> Fact:
        del run
        fact = arguments.positional[0] if len(arguments.positional) == 1 else None
        if isinstance(fact, Known) and isinstance(fact.value, int | float | str):
            try:
                value = kind(fact.value)
            except (ValueError, OverflowError):
                return Unknown("it is no number", arguments.call)
            fits = value.bit_length() <= NUMBER_BITS_MAX if isinstance(value, int) else not math.isnan(value)
            if fits:
                return Known(value, arguments.call)
        if isinstance(fact, Known) and not isinstance(fact.value, Pattern | DictValue | ListValue):
            # int(os.getenv("X", "2")): what it is computed from is still there to look at.
            return fact
        return Unknown("it is computed", arguments.call)

    return compute


_COMPUTED: Final[Mapping[str, Callable[[Run, Arguments], Fact]]] = {
    "builtins.dict": _dict,
    "collections.OrderedDict": _dict,
    "builtins.list": _sequence,
    "builtins.tuple": _sequence,
    "builtins.set": _sequence,
    "builtins.sorted": _sorted,
    "builtins.range": _range,
    "builtins.enumerate": _enumerate,
    "builtins.zip": _zip,
    "builtins.str": _str,
    "builtins.int": _number(int),
    "builtins.float": _number(float),
    "os.path.join": _join_path,
    "posixpath.join": _join_path,
    "copy.copy": _copy,
    "copy.deepcopy": _copy,
    "types.MappingProxyType": _dict,
}
