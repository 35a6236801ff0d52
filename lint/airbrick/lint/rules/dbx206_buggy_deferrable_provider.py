"""DBX206: a deferrable task of an old provider is green when its run failed early."""

from collections.abc import Iterator

from airbrick.lint.context import RuleContext
from airbrick.lint.finding import Finding, Severity
from airbrick.lint.knowledge.databricks import DEFERRED_FAILURE_FIXED, Deferral, Kind
from airbrick.lint.model.elements import Operator
from airbrick.lint.model.limits import is_deferred
from airbrick.lint.rule import Example, Rule

_DAG = """\
from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator

with DAG("orders"):
    DatabricksRunNowOperator(task_id="load", job_name="orders", deferrable=True)
"""


class BuggyDeferrableProvider(Rule):
    """A failure before the deferral was lost."""

    code = "DBX206"
    name = "buggy-deferrable-provider"
    severity = Severity.WARNING
    summary = "A deferrable task succeeds with the targeted provider although its run failed at once"
    why = (
        "Before version 7.12 of apache-airflow-providers-databricks a deferrable operator looked at its run once "
        "before it deferred, and took one that had ended by then for a success: a run that failed within seconds "
        "left a green task. Upgrade the provider, then raise target-provider. Without target-provider in the "
        "configuration nothing is reported."
    )
    bad = (Example(_DAG, config={"target-provider": "7.8"}),)
    good = (Example(_DAG, config={"target-provider": "7.12"}),)

    def check_operator(self, operator: Operator, context: RuleContext) -> Iterator[Finding]:
        """Check one deferred operator."""
        target = context.settings.target_provider
        if target is None or target >= DEFERRED_FAILURE_FIXED or operator.by_hand:
            return
        spec = operator.spec
        if spec.kind not in {Kind.RUN_NOW, Kind.SUBMIT_RUN} or spec.deferral is not Deferral.PARAMETER:
            return
        if is_deferred(operator, context.settings):
            yield context.finding(
                self,
                operator.place,
                f"with provider {target[0]}.{target[1]} a deferred {operator.class_name} succeeds when its run failed "
                "before the deferral",
                help="upgrade apache-airflow-providers-databricks to 7.12 or later",
            )


RULE = BuggyDeferrableProvider()
