"""The linter on folders of DAGs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.demo.airflow import program

if TYPE_CHECKING:
    from tools.demo.stage import Stage

_TIMEOUT_S = 60.0
_CLEAN, _FINDINGS = 0, 1


@dataclass(frozen=True)
class Finding:
    """One finding.

    :param code: the rule
    :param path: the file, from the folder that was linted
    :param line: the line, from 1
    :param message: what is wrong
    """

    code: str
    path: str
    line: int
    message: str


def lint(stage: Stage, folder: str) -> list[Finding]:
    """Lint a folder against the stack's contract.

    :param folder: the folder, from the stack's
    :raises CommandError: when the linter does not work
    """
    command = [
        program("airbrick"), "lint", "--output-format", "json", "--contract", str(stage.contract), folder,
    ]  # fmt: skip
    text = stage.processes.run(
        "lint", command, environ=stage.environ, cwd=stage.folder.stack, timeout_s=_TIMEOUT_S,
        accepted=(_CLEAN, _FINDINGS),
    )  # fmt: skip
    return [
        Finding(found["code"], found["path"], found["range"]["start"]["line"], found["message"])
        for found in json.loads(text)
    ]
