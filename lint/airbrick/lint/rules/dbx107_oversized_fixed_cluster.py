"""DBX107: a large cluster has a fixed size."""

from typing import Final

from airbrick.lint.cluster_rule import ClusterRule, Verdict
from airbrick.lint.context import RuleContext
from airbrick.lint.facts.values import Absent
from airbrick.lint.finding import Severity
from airbrick.lint.model.submissions import Cluster, alternatives
from airbrick.lint.rule import Example, Option, Preset

_LIMIT: Final = Option("max-fixed-workers", 10, "the largest fixed number of workers that is not reported", minimum=0)


class OversizedFixedCluster(ClusterRule):
    """Large clusters should shrink when there is little to do."""

    code = "DBX107"
    name = "oversized-fixed-cluster"
    severity = Severity.WARNING
    summary = "A cluster has many workers and does not scale"
    why = (
        "A fixed number of workers is paid for from the first minute to the last, also while one straggler runs. From "
        "some size on autoscaling pays off: the cluster grows for the wide stages and shrinks after them."
    )
    preset = Preset.STRICT
    options = (_LIMIT,)
    bad = (
        Example(
            """\
from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks import DatabricksSubmitRunOperator

with DAG("orders"):
    DatabricksSubmitRunOperator(
        task_id="load",
        new_cluster={"spark_version": "16.4.x-scala2.12", "num_workers": 50},
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
        new_cluster={"spark_version": "16.4.x-scala2.12", "autoscale": {"min_workers": 2, "max_workers": 50}},
    )
"""
        ),
    )

    def judge(self, cluster: Cluster, context: RuleContext) -> Verdict | None:
        """Compare the number of workers with the limit."""
        limit = context.option(self, _LIMIT)
        sizes = list(alternatives(cluster.get("num_workers")))
        numbers = [known.value for known in sizes if isinstance(known.value, int)]
        if not numbers or len(numbers) < len(sizes) or min(numbers) <= limit:
            return None
        if not isinstance(cluster.get("autoscale"), Absent):
            return None
        where = sizes[0].where or cluster.place
        problem = f"starts a cluster with {min(numbers)} workers that does not scale"
        return Verdict(problem, "use autoscale", where, note="the size is written here")


RULE = OversizedFixedCluster()
