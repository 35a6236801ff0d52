"""The contracts that DAG files are checked against."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from airbrick.contract import ContractError, find
from airbrick.contract.errors import ContractReadError
from airbrick.contract.find import in_folder
from airbrick.lint.absolute import absolute
from airbrick.lint.finding import Note
from airbrick.lint.source import Span

if TYPE_CHECKING:
    from airbrick.contract import Contract


@dataclass(frozen=True, slots=True)
class StackContract:
    """The contract of one stack and the text it was read from.

    :param path: the file.
    """

    path: Path
    contract: "Contract"
    text: str = field(repr=False)

    @classmethod
    def of(cls, path: Path, text: str) -> "StackContract":
        """Read a contract.

        :param text: what its file holds.
        :raises ContractError: it is none.
        """
        from airbrick.contract import parse

        return cls(path, parse(text, source=str(path)), text)

    @property
    def stack(self) -> str:
        """The stack's name."""
        return self.contract.stack

    def at(self, content: Callable[[Path], bytes | None]) -> "StackContract | None":
        """Give the contract as it was; ``None`` when there was none that can be read.

        :param content: gives what the file held; ``None`` when there was no file.
        """
        data = content(self.path)
        if data is None:
            return None
        try:
            text = data.decode("utf-8")
            return StackContract.of(self.path, text)
        except (ContractError, UnicodeDecodeError):
            return None

    def note(self, message: str, *keys: str) -> Note:
        """Point at a value of the contract.

        :param keys: the way to it, such as ``"jobs", "nightly", "parameters"``.
        """
        line = line_of(self.text, keys)
        span = Span(line, 1, line, 1) if line is not None else None
        return Note(message, self.path, span)


def line_of(text: str, keys: Sequence[str]) -> int | None:
    """Find the line of a key in a contract as airbrick writes them: one key a line, indented by two.

    :returns: ``None`` when the text is laid out in another way.
    """
    lines = text.splitlines()
    index = -1
    for depth, key in enumerate(keys, start=1):
        start = f"{'  ' * depth}{json.dumps(key, ensure_ascii=False)}:"
        closing = f"{'  ' * (depth - 1)}}}"
        index += 1
        while index < len(lines) and not lines[index].startswith(start):
            if lines[index].startswith(closing):
                return None
            index += 1
        if index >= len(lines):
            return None
    return index + 1


class ContractStore:
    """Finds and reads contracts, each file once.

    :param explicit: paths from the command line.
    :param environ: where ``AIRBRICK_CONTRACT`` is looked up.
    """

    def __init__(self, explicit: Sequence[Path] = (), environ: Mapping[str, str] | None = None) -> None:
        self._explicit = tuple(explicit)
        self._environ = os.environ if environ is None else environ
        self._read: dict[Path, StackContract | None] = {}
        self._near: dict[tuple[str, tuple[Path, ...]], tuple[StackContract, ...]] = {}
        self._inside: dict[Path, tuple[Path, ...]] = {}
        self._errors: dict[str, ContractError] = {}
        self.consulted: frozenset[Path] = frozenset()

    def begin(self) -> None:
        """Forget which contracts tasks named; called before the rules look at a file."""
        self.consulted = frozenset()

    @property
    def errors(self) -> tuple[ContractError, ...]:
        """What could not be found or read, each once."""
        return tuple(self._errors.values())

    def beside(self, path: Path, configured: Sequence[Path]) -> tuple[StackContract, ...]:
        """Give the contracts a file is checked against."""
        key = (str(path.parent), tuple(configured))
        near = self._near.get(key)
        if near is None:
            near = self._near[key] = self._search(path, configured)
        return near

    def _search(self, path: Path, configured: Sequence[Path]) -> tuple[StackContract, ...]:
        try:
            found = find(explicit=self._explicit, environ=self._environ, configured=configured)
        except ContractError as error:
            self._errors.setdefault(str(error), error)
            return ()
        found = found or self._nearest(absolute(path.parent))
        # A file may be named by itself and by its folder.
        read = (self._load(file) for file in dict.fromkeys(absolute(file) for file in found))
        return tuple(sorted((c for c in read if c is not None), key=lambda c: (c.stack, str(c.path))))

    def _nearest(self, folder: Path) -> tuple[Path, ...]:
        """Give the contracts in a folder, or in the nearest one above it; each folder is looked into once."""
        found = self._inside.get(folder)
        if found is None:
            found = in_folder(folder)
            if not found and folder.parent != folder:
                found = self._nearest(folder.parent)
            self._inside[folder] = found
        return found

    def named(self, path: Path) -> tuple[StackContract, ...]:
        """Give the contract a task names; those of the command line win over it."""
        self.consulted |= {path}
        try:
            files = find(explicit=self._explicit or (path,), environ={})
        except ContractError as error:
            self._errors.setdefault(str(error), error)
            return ()
        # A folder stands for the contracts in it, each of which may change.
        self.consulted |= set(files)
        return tuple(c for c in map(self._load, files) if c is not None)

    def _load(self, path: Path) -> StackContract | None:
        if path not in self._read:
            self._read[path] = None
            try:
                text = _read_text(path)
                self._read[path] = StackContract.of(path, text)
            except ContractError as error:
                self._errors.setdefault(str(error), error)
        return self._read[path]


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
        raise ContractReadError(str(path), reason=reason) from error
