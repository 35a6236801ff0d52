"""databricks-sdk without the models of every service, for a process that starts with every ``pulumi`` command.

``import databricks.sdk`` loads thirty services and takes seconds; its sign-in and its client, which are all we use,
take a fraction of that. They live in ``databricks.sdk.core``, and Python runs a package's ``__init__`` before any of
its modules, unless the package is there already.
"""

import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from types import ModuleType

_PACKAGE = "databricks.sdk"


def load() -> None:
    """Import the SDK's client alone; does nothing where the SDK is loaded already.

    Only for a process of our own: ``databricks.sdk.WorkspaceClient`` is not there afterwards.
    """
    if _PACKAGE in sys.modules:
        return
    bare = _bare_package()
    if bare is None:
        return
    sys.modules[_PACKAGE] = bare
    try:
        import databricks.sdk.core
        import databricks.sdk.errors  # noqa: F401 - both are imported for their effect
    except ImportError:
        # A later SDK may lean on its __init__: then it is loaded in full, on first use.
        for name in [name for name in sys.modules if name == _PACKAGE or name.startswith(f"{_PACKAGE}.")]:
            del sys.modules[name]


def _bare_package() -> ModuleType | None:
    import databricks

    spec = PathFinder.find_spec(_PACKAGE, databricks.__path__)
    return module_from_spec(spec) if spec is not None else None
