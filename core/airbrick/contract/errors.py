"""Everything that can be wrong with a contract.

::

    ContractError
    ├── ContractNotFoundError      no contract where one was looked for
    ├── ContractAmbiguousError     several contracts, and nothing chooses one
    ├── ContractReadError          the file exists but cannot be read
    ├── ContractSyntaxError        not JSON
    ├── ContractVersionError       written by a newer airbrick
    └── ContractShapeError         JSON, but not a contract
"""

from collections.abc import Sequence
from pathlib import Path


class ContractError(Exception):
    """The base of every contract error; its text names the place and the fix."""


class ContractNotFoundError(ContractError):
    """No contract was found.

    :param looked_in: the places that were searched, in order.
    """

    def __init__(self, looked_in: Sequence[str]) -> None:
        self.looked_in = tuple(looked_in)
        places = "; ".join(self.looked_in) or "nowhere was searched"
        super().__init__(
            f"no contract found ({places}): run `pulumi up`, or `airbrick contract pull --stack STACK`, "
            "or set AIRBRICK_CONTRACT to its path"
        )


class ContractAmbiguousError(ContractError):
    """Several contracts were found and nothing says which stack is meant.

    :param paths: the candidates.
    :param stack: the stack asked for by ``AIRBRICK_STACK``, if any.
    """

    def __init__(self, paths: Sequence[Path], *, stack: str | None) -> None:
        self.paths = tuple(paths)
        self.stack = stack
        listed = ", ".join(str(path) for path in self.paths)
        if stack:
            text = (
                f"AIRBRICK_STACK={stack} matches {'several' if len(self.paths) > 1 else 'none'} of the contracts found"
            )
            super().__init__(f"{text}: {listed}; set AIRBRICK_CONTRACT to the path of the right one")
        else:
            super().__init__(f"several contracts found: {listed}; set AIRBRICK_STACK to the stack's name")


class ContractReadError(ContractError):
    """The contract file cannot be read.

    :param source: the file.
    :param reason: what the operating system said.
    """

    def __init__(self, source: str, *, reason: str) -> None:
        self.source = source
        self.reason = reason
        super().__init__(f"{source}: cannot be read: {reason}")


class ContractSyntaxError(ContractError):
    """The contract is not JSON.

    :param source: the file, or what stands for it.
    :param line: line of the mistake, from 1.
    :param column: column of the mistake, from 1.
    """

    def __init__(self, source: str, *, line: int, column: int, reason: str) -> None:
        self.source = source
        self.line = line
        self.column = column
        self.reason = reason
        super().__init__(
            f"{source}:{line}:{column}: not a contract: {reason}; "
            "restore it with `airbrick contract pull --stack STACK`"
        )


class ContractVersionError(ContractError):
    """The contract's version is not one this airbrick reads.

    :param found: the version in the file, as it stands there.
    :param supported: the newest version this airbrick reads.
    """

    def __init__(self, source: str, *, found: object, supported: int) -> None:
        self.source = source
        self.found = found
        self.supported = supported
        newer = isinstance(found, int) and found > supported
        fix = "upgrade airbrick here" if newer else "write it again with `airbrick contract pull --stack STACK`"
        super().__init__(
            f"{source}: contract version {found!r} is not readable (this airbrick reads {supported}): {fix}"
        )


class ContractShapeError(ContractError):
    """A value of the contract is missing or has the wrong type.

    :param pointer: JSON pointer of the value (RFC 6901).
    :param expected: what should stand there.
    :param found: the type that stands there, never the value.
    """

    def __init__(self, source: str, *, pointer: str, expected: str, found: str) -> None:
        self.source = source
        self.pointer = pointer
        self.expected = expected
        self.found = found
        super().__init__(
            f"{source}: {pointer or '/'}: expected {expected}, found {found}; "
            "contracts are written by `pulumi up`: restore it with `airbrick contract pull --stack STACK`"
        )
