"""Clusters that several tasks spell out alike, written once."""

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from airbrick.iac.generate.literal import Expression
from airbrick.iac.generate.names import distinct
from airbrick.iac.values import Properties

_CLUSTER: Final = "new_cluster"

Clusters = Mapping[str, tuple[str, Mapping[str, Any]]]
"""By what they say, the name and the settings of clusters."""


def shared_clusters(jobs: Sequence[Properties], taken: Collection[str]) -> Clusters:
    """Name the clusters that stand in the settings more than once.

    :param taken: names that mean something else in the program.
    """
    found = {_said(cluster): cluster for job in jobs for cluster in _clusters(job)}
    counts = Counter(_said(cluster) for job in jobs for cluster in _clusters(job))
    shared = [said for said, count in counts.items() if count > 1]
    names = distinct(["cluster"] * len(shared), taken)
    return {said: (name, found[said]) for said, name in zip(shared, names, strict=True)}


def with_names(value: Any, clusters: Clusters, key: str = "") -> Any:  # noqa: ANN401 - JSON
    """Give settings with the names of clusters in their place."""
    if key == _CLUSTER and isinstance(value, Mapping) and (said := _said(value)) in clusters:
        return Expression(clusters[said][0])
    if isinstance(value, Mapping):
        return {inner: with_names(item, clusters, inner) for inner, item in value.items()}
    if isinstance(value, list):
        return [with_names(item, clusters) for item in value]
    return value


def _clusters(value: Any, key: str = "") -> Iterator[Mapping[str, Any]]:  # noqa: ANN401 - JSON
    if key == _CLUSTER and isinstance(value, Mapping) and value:
        yield value
    elif isinstance(value, Mapping):
        for inner, item in value.items():
            yield from _clusters(item, inner)
    elif isinstance(value, list):
        for item in value:
            yield from _clusters(item)


def _said(cluster: Mapping[str, Any]) -> str:
    return json.dumps(cluster, sort_keys=True)
