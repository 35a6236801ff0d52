"""The contract: what a stack provisioned, shared by the provider, the linter and the operators.

One stack writes one file, ``airbrick.contract.<stack>.json``. It is deterministic, holds no secret,
and needs nothing but the standard library to read.
"""

from airbrick.contract.difference import Change, compare
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
