"""Cluster policies: their definitions, and what they put into clusters.

A policy of the emulator never refuses a cluster; it only fills in fixed values and defaults.

Source: https://docs.databricks.com/aws/en/admin/clusters/policy-definition
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from airbrick.emulator.errors import invalid_parameter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from airbrick.emulator.permissions import Entry

MAX_NAME_CHARS = 100
# type of a rule -> fields that it must have
_RULES: Mapping[str, tuple[str, ...]] = {
    "fixed": ("value",),
    "forbidden": (),
    "allowlist": ("values",),
    "blocklist": ("values",),
    "regex": ("pattern",),
    "range": (),
    "unlimited": (),
}
_BOUNDS = ("minValue", "maxValue")
# Computed by the workspace from a cluster, not part of it.
_VIRTUAL = ("cluster_type", "dbus_per_hour")
# Their keys may hold dots; their values are strings.
_MAPS = ("custom_tags", "spark_conf", "spark_env_vars")
# A cluster that has one has no need of the others.
_RIVALS = (("num_workers", "autoscale"), ("instance_pool_id", "node_type_id", "driver_node_type_id"))

Definition = dict[str, dict[str, Any]]
Cluster = dict[str, Any]


@dataclass(slots=True)
class ClusterPolicy:
    """A cluster policy.

    :param values: its fields as a request set them
    :param rules: the parsed definition
    :param permissions: access control entries set on the policy, without inherited ones
    """

    policy_id: str
    values: dict[str, Any]
    rules: Definition
    creator: str
    created_s: float
    permissions: list[Entry]

    @property
    def name(self) -> str:
        """The policy's name."""
        return str(self.values["name"])


def read_definition(text: str) -> Definition:
    """Return the rules of a definition by path.

    :param text: a JSON object
    :raises ApiError: 400 naming the path that is wrong
    """
    try:
        rules = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise invalid_parameter(
            f"definition is not valid JSON: {error.msg} at line {error.lineno} column {error.colno}"
        ) from None
    if not isinstance(rules, dict):
        raise invalid_parameter("definition must be a JSON object of rules by path")
    for path, rule in rules.items():
        _check_rule(path, rule)
    return rules


def apply_policy(cluster: Cluster, rules: Definition) -> Cluster:
    """Return a cluster with the fixed values of a policy, and its defaults when the cluster asks for them.

    :param cluster: a cluster's settings; not changed. ``apply_policy_default_values`` asks for defaults
    """
    filled = copy.deepcopy(cluster)
    with_defaults = cluster.get("apply_policy_default_values") is True
    for path, rule in rules.items():
        fixed = rule["type"] == "fixed"
        if path in _VIRTUAL or "*" in path or not (fixed or (with_defaults and "defaultValue" in rule)):
            continue
        if not fixed and _has_rival(cluster, path):
            continue
        _put(filled, path, rule["value"] if fixed else rule["defaultValue"], replace=fixed)
    return filled


def _check_rule(path: str, rule: object) -> None:
    if not isinstance(rule, dict):
        raise invalid_parameter(f"definition: {path} must be an object with a type")
    kind = rule.get("type")
    if not isinstance(kind, str) or kind not in _RULES:
        raise invalid_parameter(f"definition: {path}.type must be one of {', '.join(_RULES)}")
    for name in _RULES[kind]:
        if name not in rule:
            raise invalid_parameter(f"definition: {path} of type {kind} must have {name}")
    _check_fields(path, rule)
    bounds = [rule[name] for name in _BOUNDS if name in rule]
    numeric = all(isinstance(item, int | float) and not isinstance(item, bool) for item in bounds)
    if kind == "range" and not (bounds and numeric):
        raise invalid_parameter(f"definition: {path} of type range must have numbers for minValue or maxValue")


def _check_fields(path: str, rule: dict[str, Any]) -> None:
    if "values" in rule and not (isinstance(rule["values"], list) and rule["values"]):
        raise invalid_parameter(f"definition: {path}.values must be a list that is not empty")
    if not isinstance(rule.get("pattern", ""), str):
        raise invalid_parameter(f"definition: {path}.pattern must be a string")
    for name in ("hidden", "isOptional"):
        if not isinstance(rule.get(name, False), bool):
            raise invalid_parameter(f"definition: {path}.{name} must be true or false")


def _has_rival(cluster: Cluster, path: str) -> bool:
    field = path.partition(".")[0]
    return any(field in rivals and any(name in cluster for name in rivals if name != field) for rivals in _RIVALS)


def _put(cluster: Cluster, path: str, value: object, *, replace: bool) -> None:
    *parents, name = _parts(path)
    holder: Any = cluster
    for parent in parents:
        holder = holder.setdefault(parent, {}) if isinstance(holder, dict) else None
    if isinstance(holder, dict) and (replace or name not in holder):
        holder[name] = _as_text(value) if parents[:1] and parents[0] in _MAPS else value


def _parts(path: str) -> Iterator[str]:
    field, dot, key = path.partition(".")
    return iter((field, key) if field in _MAPS and dot else path.split("."))


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
