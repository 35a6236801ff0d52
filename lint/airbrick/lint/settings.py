"""What the linter was told to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from airbrick.lint.finding import Severity

RECOMMENDED: Final = "recommended"
STRICT: Final = "strict"
ALL: Final = "ALL"


class Named(Protocol):
    """A finding or a rule: what a severity can be set for."""

    @property
    def code(self) -> str:
        """The rule's code."""

    @property
    def name(self) -> str:
        """The rule's name."""

    @property
    def severity(self) -> Severity:
        """Its severity, when nothing else is set."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings one file is linted with.

    :param select: selectors of rules: codes, prefixes of codes, names, ``recommended``, ``strict`` or ``ALL``.
    :param extend_select: selectors in addition to those.
    :param ignore: selectors of rules that are left out of those.
    :param contract: contract files or folders.
    :param target_airflow: the oldest Airflow the DAGs run on, as (major, minor).
    :param target_provider: the oldest Databricks provider they run with, as (major, minor); ``None`` when not told.
    :param default_deferrable: whether Airflow's ``[operators] default_deferrable`` is on.
    :param operator_aliases: classes of the project's own, by full name, and the operators they stand for.
    :param dag_classes: classes of the project's own, by full name, that stand for ``DAG``.
    :param defer_to_ruff: whether what ruff's AIR rules report is left to them.
    :param per_file_ignores: glob patterns and the selectors they leave out.
    :param exclude: gitignore patterns of files that are not linted.
    :param dag_ignore_file_syntax: the syntax of ``.airflowignore``; empty for the default of the targeted Airflow.
    :param severity: selectors of rules and the severity they have instead of their own; the last one that fits wins.
    :param min_severity: findings below it are not reported.
    :param fail_on: the least severity that makes the exit code 1.
    :param baseline: the file of known findings; ``None`` to use the nearest one above a file.
    :param require_suppression_reason: whether suppression comments must say why.
    :param rule_paths: folders or files that hold rules of the project's own.
    :param options: options of rules by code.
    :param root: the folder that patterns and paths of the configuration refer to.
    :param source: the configuration file; ``None`` when there is none.
    :param extended: the files it extends.
    """

    select: tuple[str, ...] = (RECOMMENDED,)
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    contract: tuple[Path, ...] = ()
    target_airflow: tuple[int, int] = (3, 1)
    target_provider: tuple[int, int] | None = None
    default_deferrable: bool = False
    operator_aliases: tuple[tuple[str, str], ...] = ()
    dag_classes: tuple[str, ...] = ()
    defer_to_ruff: bool = True
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    exclude: tuple[str, ...] = ()
    dag_ignore_file_syntax: str = ""
    severity: tuple[tuple[str, Severity], ...] = ()
    min_severity: Severity = Severity.INFO
    fail_on: Severity = Severity.INFO
    baseline: Path | None = None
    require_suppression_reason: bool = False
    rule_paths: tuple[Path, ...] = ()
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    root: Path = field(default_factory=Path.cwd)
    source: Path | None = None
    extended: tuple[Path, ...] = ()

    def severity_of(self, found: Named) -> Severity:
        """Give the severity of a finding, or of what a rule finds, under these settings."""
        for selector, severity in reversed(self.severity):
            if found.name == selector.lower() or found.code.startswith(selector.upper()):
                return severity
        return found.severity
