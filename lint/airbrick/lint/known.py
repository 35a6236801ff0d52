"""Findings that are known already and not shown: those of a baseline, and those of an earlier revision."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

from airbrick.lint.finding import Finding


class Known(Protocol):
    """A set of known findings."""

    def take(self, finding: Finding) -> bool:
        """Tell whether a finding is known; each known one stands for one finding."""


def split(findings: Iterable[Finding], known: Iterable[Known]) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """Split findings into new and known ones."""
    sets = tuple(known)
    fresh: list[Finding] = []
    old: list[Finding] = []
    for finding in findings:
        (old if any(one.take(finding) for one in sets) else fresh).append(finding)
    return tuple(fresh), tuple(old)


class Remembered:
    """The findings of one state of some files, by path and fingerprint."""

    def __init__(self, findings: Iterable[Finding] = ()) -> None:
        self._left = Counter((finding.path, finding.fingerprint) for finding in findings)

    def add(self, path: Path, findings: Iterable[Finding]) -> None:
        """Add the findings of a file.

        :param path: the file as it is named now.
        """
        self._left.update((path, finding.fingerprint) for finding in findings)

    def take(self, finding: Finding) -> bool:
        """Tell whether a finding is known."""
        key = (finding.path, finding.fingerprint)
        if self._left[key] <= 0:
            return False
        self._left[key] -= 1
        return True


def count(findings: Iterable[Finding]) -> Mapping[tuple[Path, str], int]:
    """Count findings that cannot be told from each other."""
    return Counter((finding.path, finding.fingerprint) for finding in findings)


def first_of_each(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Give one finding of those that cannot be told from each other."""
    seen: set[tuple[Path, str]] = set()
    for finding in findings:
        key = (finding.path, finding.fingerprint)
        if key not in seen:
            seen.add(key)
            yield finding
