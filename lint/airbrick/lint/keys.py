"""The keys of ``[tool.airbrick]`` that the linter reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from airbrick.lint.finding import Severity
from airbrick.lint.ignore_files import GLOB, REGEXP
from airbrick.lint.kinds import Flag, Kind, Table, Text, Texts, Version
from airbrick.lint.knowledge.databricks import OPERATOR_NAMES

_SEVERITY: Final = Text(tuple(severity.value for severity in Severity), Severity)


@dataclass(frozen=True, slots=True)
class Key:
    """A key and the setting it fills, which bears its name with underscores.

    :param summary: what it does, without a full stop.
    :param paths: whether it names paths, relative to the configuration file.
    :param adds_to: the setting it adds to, besides what is there; empty when it replaces its own.
    """

    kind: Kind
    summary: str
    paths: bool = False
    adds_to: str = ""


KEYS: Final[Mapping[str, Key]] = {
    "select": Key(Texts(), "rules that are checked: codes, prefixes, names, recommended, strict or ALL"),
    "extend-select": Key(Texts(), "rules that are checked besides those of select", adds_to="extend_select"),
    "ignore": Key(Texts(), "rules that are left out"),
    "per-file-ignores": Key(Table(Texts(), "patterns"), "rules that are left out in files that match a pattern"),
    "extend-per-file-ignores": Key(
        Table(Texts(), "patterns"), "the same, besides those of per-file-ignores", adds_to="per_file_ignores"
    ),
    "exclude": Key(Texts(), "gitignore patterns of files that are not linted"),
    "extend-exclude": Key(Texts(), "the same, besides those of exclude", adds_to="exclude"),
    "contract": Key(Texts(or_one=True), "contract files, or folders that hold them", paths=True),
    "baseline": Key(Text(), "the file of known findings", paths=True),
    "target-airflow": Key(Version(), "the oldest Airflow the DAGs run on"),
    "target-provider": Key(Version(), "the oldest apache-airflow-providers-databricks the DAGs run with"),
    "default-deferrable": Key(Flag(), "whether Airflow's [operators] default_deferrable is on"),
    "operator-aliases": Key(
        Table(Text(OPERATOR_NAMES), "classes"), "operators of your own, by full name, and the operators they stand for"
    ),
    "dag-classes": Key(Texts(), "classes of your own, by full name, that stand for DAG"),
    "defer-to-ruff": Key(Flag(), "whether what ruff's AIR rules report is left to ruff"),
    "dag-ignore-file-syntax": Key(Text((GLOB, REGEXP)), "Airflow's [core] dag_ignore_file_syntax, if it is set"),
    "severity": Key(Table(_SEVERITY, "rules"), "severities by code, prefix or name, instead of the rules' own"),
    "min-severity": Key(_SEVERITY, "findings below it are not reported"),
    "fail-on": Key(_SEVERITY, "the least severity that makes the exit code 1"),
    "require-suppression-reason": Key(Flag(), "whether suppression comments must say why"),
    "rule-paths": Key(Texts(), "Python files, or folders of them, that hold rules of your own", paths=True),
}
"""The tables ``rules`` (options of rules) and the key ``extend`` are read beside these."""
