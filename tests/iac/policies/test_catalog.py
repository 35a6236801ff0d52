from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from airbrick.iac.policies.catalog import POLICIES
from airbrick.iac.policies.policy import (
    CONNECTION,
    CONTRACT,
    JOB,
    PERMISSIONS,
    Policy,
    Resource,
    ResourcePolicy,
    with_defaults,
)
from airbrick.iac.provider.registry import handlers
from airbrick.iac.values import UNKNOWN, walk

ROOT = Path(__file__).parents[3]
LEVELS = ["advisory", "mandatory", "remediate", "disabled"]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.just(UNKNOWN),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    [
        *("tasks", "job_clusters", "libraries", "environments", "queue", "schedule", "run_as", "git_source", "tags"),
        *("timeout_seconds", "max_concurrent_runs", "access_control_list", "token", "email_notifications"),
    ]
)
TASK = {
    "task_key": "load",
    "notebook_task": {"notebook_path": "/Workspace/Shared/load"},
    "job_cluster_key": "c",
    "libraries": [{"pypi": {"package": "dlt==1.4"}}, {"maven": {"coordinates": "a:b:1"}}],
    "timeout_seconds": 60,
    "max_retries": 1,
    "retry_on_timeout": False,
    "webhook_notifications": {"on_failure": [{"id": "1"}]},
}
CLUSTER = {
    "spark_version": "15.4.x-scala2.12",
    "node_type_id": "m5.large",
    "policy_id": "p",
    "autoscale": {"min_workers": 1, "max_workers": 2},
    "spark_conf": {"spark.password": "{{secrets/orders/password}}"},
}
PARTS: dict[str, Any] = {
    "name": "nightly",
    "tasks": [TASK],
    "queue": {"enabled": True},
    "max_concurrent_runs": 1,
    "run_as": {"service_principal_name": "airflow"},
    "git_source": {"git_url": "https://example.com", "git_tag": "v1"},
    "tags": {"team": "data"},
    "job_clusters": [{"job_cluster_key": "c", "new_cluster": CLUSTER}],
    "environments": [{"environment_key": "e", "spec": {"dependencies": ["dlt==1.4"]}}],
    "access_control_list": [{"group_name": "team", "permission_level": "CAN_MANAGE"}],
}
UNBOUNDED = {key: value for key, value in TASK.items() if key != "timeout_seconds"}
JOBS: list[dict[str, Any]] = [
    {**PARTS, "timeout_seconds": 60, "email_notifications": {"on_failure": ["a@example.com"]}},
    {**PARTS, "schedule": {"quartz_cron_expression": "0 0 0 * * ?", "pause_status": "PAUSED"}},
    {**PARTS, "tasks": [UNBOUNDED], "triggers": [{"continuous": {}, "pause_status": "PAUSED"}]},
]


def ids(policy: Policy) -> str:
    return policy.name


def test_names_are_unique_and_in_kebab_case() -> None:
    names = [policy.name for policy in POLICIES]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in names)


@pytest.mark.parametrize("policy", POLICIES, ids=ids)
def test_defaults_fit_their_schema(policy: Policy) -> None:
    for option in policy.options:
        default = json.loads(json.dumps(option.default))
        jsonschema.validate(default, dict(option.schema))
        assert option.schema["default"] == default
        assert option.schema["description"].endswith(".")
        assert with_defaults(policy, {option.name: "own"})[option.name] == "own"


def test_the_types_and_the_properties_that_policies_read_exist() -> None:
    read = {
        JOB: {
            "timeout_seconds",
            "max_concurrent_runs",
            "queue",
            "tasks",
            "job_clusters",
            "run_as",
            "git_source",
            "tags",
        },
        PERMISSIONS: {"access_control_list"},
        CONNECTION: {"token"},
        CONTRACT: set(),
    }
    for token, properties in read.items():
        assert properties <= set(handlers()[token].inputs)
    used = {token for policy in POLICIES if isinstance(policy, ResourcePolicy) for token in policy.tokens}
    assert used <= set(read)


def violations(policy: Policy, settings: dict[str, Any]) -> list[str]:
    options = with_defaults(policy, {"tags": ["team"]})
    if isinstance(policy, ResourcePolicy):
        return [str(violation) for violation in policy.check(settings, options)]
    resources = [Resource(name, token, name, settings) for name, token in (("a", JOB), ("b", JOB), ("c", CONTRACT))]
    return [str(violation) for _, violation in policy.check(resources, options)]


def forgotten(value: Any, path: tuple[str | int, ...]) -> Any:
    """Give a copy in which what stands at the path is not known."""
    if not path:
        return UNKNOWN
    copy = value.copy()
    copy[path[0]] = forgotten(value[path[0]], path[1:])
    return copy


@pytest.mark.parametrize("policy", POLICIES, ids=ids)
def test_what_is_not_known_yet_is_no_violation(policy: Policy) -> None:
    # That a token is given is known, whatever it is.
    names = {name for token in (JOB, PERMISSIONS, CONNECTION) for name in handlers()[token].inputs} - {"token"}
    assert violations(policy, dict.fromkeys(names, UNKNOWN)) == []


@pytest.mark.parametrize("policy", [policy for policy in POLICIES if isinstance(policy, ResourcePolicy)], ids=ids)
@pytest.mark.parametrize("job", JOBS, ids=["bounded as a whole", "bounded by its tasks", "continuous"])
def test_a_part_that_is_not_known_yet_is_no_violation(policy: Policy, job: dict[str, Any]) -> None:
    assert violations(policy, job) == []
    for path, _ in walk(job):
        assert not path or violations(policy, forgotten(job, path)) == [], path


@given(st.dictionaries(KEYS, VALUES))
def test_a_policy_survives_whatever_stands_in_the_settings(settings: dict[str, object]) -> None:
    for policy in POLICIES:
        if isinstance(policy, ResourcePolicy):
            options = with_defaults(policy, {})
            list(policy.check(settings, options))
            if policy.remedy:
                assert not list(policy.check(policy.remedy(settings, options), options))


@pytest.mark.parametrize("file", sorted((ROOT / "stacks" / "policy").glob("*.json")), ids=lambda file: file.name)
def test_the_example_configures_policies_that_exist(file: Path) -> None:
    by_name = {policy.name: policy for policy in POLICIES}
    for name, configured in json.loads(file.read_text()).items():
        policy = by_name[name]
        if isinstance(configured, str):
            assert configured in LEVELS
            continue
        schemas = {option.name: option.schema for option in policy.options}
        for key, value in configured.items():
            jsonschema.validate(value, {"enum": LEVELS} if key == "enforcementLevel" else dict(schemas[key]))


def test_the_documents_list_every_policy() -> None:
    listed = re.findall(r"^\| `([a-z-]+)` \| (\w+) \|", (ROOT / "docs" / "policies.md").read_text(), re.MULTILINE)
    assert listed == [(policy.name, policy.level) for policy in POLICIES]


def test_only_the_pack_needs_pulumi_policy() -> None:
    folder = ROOT / "iac" / "airbrick" / "iac" / "policies"
    for module in folder.glob("*.py"):
        tree = ast.parse(module.read_text())
        imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert module.name == "pack.py" or not any(name.startswith("pulumi") for name in imported)
