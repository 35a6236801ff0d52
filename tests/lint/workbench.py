"""Lints texts in a folder of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from airbrick.contract import Connection, Contract, Job, Parameter, Workspace, write
from airbrick.lint.config import from_document
from airbrick.lint.contracts import ContractStore
from airbrick.lint.engine import Linter
from airbrick.lint.finding import Finding
from airbrick.lint.fixing import FixResult, fix
from airbrick.lint.project import check_project
from airbrick.lint.result import FileResult
from airbrick.lint.settings import Settings
from airbrick.lint.source import SourceFile

A_FEW = ["DBX101", "DBX102", "DBX109", "DBX201", "DBX301", "DBX801", "DBX805", "DBX9"]
"""Rules that tests of the engine rely on."""

Jobs = Mapping[str, Sequence[str]]


def contract_of(
    jobs: Jobs,
    stack: str = "dev",
    job_ids: Mapping[str, str | None] | None = None,
    settings: Mapping[str, Any] | None = None,
    connections: Sequence[str] = (),
    *,
    files: Sequence[str] = (),
) -> Contract:
    """Make a contract whose jobs declare the named parameters.

    :param settings: what else is said of each job.
    """
    ids = job_ids or {}
    return Contract(
        "orders",
        stack,
        Workspace("https://example.cloud.databricks.com", "1"),
        connections={name: Connection("databricks", "service_principal_oauth") for name in connections},
        jobs={
            key: replace(
                Job(ids.get(key, "42"), f"{key} job", parameters={name: Parameter("") for name in names}),
                **(settings or {}),
            )
            for key, names in jobs.items()
        },
        files=tuple(files),
    )


class Workbench:
    """Lints texts in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "dag.py"
        self.contracts: list[Path] = []

    def add_contract(
        self,
        jobs: Jobs,
        stack: str = "dev",
        job_ids: Mapping[str, str | None] | None = None,
        settings: Mapping[str, Any] | None = None,
        connections: Sequence[str] = (),
        *,
        files: Sequence[str] = (),
    ) -> Path:
        path = self.folder / f"airbrick.contract.{stack}.json"
        write(path, contract_of(jobs, stack, job_ids, settings, connections, files=files))
        self.contracts.append(path)
        return path

    def add_file(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def settings(self, config: Mapping[str, object] | None = None) -> Settings:
        return from_document(dict(config or {}), source=self.folder / "airbrick.toml")

    @property
    def linter(self) -> Linter:
        return Linter(ContractStore(self.contracts, environ={}))

    def lint(self, text: str, config: Mapping[str, object] | None = None) -> FileResult:
        return self.linter.lint_source(SourceFile(self.path, text), self.settings(config))

    def findings(self, text: str, code: str = "", config: Mapping[str, object] | None = None) -> list[Finding]:
        return [f for f in self.lint(text, config).findings if f.code.startswith(code)]

    def codes(self, text: str, config: Mapping[str, object] | None = None) -> list[str]:
        """Give the codes found, by a handful of rules unless told, so that the others do not disturb a test."""
        return [f.code for f in self.lint(text, {"select": A_FEW, **(config or {})}).findings]

    def project(self, files: Mapping[str, str], config: Mapping[str, object] | None = None) -> list[Finding]:
        """Give what only shows when files are seen together."""
        linter, settings = self.linter, self.settings(config)
        results = [linter.lint_source(SourceFile(self.folder / name, text), settings) for name, text in files.items()]
        gathered = [(result.path, result.gathered) for result in results]
        contracts = linter.contracts.beside(self.path, settings.contract)
        return list(check_project(gathered, contracts, settings, linter.selection.codes(settings, self.path)))

    def fix(self, text: str, *, unsafe: bool = True, config: Mapping[str, object] | None = None) -> FixResult:
        linter, settings = self.linter, self.settings({"select": A_FEW, **(config or {})})
        fixed = fix(linter, linter.lint_source(SourceFile(self.path, text), settings), settings, unsafe=unsafe)
        assert fixed is not None
        return fixed


IMPORTS = """\
from datetime import datetime, timedelta
from airflow.sdk import DAG, Asset, TaskGroup, Variable, dag, task, task_group
from airflow.providers.databricks.operators.databricks import (
    DatabricksCreateJobsOperator, DatabricksNotebookOperator, DatabricksRunNowOperator,
    DatabricksSQLStatementsOperator, DatabricksSubmitRunOperator, DatabricksTaskOperator,
)
from airflow.providers.databricks.operators.databricks_sql import DatabricksSqlOperator
from airflow.providers.databricks.operators.databricks_workflow import DatabricksWorkflowTaskGroup
from airbrick.operators import NotebookOperator, RunNowOperator, SubmitRunOperator
"""


def in_dag(task: str, arguments: str = "", head: str = "") -> str:
    """Put a task into a DAG of its own, after the usual imports.

    :param arguments: further arguments of the DAG, each after a comma.
    :param head: what stands before the DAG.
    """
    return dag_file(f'{head}with DAG("d"{arguments}):\n    {task}\n')


def dag_file(body: str) -> str:
    """Put the usual imports before a body."""
    return f"{IMPORTS}\n{body}"
