"""DBX403: a Python task starts Databricks runs by itself."""

from collections.abc import Iterator
from typing import Final

from airbrick.lint.context import RuleContext
from airbrick.lint.facts.values import CallValue, parts_of
from airbrick.lint.finding import Finding, Severity
from airbrick.lint.knowledge.databricks import Kind
from airbrick.lint.knowledge.words import words
from airbrick.lint.model.elements import Operator, Phase
from airbrick.lint.rule import Example, Rule

_HOOK_METHODS: Final = words("run_now submit_run repair_run")
_SDK_METHODS: Final = words("run_now run_now_and_wait submit submit_and_wait repair_run repair_run_and_wait")
_CLIENT_METHODS: Final = words("run_now submit_run")
_REQUESTS: Final = ("requests.", "httpx.", "urllib.request.")
_ENDPOINTS: Final = ("jobs/run-now", "jobs/runs/submit", "jobs/runs/repair")
_RUNNING: Final = frozenset({Kind.RUN_NOW, Kind.SUBMIT_RUN, Kind.TASK})
_HELP: Final = "let an operator of its own start the run"


class SubmitInsidePython(Rule):
    """Runs are started by operators."""

    code = "DBX403"
    name = "submit-inside-python"
    severity = Severity.WARNING
    summary = "A Python task starts Databricks runs by itself"
    why = (
        "A run that a function starts is nobody's: when the task is retried it is started again, when the task is "
        "killed it goes on, while it runs it holds a worker slot, and Airflow shows no link to it. Operators remember "
        "the run, wait for it without a worker, and cancel it."
    )
    bad = (
        Example(
            """\
from airflow.sdk import DAG, task
from airflow.providers.databricks.hooks.databricks import DatabricksHook

with DAG("orders"):

    @task
    def load():
        DatabricksHook("databricks_default").run_now({"job_id": 42})

    load()
"""
        ),
    )
    good = (
        Example(
            """\
from airflow.sdk import DAG
from airbrick.operators import RunNowOperator

with DAG("orders"):
    RunNowOperator(task_id="load", job="nightly_orders")
"""
        ),
    )

    def check_module(self, context: RuleContext) -> Iterator[Finding]:
        """Check the calls that functions make while they run as tasks."""
        for call in context.model.calls:
            place = call.value.arguments.call
            # The methods of an operator of one's own are where runs are meant to be started.
            own = call.root is not None and call.root.is_operator_method
            if call.phase is Phase.TASK and not own and place.file is context.file and _starts(call.value):
                name = call.value.callee.names[0].rpartition(".")[2]
                who = call.root.name if call.root is not None else "a task"
                message = f"{who}() starts a Databricks run by itself: {name}()"
                yield context.finding(self, place, message, help=_HELP)

    def check_operator(self, operator: Operator, context: RuleContext) -> Iterator[Finding]:
        """Check the operators that a function builds and executes by hand."""
        if operator.by_hand and operator.spec.kind in _RUNNING:
            message = f"{operator.class_name} is executed by hand within a task"
            yield context.finding(self, operator.place, message, help=_HELP)


def _starts(call: CallValue) -> bool:
    return any(_starts_by(name, call) for name in call.callee.names)


def _starts_by(name: str, call: CallValue) -> bool:
    owner, _, method = name.rpartition(".")
    if owner.endswith("DatabricksHook()"):
        return method in _HOOK_METHODS
    if owner.startswith("databricks.sdk.") and owner.endswith(".jobs"):
        return method in _SDK_METHODS
    if name.startswith(("databricks_cli.", "databricks_api.")):
        return method in _CLIENT_METHODS
    if name.startswith(_REQUESTS):
        addresses = [*call.arguments.positional, call.arguments.get("url")]
        return any(end in (part or "") for fact in addresses for part in parts_of(fact) for end in _ENDPOINTS)
    return False


RULE = SubmitInsidePython()
