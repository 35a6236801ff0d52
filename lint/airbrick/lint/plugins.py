"""Rules that others write: of installed distributions, and of the project itself.

An installed distribution names its rules by entry points of the group ``airbrick.rules``; the key
``rule-paths`` names Python files of the project, or folders of them. Either way a module ends with
``RULE = TheRule()``, or ``RULES = (…)`` when it holds several. They are Python and they are run: lint
nobody's repository whose code you would not run.
"""

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Final

from airbrick.lint.errors import PluginError
from airbrick.lint.rule import Rule

GROUP: Final = "airbrick.rules"
_CODE: Final = re.compile(r"(?!DBX)[A-Z]{2,10}\d{3}")
_NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

_local: dict[Path, tuple[Rule, ...]] = {}
_installed: set[str] = set()


@cache
def installed_rules() -> tuple[Rule, ...]:
    """Give the rules of installed distributions.

    :raises PluginError: one cannot be imported, or holds no rule.
    """
    if not _any_installed():
        return ()
    from importlib import metadata

    found: list[Rule] = []
    for entry in metadata.entry_points(group=GROUP):
        source = f"entry point {entry.name} = {entry.value}"
        try:
            loaded = entry.load()
        except Exception as error:
            raise PluginError(source, reason=f"{type(error).__name__}: {error}") from error
        found.extend(_rules_of(loaded, source))
        _installed.add(entry.value.partition(":")[0].strip())
    return tuple(found)


def _any_installed() -> bool:
    """Tell whether a distribution names rules; importlib.metadata takes ten times as long to say no."""
    for folder in sys.path:
        try:
            found = [
                entry.path for entry in os.scandir(folder or ".") if entry.name.endswith((".dist-info", ".egg-info"))
            ]
        except OSError:
            continue
        for path in found:
            try:
                # Unbuffered, and without a path object for each: an environment has hundreds.
                with open(f"{path}/entry_points.txt", "rb", buffering=0) as file:  # noqa: PTH123
                    text = file.read()
            except OSError:
                continue
            if GROUP.encode() in text:
                return True
    return False


def local_rules() -> tuple[Rule, ...]:
    """Give the rules of the files that were loaded."""
    return tuple(rule for rules in _local.values() for rule in rules)


def source_files() -> frozenset[Path]:
    """Give the files that the rules of others rest on: their modules, and what may help these.

    That is all that lies beside a file of the project, and the whole package of an installed module.
    """
    own = (file for folder in {file.parent for file in _local} for file in folder.glob("*.py"))
    classes = {type(rule).__module__ for rule in (*installed_rules(), *local_rules())}
    return frozenset((*own, *(file for name in (*classes, *_installed) for file in _package_files(name))))


def _package_files(name: str) -> Iterator[Path]:
    module = sys.modules.get(name)
    package = module if hasattr(module, "__path__") else sys.modules.get(name.rpartition(".")[0])
    for folder in getattr(package, "__path__", ()):
        yield from Path(folder).rglob("*.py")
    if origin := getattr(module, "__file__", None):
        yield Path(origin)


def is_local_elsewhere(rule: Rule, paths: Sequence[Path]) -> bool:
    """Tell whether a rule belongs to a project other than the one with these ``rule-paths``."""
    return any(
        rule in rules and not any(file.is_relative_to(path.resolve()) for path in paths)
        for file, rules in _local.items()
    )


def load_rules(paths: Iterable[Path], *, source: Path | str) -> None:
    """Load rules of the project, each file once.

    :param source: the configuration that names them, for errors.
    :raises PluginError: a path does not exist, or a file cannot be imported or holds no rule.
    """
    for path in paths:
        if not path.exists():
            raise PluginError(f"{source}: rule-paths", reason=f"{path} does not exist")
        for file in sorted(path.glob("*.py")) if path.is_dir() else [path]:
            resolved = file.resolve()
            if resolved not in _local and not file.name.startswith("_"):
                _local[resolved] = tuple(_rules_of(_imported(resolved), str(file)))


def _imported(file: Path) -> ModuleType:
    import importlib.util

    name = f"airbrick_rules_of_the_project_{len(_local)}_{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise PluginError(str(file), reason="it is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise PluginError(str(file), reason=f"{type(error).__name__}: {error}") from error
    return module


def _rules_of(loaded: object, source: str) -> Iterable[Rule]:
    given = getattr(loaded, "RULES", None) or getattr(loaded, "RULE", None) or loaded
    rules = tuple(given) if isinstance(given, tuple | list) else (given,)
    for rule in rules:
        if not isinstance(rule, Rule):
            raise PluginError(source, reason="it holds no rule: end the module with RULE = TheRule()")
        if not _CODE.fullmatch(rule.code):
            raise PluginError(source, reason=f"{rule.code!r} is no code: take letters of your own and three digits")
        if not _NAME.fullmatch(rule.name):
            raise PluginError(source, reason=f"{rule.name!r} is no name: join lower-case words by hyphens")
    return rules
