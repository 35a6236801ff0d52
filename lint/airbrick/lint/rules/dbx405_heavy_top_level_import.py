"""DBX405: a DAG file imports a heavy library whenever it is parsed."""

import ast
from collections.abc import Iterable, Iterator

from airbrick.lint.context import RuleContext
from airbrick.lint.finding import Edit, Finding, Fix, Safety, Severity
from airbrick.lint.knowledge.data_work import HEAVY_LIBRARIES
from airbrick.lint.moving import remove_line, text_range
from airbrick.lint.rule import Example, Rule

_Import = ast.Import | ast.ImportFrom


class HeavyTopLevelImport(Rule):
    """Heavy libraries are for the functions that use them."""

    code = "DBX405"
    name = "heavy-top-level-import"
    severity = Severity.WARNING
    summary = "A DAG file imports a heavy library whenever it is parsed"
    why = (
        "Airflow parses DAG files all the time, and each task parses its file once more. A library that takes a "
        "second to import and a hundred megabytes to hold costs that every time, although only one function needs "
        "it. Import it there. The fix moves an import that a single task's function uses; it is unsafe because an "
        "import may have side effects."
    )
    fix = Safety.UNSAFE
    bad = (
        Example(
            """\
import pandas as pd
from airflow.sdk import dag, task


@dag
def orders():
    @task
    def count():
        return len(pd.DataFrame([{"id": 1}]))

    count()


orders()
"""
        ),
    )
    good = (
        Example(
            """\
from airflow.sdk import dag, task


@dag
def orders():
    @task
    def count():
        import pandas as pd

        return len(pd.DataFrame([{"id": 1}]))

    count()


orders()
"""
        ),
    )

    def check_module(self, context: RuleContext) -> Iterator[Finding]:
        """Check the imports of a file with DAGs or tasks."""
        model = context.model
        if not (model.dags or model.groups or model.operators or model.python_tasks):
            return
        for statement in _imports(context.file.tree.body):
            library = next((name for name in _libraries(statement) if name in HEAVY_LIBRARIES), None)
            if library is not None:
                yield context.finding(
                    self,
                    statement,
                    f"{library} is imported whenever this file is parsed",
                    help="import it in the function that uses it",
                    fix=_fix(statement, context),
                )


def _imports(body: Iterable[ast.stmt]) -> Iterator[_Import]:
    """Give the imports that run when a file is imported."""
    for statement in body:
        if isinstance(statement, _Import):
            yield statement
        elif isinstance(statement, ast.If):
            if not _is_for_types(statement.test):
                yield from _imports(statement.body)
            yield from _imports(statement.orelse)
        elif isinstance(statement, ast.Try):
            yield from _imports(statement.body)
            for handler in statement.handlers:
                yield from _imports(handler.body)
            yield from _imports(statement.orelse)
        elif isinstance(statement, ast.With):
            yield from _imports(statement.body)


def _is_for_types(test: ast.expr) -> bool:
    """Tell ``TYPE_CHECKING`` and the guard of a script, whose branches a scheduler never runs."""
    for node in ast.walk(test):
        if isinstance(node, ast.Name) and node.id in {"TYPE_CHECKING", "__name__"}:
            return True
        if isinstance(node, ast.Attribute) and node.attr == "TYPE_CHECKING":
            return True
    return isinstance(test, ast.Constant) and not test.value


def _libraries(statement: _Import) -> Iterator[str]:
    if isinstance(statement, ast.Import):
        yield from (alias.name.partition(".")[0] for alias in statement.names)
    elif statement.module is not None and not statement.level:
        yield statement.module.partition(".")[0]


def _fix(statement: _Import, context: RuleContext) -> Fix | None:
    local = _local(statement)
    function = _only_user(local, context) if local is not None else None
    if function is None:
        return None
    removal = remove_line(context.file, statement)
    insertion = _insertion(statement, function, context)
    if not removal or insertion is None:
        return None
    return Fix(f"Import {local} in {function.name}()", Safety.UNSAFE, (*removal, insertion))


def _local(statement: _Import) -> str | None:
    """Give the one name an import binds."""
    alias = statement.names[0]
    if len(statement.names) != 1 or alias.name == "*" or (alias.asname is None and "." in alias.name):
        return None
    return alias.asname or alias.name


def _only_user(name: str, context: RuleContext) -> ast.FunctionDef | None:
    """Give the task's function whose body holds all uses of a name."""
    everywhere = _uses(context.file.tree.body, name)
    for task in context.model.python_tasks:
        function = context.file.counterpart(task.function.node) if task.place.file is context.file else None
        if isinstance(function, ast.FunctionDef) and everywhere and _uses(function.body, name) == everywhere:
            return function
    return None


def _uses(body: Iterable[ast.stmt], name: str) -> int:
    return sum(isinstance(node, ast.Name) and node.id == name for statement in body for node in ast.walk(statement))


def _insertion(statement: _Import, function: ast.FunctionDef, context: RuleContext) -> Edit | None:
    source = context.file.source
    first = function.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        if len(function.body) == 1:
            return None
        first = function.body[1]
    line = min([first.lineno, *(d.lineno for d in getattr(first, "decorator_list", []))])
    begin = source.line_starts[line - 1]
    indent = source.line_text(line)[: len(source.line_text(line)) - len(source.line_text(line).lstrip())]
    start, end = text_range(context.file, statement)
    if line <= function.lineno or "\n" in source.text[start:end]:
        return None
    return Edit(begin, begin, f"{indent}{source.text[start:end]}{source.newline_at(line)}")


RULE = HeavyTopLevelImport()
