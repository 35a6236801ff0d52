"""The resources this provider serves: every handler of a module in ``resources``."""

import inspect
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from airbrick.iac import resources
from airbrick.iac.provider.handler import Handler


def _handlers() -> Iterator[Handler]:
    for found in iter_modules(resources.__path__, f"{resources.__name__}."):
        module = import_module(found.name)
        for kind in vars(module).values():
            own = inspect.isclass(kind) and kind.__module__ == module.__name__
            if own and isinstance(getattr(kind, "token", None), str):
                yield kind()


@cache
def handlers() -> Mapping[str, Handler]:
    """Give the handlers by type token.

    The first call loads all of them, which takes longer than the rest of a start: the engine starts providers it only
    asks about their configuration.
    """
    return {handler.token: handler for handler in _handlers()}
