"""Findings of an earlier revision in git, for ``--diff-base``."""

import subprocess
from collections.abc import Iterable
from pathlib import Path

from airbrick.lint.engine import Linter
from airbrick.lint.errors import RevisionError
from airbrick.lint.finding import Finding
from airbrick.lint.known import Remembered
from airbrick.lint.settings import Settings


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

    def known(self, files: Iterable[tuple[Path, Settings]], linter: Linter) -> "KnownBefore":
        """Lint the changed ones of the files as they were."""
        remembered = Remembered()
        changed: set[Path] = set()
        for path, settings in files:
            absolute = path.resolve()
            if absolute not in self._before:
                continue
            changed.add(path)
            was = self._before[absolute]
            if was is not None:
                data = self._git("show", f"{self.name}:{was}")
                remembered.add(path, linter.lint_bytes(data, path, settings).findings)
        return KnownBefore(remembered, frozenset(changed))

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
