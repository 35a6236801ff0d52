"""Where the code lies that an operator submits."""

from collections.abc import Iterator
from typing import Final

from airbrick.lint.facts.values import Fact
from airbrick.lint.model.elements import Operator
from airbrick.lint.model.submissions import setting_in, task_settings

_NESTED: Final = (
    ("notebook_task", "notebook_path"),
    ("spark_python_task", "python_file"),
    ("dbt_task", "project_directory"),
)
_WORKSPACE: Final = "/Workspace"


def code_paths(operator: Operator) -> Iterator[Fact]:
    """Give the paths of notebooks, Python files, dbt projects and SQL files."""
    yield from task_settings(operator, "notebook_path")
    for task, key in _NESTED:
        for fact in task_settings(operator, task):
            found = setting_in(fact, key, operator.resolve)
            if found is not None:
                yield found
    for fact in task_settings(operator, "sql_task"):
        file = setting_in(fact, "file", operator.resolve)
        path = None if file is None else setting_in(file, "path", operator.resolve)
        if path is not None:
            yield path


def in_workspace(path: str) -> str | None:
    """Give a path as it is without the prefix ``/Workspace``, which may be left out; ``None`` for other places."""
    if not path.startswith("/") or path.startswith(("/Volumes/", "/dbfs/")):
        return None
    plain = path.removeprefix(_WORKSPACE) if path.startswith(f"{_WORKSPACE}/") else path
    return plain.rstrip("/")
