"""Methods of dicts and lists."""

from airbrick.lint.facts import mappings
from airbrick.lint.facts.joining import join
from airbrick.lint.facts.run import Run
from airbrick.lint.facts.values import Absent, Arguments, DictValue, Fact, Known, ListValue, Unknown


def dict_method(  # noqa: PLR0911 - one return for each method
    run: Run, receiver: DictValue, name: str, arguments: Arguments
) -> Fact:
    """Call a method of a dict."""
    first = arguments.positional[0] if arguments.positional else None
    if name == "update":
        for other in arguments.positional:
            mappings.merge(receiver, run.world.follow(other), region=run.region)
        mappings.merge(receiver, Known(arguments.keywords), region=run.region)
        return Known(None, arguments.call)
    if name in {"get", "setdefault"} and first is not None:
        return _get(run, receiver, name, arguments)
    if name == "pop" and first is not None:
        before = mappings.remove(receiver, first, region=run.region)
        default = arguments.positional[1] if len(arguments.positional) > 1 else Unknown("the key does not exist")
        return default if isinstance(before, Absent) else before
    if name == "copy":
        return Known(DictValue(dict(receiver.entries), receiver.open, run.region), arguments.call)
    if name == "clear" and mappings.is_sure(receiver, run.region):
        receiver.entries.clear()
        receiver.open = None
        return Known(None, arguments.call)
    if name in {"clear", "popitem"}:
        mappings.open_up(receiver, Unknown(f"it is changed by {name}()", arguments.call))
    if name in {"keys", "values", "items"}:
        return Known(_view(receiver, name), arguments.call)
    return Unknown(f"it is the result of dict.{name}()", arguments.call)


def _get(run: Run, receiver: DictValue, name: str, arguments: Arguments) -> Fact:
    key = arguments.positional[0]
    plain = mappings.key_of(key)
    default = arguments.positional[1] if len(arguments.positional) > 1 else Known(None, arguments.call)
    if plain is None:
        if name == "setdefault":
            return Unknown("it is read by a computed key", arguments.call)
        return join(mappings.any_of(receiver), default)
    found = receiver.get(plain)
    if not isinstance(found, Absent):
        return found
    if name == "setdefault":
        mappings.put(receiver, key, default, key_place=arguments.call, region=run.region)
    return default


def _view(receiver: DictValue, name: str) -> ListValue:
    items: list[Fact] = []
    for key, entry in receiver.entries.items():
        named = Known(key, entry.key_place)
        pair = Known(ListValue([named, entry.fact], kind="tuple"), entry.key_place)
        items.append({"keys": named, "values": entry.fact, "items": pair}[name])
    return ListValue(items, receiver.open)


def list_method(run: Run, receiver: ListValue, name: str, arguments: Arguments) -> Fact:
    """Call a method of a list or a set."""
    if name == "append" and arguments.positional:
        mappings.append(receiver, arguments.positional[0], region=run.region)
        return Known(None, arguments.call)
    if name == "extend" and arguments.positional:
        mappings.extend(receiver, run.world.follow(arguments.positional[0]), region=run.region)
        return Known(None, arguments.call)
    if name == "copy":
        return Known(ListValue(list(receiver.items), receiver.open, receiver.kind, run.region), arguments.call)
    if name in {"insert", "remove", "pop", "clear", "add", "update", "discard"}:
        receiver.open = receiver.open or Unknown(f"it is changed by {name}()", arguments.call)
    return Unknown(f"it is the result of list.{name}()", arguments.call)
