"""What was found before, for files that have not changed since.

A result rests on the file, the settings, the linter and its rules, the contracts, and the other files of the
project that facts led into; a hash of all but the last is the key, and the others are compared one by one.
A file of the cache that is not what was written counts as absent: the cache can cost time, never a finding. It
holds what reports tell, so no secret either.
"""

import contextlib
import functools
import hashlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from airbrick.lint import packs
from airbrick.lint.config_finder import ROOT_MARKERS
from airbrick.lint.contracts import StackContract
from airbrick.lint.kept import KeptResult, to_record
from airbrick.lint.plugins import local_rules, source_files
from airbrick.lint.registry import Listed, listed
from airbrick.lint.result import FileResult
from airbrick.lint.settings import Settings

FOLDER_NAME: Final = ".airbrick_cache"


def digest(*parts: bytes) -> str:
    """Hash bytes."""
    whole = hashlib.sha256()
    for part in parts:
        _add(whole, part)
    return whole.hexdigest()


def _add(whole: "hashlib._Hash", part: bytes) -> None:
    whole.update(len(part).to_bytes(8, "big"))
    whole.update(part)


class Cache:
    """Results of earlier runs, one file of the cache for each folder of the project.

    :param folder: where they are kept.
    :param mends: whether every fix is needed, those with secrets as well, which are not kept.
    """

    def __init__(self, folder: Path, *, mends: bool = False) -> None:
        self.folder = folder
        self._mends = mends
        self._tool = _tool_digest()
        self._packs: dict[str, dict[str, packs.Entry]] = {}
        self._fresh: dict[Path, dict[str, packs.Entry]] = {}
        self._bases: dict[tuple[object, ...], tuple[tuple[object, ...], hashlib._Hash]] = {}
        self._states: dict[str, str] = {}
        self._rules: Sequence[Listed] | None = None

    def rules(self) -> Sequence[Listed]:
        """List the rules; as long as the linter is the same, none has to be imported for it."""
        if local_rules():
            # They are imported by the configurations that name them, of which another may follow.
            return listed()
        if self._rules is None:
            file, tool = self.folder / "rules.pack", digest(self._tool)
            entry = packs.read(file).get(tool)
            self._rules = [Listed(*json.loads(text)) for text in entry["documents"]] if entry is not None else listed()
            if entry is None:
                with contextlib.suppress(OSError):
                    packs.write(file, {tool: {"documents": [json.dumps(rule) for rule in self._rules]}})
        return self._rules

    def key(
        self, path: Path, data: bytes, settings: Settings, on: frozenset[str], contracts: tuple[StackContract, ...]
    ) -> str:
        """Give what a result rests on besides other files of the project.

        :param on: the rules that are on.
        """
        whole = self._basis(settings, on, contracts).copy()
        _add(whole, os.fsencode(path))
        _add(whole, data)
        return whole.hexdigest()

    def find(self, path: Path, data: bytes, key: str) -> KeptResult | None:
        """Give the result for a file, if one was kept that still holds."""
        folder, name = os.path.split(path)
        entry = self._pack(folder).get(name)
        if entry is None or entry["key"] != key:
            return None
        if any(self._state(other) != state for other, state in entry["others"].items()):
            return None
        kept = KeptResult(path, entry, data)
        return None if self._mends and kept.withholds else kept

    def keep(self, result: FileResult, key: str) -> None:
        """Keep a result; one of a crash is not."""
        if result.crashed:
            return
        others = {str(other): self._state(str(other)) for other in sorted(result.consulted)}
        pack = self._fresh.setdefault(result.path.parent, {})
        pack[result.path.name] = {"key": key, "others": others, **to_record(result)}

    def save(self) -> None:
        """Write what was kept; a cache that cannot be written is no mistake of the user."""
        with contextlib.suppress(OSError):
            for folder, fresh in self._fresh.items():
                # Another process may have written meanwhile: its results stay.
                pack = {**packs.read(self._file(folder)), **fresh}
                names = set(os.listdir(folder))  # noqa: PTH208 - names only, no paths
                packs.write(self._file(folder), {name: entry for name, entry in pack.items() if name in names})
        self._fresh.clear()

    def _basis(self, settings: Settings, on: frozenset[str], contracts: tuple[StackContract, ...]) -> "hashlib._Hash":
        """Hash what the results of many files rest on."""
        # Known by identity, which takes no time; what is known is held, so that nothing else gets its identity.
        held = (settings, *contracts)
        key = (on, *map(id, held))
        known = self._bases.get(key)
        if known is None:
            whole = hashlib.sha256()
            parts = [self._tool, repr(settings).encode("utf-8", "surrogatepass"), " ".join(sorted(on)).encode()]
            for contract in contracts:
                parts += [os.fsencode(contract.path), contract.text.encode("utf-8", "surrogatepass")]
            for part in parts:
                _add(whole, part)
            known = self._bases[key] = (held, whole)
        return known[1]

    def _state(self, path: str) -> str:
        """Give the hash of a file, or of the names in a folder; empty when there is neither."""
        state = self._states.get(path)
        if state is None:
            state = self._states[path] = _state(Path(path))
        return state

    def _pack(self, folder: str) -> dict[str, packs.Entry]:
        pack = self._packs.get(folder)
        if pack is None:
            pack = self._packs[folder] = packs.read(self._file(Path(folder)))
        return pack

    def _file(self, folder: Path) -> Path:
        return self.folder / f"{digest(os.fsencode(folder.absolute()))}.pack"


def _state(path: Path) -> str:
    if path.name in ROOT_MARKERS:
        # That one is there ends the search for a module, whatever it holds.
        return "there" if path.exists() else ""
    try:
        return digest(path.read_bytes())
    except IsADirectoryError:
        with contextlib.suppress(OSError):
            return digest(*map(os.fsencode, sorted(os.listdir(path))))  # noqa: PTH208 - names only, no paths
    except OSError:
        pass
    return ""


def _tool_digest() -> bytes:
    """Hash what decides besides the code that is linted: the linter, its rules, libcst and Python."""
    files = [path for folder in _own_folders(Path(__file__).parent) for path in sorted(folder.glob("*.py"))]
    files += sorted(source_files())
    files += _of_libcst()
    return "\n".join([sys.version, str(Path.cwd()), *map(_stamp, files)]).encode()


@functools.cache
def _stamp(file: Path) -> str:
    # What a process has imported stays, when the file changes while it watches others.
    status = file.stat()
    return f"{file}:{status.st_size}:{status.st_mtime_ns}"


def _of_libcst() -> list[Path]:
    """Give the file of libcst that every release changes, without importing it."""
    places = (Path(folder) / "libcst" / "_version.py" for folder in sys.path)
    return [place for place in places if place.is_file()][:1]


def _own_folders(package: Path) -> list[Path]:
    return [package, *(path for path in sorted(package.iterdir()) if path.is_dir())]
