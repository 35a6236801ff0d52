"""The keys of ``[tool.airbrick]`` that the linter reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from airbrick.lint.kinds import Flag, Kind, Table, Texts, Version


@dataclass(frozen=True, slots=True)
class Key:
    """A key and the setting it fills, which bears its name with underscores.

    :param summary: what it does, without a full stop.
    :param paths: whether its texts are paths, relative to the configuration file.
    """

    kind: Kind
    summary: str
    paths: bool = False


KEYS: Final[Mapping[str, Key]] = {
    "select": Key(Texts(), "rules that are checked: codes, prefixes, names, recommended, strict or ALL"),
    "extend-select": Key(Texts(), "rules that are checked besides those of select"),
    "ignore": Key(Texts(), "rules that are left out"),
    "per-file-ignores": Key(Table(Texts(), "patterns"), "rules that are left out in files that match a pattern"),
    "exclude": Key(Texts(), "gitignore patterns of files that are not linted"),
    "contract": Key(Texts(or_one=True), "contract files, or folders that hold them", paths=True),
    "target-airflow": Key(Version(), "the oldest Airflow the DAGs run on"),
    "target-provider": Key(Version(), "the oldest apache-airflow-providers-databricks the DAGs run with"),
    "default-deferrable": Key(Flag(), "whether Airflow's [operators] default_deferrable is on"),
    "defer-to-ruff": Key(Flag(), "whether what ruff's AIR rules report is left to ruff"),
}
"""The table ``rules``, which holds the options of rules, is read beside these."""
