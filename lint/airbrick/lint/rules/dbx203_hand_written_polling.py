"""DBX203: a task asks Databricks again and again in a loop of its own."""

from collections.abc import Iterator

from airbrick.lint.context import RuleContext
from airbrick.lint.facts.values import Loop
from airbrick.lint.finding import Finding, Severity
from airbrick.lint.model.elements import Phase
from airbrick.lint.model.polling import SLEEPS, asks_for_state
from airbrick.lint.rule import Example, Rule


class HandWrittenPolling(Rule):
    """Waiting is what operators are for."""

    code = "DBX203"
    name = "hand-written-polling"
    severity = Severity.WARNING
    summary = "A task waits for Databricks in a loop of its own"
    why = (
        "A loop that sleeps and asks holds a worker for as long as the run takes, forgets the run when the worker "
        "is lost, rarely cancels it, and mostly has a state nobody thought of. A deferrable operator, or a sensor, "
        "waits in the triggerer and knows all the states."
    )
    bad = (
        Example(
            """\
import time

from airflow.sdk import DAG, task
from databricks.sdk import WorkspaceClient

@task
def load():
    client = WorkspaceClient()
    run = client.jobs.run_now(job_id=91)
    while client.jobs.get_run(run.run_id).state.life_cycle_state != "TERMINATED":
        time.sleep(10)

with DAG("orders"):
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
        """Check the loops in the tasks of a file."""
        reported: list[Loop] = []
        calls = [call for call in context.model.calls if call.phase is Phase.TASK and call.loops]
        sleeping = [loop for call in calls if call.value.callee.names[0] in SLEEPS for loop in call.loops]
        for call in calls if sleeping else ():
            around = [loop for loop in call.loops if any(loop is other for other in sleeping)]
            place = call.value.arguments.call
            if not around or place.file is not context.file or not asks_for_state(call):
                continue
            if any(loop is other for loop in around for other in reported):
                continue
            reported.extend(around)
            yield context.finding(
                self,
                place,
                "this loop asks Databricks again and again, in a worker that does nothing else",
                help="use a deferrable operator or a sensor, which waits in the triggerer",
            )


RULE = HandWrittenPolling()
