"""What a job runs on: clusters, their size, their runtime, their tags and what stands in their settings."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from airbrick.iac.policies.job_parts import clusters, tasks
from airbrick.iac.policies.policy import JOB, Option, Options, ResourcePolicy, Violation, names, number
from airbrick.iac.values import Path, Properties

_RUNTIME: Final = re.compile(r"(\d+)\.(\d+|x)")
_SECRET_NAME: Final = re.compile(
    r"passw(or)?d|secret|token|api[_.-]?key|access[_.-]?key|private[_.-]?key|credential", re.IGNORECASE
)
_SECRET_VALUE: Final = re.compile(
    r"dapi[0-9a-f]{32}|dose[0-9a-f]{32}|AKIA[0-9A-Z]{16}|eyJ[\w-]+\.eyJ[\w-]+\.|://[^/\s:@{}]+:[^/\s@{}]+@"
)
_REFERENCE: Final = re.compile(r"\{\{\s*secrets/[^/]+/[^/]+\s*\}\}")
_HARMLESS: Final = re.compile(r"^(true|false|\d+|)$", re.IGNORECASE)


def no_all_purpose_cluster(job: Properties, options: Options) -> Iterator[Violation]:
    """Find tasks that run on a cluster which people share."""
    del options
    for path, task in tasks(job):
        if task.get("existing_cluster_id") is not None:
            problem = "runs on an all-purpose cluster: dearer, shared and not reproducible; use job_cluster_key"
            yield Violation((*path, "existing_cluster_id"), problem)


def cluster_governed(job: Properties, options: Options) -> Iterator[Violation]:
    """Find clusters that neither a policy nor a pool bounds."""
    del options
    for path, cluster in clusters(job):
        if cluster.get("policy_id") is None and cluster.get("instance_pool_id") is None:
            yield Violation(path, "is bound by no cluster policy; set policy_id (or instance_pool_id)")


def node_types_allowed(job: Properties, options: Options) -> Iterator[Violation]:
    """Find node types outside the list; without a list, any that no cluster policy bounds."""
    allowed = options["allowed"]
    for path, cluster in clusters(job):
        for key in ("node_type_id", "driver_node_type_id"):
            wanted = cluster.get(key)
            if not isinstance(wanted, str):
                continue
            if allowed and wanted not in allowed:
                yield Violation((*path, key), f"{wanted!r} is not one of {', '.join(allowed)}")
            elif not allowed and cluster.get("policy_id") is None:
                yield Violation((*path, key), f"{wanted!r} is chosen here; let a cluster policy (policy_id) choose it")


def runtime_supported(job: Properties, options: Options) -> Iterator[Violation]:
    """Find Databricks Runtimes below the lowest that the team supports."""
    floor = str(options["minimum"])
    for path, cluster in clusters(job):
        version = cluster.get("spark_version")
        found = _RUNTIME.match(version) if isinstance(version, str) else None
        if found and _version(found[0]) < _version(floor):
            yield Violation((*path, "spark_version"), f"{version!r} is below {floor}; choose a newer runtime")


def cluster_size_limited(job: Properties, options: Options) -> Iterator[Violation]:
    """Find clusters that may grow beyond the limit."""
    limit = options["limit"]
    for path, cluster in clusters(job):
        scale = cluster.get("autoscale")
        sizes: dict[Path, Any] = {("num_workers",): cluster.get("num_workers")}
        if isinstance(scale, Mapping):
            sizes["autoscale", "max_workers"] = scale.get("max_workers")
        for inner, size in sizes.items():
            if isinstance(size, int | float) and size > limit:
                yield Violation((*path, *inner), f"{size:g} workers are more than the {limit} that are allowed")


def required_tags(job: Properties, options: Options) -> Iterator[Violation]:
    """Find jobs without the tags by which cost is told apart."""
    tags = job.get("tags")
    if tags is not None and not isinstance(tags, Mapping):
        return
    missing = [tag for tag in options["tags"] if tag not in (tags or {})]
    for tag in missing:
        yield Violation(("tags", tag), "is required; set it on the job or in the stack's airbrick:environment")


def no_plaintext_secret(job: Properties, options: Options) -> Iterator[Violation]:
    """Find secrets in Spark's settings and environment variables; the value is never shown."""
    del options
    for path, cluster in clusters(job):
        for key in ("spark_conf", "spark_env_vars"):
            values = cluster.get(key)
            for name, value in values.items() if isinstance(values, Mapping) else ():
                if isinstance(value, str) and _looks_secret(str(name), value):
                    problem = "looks like a secret in clear text; write a reference: {{secrets/<scope>/<key>}}"
                    yield Violation((*path, key, str(name)), problem)


def _looks_secret(name: str, value: str) -> bool:
    if _REFERENCE.search(value):
        return False
    return bool(_SECRET_VALUE.search(value)) or bool(_SECRET_NAME.search(name) and not _HARMLESS.match(value))


def _version(text: str) -> tuple[int, int]:
    major, _, minor = text.partition(".")
    return int(major), int(minor) if minor.isdigit() else 0


POLICIES: Final = (
    ResourcePolicy(
        "no-all-purpose-cluster", "No task runs on a shared cluster", "advisory", (JOB,), no_all_purpose_cluster
    ),
    ResourcePolicy(
        "cluster-governed", "Each cluster follows a cluster policy or a pool", "advisory", (JOB,), cluster_governed
    ),
    ResourcePolicy(
        "node-types-allowed",
        "Node types come from a list or from a cluster policy",
        "advisory",
        (JOB,),
        node_types_allowed,
        (names("allowed", "The node types that may be named; none means: leave the choice to a cluster policy."),),
    ),
    ResourcePolicy(
        "runtime-supported",
        "Each cluster runs a supported Databricks Runtime",
        "advisory",
        (JOB,),
        runtime_supported,
        (
            Option(
                "minimum",
                {
                    "type": "string",
                    "pattern": r"^\d+\.\d+$",
                    "default": "13.3",
                    "description": "The lowest Databricks Runtime, as major.minor.",
                },
                "13.3",
            ),
        ),
    ),
    ResourcePolicy(
        "cluster-size-limited",
        "No cluster grows beyond a limit",
        "mandatory",
        (JOB,),
        cluster_size_limited,
        (number("limit", 50, "The highest number of workers."),),
    ),
    ResourcePolicy(
        "required-tags",
        "Each job has the tags that cost is told apart by",
        "mandatory",
        (JOB,),
        required_tags,
        (names("tags", "The tags that every job must have."),),
    ),
    ResourcePolicy(
        "no-plaintext-secret", "No secret stands in a cluster's settings", "mandatory", (JOB,), no_plaintext_secret
    ),
)
