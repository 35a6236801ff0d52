"""DBX401: a Python task moves data through the Airflow worker."""

from collections.abc import Iterator
from typing import Final

from airbrick.lint.context import RuleContext
from airbrick.lint.facts.values import CallValue, Known, Place
from airbrick.lint.finding import Finding, Severity
from airbrick.lint.knowledge.data_work import is_in_memory, weight
from airbrick.lint.model.elements import PythonTask
from airbrick.lint.rule import Example, Option, Rule

_THRESHOLD: Final = Option(
    "threshold",
    2,
    "the weight from which a function is reported; a call that reads or writes data weighs 2, one that joins or "
    "reshapes it 1",
    minimum=1,
)


class HeavyPythonTask(Rule):
    """Data work belongs to Databricks, not to the worker."""

    code = "DBX401"
    name = "heavy-python-task"
    severity = Severity.WARNING
    summary = "A Python task moves data through the Airflow worker"
    why = (
        "An Airflow worker is sized to start work, not to do it. A data frame that fits today fills the worker's "
        "memory next year, and then the task is killed together with all its neighbours. Let a Databricks job do the "
        "work, and let Airflow trigger it. Functions that only look a few values up, or run in an environment of "
        "their own, are not meant."
    )
    options = (_THRESHOLD,)
    bad = (
        Example(
            """\
from airflow.sdk import dag, task


@dag
def orders():
    @task
    def clean():
        import pandas as pd

        orders = pd.read_parquet("s3://lake/orders")
        orders.dropna().to_parquet("s3://lake/orders_clean")

    clean()


orders()
"""
        ),
    )
    good = (
        Example(
            """\
from airflow.sdk import DAG
from airbrick.operators import RunNowOperator

with DAG("orders"):
    RunNowOperator(task_id="clean", job="clean_orders")
"""
        ),
    )

    def check_module(self, context: RuleContext) -> Iterator[Finding]:
        """Check every function that runs as a task."""
        threshold = context.option(self, _THRESHOLD)
        made_by: dict[int, list[CallValue]] = {}
        for call in context.model.calls:
            made_by.setdefault(id(call.root), []).append(call.value)
        for task in context.model.python_tasks:
            calls = made_by.get(id(task.function))
            if calls is None or task.elsewhere or task.place.file is not context.file:
                continue
            weights = [_weight(call) for call in calls]
            if sum(weights) >= threshold:
                heaviest = calls[weights.index(max(weights))]
                yield self._report(task, heaviest, context)

    def _report(self, task: PythonTask, call: CallValue, context: RuleContext) -> Finding:
        name = call.callee.names[0]
        verb = name.rpartition(".")[2]
        where: Place = call.arguments.call
        return context.finding(
            self,
            task.place,
            f"{task.class_name} {task.function.name}() moves data through the worker: it calls {verb}()",
            help="do it in a Databricks job, and trigger the job",
            notes=tuple(context.defined_at(where, beyond=task.place, message=f"{verb}() is called here")),
        )


def _weight(call: CallValue) -> int:
    source = call.arguments.positional[0] if call.arguments.positional else None
    value = source.value if isinstance(source, Known) else None
    in_memory = isinstance(value, CallValue) and is_in_memory(value.callee.names[0])
    return max(weight(name, in_memory=in_memory) for name in call.callee.names)


RULE = HeavyPythonTask()
