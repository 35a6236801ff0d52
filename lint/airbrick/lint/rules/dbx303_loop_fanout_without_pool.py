"""DBX303: a loop builds tasks that all start runs at once."""

from collections.abc import Iterator
from typing import Final

from airbrick.lint.amending import set_argument
from airbrick.lint.context import RuleContext
from airbrick.lint.finding import Finding, Safety, Severity
from airbrick.lint.model.chaining import may_chain
from airbrick.lint.model.elements import Operator
from airbrick.lint.model.fan_out import built, is_throttled, loops_around, shown
from airbrick.lint.rule import Example, Option, Rule

LIMIT: Final = Option("maximum-loop-tasks", 8, "the largest number of tasks of a loop that is not reported", minimum=1)
_DAG = """\
from airflow.sdk import DAG
from airbrick.operators import RunNowOperator

with DAG("orders"):
    for number in range({count}):
        RunNowOperator(task_id=f"load_{{number}}", job="load", job_parameters={{"number": number}}{pool})
"""


class LoopFanoutWithoutPool(Rule):
    """Tasks of a loop depend on nothing but the pool."""

    code = "DBX303"
    name = "loop-fanout-without-pool"
    severity = Severity.WARNING
    summary = "A loop builds many tasks that work on Databricks at the same time"
    why = (
        "Tasks that a loop builds side by side start side by side: as many clusters as Airflow has slots, taken from "
        "everybody else, and deferred tasks do not even take a slot. A pool shares Databricks among all DAGs (let it "
        "include deferred tasks); max_active_tasks bounds one run of the DAG. Tasks that a loop puts one behind the "
        "other are not reported. The fix names a pool that must exist."
    )
    fix = Safety.UNSAFE
    options = (LIMIT,)
    bad = (Example(_DAG.format(count=200, pool="")),)
    good = (Example(_DAG.format(count=200, pool=', pool="databricks"')), Example(_DAG.format(count=3, pool="")))

    def check_operator(self, operator: Operator, context: RuleContext) -> Iterator[Finding]:
        """Check one operator of a loop."""
        if not operator.spec.runs_work or operator.by_hand or not loops_around(operator):
            return
        count = built(operator, context)
        if count <= context.option(self, LIMIT) or is_throttled(operator) or may_chain(context):
            return
        yield context.finding(
            self,
            operator.place,
            f"a loop builds {shown(count)} tasks with {operator.class_name} that may all work at once",
            help="give them a pool, or the DAG max_active_tasks",
            fix=set_argument(operator, context, "pool", '"databricks"', Safety.UNSAFE),
        )


RULE = LoopFanoutWithoutPool()
