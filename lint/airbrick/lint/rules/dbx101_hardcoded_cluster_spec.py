"""DBX101: a DAG file spells out a cluster."""

from collections.abc import Iterable, Iterator
from typing import Final

from airbrick.lint.context import RuleContext
from airbrick.lint.facts.values import CallValue, DictValue, Fact, Known, ListValue, Place, parts_of
from airbrick.lint.finding import Finding, Severity
from airbrick.lint.model.elements import Group, Operator
from airbrick.lint.model.submissions import SDK_CLASSES, cluster, clusters_of, clusters_of_group, is_literal
from airbrick.lint.rule import Example, Rule

_CLIENTS: Final = ("databricks.sdk.WorkspaceClient().", "databricks.sdk.WorkspaceClient.")
_MAX_NESTING: Final = 6
_CREATE_CALLS: Final = (".clusters.create", ".clusters.create_and_wait", ".clusters.ensure_cluster_is_running")
_HELP: Final = "provision the job with its cluster in the stack and trigger it by run-now"


class HardcodedClusterSpec(Rule):
    """Cluster specifications belong to the stack."""

    code = "DBX101"
    name = "hardcoded-cluster-spec"
    severity = Severity.ERROR
    summary = "A DAG file spells out a Databricks cluster"
    why = (
        "Node types, sizes and runtimes that are written into a DAG are changed DAG by DAG, escape cluster "
        "policies and cost tags, and drift apart between environments. Provision the job together with its "
        "cluster, and let the DAG only trigger it."
    )
    bad = (
        Example(
            """\
from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks import DatabricksSubmitRunOperator

cluster = {"spark_version": "13.3.x-scala2.12", "node_type_id": "i3.xlarge", "num_workers": 8}

with DAG("orders"):
    DatabricksSubmitRunOperator(
        task_id="load",
        json={"new_cluster": cluster, "notebook_task": {"notebook_path": "/Shared/load"}},
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
    # Without a cluster the run is serverless.
    DatabricksSubmitRunOperator(
        task_id="load",
        tasks=[{"task_key": "load", "notebook_task": {"notebook_path": "/Shared/load"}}],
    )
"""
        ),
    )

    def check_operator(self, operator: Operator, context: RuleContext) -> Iterator[Finding]:
        """Check the specifications an operator submits."""
        places = [found.place for found in clusters_of(operator)]
        if places:
            yield self._report(operator.class_name, operator.place, places, context)

    def check_group(self, group: Group, context: RuleContext) -> Iterator[Finding]:
        """Check the job clusters of a workflow group."""
        places = [found.place for found in clusters_of_group(group)]
        if places:
            yield self._report("DatabricksWorkflowTaskGroup", group.place, places, context)

    def check_module(self, context: RuleContext) -> Iterator[Finding]:
        """Check clusters that a task creates by itself."""
        for call in context.model.calls:
            value = call.value
            name = value.callee.names[0]
            if name.startswith(_CLIENTS):
                yield from self._check_client(value, context)
            elif value.callee.names[0] in {"requests.post", "requests.request", "httpx.post"}:
                yield from self._check_request(value, context)

    def _check_client(self, value: CallValue, context: RuleContext) -> Iterator[Finding]:
        name = value.callee.names[0]
        place = value.arguments.call
        places = [place] if name.endswith(_CREATE_CALLS) and is_literal(value.arguments.keywords) else []
        places += _of_sdk(Known(value, place), 0)
        if places:
            yield self._report(name.rpartition("().")[2], place, places, context)

    def _check_request(self, value: CallValue, context: RuleContext) -> Iterator[Finding]:
        addresses = [*value.arguments.positional, value.arguments.get("url")]
        if any("clusters/create" in (part or "") for fact in addresses for part in parts_of(fact)):
            places = [found.place for found in cluster(value.arguments.get("json"), _as_it_is)]
            if places:
                yield self._report("clusters/create", value.arguments.call, places, context)

    def _report(self, who: str, call: Place, places: list[Place], context: RuleContext) -> Finding:
        many = f" ({len(places)} of them)" if len(places) > 1 else ""
        notes = context.defined_at(places[0], beyond=call, message="the cluster is spelled out here")
        return context.finding(
            self, call, f"{who} is given a hard-coded cluster specification{many}", help=_HELP, notes=tuple(notes)
        )


def _as_it_is(fact: Fact) -> Fact:
    return fact


def _of_sdk(fact: Fact, depth: int) -> Iterator[Place]:
    """Give the specifications among the arguments of a call of the SDK, at any depth."""
    value = fact.value if isinstance(fact, Known) else None
    inner: Iterable[Fact] = ()
    if depth and isinstance(value, CallValue) and value.callee.names[0].rpartition(".")[2] in SDK_CLASSES:
        found = [spec.place for spec in cluster(fact, _as_it_is)]
        yield from found
        inner = () if found else (entry.fact for entry in value.arguments.keywords.entries.values())
    elif isinstance(value, CallValue):
        arguments = value.arguments
        inner = (*arguments.positional, *(entry.fact for entry in arguments.keywords.entries.values()))
    elif isinstance(value, ListValue):
        inner = value.items
    elif isinstance(value, DictValue):
        inner = (item for _, item in value.items())
    if depth < _MAX_NESTING:
        for item in inner:
            yield from _of_sdk(item, depth + 1)


RULE = HardcodedClusterSpec()
