"""DBX406: an operator comes from a package that nobody maintains any more."""

import ast
from collections.abc import Iterator
from typing import Final

from airbrick.lint.context import RuleContext
from airbrick.lint.edits import add_argument
from airbrick.lint.facts.values import Absent, Place
from airbrick.lint.finding import Edit, Finding, Fix, Safety, Severity
from airbrick.lint.knowledge.databricks import WORKFLOW_GROUP, OperatorSpec, operator_spec
from airbrick.lint.model.elements import Group, Operator
from airbrick.lint.moving import Binding, binding_of, bindings, move
from airbrick.lint.rule import Example, Rule

_PROVIDER: Final = "airflow.providers.databricks.operators"
_OLD: Final = ("airflow.contrib.", "astro_databricks.", "astronomer.providers.databricks.")
_HELP: Final = "use the operator of the official provider, or airbrick's"


class LegacyDatabricksOperator(Rule):
    """Old packages stay behind while Databricks and Airflow move on."""

    code = "DBX406"
    name = "legacy-databricks-operator"
    severity = Severity.WARNING
    summary = "An operator comes from a package that nobody maintains any more"
    why = (
        "airflow.contrib is gone since Airflow 2, astro-databricks and the asynchronous operators of "
        "astronomer-providers are archived, and the provider's own Deferrable classes were removed in favour of "
        "deferrable=True. None of them gets fixes, and the next upgrade of Airflow stops their DAGs. The fix moves a "
        "class to the official provider; it is unsafe because defaults differ between them."
    )
    fix = Safety.UNSAFE
    bad = (
        Example(
            """\
from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks import DatabricksRunNowDeferrableOperator

with DAG("orders"):
    DatabricksRunNowDeferrableOperator(task_id="load", job_name="orders")
"""
        ),
        Example(
            """\
from airflow import DAG
from airflow.contrib.operators.databricks_operator import DatabricksSubmitRunOperator

with DAG("orders"):
    DatabricksSubmitRunOperator(task_id="load", notebook_task={"notebook_path": "/Shared/load"})
"""
        ),
    )
    good = (
        Example(
            """\
from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator

with DAG("orders"):
    DatabricksRunNowOperator(task_id="load", job_name="orders", deferrable=True)
"""
        ),
    )

    def check_operator(self, operator: Operator, context: RuleContext) -> Iterator[Finding]:
        """Check where the class of an operator comes from."""
        if not _is_legacy(operator.spec) or _has_alternative(operator.place, context):
            return
        binding = binding_of(context.file, context.file.counterpart(operator.place.node))
        origin = f" of {binding.statement.module}" if binding is not None else ""
        yield context.finding(
            self,
            operator.place,
            f"{operator.class_name}{origin} is no longer maintained",
            help=_HELP,
            fix=_fix(operator, binding, context),
        )

    def check_group(self, group: Group, context: RuleContext) -> Iterator[Finding]:
        """Check where the class of a workflow group comes from."""
        binding = binding_of(context.file, context.file.counterpart(group.place.node)) if group.workflow else None
        if binding is not None and f"{binding.full}.".startswith(_OLD):
            edits = move(context.file, binding, f"{_PROVIDER}.databricks_workflow", WORKFLOW_GROUP)
            fix = Fix("Move to the official provider", Safety.UNSAFE, edits) if edits else None
            message = f"{WORKFLOW_GROUP} of {binding.statement.module} is no longer maintained"
            yield context.finding(self, group.place, message, help=_HELP, fix=fix)


def _is_legacy(spec: OperatorSpec) -> bool:
    return spec.modules[0].startswith(_OLD) or spec.name.endswith("DeferrableOperator")


def _has_alternative(place: Place, context: RuleContext) -> bool:
    """Tell whether a second import, after an ``ImportError``, brings the maintained class."""
    call = context.file.counterpart(place.node)
    name = call.func.id if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) else ""
    specs = [operator_spec(binding.full) for binding in bindings(context.file) if binding.local == name]
    return any(spec is not None and not _is_legacy(spec) for spec in specs)


def _fix(operator: Operator, binding: Binding | None, context: RuleContext) -> Fix | None:
    if binding is None or operator_spec(binding.full) is not operator.spec:
        return None
    name = operator.spec.name.removesuffix("Async").replace("DeferrableOperator", "Operator")
    edits = move(context.file, binding, f"{_PROVIDER}.databricks", name)
    if edits and name != operator.spec.name:
        # What these classes did by themselves, their successor is told.
        others = [other for other in context.model.operators if other.spec is operator.spec]
        added = [_deferrable(other) for other in others]
        edits = (*edits, *(edit for part in added if part is not None for edit in part)) if None not in added else ()
    edits = tuple(dict.fromkeys(edits))
    return Fix("Move to the official provider", Safety.UNSAFE, edits) if edits else None


def _deferrable(operator: Operator) -> tuple[Edit, ...] | None:
    if not isinstance(operator.own("deferrable"), Absent):
        return ()
    return (add_argument(operator.place, "deferrable=True") or None) if operator.editable else None


RULE = LegacyDatabricksOperator()
