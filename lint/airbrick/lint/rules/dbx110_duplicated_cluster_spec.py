"""DBX110: several tasks of a DAG start a cluster each from the same specification."""

from collections.abc import Iterator
from typing import Final

from airbrick.lint.context import RuleContext
from airbrick.lint.facts.values import DictValue, Fact, Known, ListValue
from airbrick.lint.finding import Finding, Note, Severity
from airbrick.lint.model.elements import Operator
from airbrick.lint.model.submissions import Cluster, clusters_of
from airbrick.lint.rule import Example, Rule

_DEPTH: Final = 8


class DuplicatedClusterSpec(Rule):
    """Tasks that follow each other can share a cluster."""

    code = "DBX110"
    name = "duplicated-cluster-spec"
    severity = Severity.WARNING
    summary = "Several tasks start a cluster each from the same specification"
    why = (
        "Each task that submits its own run with its own cluster waits some minutes for it to start and throws it "
        "away afterwards. Tasks with the same cluster belong to one job, whose tasks share a job cluster: a job of "
        "the stack, or a DatabricksWorkflowTaskGroup."
    )
    bad = (
        Example(
            """\
from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks import DatabricksSubmitRunOperator

cluster = {"spark_version": "16.4.x-scala2.12", "num_workers": 4, "data_security_mode": "SINGLE_USER"}

with DAG("orders"):
    load = DatabricksSubmitRunOperator(
        task_id="load", new_cluster=cluster, notebook_task={"notebook_path": "/Shared/load"}
    )
    clean = DatabricksSubmitRunOperator(
        task_id="clean", new_cluster=cluster, notebook_task={"notebook_path": "/Shared/clean"}
    )
    load >> clean
"""
        ),
    )
    good = (
        Example(
            """\
from airflow.sdk import DAG
from airbrick.operators import RunNowOperator

with DAG("orders"):
    RunNowOperator(task_id="orders", job="load_and_clean_orders")
"""
        ),
    )

    def check_module(self, context: RuleContext) -> Iterator[Finding]:
        """Compare the clusters of the tasks of each DAG."""
        groups: dict[tuple[int, object], list[tuple[Operator, Cluster]]] = {}
        for operator in context.model.operators:
            if operator.by_hand:
                continue
            for cluster in clusters_of(operator):
                key = (id(operator.dag), _shape(Known(cluster.settings)))
                groups.setdefault(key, []).append((operator, cluster))
        for users in groups.values():
            if len(dict.fromkeys(id(operator) for operator, _ in users)) > 1:
                yield from self._report(users, context)

    def _report(self, users: list[tuple[Operator, Cluster]], context: RuleContext) -> Iterator[Finding]:
        tasks = len(dict.fromkeys(id(operator) for operator, _ in users))
        for operator, cluster in users:
            if operator.place.file is not context.file:
                continue
            place = cluster.place
            notes: list[Note] = list(
                context.defined_at(place, beyond=operator.place, message="the cluster is spelled out here")
            )
            other = next((o.place for o, _ in users if o.place.node is not operator.place.node), None)
            if other is not None:
                notes.append(Note("another task with it is here", other.file.source.path, context.span_of(other)))
            yield context.finding(
                self,
                operator.place,
                f"{operator.class_name} is one of {tasks} tasks that start a cluster each from the same specification",
                help="make them tasks of one job that share a job cluster",
                notes=notes,
            )


def _shape(fact: Fact, depth: int = 0) -> object:
    """Give something that equals for equal values; what is not known equals only itself."""
    value = fact.value if isinstance(fact, Known) else fact
    if depth < _DEPTH and isinstance(value, DictValue):
        inner = [(str(key), _shape(item, depth + 1)) for key, item in value.items()]
        return ("dict", tuple(sorted(inner, key=lambda pair: pair[0])), id(value.open))
    if depth < _DEPTH and isinstance(value, ListValue):
        return ("list", tuple(_shape(item, depth + 1) for item in value.items), id(value.open))
    if isinstance(value, str | int | float | type(None)):
        return (type(value).__name__, value)
    return ("object", id(value))


RULE = DuplicatedClusterSpec()
