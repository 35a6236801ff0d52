"""What a finding is known by when lines move: its rule, its DAG, its task and its code without layout.

Fingerprints stand in baselines, which are committed, and in reports, so they are hashes. Nothing that looks like a
secret takes part, and of rules about secrets no literal at all: a short password could be guessed from its hash.
"""

import ast
import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from airbrick.lint.facts.values import Fact, literal_text
from airbrick.lint.knowledge.secret_shapes import mask

if TYPE_CHECKING:
    from airbrick.lint.model.elements import Dag, ModuleModel

_LENGTH: Final = 32


def fingerprint(code: str, *identity: str) -> str:
    """Hash what a finding is known by."""
    return hashlib.sha256("\0".join((code, *identity)).encode("utf-8", "surrogatepass")).hexdigest()[:_LENGTH]


def owners_of(model: "ModuleModel") -> dict[int, tuple[str, str]]:
    """Give the ids of the DAG and the task that calls build, by the identity of the call's node.

    An id is empty where the code does not state it.
    """
    found: dict[int, tuple[str, str]] = {}
    for dag in model.dags:
        found[id(dag.place.node)] = (_text(dag.argument("dag_id")), "")
    for group in model.groups:
        found[id(group.place.node)] = (_dag_id(group.dag), _text(group.argument("group_id")))
    for operator in model.operators:
        found[id(operator.place.node)] = (_dag_id(operator.dag), _text(operator.own("task_id")))
    return found


def _dag_id(dag: "Dag | None") -> str:
    return _text(dag.argument("dag_id")) if dag is not None else ""


def _text(fact: Fact) -> str:
    return literal_text(fact) or ""


def snippet(node: ast.AST | None, *, secret: bool) -> str:
    """Give the code of a node without layout and comments.

    :param secret: whether to leave literals out.
    """
    if node is None:
        return ""
    if secret:
        return " ".join(_shape(node))
    try:
        return mask(ast.unparse(node))
    except RecursionError:
        return type(node).__name__


def _shape(node: ast.AST) -> Iterator[str]:
    stack: list[ast.AST] = [node]
    while stack:
        inner = stack.pop()
        yield type(inner).__name__
        yield from (str(value) for name in ("id", "attr", "arg") if (value := getattr(inner, name, None)))
        stack.extend(ast.iter_child_nodes(inner))
