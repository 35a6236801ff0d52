"""Mistakes in jobs that show when their parts are seen together, and limits of the API; over the protocol."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.iac.job_samples import JOB, NOTEBOOK

from airbrick.iac.settings.consistency import check_consistency
from airbrick.iac.values import UNKNOWN, Secret, render_path

if TYPE_CHECKING:
    from tests.iac.wire import Wire

WORK = {"notebook_task": NOTEBOOK}
CLUSTER = {"spark_version": "15.4.x-scala2.12", "node_type_id": "m5.large", "num_workers": 1}


def job(*tasks: dict[str, Any], **settings: Any) -> dict[str, Any]:
    """A job of tasks that run a notebook unless they say something else."""
    written = []
    for index, task in enumerate(tasks):
        works = any(key.endswith("_task") for key in task)
        written.append({"task_key": f"t{index}", **({} if works else WORK), **task})
    return {"tasks": written, **settings}


def after(*keys: str, **extra: Any) -> dict[str, Any]:
    return {"depends_on": [{"task_key": key, **extra} for key in keys]}


@pytest.mark.parametrize(
    ("settings", "path", "reason"),
    [
        (job({"task_key": "load"}, after("laod")), "tasks[1].depends_on[0].task_key",
         "there is no task 'laod'; did you mean 'load'?"),
        (job({**after("t1")}, {**after("t0")}), "tasks[0].depends_on", "tasks wait for each other: t0 -> t1 -> t0"),
        (job({**after("t0")}), "tasks[0].depends_on", "tasks wait for each other: t0 -> t0"),
        (job({}, after("t0", outcome="true")), "tasks[1].depends_on[0].outcome", "'t0' is no condition_task"),
        ({"tasks": [{"task_key": "a"}]}, "tasks[0]", "does not say what to do"),
        (job({**WORK, "sql_task": {"warehouse_id": "w"}}), "tasks[0].sql_task", "excludes 'notebook_task'"),
        (job({"existing_cluster_id": "1", "new_cluster": CLUSTER}), "tasks[0].new_cluster",
         "excludes 'existing_cluster_id'"),
        (job({"job_cluster_key": "big"}, job_clusters=[{"job_cluster_key": "bigg", "new_cluster": CLUSTER}]),
         "tasks[0].job_cluster_key", "job_clusters has no 'big'; did you mean 'bigg'?"),
        (job({"environment_key": "e"}), "tasks[0].environment_key", "the job has no environments"),
        (job({"environment_variables_key": "e"}), "tasks[0].environment_variables_key", "has no environment_variables"),
        (job({"notebook_task": {**NOTEBOOK, "source": "GIT"}}), "tasks[0].notebook_task.source",
         "is GIT, but the job has no git_source"),
        (job({"sql_task": {"warehouse_id": "w", "file": {"path": "a", "source": "GIT"}}}),
         "tasks[0].sql_task.file.source", "no git_source"),
        (job(git_source={"git_url": "https://g", "git_provider": "gitHub", "git_branch": "m", "git_tag": "v1"}),
         "git_source.git_tag", "excludes 'git_branch'"),
        (job(run_as={"user_name": "a@b.c", "service_principal_name": "x"}), "run_as.service_principal_name",
         "excludes 'user_name'"),
        (job({"new_cluster": {**CLUSTER, "autoscale": {"min_workers": 1, "max_workers": 2}}}),
         "tasks[0].new_cluster.num_workers", "excludes 'autoscale'"),
        (job(job_clusters=[{"job_cluster_key": "c", "new_cluster": {
            "spark_version": "15.4.x-scala2.12", "autoscale": {"min_workers": 3, "max_workers": 2}}}]),
         "job_clusters[0].new_cluster.autoscale.min_workers", "is more than max_workers"),
        (job({"for_each_task": {"inputs": "[1]", "task": {"task_key": "i"}}}), "tasks[0].for_each_task.task",
         "does not say what to do"),
        (job({"for_each_task": {"inputs": "[1]", "task": {"task_key": "i", "for_each_task": {
            "inputs": "[1]", "task": {"task_key": "j", **WORK}}}}}), "tasks[0].for_each_task.task.for_each_task",
         "inside another for_each_task"),
        # What is not known yet keeps its place in the list.
        ({"tasks": [UNKNOWN, {"task_key": "b"}]}, "tasks[1]", "does not say what to do"),
        (job(job_clusters=[UNKNOWN, {"job_cluster_key": "c", "new_cluster": {
            "spark_version": "15.4.x-scala2.12", "autoscale": {"min_workers": 3, "max_workers": 2}}}]),
         "job_clusters[1].new_cluster.autoscale.min_workers", "is more than max_workers"),
        (job(trigger={"file_arrival": {"url": "/a"}}, continuous={}), "continuous", "excludes 'trigger'"),
        (job(triggers=[{"periodic": {"interval": 1, "unit": "DAYS"}}], continuous={}), "triggers",
         "excludes 'continuous'"),
        # Limits.
        (job(name="ö" * 2049), "name", "has 4098 bytes; it takes 4096 at most"),
        (job(description="x" * 27701), "description", "has 27701 characters; it takes 27700 at most"),
        (job(*[{}] * 1001), "tasks", "has 1001 elements; it takes 1000 at most"),
        (job(max_concurrent_runs=1001), "max_concurrent_runs", "expected 0 to 1000"),
        (job(timeout_seconds=-1), "timeout_seconds", "expected 0 or more"),
        (job({"max_retries": -2}), "tasks[0].max_retries", "expected -1 or more"),
        (job({"task_key": "a b"}), "tasks[0].task_key", "expected 1 to 100 letters, digits, '_' and '-'"),
        (job(parameters=[{"name": "a b", "default": ""}]), "parameters[0].name", "expected letters, digits"),
        (job({"run_job_task": {"job_id": "1", "notebook_params": {"a": "x" * 10_000}}}),
         "tasks[0].run_job_task.notebook_params", "bytes as JSON; it takes 10000 at most"),
        (job(webhook_notifications={"on_failure": [{"id": str(n)} for n in range(4)]}),
         "webhook_notifications.on_failure", "has 4 elements; it takes 3 at most"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place(wire: Wire, settings: dict[str, Any], path: str, reason: str) -> None:
    _, failures = wire.check(JOB, "nightly", settings)
    assert list(failures) == [path]
    assert reason in failures[path]


@pytest.mark.parametrize(
    "settings",
    [
        job({"condition_task": {"op": "EQUAL_TO", "left": "1", "right": "1"}}, after("t0", outcome="false")),
        job({"job_cluster_key": UNKNOWN}),
        job({"job_cluster_key": "c"}, job_clusters=UNKNOWN),
        job({"environment_key": Secret("e")}, environments=[{"environment_key": "e"}]),
        job({"new_cluster": {**CLUSTER, "num_workers": UNKNOWN, "autoscale": {"min_workers": 1, "max_workers": 1}}}),
        job({"brand_new_task": {"a": 1}}),
        job({**after("t1")}, {**after("t2")}, {}),
        job({"task_key": UNKNOWN}, after("t9")),
        {"tasks": [UNKNOWN, {"task_key": "b", **WORK, **after("a")}]},
        {"tasks": [{"task_key": "b", **WORK, "depends_on": [UNKNOWN]}]},
        {"tasks": [{"task_key": "b", **WORK, "job_cluster_key": "c"}], "job_clusters": [UNKNOWN]},
        job({"existing_cluster_id": UNKNOWN, "new_cluster": UNKNOWN}),
        job({**WORK, "sql_task": UNKNOWN}),
        job(run_as={"user_name": UNKNOWN, "service_principal_name": "x"}),
        job(name=UNKNOWN, max_concurrent_runs=UNKNOWN),
        job(git_source={"git_url": "u", "git_provider": "gitHub", "git_tag": "v"}),
    ],
)
def test_what_may_be_right_is_let_through(wire: Wire, settings: dict[str, Any]) -> None:
    assert wire.check(JOB, "nightly", settings)[1] == {}


def test_a_secret_beyond_a_limit_is_not_shown(wire: Wire) -> None:
    _, failures = wire.check(JOB, "nightly", job(name=Secret("hush-hush" * 500)))
    assert "it takes 4096 at most" in failures["name"]
    assert "hush" not in failures["name"]


@given(st.dictionaries(st.sampled_from("abcdef"), st.sets(st.sampled_from("abcdef")), max_size=6))
def test_a_cycle_is_found_exactly_when_there_is_one(graph: dict[str, set[str]]) -> None:
    known = {key: sorted(wanted & graph.keys()) for key, wanted in graph.items()}
    tasks = [{"task_key": key, **WORK, **after(*wanted)} for key, wanted in known.items()]
    found = [item for item in check_consistency({"tasks": tasks}) if "wait for each other" in item.message]
    left = dict(known)
    while ready := [key for key, wanted in left.items() if not left.keys() & set(wanted)]:
        for key in ready:
            del left[key]
    assert bool(found) == bool(left)
    for finding in found:
        walked = finding.message.partition(": ")[2].split(" -> ")
        assert walked[0] == walked[-1]
        assert all(after_ in known[before] for before, after_ in pairwise(walked))
        assert render_path(finding.path) == f"tasks[{list(graph).index(walked[0])}].depends_on"
