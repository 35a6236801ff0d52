"""The contract: what a stack provisioned, shared by the provider, the linter and the operators.

One stack writes one file, ``airbrick.contract.<stack>.json``. It is deterministic, holds no secret,
and needs nothing but the standard library to read.

Where it is looked for is imported with this package; all else is when it is first used, so that who finds no contract
does not pay for reading one.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from airbrick.contract.errors import (
    ContractAmbiguousError,
    ContractError,
    ContractNotFoundError,
    ContractReadError,
    ContractShapeError,
    ContractSyntaxError,
    ContractVersionError,
)
from airbrick.contract.find import ENVIRONMENT_VARIABLE, FILE_PATTERN, file_name, find, resolve_one, suggest

if TYPE_CHECKING:
    from airbrick.contract.difference import Change, compare
    from airbrick.contract.model import (
        FINGERPRINT_TAG,
        OWNER_TAG,
        VERSION,
        Connection,
        Contract,
        Job,
        Parameter,
        Task,
        Workspace,
    )
    from airbrick.contract.reader import from_document, load, parse
    from airbrick.contract.writer import dumps, fingerprint, fingerprint_tag, to_document, write

_NAMES_BY_MODULE = {
    "difference": ("Change", "compare"),
    "model": (
        "FINGERPRINT_TAG", "OWNER_TAG", "VERSION", "Connection", "Contract", "Job", "Parameter", "Task", "Workspace",
    ),
    "reader": ("from_document", "load", "parse"),
    "writer": ("dumps", "fingerprint", "fingerprint_tag", "to_document", "write"),
}  # fmt: skip
_HOME = {name: f"{__name__}.{module}" for module, names in _NAMES_BY_MODULE.items() for name in names}

__all__ = [
    "ENVIRONMENT_VARIABLE",
    "FILE_PATTERN",
    "FINGERPRINT_TAG",
    "OWNER_TAG",
    "VERSION",
    "Change",
    "Connection",
    "Contract",
    "ContractAmbiguousError",
    "ContractError",
    "ContractNotFoundError",
    "ContractReadError",
    "ContractShapeError",
    "ContractSyntaxError",
    "ContractVersionError",
    "Job",
    "Parameter",
    "Task",
    "Workspace",
    "compare",
    "dumps",
    "file_name",
    "find",
    "fingerprint",
    "fingerprint_tag",
    "from_document",
    "load",
    "parse",
    "resolve_one",
    "suggest",
    "to_document",
    "write",
]


def __getattr__(name: str) -> object:
    """Load a public name on first use."""
    if name not in _HOME:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    """List the public names without loading them."""
    return sorted(__all__)
