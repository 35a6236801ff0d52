"""What was found before, for files that have not changed since.

A result rests on the file, the settings, the linter and its rules, the contracts, and the other files of the
project that facts led into; a hash of all but the last is the key, and the others are compared one by one.
Whatever is wrong with a file of the cache, it counts as absent: the cache can cost time, never a finding.
"""

import contextlib
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from airbrick.lint.contracts import StackContract
from airbrick.lint.engine import FileResult
from airbrick.lint.records import from_record, to_record
from airbrick.lint.registry import all_rules
from airbrick.lint.settings import Settings

FOLDER_NAME: Final = ".airbrick_cache"
_FORMAT: Final = 1
_TAG: Final = "Signature: 8a477f597d28d172789f06886806bc55\n# Made by airbrick lint.\n"


def digest(*parts: bytes) -> str:
    """Hash bytes."""
    whole = hashlib.blake2b(digest_size=16)
    for part in parts:
        whole.update(len(part).to_bytes(8, "big"))
        whole.update(part)
    return whole.hexdigest()


class Cache:
    """Results of earlier runs, one file of the cache for each folder of the project.

    :param folder: where they are kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # Short, because it is part of every key.
        self._tool = digest(_tool_digest()).encode()
        self._packs: dict[Path, dict[str, Any]] = {}
        self._fresh: dict[Path, dict[str, Any]] = {}
        self._settings: dict[int, tuple[Settings, str]] = {}
        self._states: dict[Path, str] = {}

    def key(
        self, path: Path, data: bytes, settings: Settings, on: Iterable[str], contracts: Iterable[StackContract]
    ) -> str:
        """Give what a result rests on besides other files of the project.

        :param on: the rules that are on.
        """
        stacks = [part for c in contracts for part in (str(c.path).encode(), c.text.encode("utf-8", "surrogatepass"))]
        named = os.fsencode(path)
        return digest(self._tool, named, data, self._settings_digest(settings), " ".join(sorted(on)).encode(), *stacks)

    def find(self, path: Path, data: bytes, key: str) -> FileResult | None:
        """Give the result for a file, if one was kept that still holds."""
        entry = self._pack(path.parent).get(path.name)
        try:
            if entry is None or entry["key"] != key:
                return None
            if any(self._state(Path(other)) != state for other, state in entry["others"].items()):
                return None
            return from_record(entry["result"], path, data)
        except (KeyError, TypeError, ValueError, AttributeError):
            return None

    def keep(self, result: FileResult, key: str) -> None:
        """Keep a result; one of a crash is not."""
        if result.crashed:
            return
        others = {str(other): self._state(other) for other in sorted(result.consulted)}
        pack = self._fresh.setdefault(result.path.parent, {})
        pack[result.path.name] = {"key": key, "others": others, "result": to_record(result)}

    def save(self) -> None:
        """Write what was kept; a cache that cannot be written is no mistake of the user."""
        with contextlib.suppress(OSError):
            for folder, fresh in self._fresh.items():
                # Another process may have written meanwhile: its results stay.
                pack = {**self._read(folder), **fresh}
                names = set(os.listdir(folder))  # noqa: PTH208 - names only, no paths
                self._write(folder, {name: entry for name, entry in pack.items() if name in names})
        self._fresh.clear()

    def _settings_digest(self, settings: Settings) -> bytes:
        known = self._settings.get(id(settings))
        if known is None:
            known = self._settings[id(settings)] = (settings, repr(settings))
        return known[1].encode("utf-8", "surrogatepass")

    def _state(self, path: Path) -> str:
        """Give the hash of a file, or of the names in a folder; empty when there is neither."""
        state = self._states.get(path)
        if state is None:
            state = self._states[path] = _state(path)
        return state

    def _pack(self, folder: Path) -> dict[str, Any]:
        if folder not in self._packs:
            self._packs[folder] = self._read(folder)
        return self._packs[folder]

    def _file(self, folder: Path) -> Path:
        return self.folder / f"{digest(os.fsencode(folder.absolute()))}.json"

    def _read(self, folder: Path) -> dict[str, Any]:
        try:
            pack = json.loads(self._file(folder).read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        files = pack.get("files") if isinstance(pack, dict) and pack.get("cache") == _FORMAT else None
        return files if isinstance(files, dict) else {}

    def _write(self, folder: Path, files: Mapping[str, Any]) -> None:
        target = self._file(folder)
        if not self.folder.is_dir():
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / ".gitignore").write_text("*\n")
            (self.folder / "CACHEDIR.TAG").write_text(_TAG)
        content = json.dumps({"cache": _FORMAT, "files": files}, separators=(",", ":"))
        descriptor, temporary = tempfile.mkstemp(dir=self.folder, prefix=".", suffix=".tmp")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogatepass") as stream:
                stream.write(content)
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise


def _state(path: Path) -> str:
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
    files += [Path(origin) for rule in all_rules() if (origin := _origin(type(rule).__module__))]
    files += _of_libcst()
    stamps = [f"{file}:{(status := file.stat()).st_size}:{status.st_mtime_ns}" for file in files]
    return "\n".join([sys.version, str(Path.cwd()), *stamps]).encode()


def _of_libcst() -> list[Path]:
    """Give the file of libcst that every release changes, without importing it."""
    places = (Path(folder) / "libcst" / "_version.py" for folder in sys.path)
    return [place for place in places if place.is_file()][:1]


def _own_folders(package: Path) -> list[Path]:
    return [package, *(path for path in sorted(package.iterdir()) if path.is_dir())]


def _origin(module: str) -> str:
    loaded = sys.modules.get(module)
    return getattr(loaded, "__file__", None) or ""
