"""Everything that stops the linter, as opposed to what it finds.

::

    LintError
    ├── ConfigError          a configuration file or option is wrong
    ├── SelectorError        a rule selector names no rule
    ├── PluginError          rules that others wrote cannot be loaded
    ├── PathError            a path to lint does not exist or cannot be read
    ├── BaselineError        a baseline cannot be read
    ├── RevisionError        git cannot tell what changed since a revision
    └── WriteError           a file cannot be written
"""

from pathlib import Path


class LintError(Exception):
    """The base of every error of the linter; its text names the place and the fix."""


class ConfigError(LintError):
    """A configuration file is wrong.

    :param source: the file, or the command line option.
    :param key: the dotted key that is wrong; empty when the file as a whole cannot be read.
    :param reason: what is wrong with it and what to write instead.
    """

    def __init__(self, source: Path | str, *, key: str, reason: str) -> None:
        self.source = source
        self.key = key
        self.reason = reason
        place = f"{source}: {key}" if key else str(source)
        super().__init__(f"{place}: {reason}")


class SelectorError(LintError):
    """A selector matches no rule.

    :param selector: what was asked for.
    :param source: where it was asked for, such as ``--select``.
    :param suggestion: the selector that was probably meant.
    """

    def __init__(self, selector: str, *, source: str, suggestion: str | None) -> None:
        self.selector = selector
        self.source = source
        self.suggestion = suggestion
        hint = f"did you mean {suggestion}?" if suggestion else "`airbrick rule --all` lists the rules"
        super().__init__(f"{source}: no rule matches {selector!r}: {hint}")


class PluginError(LintError):
    """Rules of a distribution or of the project cannot be loaded.

    :param source: the entry point or the file.
    :param reason: what is wrong.
    """

    def __init__(self, source: str, *, reason: str) -> None:
        self.source = source
        self.reason = reason
        super().__init__(f"{source}: the rules cannot be loaded: {reason}")


class PathError(LintError):
    """A path given to lint does not exist or cannot be read.

    :param path: the path as given.
    :param reason: what the operating system said.
    """

    def __init__(self, path: Path, *, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{path}: {reason}")


class BaselineError(LintError):
    """A baseline cannot be read.

    :param path: the file.
    :param reason: what is wrong with it.
    """

    def __init__(self, path: Path, *, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{path}: {reason}")


class RevisionError(LintError):
    """What changed since a revision cannot be told.

    :param revision: the revision that was asked for.
    :param reason: what git said.
    """

    def __init__(self, revision: str, *, reason: str) -> None:
        self.revision = revision
        self.reason = reason
        super().__init__(f"--diff-base {revision}: {reason}")


class WriteError(LintError):
    """A file cannot be written; what is on disk is unchanged.

    :param path: the file.
    :param reason: what the operating system said.
    """

    def __init__(self, path: Path, *, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{path}: cannot be written, it is unchanged: {reason}")
