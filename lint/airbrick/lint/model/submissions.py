"""What an operator submits to Databricks: the settings of its tasks, and the clusters it brings."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from airbrick.lint.facts.values import (
    CallValue,
    DictValue,
    Fact,
    Known,
    ListValue,
    OneOf,
    Place,
    is_template,
    literal_text,
)
from airbrick.lint.knowledge.databricks import Kind
from airbrick.lint.knowledge.words import words
from airbrick.lint.model.elements import Group, Operator, Resolver

_SPEC_KEYS: Final = words(
    """
    spark_version node_type_id driver_node_type_id num_workers autoscale instance_pool_id driver_instance_pool_id
    aws_attributes azure_attributes gcp_attributes spark_conf spark_env_vars init_scripts runtime_engine docker_image
    data_security_mode enable_elastic_disk worker_node_type_flexibility
    """
)
SDK_CLASSES: Final = frozenset({"ClusterSpec", "JobCluster", "CreateCluster", "BaseClusterInfo"})
_SUBMITTING: Final = frozenset({Kind.SUBMIT_RUN, Kind.CREATE_JOB, Kind.TASK})


@dataclass(frozen=True, slots=True, eq=False)
class Cluster:
    """A cluster specification that is spelled out.

    :param settings: its keys.
    :param place: where it is written.
    """

    settings: DictValue
    place: Place
    resolve: Resolver

    def get(self, key: str) -> Fact:
        """Give the fact about a setting."""
        return self.resolve(self.settings.get(key))


def alternatives(fact: Fact) -> Iterator[Known]:
    """Give the values a fact may have; none when it is not known."""
    if isinstance(fact, Known):
        yield from fact.value.alternatives if isinstance(fact.value, OneOf) else (fact,)


def literals(fact: Fact) -> list[tuple[str, Place | None]]:
    """Give the texts a value is, on all ways through the code; none when any of them is not a plain text.

    A template is no plain text, nor is a value that is read from outside even when it has a default.
    """
    found = [known for known in alternatives(fact) if known.value is not None]
    texts = [(text, known.where) for known in found if (text := literal_text(known))]
    return texts if len(texts) == len(found) else []


def settings_of(fact: Fact) -> DictValue | None:
    """Give the keys of a dict, or the keyword arguments of an object of the SDK."""
    value = fact.value if isinstance(fact, Known) else None
    if isinstance(value, CallValue):
        return value.arguments.keywords
    return value if isinstance(value, DictValue) else None


def items_of(fact: Fact, resolve: Resolver) -> Iterator[Fact]:
    """Give the items of a list, as far as they are known."""
    if isinstance(fact, Known) and isinstance(fact.value, ListValue):
        yield from (resolve(item) for item in fact.value.items)


def task_settings(operator: Operator, key: str) -> Iterator[Fact]:
    """Give what a key of the task settings says: as an argument, in ``json``, and in every task.

    :param key: a key of a task of the Jobs API, such as ``existing_cluster_id``.
    """
    if operator.spec.kind not in _SUBMITTING:
        return
    if operator.spec.takes(key):
        yield operator.argument(key)
    for settings in _levels(operator, key):
        yield operator.resolve(settings.get(key))


def setting_in(fact: Fact, key: str, resolve: Resolver) -> Fact | None:
    """Give what a key of a nested setting says; ``None`` when the setting is not known."""
    inner = settings_of(fact)
    return None if inner is None else resolve(inner.get(key))


def clusters_of(operator: Operator) -> Iterator[Cluster]:
    """Give the cluster specifications an operator submits."""
    for fact in task_settings(operator, "new_cluster"):
        yield from cluster(fact, operator.resolve)
    for fact in _job_clusters(operator):
        yield from _in_list(fact, operator.resolve)


def clusters_of_group(group: Group) -> Iterator[Cluster]:
    """Give the specifications of the job clusters of a workflow group."""
    if group.workflow:
        yield from _in_list(group.argument("job_clusters"), group.resolve)


def cluster(fact: Fact, resolve: Resolver) -> Iterator[Cluster]:
    """Give a cluster specification when it is a literal."""
    if not isinstance(fact, Known) or fact.where is None:
        return
    value = fact.value
    if isinstance(value, CallValue):
        names = value.callee.names
        sdk = any(n.startswith("databricks.sdk.") and n.rpartition(".")[2] in SDK_CLASSES for n in names)
        if sdk and is_literal(value.arguments.keywords):
            yield Cluster(value.arguments.keywords, fact.where, resolve)
    elif isinstance(value, DictValue) and is_literal(value):
        yield Cluster(value, fact.where, resolve)


def is_literal(spec: DictValue) -> bool:
    """Tell whether a specification states anything itself."""
    return any(key in _SPEC_KEYS and _states_something(fact) for key, fact in spec.items())


def _levels(operator: Operator, key: str) -> Iterator[DictValue]:
    """Give the dicts that may hold a key of the task settings."""
    resolve = operator.resolve
    if operator.spec.kind is Kind.TASK:
        config = settings_of(operator.argument("task_config"))
        if config is not None:
            yield config
        return
    yield from _dicts(operator.argument("tasks"), resolve)
    json = settings_of(operator.argument("json"))
    if json is None:
        return
    # Named arguments win over the same keys of json.
    if not (operator.spec.takes(key) and isinstance(operator.argument(key), Known)):
        yield json
    if not isinstance(operator.argument("tasks"), Known):
        yield from _dicts(resolve(json.get("tasks")), resolve)


def _job_clusters(operator: Operator) -> Iterator[Fact]:
    if operator.spec.kind not in {Kind.SUBMIT_RUN, Kind.CREATE_JOB}:
        return
    given = operator.argument("job_clusters")
    yield given
    json = settings_of(operator.argument("json"))
    if json is not None and not isinstance(given, Known):
        yield operator.resolve(json.get("job_clusters"))


def _dicts(fact: Fact, resolve: Resolver) -> Iterator[DictValue]:
    for item in items_of(fact, resolve):
        settings = settings_of(item)
        if settings is not None:
            yield settings


def _in_list(fact: Fact, resolve: Resolver) -> Iterator[Cluster]:
    for settings in _dicts(fact, resolve):
        yield from cluster(resolve(settings.get("new_cluster")), resolve)


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
