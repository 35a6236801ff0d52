from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from airbrick.iac.policies.catalog import POLICIES
from airbrick.iac.policies.policy import CONNECTION, CONTRACT, JOB, PERMISSIONS, Policy, ResourcePolicy, with_defaults
from airbrick.iac.provider.registry import handlers
from airbrick.iac.values import UNKNOWN

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
