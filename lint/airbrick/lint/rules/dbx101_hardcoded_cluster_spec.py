"""DBX101: a DAG file spells out a cluster."""

from collections.abc import Iterable, Iterator
from typing import Final

from airbrick.lint.context import RuleContext
from airbrick.lint.facts.values import (
    CallValue,
    DictValue,
    Fact,
    Known,
    ListValue,
    OneOf,
    Place,
    is_template,
    parts_of,
)
from airbrick.lint.finding import Finding, Severity
from airbrick.lint.knowledge.databricks import Kind
from airbrick.lint.knowledge.words import words
from airbrick.lint.model.elements import Group, Operator, Resolver
from airbrick.lint.rule import Example, Rule

_SPEC_KEYS: Final = words(
    """
    spark_version node_type_id driver_node_type_id num_workers autoscale instance_pool_id driver_instance_pool_id
    aws_attributes azure_attributes gcp_attributes spark_conf spark_env_vars init_scripts runtime_engine docker_image
    data_security_mode enable_elastic_disk worker_node_type_flexibility
    """
)
_SDK_CLASSES: Final = frozenset({"ClusterSpec", "JobCluster", "CreateCluster", "BaseClusterInfo"})
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
        places = list(_of_operator(operator))
        if places:
            yield self._report(operator.class_name, operator.place, places, context)

    def check_group(self, group: Group, context: RuleContext) -> Iterator[Finding]:
        """Check the job clusters of a workflow group."""
        if group.workflow:
            places = list(_new_clusters(group.argument("job_clusters"), group.resolve))
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
        places = [place] if name.endswith(_CREATE_CALLS) and _is_literal(value.arguments.keywords) else []
        places += _of_sdk(Known(value, place), 0)
        if places:
            yield self._report(name.rpartition("().")[2], place, places, context)

    def _check_request(self, value: CallValue, context: RuleContext) -> Iterator[Finding]:
        addresses = [*value.arguments.positional, value.arguments.get("url")]
        if any("clusters/create" in (part or "") for fact in addresses for part in parts_of(fact)):
            places = list(_spec(value.arguments.get("json")))
            if places:
                yield self._report("clusters/create", value.arguments.call, places, context)

    def _report(self, who: str, call: Place, places: list[Place], context: RuleContext) -> Finding:
        many = f" ({len(places)} of them)" if len(places) > 1 else ""
        notes = context.defined_at(places[0], beyond=call, message="the cluster is spelled out here")
        return context.finding(
            self, call, f"{who} is given a hard-coded cluster specification{many}", help=_HELP, notes=tuple(notes)
        )


def _of_operator(operator: Operator) -> Iterator[Place]:
    kind = operator.spec.kind
    resolve = operator.resolve
    if kind in {Kind.SUBMIT_RUN, Kind.TASK}:
        yield from _spec(operator.argument("new_cluster"))
    if kind is Kind.TASK:
        yield from _of_settings(operator.argument("task_config"), resolve, taken=())
    if kind in {Kind.SUBMIT_RUN, Kind.CREATE_JOB}:
        yield from _new_clusters(operator.argument("tasks"), resolve)
        yield from _new_clusters(operator.argument("job_clusters"), resolve)
        # Named arguments win over the same keys of json.
        taken = tuple(
            key for key in ("new_cluster", "tasks", "job_clusters") if isinstance(operator.argument(key), Known)
        )
        yield from _of_settings(operator.argument("json"), resolve, taken=taken)


def _of_settings(fact: Fact, resolve: Resolver, *, taken: Iterable[str]) -> Iterator[Place]:
    if isinstance(fact, Known) and isinstance(fact.value, DictValue):
        settings = fact.value
        if "new_cluster" not in taken:
            yield from _spec(resolve(settings.get("new_cluster")))
        if "tasks" not in taken:
            yield from _new_clusters(resolve(settings.get("tasks")), resolve)
        if "job_clusters" not in taken:
            yield from _new_clusters(resolve(settings.get("job_clusters")), resolve)


def _new_clusters(fact: Fact, resolve: Resolver) -> Iterator[Place]:
    """Give the specifications in a list of tasks or job clusters, as dicts or as objects of the SDK."""
    for item in _items(fact, resolve):
        if isinstance(item, Known) and isinstance(item.value, DictValue):
            yield from _spec(resolve(item.value.get("new_cluster")))
        elif isinstance(item, Known) and isinstance(item.value, CallValue):
            yield from _spec(resolve(item.value.arguments.get("new_cluster")))


def _items(fact: Fact, resolve: Resolver) -> Iterator[Fact]:
    if isinstance(fact, Known) and isinstance(fact.value, ListValue):
        yield from (resolve(item) for item in fact.value.items)


def _spec(fact: Fact) -> Iterator[Place]:
    """Give the place of a cluster specification when it is a literal."""
    if not isinstance(fact, Known) or fact.where is None:
        return
    value = fact.value
    if isinstance(value, CallValue):
        sdk = any(n.startswith("databricks.sdk.") and n.rpartition(".")[2] in _SDK_CLASSES for n in value.callee.names)
        if sdk and _is_literal(value.arguments.keywords):
            yield fact.where
    elif isinstance(value, DictValue) and _is_literal(value):
        yield fact.where


def _of_sdk(fact: Fact, depth: int) -> Iterator[Place]:
    """Give the specifications among the arguments of a call of the SDK, at any depth."""
    value = fact.value if isinstance(fact, Known) else None
    inner: Iterable[Fact] = ()
    if depth and isinstance(value, CallValue) and value.callee.names[0].rpartition(".")[2] in _SDK_CLASSES:
        found = list(_spec(fact))
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


def _is_literal(spec: DictValue) -> bool:
    return any(key in _SPEC_KEYS and _states_something(fact) for key, fact in spec.items())


def _states_something(fact: Fact) -> bool:
    if not isinstance(fact, Known):
        return False
    value = fact.value
    if isinstance(value, str):
        return bool(value) and not is_template(value)
    if isinstance(value, DictValue):
        return any(_states_something(inner) for _, inner in value.items())
    if isinstance(value, ListValue):
        return any(_states_something(item) for item in value.items)
    if isinstance(value, OneOf):
        return any(_states_something(alternative) for alternative in value.alternatives)
    return isinstance(value, int | float)


RULE = HardcodedClusterSpec()
