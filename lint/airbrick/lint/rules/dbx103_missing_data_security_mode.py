"""DBX103: a cluster does not say how users and data are kept apart."""

from airbrick.lint.cluster_rule import ClusterRule, Verdict, lacks
from airbrick.lint.context import RuleContext
from airbrick.lint.edits import add_entry
from airbrick.lint.finding import Fix, Safety, Severity
from airbrick.lint.model.submissions import Cluster
from airbrick.lint.rule import Example


class MissingDataSecurityMode(ClusterRule):
    """Without an access mode there is no Unity Catalog."""

    code = "DBX103"
    name = "missing-data-security-mode"
    severity = Severity.WARNING
    summary = "A cluster does not say its data_security_mode"
    why = (
        "Without data_security_mode a cluster of the API has no access mode: it cannot read Unity Catalog, and "
        "whatever runs on it sees the credentials of all. SINGLE_USER fits jobs; USER_ISOLATION is for clusters that "
        "several identities share. A policy may set it, so clusters with policy_id are left alone. The fix is unsafe "
        "because the access mode changes what the code on the cluster may do."
    )
    fix = Safety.UNSAFE
    bad = (
        Example(
            """\
from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks import DatabricksSubmitRunOperator

with DAG("orders"):
    DatabricksSubmitRunOperator(
        task_id="load",
        new_cluster={"spark_version": "16.4.x-scala2.12", "node_type_id": "i3.xlarge", "num_workers": 2},
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
        new_cluster={
            "spark_version": "16.4.x-scala2.12",
            "node_type_id": "i3.xlarge",
            "num_workers": 2,
            "data_security_mode": "SINGLE_USER",
        },
    )
"""
        ),
    )

    def judge(self, cluster: Cluster, context: RuleContext) -> Verdict | None:
        """Look for the access mode."""
        del context
        if not lacks(cluster, "data_security_mode"):
            return None
        absent = "data_security_mode" not in cluster.settings.entries
        edits = () if not absent else add_entry(cluster.place, "data_security_mode", '"SINGLE_USER"')
        fix = Fix('Add "data_security_mode": "SINGLE_USER"', Safety.UNSAFE, edits) if edits else None
        problem = "starts a cluster without data_security_mode"
        return Verdict(problem, "add data_security_mode, SINGLE_USER for most jobs", cluster.place, fix=fix)


RULE = MissingDataSecurityMode()
