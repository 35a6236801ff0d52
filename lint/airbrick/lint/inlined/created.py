"""A task that creates a job, and the task that runs it."""

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from airbrick.lint.finding import Edit
from airbrick.lint.inlined.refusal import RefusedError, known_text
from airbrick.lint.inlined.statements import removed_statement
from airbrick.lint.knowledge.databricks import Kind
from airbrick.lint.model.elements import Operator
from airbrick.lint.moving import text_range

if TYPE_CHECKING:
    from airbrick.lint.parsed import ParsedFile

_PULLED: Final = re.compile(r"xcom_pull\(\s*(?:task_ids\s*=\s*)?\[?\s*[\"']([\w.-]+)[\"']")
_SIGNS: Final[Mapping[type[ast.operator], str]] = {ast.RShift: " >> ", ast.LShift: " << "}
_FIX: Final = "take the task out by hand once the stack provisions the job"


def runners_of(creator: Operator, operators: list[Operator]) -> list[Operator]:
    """Give the tasks that run the job that a task creates.

    :raises RefusedError: there are none.
    """
    variable, task_id = _variable(creator), known_text(creator.own("task_id"))
    found = [other for other in operators if other.spec.kind is Kind.RUN_NOW and _runs(other, variable, task_id)]
    if not found:
        raise RefusedError("no task of this file runs the job it creates", help=_FIX)
    return found


def _runs(runner: Operator, variable: str, task_id: str) -> bool:
    pulled = _PULLED.search(known_text(runner.own("job_id")))
    if pulled is not None:
        return bool(task_id) and pulled[1] == task_id
    call = runner.place.file.counterpart(runner.place.node)
    given = next((k.value for k in call.keywords if k.arg == "job_id"), None) if isinstance(call, ast.Call) else None
    return bool(variable) and given is not None and ast.unparse(given) == f"{variable}.output"


def _statement(creator: Operator) -> ast.stmt:
    file = creator.place.file
    call = file.counterpart(creator.place.node)
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Assign | ast.Expr) and node.value is call:
            return node
    raise RefusedError("it is part of a larger expression", help=_FIX)


def _variable(creator: Operator) -> str:
    statement = _statement(creator)
    if not isinstance(statement, ast.Assign):
        return ""
    if len(statement.targets) != 1 or not isinstance(statement.targets[0], ast.Name):
        raise RefusedError("it is assigned to more than a name", help=_FIX)
    return statement.targets[0].id


@dataclass(frozen=True, slots=True)
class Creation:
    """A task that creates a job, as it stands in the file.

    :param variable: the name it is assigned to; empty where there is none.
    """

    file: "ParsedFile"
    statement: ast.stmt
    variable: str


def creation_of(creator: Operator, gone: list[tuple[int, int]]) -> Creation:
    """Find a task that is to be taken out of a DAG.

    :param gone: ranges of the text that go for other reasons.
    :raises RefusedError: its variable is used in other ways than in the order of tasks.
    """
    found = Creation(creator.place.file, _statement(creator), _variable(creator))
    ordered = {id(operand) for _, _, operands in _chains(found.file.tree) for operand in operands}
    for node in ast.walk(found.file.tree):
        if not isinstance(node, ast.Name) or node.id != found.variable or isinstance(node.ctx, ast.Store):
            continue
        goes = any(start <= text_range(found.file, node)[0] < end for start, end in gone)
        if not goes and id(node) not in ordered:
            raise RefusedError(f"{found.variable} is used in line {node.lineno}", help=_FIX)
    return found


def ordering(file: "ParsedFile", variables: Collection[str]) -> list[Edit]:
    """Give the edits that take tasks out of the order of tasks.

    :param variables: the names of the tasks.
    """
    edits = []
    for node, sign, operands in _chains(file.tree):
        kept = [operand for operand in operands if not (isinstance(operand, ast.Name) and operand.id in variables)]
        if len(kept) < len(operands):
            edits.append(_shortened(file, node, sign, kept))
    return edits


def _chains(tree: ast.Module) -> Iterator[tuple[ast.Expr, str, list[ast.expr]]]:
    """Give the statements that say which task follows which, with their sign and their operands in order."""
    for node in ast.walk(tree):
        value = node.value if isinstance(node, ast.Expr) else None
        if isinstance(node, ast.Expr) and isinstance(value, ast.BinOp) and type(value.op) in _SIGNS:
            yield node, _SIGNS[type(value.op)], list(_operands(value, type(value.op)))


def _operands(node: ast.expr, op: type[ast.operator]) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, op):
        yield from _operands(node.left, op)
        yield node.right
    else:
        yield node


def _shortened(file: "ParsedFile", node: ast.Expr, sign: str, operands: list[ast.expr]) -> Edit:
    if len(operands) < 2:  # noqa: PLR2004 - one task alone depends on nothing
        return removed_statement(file, node)
    texts = [file.source.text[slice(*text_range(file, operand))] for operand in operands]
    return Edit(*text_range(file, node), sign.join(texts))
