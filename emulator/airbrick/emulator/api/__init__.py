"""The API, one group of endpoints per module; each module lists its endpoints in ``ROUTES``."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airbrick.emulator.wire import Route


def all_routes() -> tuple[Route, ...]:
    """Return the routes of every module in this package."""
    routes: list[Route] = []
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        routes.extend(module.ROUTES)
    return tuple(routes)
