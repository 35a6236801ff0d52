"""Settings, as a configuration would say them."""

import json
from collections.abc import Iterator
from pathlib import Path

from airbrick.lint.keys import KEYS
from airbrick.lint.report.rules import plain
from airbrick.lint.settings import Settings


def settings_as_lines(path: Path, settings: Settings) -> Iterator[str]:
    """Write the settings of a file as TOML."""
    yield f"# settings of {path}"
    yield f"# from {settings.source}" if settings.source is not None else "# the defaults: no configuration was found"
    for name, key in KEYS.items():
        if not key.adds_to or key.adds_to == name.replace("-", "_"):
            value = getattr(settings, name.replace("-", "_"))
            if value is not None and value not in ((), ""):
                yield f"{name} = {_toml(value)}"
    for code, options in sorted(settings.options.items()):
        yield f"[rules.{code}]"
        yield from (f"{name} = {_toml(value)}" for name, value in sorted(options.items()))


def _toml(value: object) -> str:
    if isinstance(value, tuple) and value and isinstance(value[0], tuple):
        inner = ", ".join(f"{json.dumps(str(key))} = {_toml(of)}" for key, of in value)
        return f"{{ {inner} }}"
    if isinstance(value, Path):
        return json.dumps(str(value))
    if isinstance(value, tuple) and value and isinstance(value[0], Path):
        return json.dumps([str(path) for path in value])
    return json.dumps(plain(value), ensure_ascii=False)
