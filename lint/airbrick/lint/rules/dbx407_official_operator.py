"""DBX407: an operator could be airbrick's."""

import ast
from collections.abc import Iterator, Mapping
from typing import Final

from airbrick.lint.context import RuleContext
from airbrick.lint.facts.values import Known
from airbrick.lint.finding import Edit, Finding, Fix, Safety, Severity
from airbrick.lint.knowledge.airflow import BASE_OPERATOR_PARAMETERS
from airbrick.lint.knowledge.words import words
from airbrick.lint.model.elements import Operator
from airbrick.lint.model.jobs import job_reference
from airbrick.lint.moving import Binding, binding_of, move, text_range, uses
from airbrick.lint.rule import Example, Preset, Rule
from airbrick.lint.wording import listed

_MODULE: Final = "airbrick.operators"
_CLASS: Final = "RunNowOperator"
_SAME: Final = BASE_OPERATOR_PARAMETERS | words(
    "job_id job_parameters databricks_conn_id deferrable wait_for_termination notebook_params jar_params "
    "python_params python_named_params spark_submit_params"
)
_RENAMED: Final[Mapping[str, str]] = {"polling_period_seconds": "poll_interval"}


class OfficialOperator(Rule):
    """Triggering a provisioned job takes exactly one run."""

    code = "DBX407"
    name = "official-operator"
    severity = Severity.INFO
    summary = "An operator of the official provider could be airbrick's"
    why = (
        "airbrick's RunNowOperator triggers a job by its key in the contract, checks its parameters when the file is "
        "parsed, starts exactly one run whatever crashes, and is watched together with all other runs. Connections, "
        "XCom keys and most parameters are the same, so moving over is a rename: select this rule and fix with "
        "--unsafe-fixes. All uses of the class in a file move together; where a parameter has no counterpart the "
        "rule names it and leaves the file as it is. A job that is named by job_name moves when the contract knows it."
    )
    preset = Preset.ALL
    fix = Safety.UNSAFE
    bad = (
        Example(
            """\
from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator

with DAG("orders"):
    DatabricksRunNowOperator(
        task_id="load",
        job_id="42",
        job_parameters={"day": "{{ ds }}"},
        polling_period_seconds=60,
    )
"""
        ),
    )
    good = (
        Example(
            """\
from airflow.sdk import DAG
from airbrick.operators import RunNowOperator

with DAG("orders"):
    RunNowOperator(task_id="load", job="nightly_orders", job_parameters={"day": "{{ ds }}"}, poll_interval=60)
"""
        ),
    )

    def check_module(self, context: RuleContext) -> Iterator[Finding]:
        """Check the operators of a file, whose fix is one for all of a class."""
        fixes: dict[str, Fix | None] = {}
        for operator in context.model.operators:
            if operator.by_hand or not _is_official(operator) or operator.place.file is not context.file:
                continue
            odd = _without_counterpart(operator)
            instead = f"{listed(odd)}: no counterpart, declare job parameters instead"
            binding = binding_of(context.file, context.file.counterpart(operator.place.node))
            if binding is not None and binding.local not in fixes:
                fixes[binding.local] = _fix(operator, binding, context)
            yield context.finding(
                self,
                operator.place,
                f"{operator.class_name} could be airbrick's {_CLASS}",
                help=instead if odd else f"use {_MODULE}.{_CLASS}",
                fix=fixes[binding.local] if binding is not None else None,
            )


def _is_official(operator: Operator) -> bool:
    official = operator.spec.modules[0].startswith("airflow.providers.databricks.")
    return official and operator.spec.name == "DatabricksRunNowOperator"


def _without_counterpart(operator: Operator) -> list[str]:
    given = [str(name) for name in operator.arguments.keywords.entries]
    return [name for name in given if name not in _SAME and name not in _RENAMED and name != "job_name"]


def _fix(operator: Operator, binding: Binding, context: RuleContext) -> Fix | None:
    file = context.file
    if not binding.full.endswith(f".{operator.spec.name}"):
        return None
    calls: dict[int, Operator] = {id(other.place.node): other for other in context.model.operators}
    moving = [other for other in calls.values() if other.spec is operator.spec and other.place.file is file]
    places = uses(file, binding.local)
    # All uses move together, so each of them must be a call that can.
    if places is None or len(places) != len(moving):
        return None
    edits = list(move(file, binding, _MODULE, _CLASS))
    for other in moving:
        changed = _arguments(other, context)
        if changed is None or not edits:
            return None
        edits.extend(changed)
    return Fix(f"Move to {_MODULE}.{_CLASS}", Safety.UNSAFE, tuple(edits))


def _arguments(operator: Operator, context: RuleContext) -> list[Edit] | None:
    """Give the edits of a call's arguments; ``None`` when one of them has no counterpart."""
    call = context.file.counterpart(operator.place.node)
    plain = operator.editable and not operator.mapped and operator.arguments.open is None
    if not plain or not isinstance(call, ast.Call) or call.args or not isinstance(call.func, ast.Name):
        return None
    if _without_counterpart(operator):
        return None
    edits: list[Edit] = []
    for keyword in call.keywords:
        if keyword.arg is None:
            return None
        start, end = text_range(context.file, keyword)
        if keyword.arg == "job_name":
            from airbrick.lint.varying import varies

            keys = {_key(other, context) for other in context.same_call(operator)}
            key = keys.pop() if len(keys) == 1 else None
            if key is None or varies(context.file, keyword.value):
                return None
            edits.append(Edit(start, end, f'job="{key}"'))
        elif keyword.arg in _RENAMED or keyword.arg == "job_id":
            # An id keeps its name, which no other fix may turn into one that only the official class takes.
            edits.append(Edit(start, start + len(keyword.arg), _RENAMED.get(keyword.arg, keyword.arg)))
    return edits


def _key(operator: Operator, context: RuleContext) -> str | None:
    """Give the key of the job in the contract of every stack."""
    reference = job_reference(operator)
    if reference is None or not isinstance(operator.own("job_name"), Known):
        return None
    found = [reference.find(stack.contract) for stack in context.contracts_for(operator)]
    keys = {job[0] if job is not None else None for job in found}
    key = keys.pop() if len(keys) == 1 else None
    return key if key is not None and key.isprintable() and '"' not in key and "\\" not in key else None


RULE = OfficialOperator()
