"""Findings of an earlier revision in git, for ``--diff-base``."""

import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from airbrick.lint.checking import Work
from airbrick.lint.engine import Linter
from airbrick.lint.errors import RevisionError
from airbrick.lint.finding import Finding
from airbrick.lint.known import Remembered
from airbrick.lint.result import FileResult


class Revision:
    """What has changed since a revision, by the file's present path.

    :param name: the revision, as git knows it.
    :raises RevisionError: there is no git, no repository, or no such revision.
    """

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self._folder = folder
        top = self._git("rev-parse", "--show-toplevel").rstrip(b"\n")
        self.top = Path(top.decode("utf-8", "surrogateescape"))
        self._git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        self._before = self._changes()
        self._results: dict[Path, FileResult | None] = {}

    def known(self, works: Iterable[Work], linter: Linter) -> "KnownBefore":
        """Lint the changed ones of the files as they were."""
        remembered = Remembered()
        results = self.results(works, linter)
        for path, result in results.items():
            remembered.add(path, result.findings if result is not None else ())
        return KnownBefore(remembered, frozenset(results))

    def results(self, works: Iterable[Work], linter: Linter) -> Mapping[Path, FileResult | None]:
        """Give what is found in the changed ones of the files as they were; ``None`` for those that are new."""
        found: dict[Path, FileResult | None] = {}
        for work in works:
            path = work.path
            if path.resolve() not in self._before:
                continue
            if path not in self._results:
                data = self.content(path)
                self._results[path] = None if data is None else linter.lint_bytes(data, path, work.settings)
            found[path] = self._results[path]
        return found

    def content(self, path: Path) -> bytes | None:
        """Give what a file held; ``None`` when there was none."""
        absolute = path.resolve()
        was = self._before.get(absolute, "")
        if was is None:
            return None
        return self._git("show", f"{self.name}:{was}") if was else absolute.read_bytes()

    @property
    def deleted(self) -> list[Path]:
        """The files that were there and are no more."""
        return [path for path, was in self._before.items() if was is not None and not path.exists()]

    def _changes(self) -> dict[Path, str | None]:
        """Give the changed files and the paths they had; ``None`` for those that are new."""
        found: dict[Path, str | None] = {}
        # What the user's configuration of git says of diffs must not matter: paths are the repository's.
        options = ("--name-status", "-z", "-M", "--no-relative", "--no-ext-diff", "--ignore-submodules=all")
        fields = iter(self._texts("diff", *options, self.name))
        for status in fields:
            if status[:1] in {"R", "C"}:
                was = next(fields)
                found[self.top / next(fields)] = was
            else:
                path = next(fields)
                found[self.top / path] = None if status == "A" else path
        for path in self._texts("ls-files", "--others", "--exclude-standard", "--full-name", "-z", str(self.top)):
            found[self.top / path] = None
        return found

    def _texts(self, *arguments: str) -> list[str]:
        output = self._git(*arguments).decode("utf-8", "surrogateescape")
        return [text for text in output.split("\0") if text]

    def _git(self, *arguments: str) -> bytes:
        command = ["git", "-C", str(self._folder), *arguments]
        try:
            done = subprocess.run(command, capture_output=True, check=False)
        except OSError as error:
            raise RevisionError(self.name, reason=f"git cannot be run: {error.strerror or error}") from error
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise RevisionError(self.name, reason=said[0] if said else "git knows no such revision")
        return done.stdout


class KnownBefore:
    """The findings that a revision had.

    :param changed: the files in which not every finding is known.
    """

    def __init__(self, remembered: Remembered, changed: frozenset[Path]) -> None:
        self._remembered = remembered
        self._changed = changed

    def take(self, finding: Finding) -> bool:
        """Tell whether a finding was there before."""
        return finding.path not in self._changed or self._remembered.take(finding)
