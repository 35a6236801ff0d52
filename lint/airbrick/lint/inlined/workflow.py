"""A workflow group as one job: its tasks, what waits for what, and the one task that triggers it.

Source: ``create_workflow_json`` and ``_convert_to_databricks_workflow_task`` in apache-airflow-providers-databricks
7.23.0.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from airbrick.lint.facts.values import Absent, Known, Reference
from airbrick.lint.finding import Edit
from airbrick.lint.inlined.jobs import read_arguments, task_key, task_of
from airbrick.lint.inlined.plain import Json, Open, Reader
from airbrick.lint.inlined.refusal import RefusedError, known_text
from airbrick.lint.inlined.triggering import CLASS, quoted
from airbrick.lint.knowledge.databricks import Kind
from airbrick.lint.model.elements import Group, Operator
from airbrick.lint.moving import text_range

if TYPE_CHECKING:
    from airbrick.lint.parsed import ParsedFile

_OF_THE_JOB: Final = ("job_clusters", "max_concurrent_runs", "extra_job_params", "notebook_params", "notebook_packages")
_REFUSED: Final = ("access_control_list", "existing_clusters", "jar_params", "python_params", "spark_submit_params")
_KEPT: Final = ("databricks_conn_id", "default_args", "dag")
_RUN_IF: Final[Mapping[str, str]] = {
    "all_success": "ALL_SUCCESS",
    "all_done": "ALL_DONE",
    "all_failed": "ALL_FAILED",
    "none_failed": "NONE_FAILED",
    "one_success": "AT_LEAST_ONE_SUCCESS",
    "one_failed": "AT_LEAST_ONE_FAILED",
}
_FIX: Final = "bring this group by hand"


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow group whose block is plain: tasks, and which follows which.

    :param block: the ``with`` statement.
    :param opened: the call that it opens.
    :param members: its tasks, each with its call and the name it is assigned to.
    :param after: for the key of each task the keys it waits for.
    """

    group: Group
    block: ast.With
    opened: ast.Call
    members: Sequence[tuple[Operator, ast.Call, str]]
    after: Mapping[str, Sequence[str]]

    @property
    def named(self) -> list[ast.expr]:
        """Where the block names classes that are not named there any more."""
        return [self.opened.func, *(call.func for _, call, _ in self.members)]


def read(group: Group, operators: Sequence[Operator]) -> Workflow:
    """Understand the block of a group.

    :raises RefusedError: it holds more than tasks and their order.
    """
    file = group.place.file
    opened = file.counterpart(group.place.node)
    block = next((n for n in ast.walk(file.tree) if isinstance(n, ast.With) and _opens(n, opened)), None)
    if block is None or not isinstance(opened, ast.Call):
        raise RefusedError("it is not opened by a `with` of its own", help=_FIX)
    by_call = {id(file.counterpart(o.place.node)): o for o in operators if o.group is group}
    members: list[tuple[Operator, ast.Call, str]] = []
    chains: list[ast.BinOp] = []
    for statement in block.body:
        value = statement.value if isinstance(statement, ast.Assign | ast.Expr) else None
        if isinstance(value, ast.Call) and id(value) in by_call and _is_simple(statement):
            members.append((by_call[id(value)], value, _target(statement)))
        elif isinstance(statement, ast.Expr) and isinstance(value, ast.BinOp):
            chains.append(value)
        elif not isinstance(value, ast.Constant):
            raise RefusedError(f"line {statement.lineno} is more than a task or an order of tasks", help=_FIX)
    if any(operator.spec.kind is not Kind.TASK or operator.mapped for operator, _, _ in members):
        raise RefusedError("it holds tasks of other kinds", help=_FIX)
    keys = {variable: task_key([operator]) for operator, _, variable in members if variable}
    _refuse_uses_outside(file, block, keys)
    return Workflow(group, block, opened, members, _order(chains, keys))


def _opens(block: ast.With, opened: ast.AST | None) -> bool:
    return len(block.items) == 1 and block.items[0].context_expr is opened


def _is_simple(statement: ast.stmt) -> bool:
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return all(isinstance(target, ast.Name) for target in targets) and len(targets) <= 1


def _target(statement: ast.stmt) -> str:
    target = statement.targets[0] if isinstance(statement, ast.Assign) else None
    return target.id if isinstance(target, ast.Name) else ""


def _refuse_uses_outside(file: "ParsedFile", block: ast.With, keys: Mapping[str, str]) -> None:
    inside = {id(node) for node in ast.walk(block)}
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Name) and node.id in keys and id(node) not in inside:
            raise RefusedError(f"its task {node.id} is used outside of it, in line {node.lineno}", help=_FIX)


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
    raise RefusedError(f"the order of tasks in line {node.lineno} is not plain", help=_FIX)


def settings_of(workflow: Workflow, dag_id: str) -> dict[str, Json]:
    """Give the settings of the job.

    :raises RefusedError: a part cannot be brought.
    """
    group = workflow.group
    reader, group_id = Reader(group), known_text(group.argument("group_id"))
    for name in _REFUSED:
        if reader.read(name):
            raise RefusedError(f"{name} has no counterpart in the settings of a job", help=_FIX)
    given = {name: value for name in _OF_THE_JOB if (value := reader.read(name))}
    for value in given.values():
        if isinstance(value, Open):
            raise value.refuse("write it in the call")
    tasks = [_task(workflow, operator, given) for operator, _, _ in workflow.members]
    named = {"name": f"{dag_id}.{group_id}"} if dag_id and group_id else {}
    shared = {name: given[name] for name in ("job_clusters", "max_concurrent_runs") if name in given}
    return {**named, **shared, "tasks": tasks, **given.get("extra_job_params", {})}


def _task(workflow: Workflow, operator: Operator, given: Mapping[str, Json]) -> dict[str, Json]:
    task = {**task_of("", read_arguments([operator])), "task_key": task_key([operator])}
    body = task.get("notebook_task")
    if body is not None and (shared := given.get("notebook_params")):
        task["notebook_task"] = {**body, "base_parameters": {**body.get("base_parameters", {}), **shared}}
    if body is not None and (packages := given.get("notebook_packages")):
        own = task.get("libraries", [])
        task["libraries"] = [*own, *(package for package in packages if package not in own)]
    if before := workflow.after.get(task["task_key"]):
        task["depends_on"] = [{"task_key": key} for key in before]
    if rule := _run_if(operator):
        task["run_if"] = rule
    return task


def _run_if(operator: Operator) -> str:
    fact = operator.argument("trigger_rule")
    if isinstance(fact, Absent):
        return ""
    value = fact.value if isinstance(fact, Known) else None
    text = value.names[0].rpartition(".")[2].lower() if isinstance(value, Reference) else value
    if not isinstance(text, str) or text not in _RUN_IF:
        raise RefusedError("its trigger_rule has no counterpart", help=_FIX, place=operator.place)
    return "" if text == "all_success" else _RUN_IF[text]


def triggering(workflow: Workflow, key: str, passed: Mapping[str, str]) -> Edit:
    """Give the edit that puts one triggering task in the place of the block."""
    block, file = workflow.block, workflow.group.place.file
    opened, target = workflow.opened, block.items[0].optional_vars
    code = {k.arg: file.source.text[slice(*text_range(file, k.value))] for k in opened.keywords if k.arg}
    group_id = code.get("group_id") or (
        file.source.text[slice(*text_range(file, opened.args[0]))] if opened.args else ""
    )
    lines = [f"task_id={group_id}", f"job={quoted(key)}"]
    if passed:
        lines.append("job_parameters={" + ", ".join(f"{quoted(name)}: {value}" for name, value in passed.items()) + "}")
    lines += [f"{name}={code[name]}" for name in _KEPT if name in code]
    newline, indent = file.source.newline_at(block.lineno), " " * block.col_offset
    assigned = f"{target.id} = " if isinstance(target, ast.Name) else ""
    body = "".join(f"{indent}    {line},{newline}" for line in lines)
    return Edit(*text_range(file, block), f"{assigned}{CLASS}({newline}{body}{indent})")


def variables(workflow: Workflow) -> Iterator[str]:
    """Give the names that the block assigns its tasks to."""
    return (variable for _, _, variable in workflow.members if variable)
