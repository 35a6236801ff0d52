"""A workflow group as one job, and the one task that triggers it.

Source: ``create_workflow_json`` and ``_convert_to_databricks_workflow_task`` in apache-airflow-providers-databricks
7.23.0.
"""

from collections.abc import Mapping
from typing import Final

from airbrick.lint.facts.values import Absent, Known, Reference
from airbrick.lint.finding import Edit
from airbrick.lint.inlined.block import FIX, Member, Workflow
from airbrick.lint.inlined.jobs import read_arguments, task_key, task_of
from airbrick.lint.inlined.plain import Json, Open, Reader
from airbrick.lint.inlined.refusal import RefusedError, known_text
from airbrick.lint.inlined.statements import removed_statement
from airbrick.lint.inlined.triggering import CLASS, quoted
from airbrick.lint.model.elements import Operator
from airbrick.lint.moving import text_range

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


def settings_of(workflow: Workflow, dag_id: str) -> dict[str, Json]:
    """Give the settings of the job.

    :raises RefusedError: a part cannot be brought.
    """
    group = workflow.group
    reader, group_id = Reader(group), known_text(group.argument("group_id"))
    for name in _REFUSED:
        if reader.read(name):
            raise RefusedError(f"{name} has no counterpart in the settings of a job", help=FIX)
    given = {name: value for name in _OF_THE_JOB if (value := reader.read(name))}
    for value in given.values():
        if isinstance(value, Open):
            raise value.refuse("write it in the call")
    tasks = [_task(workflow, member, given) for member in workflow.members]
    named = {"name": f"{dag_id}.{group_id}"} if dag_id and group_id else {}
    shared = {name: given[name] for name in ("job_clusters", "max_concurrent_runs") if name in given}
    return {**named, **shared, "tasks": tasks, **given.get("extra_job_params", {})}


def _task(workflow: Workflow, member: Member, given: Mapping[str, Json]) -> dict[str, Json]:
    operator = member.operator
    task = {**task_of("", read_arguments([operator], stays=member.direct)), "task_key": task_key([operator])}
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
        raise RefusedError("its trigger_rule has no counterpart", help=FIX, place=operator.place)
    return "" if text == "all_success" else _RUN_IF[text]


def triggering(workflow: Workflow, key: str, passed: Mapping[str, str]) -> list[Edit]:
    """Give the edits that put one triggering task in the place of the block."""
    block, file, opened = workflow.block, workflow.group.place.file, workflow.opened
    code = {k.arg: file.source.text[slice(*text_range(file, k.value))] for k in opened.keywords if k.arg}
    group_id = code.get("group_id") or (
        file.source.text[slice(*text_range(file, opened.args[0]))] if opened.args else ""
    )
    lines = [f"task_id={group_id}", f"job={quoted(key)}"]
    if passed:
        lines.append("job_parameters={" + ", ".join(f"{quoted(name)}: {value}" for name, value in passed.items()) + "}")
    lines += [f"{name}={code[name]}" for name in _KEPT if name in code]
    newline, indent = file.source.newline_at(block.lineno), " " * block.col_offset
    target = f"{workflow.variable} = " if workflow.variable else ""
    body = "".join(f"{indent}    {line},{newline}" for line in lines)
    edits = [Edit(*text_range(file, block), f"{target}{CLASS}({newline}{body}{indent})")]
    return edits if workflow.assigned is None else [removed_statement(file, workflow.assigned), *edits]
