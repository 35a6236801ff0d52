"""Canonical form, drift and difference of job settings."""

import copy
import json
import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from airbrick.iac.settings.canonical import canonicalise
from airbrick.iac.settings.difference import Change, ChangeKind, difference
from airbrick.iac.settings.projection import project
from airbrick.iac.settings.shape import job_settings
from airbrick.iac.values import UNKNOWN, Secret

SHAPE = job_settings()

names = st.sampled_from(["load", "clean", "sum", "größe", "a/b"])
texts = st.text(max_size=6)


def task(key: str, wanted: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    kinds: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
        [
            {"notebook_task": {"notebook_path": "/a"}},
            {"notebook_task": {"notebook_path": "/a", "source": "WORKSPACE", "base_parameters": {"x": ""}}},
            {"spark_python_task": {"python_file": "/b.py", "parameters": ["--x", "1"]}},
            {"run_job_task": {"job_id": "9007199254740993"}},
            {"condition_task": {"op": "EQUAL_TO", "left": "1", "right": "1"}},
        ]
    )
    extras = st.fixed_dictionaries(
        {},
        optional={
            "run_if": st.sampled_from(["ALL_SUCCESS", "ALL_DONE"]),
            "timeout_seconds": st.sampled_from([0, 60]),
            "max_retries": st.integers(0, 2),
            "email_notifications": st.just({}),
            "description": texts,
            "brand_new_setting": st.just({"a": [1, {"b": 2}]}),
        },
    )
    depends = st.permutations([{"task_key": other} for other in wanted])
    return st.tuples(kinds, extras, depends).map(
        lambda parts: {"task_key": key, **parts[0], **parts[1], "depends_on": list(parts[2])}
    )


@st.composite
def settings(draw: st.DrawFn) -> dict[str, Any]:
    keys = draw(st.lists(names, unique=True, max_size=4))
    tasks = [draw(task(key, keys[:index])) for index, key in enumerate(keys)]
    return {
        "name": draw(texts),
        "tasks": tasks,
        **draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "parameters": st.lists(names, unique=True, max_size=3).map(
                        lambda found: [{"name": name, "default": name} for name in found]
                    ),
                    "max_concurrent_runs": st.integers(1, 3),
                    "queue": st.booleans().map(lambda enabled: {"enabled": enabled}),
                    "continuous": st.sampled_from([{}, {"pause_status": "UNPAUSED"}, {"pause_status": "PAUSED"}]),
                    "tags": st.dictionaries(texts, texts, max_size=2),
                    "webhook_notifications": st.just({"on_failure": [{"id": "1"}, {"id": "2"}]}),
                    "timeout_seconds": st.just(0),
                    "run_as": st.just({"user_name": "a@b.c"}),
                },
            )
        ),
    }


def as_the_server_returns(sent: dict[str, Any], seed: int) -> dict[str, Any]:
    """Reorder and fill in, as a workspace does."""
    chance = random.Random(seed)
    remote: dict[str, Any] = copy.deepcopy(sent)
    remote.setdefault("format", "MULTI_TASK")
    remote.setdefault("email_notifications", {})
    remote.setdefault("webhook_notifications", {})
    remote.setdefault("timeout_seconds", 0)
    remote.setdefault("max_concurrent_runs", 1)
    remote.setdefault("run_as", {"user_name": "me@b.c"})
    for name in ("tasks", "parameters"):
        chance.shuffle(remote.get(name, []))
    chance.shuffle(remote["webhook_notifications"].get("on_failure", []))
    if remote.get("continuous") is not None:
        remote["continuous"].setdefault("pause_status", "UNPAUSED")
    if not remote.get("tags"):
        remote.pop("tags", None)
    for item in remote["tasks"]:
        item.setdefault("run_if", "ALL_SUCCESS")
        item.setdefault("timeout_seconds", 0)
        item.setdefault("email_notifications", {})
        item["depends_on"] = sorted(item["depends_on"], key=lambda other: str(other["task_key"]))
        if not item["depends_on"]:
            del item["depends_on"]
        if "notebook_task" in item:
            item["notebook_task"].setdefault("source", "WORKSPACE")
        if "run_job_task" in item:
            item["run_job_task"]["job_id"] = int(item["run_job_task"]["job_id"])
    return remote


@given(settings())
def test_the_canonical_form_of_a_canonical_form_is_itself(given_settings: dict[str, Any]) -> None:
    canonical = canonicalise(given_settings, SHAPE)
    assert canonicalise(canonical, SHAPE) == canonical


@given(settings(), st.randoms(use_true_random=False))
def test_the_order_of_a_keyed_list_means_nothing(given_settings: dict[str, Any], chance: random.Random) -> None:
    shuffled = copy.deepcopy(given_settings)
    for name in ("tasks", "parameters"):
        chance.shuffle(shuffled.get(name, []))
    assert canonicalise(shuffled, SHAPE) == canonicalise(given_settings, SHAPE)
    assert difference(given_settings, shuffled, SHAPE) == []


@given(settings(), settings())
def test_no_difference_means_the_same_canonical_form(old: dict[str, Any], new: dict[str, Any]) -> None:
    same = canonicalise(old, SHAPE) == canonicalise(new, SHAPE)
    assert (difference(old, new, SHAPE) == []) == same


@given(settings(), st.integers(0, 1000))
def test_what_the_server_does_by_itself_is_no_drift(sent: dict[str, Any], seed: int) -> None:
    assert project(sent, as_the_server_returns(sent, seed), SHAPE) == sent


@given(settings(), settings(), st.integers(0, 1000))
def test_reading_what_was_read_changes_nothing(prior: dict[str, Any], other: dict[str, Any], seed: int) -> None:
    remote = as_the_server_returns(other, seed)
    once = project(prior, remote, SHAPE)
    assert project(once, remote, SHAPE) == once


@given(settings(), settings(), st.integers(0, 1000))
def test_an_edit_in_the_workspace_is_seen(prior: dict[str, Any], other: dict[str, Any], seed: int) -> None:
    seen = project(prior, as_the_server_returns(other, seed), SHAPE)
    for filled in ("run_as",):
        seen.pop(filled, None), other.pop(filled, None)
    for item in [*seen.get("tasks", []), *other["tasks"]]:
        if item.get("max_retries") == 0:
            del item["max_retries"]
        if "notebook_task" in item:
            item["notebook_task"].pop("source", None)
    assert difference(seen, other, SHAPE) == []


@given(settings(), st.integers(0, 1000))
def test_an_import_is_stable(sent: dict[str, Any], seed: int) -> None:
    remote = as_the_server_returns(sent, seed)
    imported = project(None, remote, SHAPE)
    assert project(imported, remote, SHAPE) == imported
    assert difference(imported, project(imported, remote, SHAPE), SHAPE) == []
    assert json.loads(json.dumps(imported)) == imported


@given(settings(), st.integers(0, 1000))
def test_a_secret_stays_marked_when_it_is_read_back(sent: dict[str, Any], seed: int) -> None:
    remote = as_the_server_returns(sent, seed)
    marked = {**sent, "name": Secret(sent["name"]), "tasks": Secret(sent["tasks"])}
    assert project(marked, remote, SHAPE) == marked


def test_a_secret_that_drifted_is_still_a_secret() -> None:
    prior = {"description": Secret("a"), "tags": {"k": Secret("old")}}
    seen = project(prior, {"description": "b", "tags": {"k": "new"}}, SHAPE)
    assert seen == {"description": Secret("b"), "tags": {"k": Secret("new")}}


def test_an_id_is_the_same_as_text_and_as_number() -> None:
    old = {"tasks": [{"task_key": "a", "run_job_task": {"job_id": "9007199254740993"}}]}
    new = {"tasks": [{"task_key": "a", "run_job_task": {"job_id": 9007199254740993}}]}
    assert difference(old, new, SHAPE) == []
    new["tasks"][0]["run_job_task"]["job_id"] = 9007199254740992  # type: ignore[index]
    assert difference(old, new, SHAPE) == [Change(("tasks", 0, "run_job_task", "job_id"), ChangeKind.UPDATE)]


def test_a_change_names_its_place_in_the_new_settings() -> None:
    old = {"tasks": [{"task_key": "a"}, {"task_key": "b", "timeout_seconds": 1}, {"task_key": "gone"}]}
    new = {"tasks": [{"task_key": "b", "timeout_seconds": 2}, {"task_key": "a"}, {"task_key": "c"}], "description": "x"}
    assert difference(old, new, SHAPE) == [
        Change(("tasks", 0, "timeout_seconds"), ChangeKind.UPDATE),
        Change(("tasks", 2), ChangeKind.UPDATE),
        Change(("description",), ChangeKind.ADD),
    ]


def test_a_renamed_task_is_a_change() -> None:
    old = {"tasks": [{"task_key": "a", "notebook_task": {"notebook_path": "/a"}}]}
    new = {"tasks": [{"task_key": "b", "notebook_task": {"notebook_path": "/a"}}]}
    assert difference(old, new, SHAPE) == [Change(("tasks", 0), ChangeKind.UPDATE)]


def test_something_unknown_is_a_change() -> None:
    old = {"description": "x", "tasks": [{"task_key": "a", "run_job_task": {"job_id": "1"}}]}
    new = {"description": "x", "tasks": [{"task_key": "a", "run_job_task": {"job_id": UNKNOWN}}]}
    assert difference(old, new, SHAPE) == [Change(("tasks", 0, "run_job_task", "job_id"), ChangeKind.UPDATE)]


def test_true_is_not_one() -> None:
    assert difference({"new_field": True}, {"new_field": 1}, SHAPE)


def test_two_elements_with_one_key_are_both_kept() -> None:
    twice = {"parameters": [{"name": "a", "default": "1"}, {"name": "a", "default": "2"}]}
    once = {"parameters": [{"name": "a", "default": "1"}]}
    assert difference(twice, once, SHAPE)
    assert difference(twice, copy.deepcopy(twice), SHAPE) == []


def test_a_big_number_of_an_unknown_setting_is_read_as_text() -> None:
    assert project({}, {"brand_new_id": 2**60}, SHAPE) == {"brand_new_id": str(2**60)}


def test_a_default_is_the_same_as_nothing_even_where_presence_counts() -> None:
    assert difference({"continuous": {}}, {"continuous": {"pause_status": "UNPAUSED"}}, SHAPE) == []
    assert difference({}, {"continuous": {}}, SHAPE) == [Change(("continuous",), ChangeKind.ADD)]


def test_fields_a_policy_sets_are_no_drift_but_an_edit_of_ours_is() -> None:
    prior = {"job_clusters": [{"job_cluster_key": "c", "new_cluster": {"policy_id": "p", "num_workers": 2}}]}
    remote = copy.deepcopy(prior)
    remote["job_clusters"][0]["new_cluster"] |= {"spark_conf": {"a": "b"}, "autotermination_minutes": 10}  # type: ignore[operator]
    assert project(prior, remote, SHAPE) == prior
    remote["job_clusters"][0]["new_cluster"]["num_workers"] = 3  # type: ignore[index]
    seen = project(prior, remote, SHAPE)
    assert seen["job_clusters"][0]["new_cluster"] == {"policy_id": "p", "num_workers": 3}


def test_write_only_fields_keep_what_was_sent() -> None:
    prior = {"job_clusters": [{"job_cluster_key": "c", "new_cluster": {"apply_policy_default_values": True}}]}
    remote: dict[str, Any] = {"job_clusters": [{"job_cluster_key": "c", "new_cluster": {}}]}
    assert project(prior, remote, SHAPE) == prior


def test_what_was_removed_in_the_workspace_is_missing() -> None:
    prior = {"description": "x", "tasks": [{"task_key": "a"}, {"task_key": "b"}]}
    assert project(prior, {"tasks": [{"task_key": "b"}]}, SHAPE) == {"tasks": [{"task_key": "b"}]}


def test_leaving_a_default_or_returning_to_it_is_an_update_where_both_sides_name_it() -> None:
    one, two = {"max_concurrent_runs": 1}, {"max_concurrent_runs": 2}
    for old, new in ((one, two), (two, one)):
        assert difference(old, new, SHAPE) == [Change(("max_concurrent_runs",), ChangeKind.UPDATE)]
    assert difference({}, two, SHAPE) == [Change(("max_concurrent_runs",), ChangeKind.ADD)]
    assert difference(two, {}, SHAPE) == [Change(("max_concurrent_runs",), ChangeKind.DELETE)]
