"""``/api/2.1/clusters``: all-purpose clusters, in name and state alone. 2.0 has the same shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airbrick.emulator.catalogue import DEFAULT_ZONE, ZONES, node_types, spark_versions
from airbrick.emulator.clusters import RESTART, START, TERMINATE, Cluster, cluster_settings
from airbrick.emulator.errors import invalid_parameter
from airbrick.emulator.lifecycle import Condition, Way
from airbrick.emulator.paging import page_token, read_limit, read_page_token
from airbrick.emulator.permissions import CLUSTERS, creator_entries
from airbrick.emulator.policies import apply_policy
from airbrick.emulator.spec import check
from airbrick.emulator.wire import Call, Handler, Route

if TYPE_CHECKING:
    from airbrick.emulator.store import Store

_STATES = ("PENDING", "RUNNING", "RESTARTING", "TERMINATING", "TERMINATED", "RESIZING", "ERROR", "UNKNOWN")
_FILTERS = ("filter_by.cluster_states", "filter_by.cluster_sources")


def create(store: Store, call: Call) -> dict[str, Any]:
    """Answer create; the cluster begins to start."""
    identity, now = call.whoami(), store.clock.now()
    settings = _settings(store, call.params)
    cluster_id = store.ids.next_stamped(now)
    cluster = Cluster(
        cluster_id=cluster_id,
        settings=settings,
        creator=identity.name,
        created_s=now,
        condition=Condition(START, now, identity.name),
        permissions=creator_entries(CLUSTERS, identity),
    )
    store.clusters[cluster_id] = cluster
    return {"cluster_id": cluster_id}


def edit(store: Store, call: Call) -> dict[str, Any]:
    """Answer edit: replaces all settings; a cluster that runs restarts."""
    request = dict(call.params)
    cluster = _find(store, call)
    del request["cluster_id"]
    cluster.edit(_settings(store, request), store.clock.now(), call.whoami().name)
    return {}


def get(store: Store, call: Call) -> dict[str, Any]:
    """Answer get."""
    return _find(store, call).shown(store.clock.now())


def list_clusters(store: Store, call: Call) -> dict[str, Any]:
    """Answer list: newest first, by state, source and policy when asked."""
    limit = read_limit(call.optional_integer("page_size"), default=20, maximum=100)
    start = read_page_token(call.optional_text("page_token")) or 0
    states, sources = (call.texts(name) for name in _FILTERS)
    policy_id = call.optional_text("filter_by.policy_id")
    if unknown := sorted(set(states) - set(_STATES)):
        raise invalid_parameter(f"filter_by.cluster_states must be of {', '.join(_STATES)}; {unknown[0]!r} is not")
    now = store.clock.now()
    # Clusters cannot be pinned here, so that none is.
    clusters = [] if call.flag("filter_by.is_pinned") else list(reversed(store.clusters.values()))
    found = [cluster.shown(now) for cluster in clusters]
    found = [
        shown
        for shown in found
        if (not states or shown["state"] in states)
        and (not sources or shown["cluster_source"] in sources)
        and (not policy_id or shown.get("policy_id") == policy_id)
    ]
    answer: dict[str, Any] = {"clusters": found[start : start + limit]} if found[start:] else {}
    if start + limit < len(found):
        answer["next_page_token"] = page_token(start + limit)
    return answer


def permanent_delete(store: Store, call: Call) -> dict[str, Any]:
    """Answer permanent-delete: the cluster is gone."""
    cluster = _find(store, call)
    del store.clusters[cluster.cluster_id]
    return {}


def list_spark_versions(_store: Store, _call: Call) -> dict[str, Any]:
    """Answer spark-versions."""
    return {"versions": spark_versions()}


def list_node_types(_store: Store, _call: Call) -> dict[str, Any]:
    """Answer list-node-types."""
    return {"node_types": node_types()}


def list_zones(_store: Store, _call: Call) -> dict[str, Any]:
    """Answer list-zones."""
    return {"default_zone": DEFAULT_ZONE, "zones": list(ZONES)}


def _teller(command: Way) -> Handler:
    def tell(store: Store, call: Call) -> dict[str, Any]:
        _find(store, call).tell(command, store.clock.now(), call.whoami().name)
        return {}

    return tell


def _settings(store: Store, request: dict[str, Any]) -> dict[str, Any]:
    checked = check("CreateCluster", request)
    policy = store.policies.get(checked.get("policy_id", ""))
    return cluster_settings(checked if policy is None else apply_policy(checked, policy.rules))


def _find(store: Store, call: Call) -> Cluster:
    cluster_id = call.text("cluster_id")
    cluster = store.clusters.get(cluster_id)
    if cluster is None:
        raise invalid_parameter(f"Cluster {cluster_id} does not exist")
    return cluster


def _versions(method: str, name: str, handler: Handler) -> tuple[Route, ...]:
    return tuple(Route(method, f"/api/{version}/clusters/{name}", handler) for version in ("2.1", "2.0"))


ROUTES = (
    *_versions("POST", "create", create),
    *_versions("POST", "edit", edit),
    *_versions("GET", "get", get),
    *_versions("GET", "list", list_clusters),
    *_versions("POST", "start", _teller(START)),
    *_versions("POST", "restart", _teller(RESTART)),
    *_versions("POST", "delete", _teller(TERMINATE)),
    *_versions("POST", "permanent-delete", permanent_delete),
    *_versions("GET", "spark-versions", list_spark_versions),
    *_versions("GET", "list-node-types", list_node_types),
    *_versions("GET", "list-zones", list_zones),
)
