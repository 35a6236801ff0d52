"""The block of a workflow group: its tasks, and what waits for what."""

import ast
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from airbrick.lint.inlined.jobs import task_key
from airbrick.lint.inlined.refusal import RefusedError
from airbrick.lint.knowledge.databricks import Kind
from airbrick.lint.model.elements import Group, Operator

if TYPE_CHECKING:
    from airbrick.lint.parsed import ParsedFile

FIX: Final = "bring this group by hand"


@dataclass(frozen=True, slots=True)
class Member:
    """A task of a group.

    :param call: the call in the block: of the operator, or of a helper that builds it.
    :param variable: the name it is assigned to; empty where there is none.
    :param direct: whether the call is the operator's own.
    """

    operator: Operator
    call: ast.Call
    variable: str
    direct: bool


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow group whose block is plain: tasks, and which follows which.

    :param block: the ``with`` statement.
    :param opened: the call that builds the group.
    :param assigned: the statement before the block that the call stands in; ``None`` where the block opens it itself.
    :param after: for the key of each task the keys it waits for.
    """

    group: Group
    block: ast.With
    opened: ast.Call
    assigned: ast.Assign | None
    members: Sequence[Member]
    after: Mapping[str, Sequence[str]]

    @property
    def variable(self) -> str:
        """The name of the group; empty where it has none."""
        target = self.assigned.targets[0] if self.assigned is not None else self.block.items[0].optional_vars
        return target.id if isinstance(target, ast.Name) else ""

    @property
    def variables(self) -> set[str]:
        """The names that the block assigns its tasks to."""
        return {member.variable for member in self.members if member.variable}

    @property
    def named(self) -> list[ast.expr]:
        """Where classes are named that are not named there any more."""
        file = self.group.place.file
        calls = {id(call): call for m in self.members if (call := file.counterpart(m.operator.place.node))}
        return [self.opened.func, *(call.func for call in calls.values() if isinstance(call, ast.Call))]


def read(group: Group, operators: Sequence[Operator]) -> Workflow:
    """Understand the block of a group.

    :raises RefusedError: it holds more than tasks and their order.
    """
    file = group.place.file
    opened = file.counterpart(group.place.node)
    if not isinstance(opened, ast.Call):
        raise RefusedError("it is not built by a call", help=FIX)
    block, assigned = _block(file, opened)
    own = [operator for operator in operators if operator.group is group]
    members, chains = _members(file, block, own)
    if any(member.operator.spec.kind is not Kind.TASK or member.operator.mapped for member in members):
        raise RefusedError("it holds tasks of other kinds", help=FIX)
    keys = {member.variable: task_key([member.operator]) for member in members if member.variable}
    local = {statement.name for statement in block.body if isinstance(statement, ast.FunctionDef)}
    _refuse_uses_outside(file, block, keys.keys() | local)
    return Workflow(group, block, opened, assigned, members, _order(chains, keys))


def _block(file: "ParsedFile", opened: ast.Call) -> tuple[ast.With, ast.Assign | None]:
    """Find the block of a group, and the statement that builds the group before it."""
    blocks = [node for node in ast.walk(file.tree) if isinstance(node, ast.With) and len(node.items) == 1]
    assigned = next((n for n in ast.walk(file.tree) if isinstance(n, ast.Assign) and n.value is opened), None)
    if assigned is None:
        found = [block for block in blocks if block.items[0].context_expr is opened]
    else:
        name = ast.unparse(assigned.targets[0])
        stored = [n for n in ast.walk(file.tree) if isinstance(n, ast.Name) and n.id == name]
        once = sum(isinstance(node.ctx, ast.Store) for node in stored) == 1
        named = [block for block in blocks if ast.unparse(block.items[0].context_expr) == name]
        found = [block for block in named if once and block.items[0].optional_vars is None]
    if len(found) != 1:
        raise RefusedError("it is not opened by one `with`", help=FIX)
    return found[0], assigned


def _members(file: "ParsedFile", block: ast.With, own: Sequence[Operator]) -> tuple[list[Member], list[ast.BinOp]]:
    """Give the tasks of a block, and the statements on their order."""
    direct = {id(file.counterpart(operator.place.node)): operator for operator in own}
    found: list[tuple[ast.Call, str]] = []
    chains: list[ast.BinOp] = []
    for statement in block.body:
        value = statement.value if isinstance(statement, ast.Assign | ast.Expr) else None
        if (
            isinstance(value, ast.Call)
            and (id(value) in direct or isinstance(value.func, ast.Name))
            and _is_simple(statement)
        ):
            found.append((value, _target(statement)))
        elif isinstance(statement, ast.Expr) and isinstance(value, ast.BinOp):
            chains.append(value)
        elif not isinstance(value, ast.Constant) and not isinstance(statement, ast.FunctionDef):
            raise RefusedError(f"line {statement.lineno} is more than a task or an order of tasks", help=FIX)
    # A helper builds one task each time it is called, in the order of its calls.
    built = iter([o for o in own if id(file.counterpart(o.place.node)) not in {id(call) for call, _ in found}])
    members = []
    for call, variable in found:
        operator = direct.get(id(call)) or next(built, None)
        if (
            operator is None
            or operator.place.file is not file
            or not (id(call) in direct or _builds(file, call, operator))
        ):
            raise RefusedError(f"what line {call.lineno} builds cannot be told", help=FIX)
        members.append(Member(operator, call, variable, id(call) in direct))
    if next(built, None) is not None:
        raise RefusedError("a helper builds more than one task", help=FIX)
    return members, chains


def _builds(file: "ParsedFile", call: ast.Call, operator: Operator) -> bool:
    """Tell whether a call is of the one function that holds an operator's call."""
    name, built = ast.unparse(call.func), file.counterpart(operator.place.node)
    functions = [node for node in ast.walk(file.tree) if isinstance(node, ast.FunctionDef) and node.name == name]
    return len(functions) == 1 and any(node is built for node in ast.walk(functions[0]))


def _is_simple(statement: ast.stmt) -> bool:
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return all(isinstance(target, ast.Name) for target in targets) and len(targets) <= 1


def _target(statement: ast.stmt) -> str:
    target = statement.targets[0] if isinstance(statement, ast.Assign) else None
    return target.id if isinstance(target, ast.Name) else ""


def _refuse_uses_outside(file: "ParsedFile", block: ast.With, keys: Collection[str]) -> None:
    inside = {id(node) for node in ast.walk(block)}
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Name) and node.id in keys and id(node) not in inside:
            raise RefusedError(f"its {node.id} is used outside of it, in line {node.lineno}", help=FIX)


def _order(chains: Sequence[ast.BinOp], keys: Mapping[str, str]) -> dict[str, list[str]]:
    after: dict[str, list[str]] = {}
    for chain in chains:
        _follow(chain, keys, after)
    return after


def _follow(node: ast.expr, keys: Mapping[str, str], after: dict[str, list[str]]) -> list[str]:
    """Note what waits for what, and give the tasks the rest of a chain is tied to."""
    if isinstance(node, ast.Name) and node.id in keys:
        return [keys[node.id]]
    if isinstance(node, ast.List | ast.Tuple):
        return [key for item in node.elts for key in _follow(item, keys, after)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.LShift | ast.RShift):
        left, right = _follow(node.left, keys, after), _follow(node.right, keys, after)
        first, then = (left, right) if isinstance(node.op, ast.RShift) else (right, left)
        for key in then:
            known = after.setdefault(key, [])
            known += [other for other in first if other not in known]
        return right
    raise RefusedError(f"the order of tasks in line {node.lineno} is not plain", help=FIX)
