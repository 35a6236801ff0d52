"""DBX602: a retry starts a second run beside one that still works."""

from collections.abc import Iterator
from typing import Final

from airbrick.lint.amending import set_argument
from airbrick.lint.context import RuleContext
from airbrick.lint.facts.values import Absent, Known
from airbrick.lint.finding import Finding, Safety, Severity
from airbrick.lint.knowledge.databricks import DURABLE_SINCE, Kind
from airbrick.lint.model.elements import Operator
from airbrick.lint.model.limits import setting
from airbrick.lint.model.numbers import number
from airbrick.lint.rule import Example, Rule
from airbrick.lint.settings import Settings

_DURABLE_AIRFLOW: Final = (3, 3)
# Of these parts each try of the same task instance has the same, and the hash has 36 characters of 64.
_STABLE: Final = (
    '"{{ macros.uuid.uuid5(macros.uuid.NAMESPACE_OID, '
    "[ti.dag_id, ti.run_id, ti.task_id, ti.map_index] | join('/')) }}\""
)
_DAG = """\
from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator

with DAG("orders"):
    DatabricksRunNowOperator(task_id="load", job_name="orders", retries=3{more})
"""


class DuplicateRunOnRetry(Rule):
    """A lost worker is not a lost run."""

    code = "DBX602"
    name = "duplicate-run-on-retry"
    severity = Severity.WARNING
    summary = "A retry of a task may start a second run of its job while the first still works"
    why = (
        "A worker that is lost, or a trigger that fails, ends the task but not the run on Databricks: the retry "
        "starts another, and two runs write the same tables. From Airflow 3.3 on the official operators find their "
        "run again (durable, which is on by default). While they are deferred they do not, which is no finding "
        "because no argument mends it: airbrick's RunNowOperator finds its run always. The fix adds an "
        "idempotency_token that is the same for all tries of a task instance; it is unsafe because Databricks then "
        "answers a retry or a clear with the run it knows, even when that one failed."
    )
    fix = Safety.UNSAFE
    bad = (Example(_DAG.format(more="")),)
    good = (
        Example(_DAG.format(more=', idempotency_token="{{ run_id }}"')),
        Example(_DAG.format(more=""), config={"target-airflow": "3.3"}),
    )

    def check_operator(self, operator: Operator, context: RuleContext) -> Iterator[Finding]:
        """Check what a retry of an operator starts."""
        spec = operator.spec
        if spec.kind not in {Kind.RUN_NOW, Kind.SUBMIT_RUN} or not spec.takes("idempotency_token") or operator.by_hand:
            return
        retries = operator.argument("retries")
        tries = number(retries)
        token = setting(operator, "idempotency_token")
        missing = isinstance(token, Absent) or (isinstance(token, Known) and token.value is None)
        if not tries or not missing or _is_durable(operator, context.settings) is not False:
            return
        yield context.finding(
            self,
            operator.place,
            f"a retry of {operator.class_name} may start a second run while the first still works",
            help="give it an idempotency_token, or use airbrick's RunNowOperator",
            notes=tuple(
                context.defined_at(
                    retries.where if isinstance(retries, Known) else None,
                    beyond=operator.place,
                    message="retries is set here",
                )
            ),
            fix=set_argument(operator, context, "idempotency_token", _STABLE, Safety.UNSAFE),
        )


def _is_durable(operator: Operator, settings: Settings) -> bool | None:
    """Tell whether the operator is to keep its run for the next try; ``None`` when the code does not tell."""
    old = settings.target_provider is not None and settings.target_provider < DURABLE_SINCE
    if not operator.spec.takes("durable") or settings.target_airflow < _DURABLE_AIRFLOW or old:
        return False
    durable = operator.argument("durable")
    if isinstance(durable, Known) and durable.value is False:
        return False
    known = isinstance(durable, Absent) or (isinstance(durable, Known) and durable.value in {True, None})
    return True if known else None


RULE = DuplicateRunOnRetry()
