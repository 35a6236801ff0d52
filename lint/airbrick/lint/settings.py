"""What the linter was told to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

RECOMMENDED: Final = "recommended"
ALL: Final = "ALL"


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings one file is linted with.

    :param select: selectors of rules: codes, prefixes of codes, names, ``recommended`` or ``ALL``.
    :param ignore: selectors of rules that are left out of those.
    :param contract: contract files or folders.
    :param target_airflow: the oldest Airflow the DAGs run on, as (major, minor).
    :param default_deferrable: whether Airflow's ``[operators] default_deferrable`` is on.
    :param per_file_ignores: glob patterns and the selectors they leave out.
    :param exclude: gitignore patterns of files that are not linted.
    :param options: options of rules by code.
    :param root: the folder that patterns and paths of the configuration refer to.
    :param source: the configuration file; ``None`` when there is none.
    """

    select: tuple[str, ...] = (RECOMMENDED,)
    ignore: tuple[str, ...] = ()
    contract: tuple[Path, ...] = ()
    target_airflow: tuple[int, int] = (3, 1)
    default_deferrable: bool = False
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    exclude: tuple[str, ...] = ()
    options: Mapping[str, Mapping[str, int | str | bool]] = field(default_factory=dict)
    root: Path = field(default_factory=Path.cwd)
    source: Path | None = None
