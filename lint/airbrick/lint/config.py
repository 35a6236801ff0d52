"""Reading ``[tool.airbrick]`` of pyproject.toml, or airbrick.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from airbrick.contract import suggest
from airbrick.lint.errors import ConfigError
from airbrick.lint.keys import KEYS
from airbrick.lint.kinds import Kind, WrongValueError
from airbrick.lint.settings import Settings

if TYPE_CHECKING:
    from airbrick.lint.rule import Option

FILE_NAME: Final = "airbrick.toml"
RULES: Final = "rules"

Document = Mapping[str, Any]


class ConfigFinder:
    """Finds the settings of a file: those of the nearest configuration file at or above it."""

    def __init__(self) -> None:
        self._known: dict[Path, Settings] = {}

    def settings_for(self, folder: Path) -> Settings:
        """Give the settings for the files of a folder.

        :raises ConfigError: the nearest configuration is wrong.
        """
        folder = folder.absolute()
        found = self._known.get(folder)
        if found is None:
            found = self._known[folder] = self._look(folder)
        return found

    def _look(self, folder: Path) -> Settings:
        for path in (folder / FILE_NAME, folder / "pyproject.toml"):
            if path.is_file():
                settings = read(path, optional=path.name != FILE_NAME)
                if settings is not None:
                    return settings
        return Settings(root=folder) if folder.parent == folder else self.settings_for(folder.parent)


def read(path: Path, *, optional: bool = False) -> Settings | None:
    """Read a configuration file.

    :param optional: whether a file without ``[tool.airbrick]`` is no configuration at all.
    :returns: ``None`` only for an optional file that says nothing.
    :raises ConfigError: it cannot be read, is no TOML, or holds a key or a value that is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = (error.strerror or str(error)) if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigError(path, key="", reason=f"cannot be read: {reason}") from error
    if optional and "airbrick" not in text:
        return None
    try:
        document: Document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(path, key="", reason=f"is not TOML: {error}") from error
    prefix = ""
    if path.name == "pyproject.toml":
        table = document.get("tool", {}).get("airbrick")
        if table is None:
            return None if optional else Settings(root=path.parent.absolute(), source=path)
        document, prefix = table, "tool.airbrick."
    return from_document(document, source=path, prefix=prefix)


def from_document(document: object, *, source: Path, prefix: str = "") -> Settings:
    """Check a configuration and make settings of it.

    :param prefix: what stands before its keys in the file, for errors.
    :raises ConfigError: a key is unknown, or a value has the wrong type.
    """
    settings = Settings(root=source.parent.absolute(), source=source)
    where = _Where(source, prefix.rstrip("."))
    given: dict[str, Any] = {}
    for name, value in where.table(document, "a table").items():
        place = where.inner(name)
        if name == RULES:
            given["options"] = _read_rules(value, place)
            continue
        key = KEYS.get(name)
        if key is None:
            nearest = suggest(name, (*KEYS, RULES))
            known = f"did you mean {nearest}?" if nearest else f"known keys: {', '.join(sorted((*KEYS, RULES)))}"
            raise place.error(f"unknown key: {known}")
        checked = place.check(key.kind, value)
        given[name.replace("-", "_")] = tuple(settings.root / text for text in checked) if key.paths else checked
    return replace(settings, **given)


@dataclass(frozen=True, slots=True)
class _Where:
    """The place of a value, for errors."""

    source: Path
    key: str

    def inner(self, name: str) -> "_Where":
        return _Where(self.source, f"{self.key}.{name}" if self.key else name)

    def error(self, reason: str) -> ConfigError:
        return ConfigError(self.source, key=self.key, reason=reason)

    def check(self, kind: Kind, value: object) -> Any:  # noqa: ANN401 - what it gives depends on the kind
        try:
            return kind.check(value)
        except WrongValueError as error:
            place = self.inner(error.key) if error.key else self
            raise place.error(str(error)) from error

    def table(self, value: object, expected: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.error(str(WrongValueError(expected, value)))
        return value


def _read_rules(value: object, where: _Where) -> dict[str, dict[str, Any]]:
    from airbrick.lint.registry import find_rule, suggest_rule

    options: dict[str, dict[str, Any]] = {}
    for name, given in where.table(value, "a table of rules").items():
        place = where.inner(name)
        rule = find_rule(name)
        if rule is None:
            raise place.error(f"no such rule: {suggest_rule(name)}")
        if rule.code in options:
            raise place.error(f"{rule.code} is {rule.name}: set its options in one table")
        known = {option.name: option for option in rule.options}
        options[rule.code] = {
            key: _read_option(rule.code, key, setting, known, place.inner(key))
            for key, setting in place.table(given, "a table of options").items()
        }
    return options


def _read_option(code: str, name: str, value: object, known: Mapping[str, "Option[Any]"], where: _Where) -> object:
    option = known.get(name)
    if option is not None:
        return where.check(option.kind, value)
    nearest = suggest(name, known)
    if nearest:
        raise where.error(f"unknown option: did you mean {nearest}?")
    raise where.error(
        f"unknown option: {code} has {'the options ' + ', '.join(sorted(known)) if known else 'no options'}"
    )
