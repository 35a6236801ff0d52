"""Reading ``[tool.airbrick]`` of pyproject.toml, or airbrick.toml."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from airbrick.contract import suggest
from airbrick.lint.absolute import absolute
from airbrick.lint.config_finder import PYPROJECT, Document
from airbrick.lint.errors import ConfigError
from airbrick.lint.keys import KEYS
from airbrick.lint.kinds import Kind, Text, Version, WrongValueError
from airbrick.lint.plugins import load_rules
from airbrick.lint.settings import Settings

if TYPE_CHECKING:
    from airbrick.lint.rule import Option

RULES: Final = "rules"
EXTEND: Final = "extend"
MAX_EXTENDS: Final = 16


def read(path: Path, *, optional: bool = False, extending: tuple[Path, ...] = ()) -> Settings | None:
    """Read a configuration file.

    :param optional: whether a file without ``[tool.airbrick]`` is no configuration at all.
    :param extending: the files that led here by ``extend``.
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
    import tomllib

    try:
        document: Document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(path, key="", reason=f"is not TOML: {error}") from error
    prefix = ""
    if path.name == PYPROJECT:
        tool = document.get("tool", {})
        if not isinstance(tool, dict) or "airbrick" not in tool:
            return None if optional else Settings(root=absolute(path.parent), source=path)
        document, prefix = tool["airbrick"], "tool.airbrick"
    return from_document(document, source=path, prefix=prefix, extending=extending)


def from_document(document: object, *, source: Path, prefix: str = "", extending: tuple[Path, ...] = ()) -> Settings:
    """Check a configuration and make settings of it.

    :param prefix: what stands before its keys in the file, for errors.
    :raises ConfigError: a key is unknown, or a value has the wrong type.
    """
    where = _Where(source, prefix)
    table = where.table(document, "a table")
    base = _extended(table[EXTEND], where.inner(EXTEND), extending) if EXTEND in table else Settings()
    own = {name: value for name, value in table.items() if name != EXTEND}
    extended = (*base.extended, base.source) if base.source is not None else ()
    return _apply(own, replace(base, root=absolute(source.parent), source=source, extended=extended), where)


def override(settings: Settings, overrides: Document) -> Settings:
    """Let keys of the command line win over those of a file; their paths are relative to the current folder.

    :raises ConfigError: a key is unknown, or a value has the wrong type.
    """
    if not overrides:
        return settings
    changed = _apply(overrides, replace(settings, root=Path.cwd()), _Where("--config", ""))
    return replace(changed, root=settings.root)


def inline(texts: Iterable[str]) -> dict[str, Any]:
    """Read settings that are written as ``key = value`` on the command line.

    :raises ConfigError: one is not TOML.
    """
    import tomllib

    document: dict[str, Any] = {}
    for text in texts:
        try:
            given = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError):
            # What a shell leaves of key="value" is taken as it was meant.
            key, _, value = text.partition("=")
            try:
                given = tomllib.loads(f"{key} = {json.dumps(value.strip())}")
            except tomllib.TOMLDecodeError as error:
                raise ConfigError("--config", key="", reason=f"{text!r} is neither a file nor key = value") from error
        _keep_versions(given, text)
        _merge(document, given)
    return document


def _keep_versions(given: dict[str, Any], text: str) -> None:
    """Read 3.10 as a version where one is wanted; as a number it would be 3.1."""
    name, _, value = (part.strip() for part in text.partition("="))
    if name in KEYS and isinstance(KEYS[name].kind, Version) and isinstance(given.get(name), float):
        given[name] = value


def _merge(document: dict[str, Any], given: Mapping[str, Any]) -> None:
    for key, value in given.items():
        if isinstance(value, dict) and isinstance(document.get(key), dict):
            _merge(document[key], value)
        else:
            document[key] = value


def _extended(value: object, where: "_Where", extending: tuple[Path, ...]) -> Settings:
    path = (where.folder / where.check(Text(), value)).resolve()
    if path in (own := (*extending, where.folder / Path(where.source).name)):
        raise where.error(f"{path} extends itself: {' -> '.join(str(step) for step in (*own, path))}")
    if len(own) > MAX_EXTENDS:
        raise where.error(f"more than {MAX_EXTENDS} files extend each other")
    return read(path, extending=own) or Settings()


def _apply(table: Document, base: Settings, where: "_Where") -> Settings:
    given: dict[str, Any] = {}
    if "rule-paths" in table:
        # Options of these rules may follow.
        given["rule_paths"] = _read("rule-paths", table["rule-paths"], base, where)
        load_rules(given["rule_paths"], source=where.source)
    for name, value in table.items():
        key = KEYS.get(name)
        if name == RULES:
            options = _read_rules(value, where.inner(name))
            given["options"] = dict(base.options) | {
                code: {**base.options.get(code, {}), **own} for code, own in options.items()
            }
        elif key is None:
            known = (*KEYS, RULES, EXTEND)
            nearest = suggest(name, known)
            hint = f"did you mean {nearest}?" if nearest else f"known keys: {', '.join(sorted(known))}"
            raise where.inner(name).error(f"unknown key: {hint}")
        elif not key.adds_to:
            given[name.replace("-", "_")] = _read(name, value, base, where)
    for name, value in table.items():
        if name in KEYS and (field := KEYS[name].adds_to):
            given[field] = given.get(field, getattr(base, field)) + _read(name, value, base, where)
    return replace(base, **given)


def _read(name: str, value: object, base: Settings, where: "_Where") -> Any:  # noqa: ANN401 - by the key's kind
    key = KEYS[name]
    checked = where.inner(name).check(key.kind, value)
    if not key.paths:
        return checked
    return base.root / checked if isinstance(checked, str) else tuple(base.root / text for text in checked)


@dataclass(frozen=True, slots=True)
class _Where:
    """The place of a value, for errors."""

    source: Path | str
    key: str

    @property
    def folder(self) -> Path:
        return Path(self.source).parent.resolve()

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
