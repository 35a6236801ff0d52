"""DBX503: an operator takes whatever connection is the default."""

from collections.abc import Iterator
from typing import Final

from airbrick.lint.context import RuleContext
from airbrick.lint.edits import add_argument
from airbrick.lint.facts.values import Absent
from airbrick.lint.finding import Finding, Fix, Safety, Severity
from airbrick.lint.model.elements import Operator
from airbrick.lint.rule import Example, Preset, Rule

_PARAMETER: Final = "databricks_conn_id"
_DEFAULT: Final = "databricks_default"


class ImplicitDefaultConnection(Rule):
    """Which workspace a task runs in should be written down."""

    code = "DBX503"
    name = "implicit-default-connection"
    severity = Severity.INFO
    summary = "An operator does not say which connection it uses"
    why = (
        "Without databricks_conn_id an operator uses databricks_default: which workspace and whose permissions that "
        "means differs from one Airflow to the next, and no check can compare it with what was provisioned. The fix "
        "writes the default down; it is unsafe because a subclass may have another one."
    )
    preset = Preset.STRICT
    fix = Safety.UNSAFE
    bad = (
        Example(
            """\
from airflow.sdk import DAG
from airbrick.operators import RunNowOperator

with DAG("orders"):
    RunNowOperator(task_id="load", job="nightly_orders")
"""
        ),
    )
    good = (
        Example(
            """\
from airflow.sdk import DAG
from airbrick.operators import RunNowOperator

with DAG("orders", default_args={"databricks_conn_id": "databricks_orders"}):
    RunNowOperator(task_id="load", job="nightly_orders")
"""
        ),
    )

    def check_operator(self, operator: Operator, context: RuleContext) -> Iterator[Finding]:
        """Check one operator."""
        if not _is_missing(operator):
            return
        yield context.finding(
            self,
            operator.place,
            f"{operator.class_name} uses the connection {_DEFAULT} without saying so",
            help=f"add {_PARAMETER}",
            fix=_fix(operator, context),
        )


def _is_missing(operator: Operator) -> bool:
    if operator.by_hand or not operator.spec.takes(_PARAMETER) or _in_workflow(operator):
        return False
    return isinstance(operator.argument(_PARAMETER), Absent)


def _in_workflow(operator: Operator) -> bool:
    """Tell a member of a workflow group, which uses the group's connection."""
    group = operator.group
    while group is not None:
        if group.workflow:
            return True
        group = group.parent
    return False


def _fix(operator: Operator, context: RuleContext) -> Fix | None:
    if operator.place.file is not context.file:
        return None
    if not all(other.editable and _is_missing(other) for other in context.same_call(operator)):
        return None
    edits = add_argument(operator.place, f'{_PARAMETER}="{_DEFAULT}"')
    return Fix(f'Add {_PARAMETER}="{_DEFAULT}"', Safety.UNSAFE, edits) if edits else None


RULE = ImplicitDefaultConnection()
