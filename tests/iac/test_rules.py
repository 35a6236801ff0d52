"""The table of what the API does to settings."""

import copy
import re
from fnmatch import fnmatchcase
from typing import Any

import pytest

from airbrick.iac.settings import shape as shapes
from airbrick.iac.settings.canonical import canonicalise
from airbrick.iac.settings.projection import project
from airbrick.iac.settings.rule import LIMITS, Rule, RuleKind
from airbrick.iac.settings.rules import RULES
from airbrick.iac.settings.shape import Shape, job_settings
from airbrick.iac.values import reveal

SHAPE = job_settings()
FIELDS = [(struct, name) for struct, fields in shapes._catalog()["structs"].items() for name in fields]


def fields_of(rule: Rule) -> list[Shape]:
    struct, _, pattern = rule.pattern.partition(".")
    fields = Shape("struct", name=struct).fields
    return [shape for name, shape in fields.items() if fnmatchcase(name, pattern)]


@pytest.mark.parametrize(
    "rule",
    [rule for rule in RULES if rule.kind is not RuleKind.PLAIN],
    ids=lambda rule: f"{rule.pattern}-{rule.kind.value}",
)
def test_every_rule_names_a_field_of_the_api_and_its_evidence(rule: Rule) -> None:
    found = fields_of(rule)
    assert found
    assert rule.evidence.startswith("https://")
    if rule.kind is RuleKind.KEYED:
        assert all(set(rule.values) <= set(shape.item().fields) for shape in found)
    if rule.kind is RuleKind.MANAGED_WITH:
        assert all(value in Shape("struct", name=rule.pattern.partition(".")[0]).fields for value in rule.values)


def around(struct: str, value: dict[str, Any]) -> dict[str, Any]:
    """Put a structure into a job at a place where the API has it."""
    cluster = {"job_cluster_key": "c", "new_cluster": value}
    places: dict[str, dict[str, Any]] = {
        "JobSettings": value,
        "Task": {"tasks": [{"task_key": "t", **value}]},
        "ClusterSpec": {"job_clusters": [cluster]},
        "NotebookTask": {"tasks": [{"task_key": "t", "notebook_task": value}]},
        "SparkPythonTask": {"tasks": [{"task_key": "t", "spark_python_task": value}]},
        "SqlTaskFile": {"tasks": [{"task_key": "t", "sql_task": {"warehouse_id": "w", "file": value}}]},
        "DbtTask": {"tasks": [{"task_key": "t", "dbt_task": value}]},
        "PipelineTask": {"tasks": [{"task_key": "t", "pipeline_task": value}]},
        "AwsAttributes": {"job_clusters": [{"job_cluster_key": "c", "new_cluster": {"aws_attributes": value}}]},
        "SparkJarTask": {"tasks": [{"task_key": "t", "spark_jar_task": value}]},
        "GitSource": {"git_source": value},
        "TriggerConfiguration": {"triggers": [value]},
        "Continuous": {"continuous": value},
        "CronSchedule": {"schedule": value},
        "TriggerSettings": {"trigger": value},
        "TableUpdateTriggerConfiguration": {"trigger": {"table_update": value}},
        "JobEmailNotifications": {"email_notifications": value},
        "TaskEmailNotifications": {"tasks": [{"task_key": "t", "email_notifications": value}]},
        "JobNotificationSettings": {"notification_settings": value},
        "TaskNotificationSettings": {"tasks": [{"task_key": "t", "notification_settings": value}]},
    }
    return places[struct]


OF_A_JOB = [rule for rule in RULES if not rule.pattern.startswith(("InstancePool", "ClusterPolicy"))]
ADDED = [rule for rule in OF_A_JOB if rule.kind in (RuleKind.DEFAULT, RuleKind.FILLED, RuleKind.MANAGED)]
SAID_OF_READING = frozenset(RuleKind) - LIMITS - {RuleKind.MANAGED_WITH, RuleKind.SYNONYM}


@pytest.mark.parametrize("rule", ADDED, ids=lambda rule: f"{rule.pattern}-{rule.kind.value}")
def test_what_a_rule_says_the_server_adds_is_no_drift(rule: Rule) -> None:
    struct, _, name = rule.pattern.partition(".")
    name = "no_alert_for_canceled_runs" if name == "*" and "Notification" in struct else name
    prior = around(struct, {"spark_version": "15"} if struct == "ClusterSpec" else {})
    for value in rule.values or ("anything",):
        remote = around(struct, {**reveal(prior.get("x", {})), name: value})
        if struct == "ClusterSpec":
            remote["job_clusters"][0]["new_cluster"]["spark_version"] = "15"
        assert project(copy.deepcopy(prior), remote, SHAPE) == prior


def test_every_field_of_the_api_is_classified_once() -> None:
    rows = [rule for rule in RULES if rule.kind in SAID_OF_READING]
    by_struct = {struct: [rule for rule in rows if rule.pattern.startswith(f"{struct}.")] for struct, _ in FIELDS}
    unknown, twice = [], []
    for struct, name in FIELDS:
        found = {rule.kind for rule in by_struct[struct] if fnmatchcase(name, rule.pattern.partition(".")[2])}
        if not found:
            unknown.append(f"{struct}.{name}")
        if RuleKind.PLAIN in found and len(found) > 1:
            twice.append(f"{struct}.{name}")
    assert unknown == [], "what does the API do to these? Add rows to settings/rules.py, or name them in plain.py"
    assert twice == []


def test_every_plain_field_is_one_of_the_api() -> None:
    plain = {rule.pattern for rule in RULES if rule.kind is RuleKind.PLAIN}
    assert plain - {f"{struct}.{name}" for struct, name in FIELDS} == set()


def test_no_row_stands_twice() -> None:
    places = [(rule.pattern, rule.kind) for rule in RULES]
    assert len(places) == len(set(places))


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.kind is RuleKind.PATTERN], ids=lambda r: r.pattern)
def test_a_pattern_is_said_in_words_too(rule: Rule) -> None:
    pattern, words = rule.values
    assert re.fullmatch(pattern, "0 0 2 * * ?" if rule.pattern.startswith("CronSchedule.") else "a_b-1")
    assert words


def test_two_names_of_one_value_are_the_same() -> None:
    given = around("ClusterSpec", {"data_security_mode": "DATA_SECURITY_MODE_DEDICATED"})
    stored = around("ClusterSpec", {"data_security_mode": "SINGLE_USER"})
    assert canonicalise(given, SHAPE) == canonicalise(stored, SHAPE)
    assert project(given, stored, SHAPE) == given
