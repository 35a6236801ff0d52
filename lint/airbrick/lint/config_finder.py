"""The settings of a file: those of the nearest configuration.

Reading one takes all that is known of keys and rules; where there is none, nothing of that is imported.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from airbrick.lint.absolute import absolute
from airbrick.lint.settings import Settings

FILE_NAME: Final = "airbrick.toml"
PYPROJECT: Final = "pyproject.toml"
ROOT_MARKERS: Final = (".git", PYPROJECT, FILE_NAME)
"""What lies in the folder at the root of a project."""

Document = Mapping[str, Any]


class ConfigFinder:
    """Finds the settings of a file: those of the nearest configuration file at or above it.

    :param overrides: keys that win over those of every file.
    """

    def __init__(self, overrides: Document | None = None) -> None:
        self._overrides = overrides or {}
        self._known: dict[Path, Settings] = {}

    def settings_for(self, folder: Path) -> Settings:
        """Give the settings for the files of a folder.

        :raises ConfigError: the nearest configuration is wrong.
        """
        found = self._known.get(folder)
        if found is None:
            place = absolute(folder)
            found = self._known.get(place) or self._look(place)
            self._known[folder] = self._known[place] = found
        return found

    def _look(self, folder: Path) -> Settings:
        for path in (folder / FILE_NAME, folder / PYPROJECT):
            if path.is_file():
                from airbrick.lint.config import read

                settings = read(path, optional=path.name != FILE_NAME)
                if settings is not None:
                    return _override(settings, self._overrides)
        if folder.parent == folder:
            return _override(Settings(root=folder), self._overrides)
        return self.settings_for(folder.parent)


def settings_source(
    config: Path | None = None, *, isolated: bool = False, overrides: Document | None = None
) -> Callable[[Path], Settings]:
    """Give what tells the settings for the files of a folder.

    :param config: the configuration file for every file; ``None`` to use the nearest one of each.
    :param isolated: whether configuration files are left alone.
    :param overrides: keys that win over those of every file.
    :raises ConfigError: the configuration file named, or a key of the command line, is wrong.
    """
    if not isolated and config is None:
        finder = ConfigFinder(overrides)
        # Wrong keys of the command line are told even when no file is looked at.
        _override(Settings(), overrides or {})
        return finder.settings_for
    named: Settings | None = None
    if config is not None and not isolated:
        from airbrick.lint.config import read

        named = read(config)
    fixed = _override(named or Settings(), overrides or {})
    return lambda _folder: fixed


def _override(settings: Settings, overrides: Document) -> Settings:
    if not overrides:
        return settings
    from airbrick.lint.config import override

    return override(settings, overrides)
