"""Reading ``[tool.airbrick]`` of pyproject.toml, or airbrick.toml."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from airbrick.contract import suggest
from airbrick.lint.errors import ConfigError
from airbrick.lint.settings import Settings

FILE_NAME: Final = "airbrick.toml"
_VERSION: Final = re.compile(r"(\d+)\.(\d+)(?:\.\d+)?")

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
    if not isinstance(document, dict):
        raise ConfigError(source, key=prefix.rstrip("."), reason=f"expected a table, found {_kind(document)}")
    settings = Settings(root=source.parent.absolute(), source=source)
    for key, value in document.items():
        read_key = _KEYS.get(key)
        where = f"{prefix}{key}"
        if read_key is None:
            nearest = suggest(key, _KEYS)
            hint = f"did you mean {nearest}?" if nearest else f"known keys: {', '.join(sorted(_KEYS))}"
            raise ConfigError(source, key=where, reason=f"unknown key: {hint}")
        settings = read_key(settings, value, _Where(source, where))
    return settings


class _Where:
    """The place of a value, for errors."""

    def __init__(self, source: Path, key: str) -> None:
        self.source = source
        self.key = key

    def wrong(self, expected: str, found: object) -> ConfigError:
        return ConfigError(self.source, key=self.key, reason=f"expected {expected}, found {_kind(found)}")


def _kind(value: object) -> str:
    names: Mapping[type, str] = {str: "text", bool: "a boolean", int: "a number", float: "a number", list: "a list"}
    return names.get(type(value), "a table" if isinstance(value, dict) else type(value).__name__)


def _texts(value: object, where: _Where) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise where.wrong(
            "a list of texts",
            value if not isinstance(value, list) else next(i for i in value if not isinstance(i, str)),
        )
    return tuple(value)


def _select(settings: Settings, value: object, where: _Where) -> Settings:
    return replace(settings, select=_texts(value, where))


def _ignore(settings: Settings, value: object, where: _Where) -> Settings:
    return replace(settings, ignore=_texts(value, where))


def _exclude(settings: Settings, value: object, where: _Where) -> Settings:
    return replace(settings, exclude=_texts(value, where))


def _contract(settings: Settings, value: object, where: _Where) -> Settings:
    named = (value,) if isinstance(value, str) else _texts(value, where)
    return replace(settings, contract=tuple(settings.root / name for name in named))


def _target(settings: Settings, value: object, where: _Where) -> Settings:
    match = _VERSION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise where.wrong('a version such as "3.1"', value)
    return replace(settings, target_airflow=(int(match[1]), int(match[2])))


def _deferrable(settings: Settings, value: object, where: _Where) -> Settings:
    if not isinstance(value, bool):
        raise where.wrong("true or false", value)
    return replace(settings, default_deferrable=value)


def _per_file(settings: Settings, value: object, where: _Where) -> Settings:
    if not isinstance(value, dict):
        raise where.wrong("a table of patterns", value)
    pairs = tuple(
        (pattern, _texts(codes, _Where(where.source, f"{where.key}.{pattern!r}"))) for pattern, codes in value.items()
    )
    return replace(settings, per_file_ignores=pairs)


def _rules(settings: Settings, value: object, where: _Where) -> Settings:
    from airbrick.lint.registry import all_rules, find_rule

    if not isinstance(value, dict):
        raise where.wrong("a table of rules", value)
    options: dict[str, dict[str, int | str | bool]] = {}
    for key, given in value.items():
        inner = _Where(where.source, f"{where.key}.{key}")
        rule = find_rule(key)
        if rule is None:
            nearest = suggest(key, [name for r in all_rules() for name in (r.code, r.name)])
            hint = f"did you mean {nearest}?" if nearest else "`airbrick rule --all` lists the rules"
            raise ConfigError(where.source, key=inner.key, reason=f"no such rule: {hint}")
        if not isinstance(given, dict):
            raise inner.wrong("a table of options", given)
        for name, setting in given.items():
            options.setdefault(rule.code, {})[name] = _option(rule, name, setting, inner)
    return replace(settings, options=options)


def _option(rule: Any, name: str, value: object, where: _Where) -> int | str | bool:  # noqa: ANN401 - a Rule, imported lazily
    place = _Where(where.source, f"{where.key}.{name}")
    option = rule.options.get(name)
    if option is None:
        nearest = suggest(name, rule.options)
        known = (
            f"did you mean {nearest}?"
            if nearest
            else f"{rule.code} has "
            + (f"the options {', '.join(sorted(rule.options))}" if rule.options else "no options")
        )
        raise ConfigError(where.source, key=place.key, reason=f"unknown option: {known}")
    if type(value) is not type(option.default):
        raise place.wrong(_kind(option.default), value)
    return value  # type: ignore[return-value]  # of the default's type


_KEYS: Final[Mapping[str, Callable[[Settings, object, _Where], Settings]]] = {
    "select": _select,
    "ignore": _ignore,
    "contract": _contract,
    "target-airflow": _target,
    "default-deferrable": _deferrable,
    "per-file-ignores": _per_file,
    "exclude": _exclude,
    "rules": _rules,
}
