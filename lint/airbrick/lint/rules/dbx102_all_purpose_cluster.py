"""DBX102: a task runs on an all-purpose cluster that is named by its id."""

from collections.abc import Iterator
from typing import Final

from airbrick.lint.context import RuleContext
from airbrick.lint.facts.values import Place
from airbrick.lint.finding import Finding, Severity
from airbrick.lint.model.elements import Group, Operator
from airbrick.lint.model.submissions import items_of, literals, task_settings
from airbrick.lint.rule import Example, Rule

_HELP: Final = "run it on a job cluster or serverless, as a job of the stack"


class AllPurposeCluster(Rule):
    """Scheduled work belongs on clusters of its own."""

    code = "DBX102"
    name = "all-purpose-cluster"
    severity = Severity.WARNING
    summary = "A task runs on an all-purpose cluster that is named by its id"
    why = (
        "An all-purpose cluster is made for people at a notebook: it costs about twice as much per hour as a job "
        "cluster, its libraries and load change under the pipeline, and its id exists in one workspace only. Once "
        "somebody deletes it, every task that names it fails. Let each run bring its own cluster, or none."
    )
    bad = (
        Example(
            """\
from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks import DatabricksSubmitRunOperator

with DAG("orders"):
    DatabricksSubmitRunOperator(
        task_id="load",
        existing_cluster_id="0201-093012-abcd1234",
        notebook_task={"notebook_path": "/Shared/load"},
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
    RunNowOperator(task_id="load", job="nightly_orders")
"""
        ),
        Example(
            """\
from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks import DatabricksSubmitRunOperator

with DAG("orders"):
    DatabricksSubmitRunOperator(
        task_id="load",
        existing_cluster_id="{{ var.value.shared_cluster }}",
        notebook_task={"notebook_path": "/Shared/load"},
    )
"""
        ),
    )

    def check_operator(self, operator: Operator, context: RuleContext) -> Iterator[Finding]:
        """Check the clusters an operator names."""
        for fact in task_settings(operator, "existing_cluster_id"):
            found = literals(fact)
            if found:
                yield self._report(operator.class_name, operator.place, found[0], context)
                return

    def check_group(self, group: Group, context: RuleContext) -> Iterator[Finding]:
        """Check the clusters a workflow group names for its tasks."""
        if group.workflow:
            for item in items_of(group.argument("existing_clusters"), group.resolve):
                found = literals(item)
                if found:
                    yield self._report("DatabricksWorkflowTaskGroup", group.place, found[0], context)
                    return

    def _report(self, who: str, call: Place, found: tuple[str, Place | None], context: RuleContext) -> Finding:
        text, where = found
        notes = context.defined_at(where, beyond=call, message="the cluster is named here")
        return context.finding(
            self, call, f"{who} runs on the all-purpose cluster {text!r}", help=_HELP, notes=tuple(notes)
        )


RULE = AllPurposeCluster()
