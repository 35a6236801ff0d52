"""Options that several commands of the linter share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from airbrick.lint.errors import LintError

PATH = click.Path(path_type=Path)


def split(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Take lists with commas as well as repeats."""
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())


_SHARED = (
    click.option(
        "--select",
        multiple=True,
        callback=split,
        metavar="RULES",
        help="Check these rules only: codes, prefixes, names, recommended, strict, ALL.",
    ),
    click.option("--extend-select", multiple=True, callback=split, metavar="RULES", help="Check these rules as well."),
    click.option("--ignore", multiple=True, callback=split, metavar="RULES", help="Leave these rules out."),
    click.option(
        "--contract",
        multiple=True,
        type=PATH,
        metavar="PATH",
        help="Contract file or folder; may be repeated, one for each stack.",
    ),
    click.option(
        "--config",
        "configs",
        multiple=True,
        metavar="FILE|KEY=VALUE",
        help="Use this pyproject.toml or airbrick.toml, or set one key.",
    ),
    click.option("--isolated", is_flag=True, help="Read no configuration file."),
    click.option("--force-exclude", is_flag=True, help="Apply `exclude` to files that are named, too."),
    click.option("--cache/--no-cache", default=True, help="Keep results for files that do not change (the default)."),
    click.option("--cache-dir", type=PATH, metavar="FOLDER", help="Where they are kept, instead of .airbrick_cache."),
    click.option(
        "--jobs",
        "-j",
        type=click.IntRange(0),
        default=0,
        metavar="N",
        help="Processes at most; 0 for one per processor.",
    ),
)


def shared(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say which rules, which settings and how."""
    for option in reversed(_SHARED):
        command = option(command)
    return command


def read_configs(options: dict[str, Any]) -> dict[str, Any]:
    """Part ``--config`` into a file and keys, and let the options that stand for keys be keys.

    :raises LintError: there are several files, or a key is no TOML.
    """
    given = options.pop("configs")
    files = [text for text in given if "=" not in text or Path(text).is_file()]
    if len(files) > 1:
        raise LintError(f"--config: one file, not {len(files)}: use `extend` in one of them")
    overrides = _inline([text for text in given if text not in files])
    for key in ("min_severity", "fail_on"):
        value = options.pop(key, None)
        if value is not None:
            overrides[key.replace("_", "-")] = value
    return {**options, "config": Path(files[0]) if files else None, "overrides": overrides}


def _inline(texts: list[str]) -> dict[str, Any]:
    if not texts:
        return {}
    from airbrick.lint.config import inline

    return inline(texts)
