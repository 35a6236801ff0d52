"""Presets of a stack, applied by the program."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pytest

from airbrick import iac
from airbrick.iac.environment import Environment
from airbrick.iac.errors import ConfigError, ProgramError

NOTEBOOK = {"notebook_task": {"notebook_path": "/a"}}
CLUSTER = {"spark_version": "15.4.x-scala2.12", "num_workers": 1}


def tasks(*given: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"task_key": f"t{index}", **NOTEBOOK, **task} for index, task in enumerate(given)]


def applied(settings: dict[str, Any], **presets: Any) -> dict[str, Any]:
    return Environment(**presets).job_settings("nightly", settings)


def configured(run: Any, **presets: Any) -> Environment:
    found: list[Environment] = []
    run(lambda: found.append(Environment.from_config()), environment=json.dumps(presets))
    return found[0]


def test_without_presets_nothing_changes() -> None:
    settings = {"tasks": tasks({}), "schedule": {"quartz_cron_expression": "0 0 0 * * ?", "timezone_id": "UTC"}}
    assert applied(settings) == settings


def test_what_a_job_says_itself_wins() -> None:
    settings = {
        "tags": {"team": "mine"},
        "max_concurrent_runs": 2,
        "run_as": {"user_name": "me@b.c"},
        "schedule": {"quartz_cron_expression": "0 0 0 * * ?", "timezone_id": "UTC", "pause_status": "UNPAUSED"},
    }
    presets = {"tags": {"team": "data"}, "max_concurrent_runs": 9, "run_as": {"service_principal_name": "x"}}
    assert applied(settings, **presets, pause_schedules=True) == settings


def test_whatever_starts_a_job_is_paused() -> None:
    settings = {"schedule": {"quartz_cron_expression": "0 0 0 * * ?", "timezone_id": "UTC"}}
    assert applied(settings, pause_schedules=True)["schedule"]["pause_status"] == "PAUSED"
    assert applied({"continuous": {}}, pause_schedules=True)["continuous"] == {"pause_status": "PAUSED"}
    own = {"continuous": {}, "pause_status": "UNPAUSED"}
    found = applied({"triggers": [settings, own]}, pause_schedules=True)["triggers"]
    assert found == [{**settings, "pause_status": "PAUSED"}, own]
    unsaid = {"continuous": {"pause_status": None}}
    assert applied(unsaid, pause_schedules=True) == {"continuous": {"pause_status": "PAUSED"}}
    assert applied({}, pause_schedules=True) == {}


def test_cost_tags_and_a_policy_reach_every_cluster_of_the_job() -> None:
    inner = {"task_key": "i", **NOTEBOOK, "new_cluster": dict(CLUSTER)}
    settings = {
        "job_clusters": [{"job_cluster_key": "c", "new_cluster": {**CLUSTER, "policy_id": "own"}}],
        "tasks": [
            {"task_key": "a", **NOTEBOOK, "new_cluster": {**CLUSTER, "custom_tags": {"cost": "mine"}}},
            {"task_key": "b", "for_each_task": {"inputs": "[1]", "task": inner}},
            {"task_key": "c", **NOTEBOOK, "existing_cluster_id": "1"},
        ],
    }
    found = applied(settings, cost_tags={"cost": "7"}, cluster_policy_id="p")
    assert found["tags"] == {"cost": "7"}
    assert found["job_clusters"][0]["new_cluster"] == {**CLUSTER, "policy_id": "own", "custom_tags": {"cost": "7"}}
    first, loop, last = found["tasks"]
    assert first["new_cluster"] == {**CLUSTER, "policy_id": "p", "custom_tags": {"cost": "mine"}}
    assert loop["for_each_task"]["task"]["new_cluster"]["custom_tags"] == {"cost": "7"}
    assert last == settings["tasks"][2]
    # The program's own values are not changed.
    assert inner["new_cluster"] == CLUSTER


def test_tasks_that_name_no_compute_share_a_cluster() -> None:
    sql = {"task_key": "q", "sql_task": {"warehouse_id": "w", "query": {"query_id": "1"}}}
    loop = {"task_key": "l", "for_each_task": {"inputs": "[1]", "task": {"task_key": "i", **NOTEBOOK}}}
    given = [*tasks({}, {"environment_key": "e"}, {"job_cluster_key": "own"}), sql, loop]
    own = {"job_cluster_key": "own", "new_cluster": CLUSTER}
    found = applied({"tasks": given, "job_clusters": [own]}, job_cluster={"spark_version": "x"}, cluster_policy_id="p")
    keys = [task.get("job_cluster_key") for task in found["tasks"]]
    assert keys == ["default", None, "own", None, None]
    assert found["tasks"][4]["for_each_task"]["task"]["job_cluster_key"] == "default"
    made = found["job_clusters"][1]
    assert made == {"job_cluster_key": "default", "new_cluster": {"spark_version": "x", "policy_id": "p"}}
    # A job that needs no cluster gets none.
    on_warehouse = {"task_key": "n", "notebook_task": {"notebook_path": "/n", "warehouse_id": "w"}}
    for task in (sql, on_warehouse, *tasks({"compute": {"hardware_accelerator": "GPU_1xA10"}})):
        assert applied({"tasks": [task]}, job_cluster=CLUSTER) == {"tasks": [task]}
    unsaid = {"task_key": "n", "notebook_task": {"notebook_path": "/n", "warehouse_id": None}}
    assert applied({"tasks": [unsaid]}, job_cluster=CLUSTER)["tasks"] == [{**unsaid, "job_cluster_key": "default"}]


def test_what_is_known_later_gets_its_presets_later(run: Any) -> None:
    def program() -> None:
        env = Environment(name_prefix="[x] ", tags={"a": "1"}, cost_tags={"c": "2"}, pause_schedules=True)
        later: Any = pulumi.Output.from_input
        iac.Job(
            "nightly",
            env=env,
            name=later("late"),
            tags=later({"b": "3"}),
            continuous=later({}),
            job_clusters=later([{"job_cluster_key": "c", "new_cluster": {"spark_version": "x"}}]),
        )

    assert run(program)["Job", "nightly"][1] == {
        "name": "[x] late",
        "tags": {"a": "1", "b": "3", "c": "2"},
        "continuous": {"pause_status": "PAUSED"},
        "job_clusters": [{"job_cluster_key": "c", "new_cluster": {"spark_version": "x", "custom_tags": {"c": "2"}}}],
    }


def test_permissions_become_a_resource_beside_each_job(run: Any) -> None:
    view = {"group_name": "analysts", "permission_level": "CAN_VIEW"}
    seen = run(lambda: iac.Job("nightly", env=iac.Environment.from_config()), environment=json.dumps(
        {"permissions": [view]}
    ))  # fmt: skip
    assert seen["Permissions", "nightly"] == (
        "airbrick:databricks:Permissions",
        {"object_type": "jobs", "object_id": "1", "access_control_list": [view]},
    )


def test_a_development_stack_tells_whose_it_is(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    env = configured(run, mode="development", user="jane@example.com", tags={"team": "data"})
    assert (env.name_prefix, env.tags) == ("[dev jane] ", {"dev": "jane", "team": "data"})
    assert (env.pause_schedules, env.max_concurrent_runs) == (True, 4)
    monkeypatch.setattr("getpass.getuser", lambda: "joe")
    env = configured(run, mode="development", pause_schedules=False, max_concurrent_runs=1, name_prefix="joe_")
    assert (env.name_prefix, env.pause_schedules, env.max_concurrent_runs) == ("joe_", False, 1)


def test_a_development_stack_needs_a_user_where_the_system_names_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr("getpass.getuser", nameless)
    with pytest.raises(ConfigError, match=r"airbrick:environment\.user: .*set it to the name of the developer"):
        iac.Environment(mode="development")
    assert iac.Environment(mode="development", user="ada").name_prefix == "[dev ada] "


def test_a_production_job_runs_as_a_service_principal_from_a_folder_that_is_nobodys(run: Any) -> None:
    env = configured(run, mode="production", run_as={"service_principal_name": "app"})
    assert env.job_settings("nightly", {"tasks": tasks({})})["run_as"] == {"service_principal_name": "app"}
    assert env.name_prefix == ""
    cases: list[tuple[dict[str, Any], dict[str, Any], str]] = [
        ({}, {}, "Job('nightly'): run_as: is missing"),
        ({}, {"run_as": {"user_name": "a@b.c"}}, "run_as.user_name: is a person"),
        (
            {"run_as": {"service_principal_name": "x"}},
            {"tasks": tasks({"notebook_task": {"notebook_path": "/Workspace/Users/a@b.c/x"}})},
            "tasks[0].notebook_task.notebook_path: lies in a person's folder",
        ),
        (
            {"run_as": {"service_principal_name": "x"}},
            {"tasks": [{"task_key": "a", "spark_python_task": {"python_file": "/Users/a/x.py"}}]},
            "tasks[0].spark_python_task.python_file: lies in a person's folder",
        ),
        (
            {"run_as": {"service_principal_name": "x"}},
            {"tasks": ({"task_key": "a", "dbt_task": {"project_directory": "/Repos/a@b.c/dbt"}},)},
            "tasks[0].dbt_task.project_directory: lies in a person's folder",
        ),
        (
            {"run_as": {"service_principal_name": "x"}},
            {
                "tasks": [
                    {
                        "task_key": "a",
                        "for_each_task": {
                            "inputs": "[1]",
                            "task": {"task_key": "b", "notebook_task": {"notebook_path": "/Users/a/x"}},
                        },
                    }
                ]
            },
            "tasks[0].for_each_task.task.notebook_task.notebook_path: lies in a person's folder",
        ),
        ({}, {"run_as": {}}, "run_as: names no service principal"),
        ({}, {"run_as": {"group_name": "etl"}}, "run_as: names no service principal"),
    ]
    for presets, settings, message in cases:
        with pytest.raises(ProgramError) as caught:
            configured(run, mode="production", **presets).job_settings("nightly", settings)
        assert message in str(caught.value)


def test_a_principal_that_is_known_later_is_one(run: Any) -> None:
    def program() -> None:
        principal: Any = pulumi.Output.from_input("app")
        iac.Job("nightly", env=Environment(mode="production"), run_as={"service_principal_name": principal})

    assert run(program)["Job", "nightly"][1] == {"run_as": {"service_principal_name": "app"}}


def test_a_program_may_build_its_presets_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "joe")
    env = Environment(mode="development", tags={"team": "data"})
    assert (env.user, env.name_prefix, env.tags) == ("joe", "[dev joe] ", {"dev": "joe", "team": "data"})
    assert (env.pause_schedules, env.max_concurrent_runs) == (True, 4)
    assert Environment(mode="development", pause_schedules=False).pause_schedules is False
    assert Environment().pause_schedules is False
    with pytest.raises(ProgramError, match=r"name_prefix=…\): does not tell whose development stack it is"):
        Environment(mode="development", name_prefix="[dev] ")
    with pytest.raises(ProgramError, match="would stop every job of a production stack"):
        Environment(mode="production", pause_schedules=True)


@pytest.mark.parametrize(
    ("presets", "message"),
    [
        ({"name_prefx": "x"}, "airbrick:environment.name_prefx: is no preset; did you mean 'name_prefix'?"),
        ({"zzz": 1}, "the presets are: mode, user, name_prefix"),
        ({"name_prefix": 5}, "airbrick:environment.name_prefix: expected text, found a number"),
        ({"tags": ["a"]}, "airbrick:environment.tags: expected a mapping, found a list"),
        ({"tags": {"a": 1}}, "airbrick:environment.tags.a: expected text, found a number"),
        ({"pause_schedules": "yes"}, "airbrick:environment.pause_schedules: expected true or false, found text"),
        ({"max_concurrent_runs": "4"}, "airbrick:environment.max_concurrent_runs: expected a whole number"),
        ({"job_cluster": {"num_workers": "1"}}, "airbrick:environment.job_cluster.num_workers: expected a whole"),
        ({"permissions": [5]}, "airbrick:environment.permissions[0]: expected a mapping, found a number"),
        ({"mode": "prod"}, "airbrick:environment.mode: is no mode; the modes are: development, production"),
        ({"mode": "production", "pause_schedules": True}, "would stop every job of a production stack"),
        ({"mode": "development", "user": "jane", "name_prefix": "[dev] "}, "put 'jane' into it"),
        (["a"], "airbrick:environment: is not an object"),
    ],
)
def test_wrong_presets_are_named_with_their_place(run: Any, presets: Any, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        run(Environment.from_config, environment=json.dumps(presets))
    assert message in str(caught.value)
