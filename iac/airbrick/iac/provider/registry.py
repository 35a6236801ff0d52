"""The resources this provider serves: every handler of a module in ``resources``."""

import inspect
from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import Final

from airbrick.iac import resources
from airbrick.iac.provider.handler import Handler


def _handlers() -> Iterator[Handler]:
    for found in iter_modules(resources.__path__, f"{resources.__name__}."):
        module = import_module(found.name)
        for kind in vars(module).values():
            own = inspect.isclass(kind) and kind.__module__ == module.__name__
            if own and isinstance(getattr(kind, "token", None), str):
                yield kind()


HANDLERS: Final[Mapping[str, Handler]] = {handler.token: handler for handler in _handlers()}
"""Handlers by type token."""
