"""What the remote settings are, said in the words of the settings they were made from."""

from collections.abc import Mapping

from airbrick.iac.settings.canonical import canonicalise, element_keys, is_default, is_empty
from airbrick.iac.settings.rule import RuleKind
from airbrick.iac.settings.shape import Shape
from airbrick.iac.values import Properties, Secret, Value, conceal_known, identical

_MAX_EXACT_INTEGER = 2**53


def project(prior: Properties | None, remote: Properties, shape: Shape) -> Properties:
    """Give the remote settings, worded as ``prior`` words them.

    Where both mean the same, the prior value stays: its order, its spelling, its secret marks. What the server
    adds by itself is left out. What differs is taken from the remote side, so that drift shows as exactly that.

    :param prior: the settings as last applied; ``None`` for an import, which has none.
    :param remote: the settings as the API returns them.
    """
    if prior is None:
        return dict(_adopt(remote, shape))
    # A secret that was copied or moved in the workspace comes back at a place that has no mark.
    return dict(conceal_known(_project(prior, remote, shape), prior=prior))


def _project(prior: Value, remote: Value, shape: Shape, *, managed: bool = False) -> Value:
    if identical(prior, remote):
        return prior
    if isinstance(prior, Secret):
        return Secret(_project(prior.value, remote, shape, managed=managed))
    if isinstance(prior, Mapping) and isinstance(remote, Mapping):
        return _project_members(prior, remote, shape, managed=managed)
    if isinstance(prior, list) and isinstance(remote, list):
        return _project_elements(prior, remote, shape)
    return prior if canonicalise(prior, shape) == canonicalise(remote, shape) else _adopt(remote, shape)


def _project_members(
    prior: Mapping[str, Value], remote: Mapping[str, Value], shape: Shape, *, managed: bool
) -> dict[str, Value]:
    managed = managed or any(not is_empty(prior.get(name)) for name in shape.managed_with)
    members: dict[str, Value] = {}
    for key, value in prior.items():
        member_shape = shape.member(key)
        if key in remote:
            inner = managed or RuleKind.MANAGED in member_shape.rules
            members[key] = _project(value, remote[key], member_shape, managed=inner)
        elif _may_be_missing(value, member_shape):
            members[key] = value
    if managed:
        return members
    for key, value in remote.items():
        if key not in prior and not _is_added_by_server(value, shape.member(key)):
            members[key] = _adopt(value, shape.member(key))
    return members


def _may_be_missing(prior: Value, shape: Shape) -> bool:
    """Tell whether the API leaves out what was sent without that being a change."""
    if RuleKind.WRITE_ONLY in shape.rules:
        return True
    canonical = canonicalise(prior, shape)
    if RuleKind.PRESENCE in shape.rules:
        return canonical is None
    return is_empty(canonical) or is_default(canonical, shape)


def _is_added_by_server(remote: Value, shape: Shape) -> bool:
    canonical = canonicalise(remote, shape)
    if RuleKind.MANAGED in shape.rules or is_default(canonical, shape):
        return True
    if RuleKind.FILLED in shape.rules:
        allowed = shape.rules[RuleKind.FILLED]
        return not allowed or canonical in allowed
    return is_empty(canonical) and RuleKind.PRESENCE not in shape.rules


def _project_elements(prior: list[Value], remote: list[Value], shape: Shape) -> list[Value]:
    item = shape.item()
    if not shape.keys:
        if len(prior) == len(remote):
            return [_project(before, after, item) for before, after in zip(prior, remote, strict=True)]
        return [_adopt(element, item) for element in remote]
    there = dict(zip(element_keys(remote, shape), remote, strict=True))
    before = dict(zip(element_keys(prior, shape), prior, strict=True))
    kept = [_project(element, there[key], item) for key, element in before.items() if key in there]
    return kept + [_adopt(element, item) for key, element in there.items() if key not in before]


def _adopt(remote: Value, shape: Shape) -> Value:
    """Give a remote value that has no prior, without what the API assumes anyway."""
    if isinstance(remote, Mapping):
        return {
            key: _adopt(value, shape.member(key))
            for key, value in remote.items()
            if not _goes_without_saying(value, shape.member(key))
        }
    if isinstance(remote, list):
        return [_adopt(element, shape.item()) for element in remote]
    if isinstance(remote, int) and abs(remote) >= _MAX_EXACT_INTEGER:
        return str(remote)
    if RuleKind.CASELESS in shape.rules:
        # One case is for comparisons; a program spells a name as its owner does.
        return remote
    return canonicalise(remote, shape)


def _goes_without_saying(remote: Value, shape: Shape) -> bool:
    canonical = canonicalise(remote, shape)
    if RuleKind.PRESENCE in shape.rules:
        return canonical is None
    return is_empty(canonical) or is_default(canonical, shape)
