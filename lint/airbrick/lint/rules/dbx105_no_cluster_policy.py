"""DBX105: a cluster follows no policy."""

from airbrick.lint.cluster_rule import ClusterRule, Verdict, lacks
from airbrick.lint.context import RuleContext
from airbrick.lint.finding import Severity
from airbrick.lint.model.submissions import Cluster
from airbrick.lint.rule import Example, Preset


class NoClusterPolicy(ClusterRule):
    """A policy keeps clusters within bounds."""

    code = "DBX105"
    name = "no-cluster-policy"
    severity = Severity.INFO
    summary = "A cluster names no policy"
    why = (
        "A cluster policy is where a platform team says which nodes, sizes, runtimes and tags are right, once for all. "
        "A cluster without policy_id escapes it: whoever edits the DAG decides what it costs."
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
        new_cluster={"policy_id": "{{ var.value.jobs_policy }}", "num_workers": 2},
    )
"""
        ),
    )

    def judge(self, cluster: Cluster, context: RuleContext) -> Verdict | None:
        """Look for the policy."""
        del context
        if not lacks(cluster, "policy_id"):
            return None
        return Verdict("starts a cluster without policy_id", "name the policy for job clusters", cluster.place)


RULE = NoClusterPolicy()
