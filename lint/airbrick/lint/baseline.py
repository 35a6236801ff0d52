"""The baseline: findings that were there when the linter came, and do not count.

A baseline names rule, DAG, task and fingerprint, but no line, so it holds when code moves within its file or
with its file. It is made to be committed: sorted, one finding a line, and without the code itself.
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from airbrick.lint import known
from airbrick.lint.errors import BaselineError, WriteError
from airbrick.lint.finding import Finding

VERSION: Final = 1


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """Findings of a file that cannot be told from each other.

    :param path: the file, relative to the baseline, with slashes.
    :param count: how many there are.
    """

    path: str
    code: str
    dag_id: str
    task_id: str
    fingerprint: str
    name: str
    count: int = 1


class Baseline:
    """The entries of a baseline, and what is left of them in a run.

    :param file: where it is kept.
    """

    def __init__(self, file: Path, entries: Iterable[Entry] = ()) -> None:
        self.file = file
        self.entries = tuple(sorted(entries))
        self._folder = file.absolute().parent
        self._here: Counter[tuple[str, str]] = Counter()
        self._moved: Counter[str] = Counter()
        for entry in self.entries:
            if (self._folder / entry.path).exists():
                self._here[entry.path, entry.fingerprint] += entry.count
            else:
                # The file was moved: its findings are known wherever they turn up.
                self._moved[entry.fingerprint] += entry.count

    def take(self, finding: Finding) -> bool:
        """Tell whether a finding is known; each entry stands for as many as it counts."""
        here = (self.relative(finding.path), finding.fingerprint)
        if self._here[here] > 0:
            self._here[here] -= 1
            return True
        if self._moved[finding.fingerprint] > 0:
            self._moved[finding.fingerprint] -= 1
            return True
        return False

    def stale(self, asked: Callable[[Path], frozenset[str]]) -> tuple[Entry, ...]:
        """Give what is left of the entries when all findings were taken.

        :param asked: gives the codes of the rules that were asked about a file; other entries are left alone.
        """
        codes = {path: asked(self._absolute(path)) for path in {entry.path for entry in self.entries}}
        left = (replace(entry, count=self._left(entry)) for entry in self.entries)
        return tuple(entry for entry in left if entry.count > 0 and entry.code in codes[entry.path])

    def _absolute(self, path: str) -> Path:
        return Path(os.path.normpath(self._folder / path))

    def _left(self, entry: Entry) -> int:
        return min(entry.count, max(self._here[entry.path, entry.fingerprint], self._moved[entry.fingerprint]))

    def without(self, stale: Iterable[Entry]) -> "Baseline":
        """Give a baseline that holds no stale entries."""
        gone = {(entry.path, entry.fingerprint): entry.count for entry in stale}
        kept = (
            replace(entry, count=entry.count - gone.get((entry.path, entry.fingerprint), 0)) for entry in self.entries
        )
        return Baseline(self.file, (entry for entry in kept if entry.count > 0))

    def relative(self, path: Path) -> str:
        """Name a file as the baseline does."""
        return Path(os.path.relpath(path.absolute(), self._folder)).as_posix()

    @classmethod
    def of(cls, file: Path, findings: Iterable[Finding]) -> "Baseline":
        """Make a baseline of findings."""
        empty = cls(file)
        listed = tuple(findings)
        counted = known.count(listed)
        return cls(
            file,
            (
                Entry(
                    path=empty.relative(finding.path),
                    code=finding.code,
                    dag_id=finding.dag_id,
                    task_id=finding.task_id,
                    fingerprint=finding.fingerprint,
                    name=finding.name,
                    count=counted[finding.path, finding.fingerprint],
                )
                for finding in known.first_of_each(listed)
            ),
        )

    def write(self) -> None:
        """Write the file in one step.

        :raises WriteError: it cannot be written; what was there is unchanged.
        """
        import tempfile

        temporary: str | None = None
        try:
            descriptor, temporary = tempfile.mkstemp(dir=self.file.absolute().parent, prefix=f".{self.file.name}.")
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as stream:
                stream.write(dumps(self.entries))
            Path(temporary).chmod(0o644)
            Path(temporary).replace(self.file)
            temporary = None
        except OSError as error:
            raise WriteError(self.file, reason=error.strerror or str(error)) from error
        finally:
            if temporary is not None:
                Path(temporary).unlink(missing_ok=True)


def dumps(entries: Iterable[Entry]) -> str:
    """Write entries as JSON, one a line."""
    lines = [json.dumps(_document(entry), ensure_ascii=False) for entry in entries]
    inner = ",\n".join(f"  {line}" for line in lines)
    return (
        f'{{"baseline": {VERSION}, "findings": [\n{inner}\n]}}\n'
        if lines
        else f'{{"baseline": {VERSION}, "findings": []}}\n'
    )


def _document(entry: Entry) -> dict[str, Any]:
    return {
        "path": entry.path,
        "code": entry.code,
        "name": entry.name,
        "dag_id": entry.dag_id,
        "task_id": entry.task_id,
        "fingerprint": entry.fingerprint,
        "count": entry.count,
    }


def load(file: Path) -> Baseline:
    """Read a baseline.

    :raises BaselineError: it cannot be read, or is none.
    """
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BaselineError(file, reason=f"cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise BaselineError(file, reason=f"is no JSON: {error}") from error
    if not isinstance(document, dict) or "baseline" not in document:
        raise BaselineError(
            file, reason="is no baseline: name another file, or remove it and run `airbrick baseline create`"
        )
    if document["baseline"] != VERSION:
        raise BaselineError(file, reason=f"has version {document['baseline']!r}; this airbrick reads {VERSION}")
    return Baseline(file, _entries(document.get("findings"), file))


def _entries(value: object, file: Path) -> Iterator[Entry]:
    if not isinstance(value, list):
        raise BaselineError(file, reason="holds no list of findings")
    for number, found in enumerate(value, start=1):
        try:
            yield _entry(found)
        except (KeyError, TypeError, ValueError) as error:
            raise BaselineError(file, reason=f"finding {number} is broken: {error!r}") from error


def _entry(found: Mapping[str, Any]) -> Entry:
    texts = {key: found[key] for key in ("path", "code", "dag_id", "task_id", "fingerprint", "name")}
    if not all(isinstance(text, str) for text in texts.values()):
        raise TypeError("a text is expected")
    count = found["count"]
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise ValueError("count must be a number from 1")
    return Entry(**texts, count=count)
