"""A file of the cache: entries by name, and for each the texts that reports tell.

The first line says what it is and gives the hash of all that follows, so that a file that is torn, or another's, is
known for it. The second line holds the entries; the texts follow, one a line, so that nothing has to be parsed to
tell them again.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

Entry = dict[str, Any]
"""Data that JSON can hold, with a list of texts without newlines under ``documents``."""

_FORMAT: Final = 2
_TAG: Final = "Signature: 8a477f597d28d172789f06886806bc55\n# Made by airbrick lint.\n"
_DOCUMENTS: Final = "documents"


def read(file: Path) -> dict[str, Entry]:
    """Give the entries of a file; none when it is not there, or is not what was written."""
    try:
        head, _, content = file.read_bytes().partition(b"\n")
    except OSError:
        return {}
    if head != _head(content):
        return {}
    listed, *texts = content.decode("utf-8", "surrogatepass").split("\n")
    entries: dict[str, Entry] = json.loads(listed)
    start = 0
    for entry in entries.values():
        end = start + entry[_DOCUMENTS]
        entry[_DOCUMENTS] = texts[start:end]
        start = end
    return entries


def write(file: Path, entries: Mapping[str, Entry]) -> None:
    """Write a file in one step.

    :raises OSError: it cannot be written; what was there is unchanged.
    """
    # A run that finds everything writes nothing.
    import tempfile

    listed = {name: {**entry, _DOCUMENTS: len(entry[_DOCUMENTS])} for name, entry in entries.items()}
    lines = [json.dumps(listed, separators=(",", ":"))]
    lines += [text for entry in entries.values() for text in entry[_DOCUMENTS]]
    content = "\n".join(lines).encode("utf-8", "surrogatepass")
    _make(file.parent)
    descriptor, temporary = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(b"\n".join((_head(content), content)))
        Path(temporary).replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise


def _make(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".gitignore").write_text("*\n")
        (folder / "CACHEDIR.TAG").write_text(_TAG)


def _head(content: bytes) -> bytes:
    return f"airbrick cache {_FORMAT} {hashlib.sha256(content).hexdigest()}".encode()
