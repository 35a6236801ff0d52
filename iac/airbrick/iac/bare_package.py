"""A package without what its ``__init__`` loads, for a process that starts with every ``pulumi`` command.

Python runs a package's ``__init__`` before any of its modules, unless the package is there already.
"""

import sys
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from types import ModuleType


def enter(name: str) -> ModuleType | None:
    """Put a package where its modules can be imported, and run nothing of its own.

    :returns: the package; ``None`` where it is not installed, or is loaded already.
    """
    if name in sys.modules:
        return None
    parent, _, last = name.rpartition(".")
    spec = PathFinder.find_spec(name, import_module(parent).__path__ if parent else None)
    if spec is None:
        return None
    package = sys.modules[name] = module_from_spec(spec)
    if parent:
        setattr(sys.modules[parent], last, package)
    return package


def leave(name: str) -> None:
    """Forget a package and its modules, so that the next import loads it in full."""
    for loaded in [loaded for loaded in sys.modules if loaded == name or loaded.startswith(f"{name}.")]:
        del sys.modules[loaded]
    parent, _, last = name.rpartition(".")
    if hasattr(sys.modules.get(parent), last):
        delattr(sys.modules[parent], last)
