"""DBX106: nobody can tell what a cluster is paid for."""

from airbrick.lint.cluster_rule import ClusterRule, Verdict, lacks
from airbrick.lint.context import RuleContext
from airbrick.lint.facts.values import truth
from airbrick.lint.finding import Severity
from airbrick.lint.model.submissions import Cluster
from airbrick.lint.rule import Example, Preset


class NoCostTags(ClusterRule):
    """Tags are how costs find their owner."""

    code = "DBX106"
    name = "no-cost-tags"
    severity = Severity.INFO
    summary = "A cluster carries no custom_tags"
    why = (
        "The bill of a workspace is broken down by the tags of its clusters. Without custom_tags the cost of a "
        "pipeline ends up with nobody. A policy may set them, so clusters with policy_id are left alone."
    )
    preset = Preset.STRICT
    bad = (
        Example(
            """\
from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks import DatabricksSubmitRunOperator

with DAG("orders"):
    DatabricksSubmitRunOperator(
        task_id="load",
        new_cluster={"spark_version": "16.4.x-scala2.12", "num_workers": 2},
    )
"""
        ),
    )
    good = (
        Example(
            """\
from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks import DatabricksSubmitRunOperator

with DAG("orders"):
    DatabricksSubmitRunOperator(
        task_id="load",
        new_cluster={"spark_version": "16.4.x-scala2.12", "num_workers": 2, "custom_tags": {"team": "orders"}},
    )
"""
        ),
    )

    def judge(self, cluster: Cluster, context: RuleContext) -> Verdict | None:
        """Look for tags."""
        del context
        tags = cluster.get("custom_tags")
        if not lacks(cluster, "custom_tags") and truth(tags) is not False:
            return None
        return Verdict("starts a cluster without custom_tags", "tag it with its team or cost centre", cluster.place)


RULE = NoCostTags()
