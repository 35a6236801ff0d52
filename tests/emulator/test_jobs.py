from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from databricks.sdk.service import jobs
from tests.emulator.helpers import JOBS, Api, task

from airbrick.emulator import ConfigurationError, Emulator, Limits, ManualClock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from databricks.sdk import WorkspaceClient


CRON = {"quartz_cron_expression": "0 0 1 * * ?", "timezone_id": "UTC"}
GIT = {"git_url": "https://example.com/x.git", "git_provider": "gitHub"}
CLUSTER = {"job_cluster_key": "k", "new_cluster": {}}
HUGE = {"notebook_path": "/x", "base_parameters": {"a": "x" * 1_048_576}}


def each(inner: dict[str, Any]) -> dict[str, Any]:
    return {"task_key": "e", "for_each_task": {"inputs": "[]", "task": inner}}


def test_settings_come_back_with_the_defaults_of_a_workspace(api: Api, workspace: Emulator) -> None:
    job_id = api.create("nightly")
    user = "engineer@example.com"
    assert api.get(f"{JOBS}/get", job_id=job_id) == {
        "job_id": job_id,
        "creator_user_name": user,
        "run_as_user_name": user,
        "created_time": int(workspace.clock.now() * 1000),
        "settings": {
            "name": "nightly",
            "format": "MULTI_TASK",
            "email_notifications": {},
            "webhook_notifications": {},
            "timeout_seconds": 0,
            "max_concurrent_runs": 1,
            "run_as": {"user_name": user},
            "tasks": [
                {
                    "task_key": "t",
                    "run_if": "ALL_SUCCESS",
                    "timeout_seconds": 0,
                    "email_notifications": {},
                    "webhook_notifications": {},
                    "notebook_task": {"notebook_path": "/Shared/t", "source": "WORKSPACE"},
                }
            ],
        },
    }


def test_a_job_without_a_name_is_untitled(api: Api) -> None:
    job_id = api.post(f"{JOBS}/create", {"tasks": [task("t")]})["job_id"]
    assert api.settings(job_id)["name"] == "Untitled"


def test_dependencies_come_back_sorted(api: Api) -> None:
    job_id = api.create(tasks=[task("b"), task("a"), task("c", "b", "a")])
    assert api.settings(job_id)["tasks"][2]["depends_on"] == [{"task_key": "a"}, {"task_key": "b"}]


def test_clusters_get_defaults_and_lose_what_is_input_only(api: Api) -> None:
    cluster = {"spark_version": "15.4.x", "num_workers": 1, "apply_policy_default_values": True}
    job_id = api.create(
        tasks=[task("t", new_cluster=cluster), task("u", job_cluster_key="k")],
        job_clusters=[{"job_cluster_key": "k", "new_cluster": {"azure_attributes": {"first_on_demand": 1}}}],
    )
    settings = api.settings(job_id)
    assert settings["tasks"][0]["new_cluster"] == {
        "spark_version": "15.4.x",
        "num_workers": 1,
        "data_security_mode": "SINGLE_USER",
        "enable_elastic_disk": True,
        "aws_attributes": {"availability": "SPOT_WITH_FALLBACK", "zone_id": "auto", "first_on_demand": 1},
    }
    assert "aws_attributes" not in settings["job_clusters"][0]["new_cluster"]


def test_sources_default_to_git_with_a_git_source(api: Api) -> None:
    git = {**GIT, "git_branch": "main"}
    files = [
        task("n"),
        {"task_key": "p", "spark_python_task": {"python_file": "a.py"}},
        {"task_key": "u", "spark_python_task": {"python_file": "dbfs:/a.py"}},
        {"task_key": "s", "sql_task": {"warehouse_id": "w", "file": {"path": "a.sql"}}},
        {"task_key": "e", "for_each_task": {"inputs": "[]", "task": task("i")}},
    ]
    tasks = {item["task_key"]: item for item in api.settings(api.create(tasks=files, git_source=git))["tasks"]}
    assert tasks["n"]["notebook_task"]["source"] == "GIT"
    assert tasks["p"]["spark_python_task"]["source"] == "GIT"
    assert "source" not in tasks["u"]["spark_python_task"]
    assert tasks["s"]["sql_task"]["file"]["source"] == "GIT"
    assert tasks["e"]["for_each_task"]["task"]["run_if"] == "ALL_SUCCESS"


def test_empty_notification_lists_and_dependencies_are_not_returned(api: Api) -> None:
    job_id = api.create(
        tasks=[task("t", depends_on=[])],
        email_notifications={"on_failure": [], "on_success": ["a@example.com"]},
        schedule={"quartz_cron_expression": "0 0 1 * * ?", "timezone_id": "UTC"},
    )
    settings = api.settings(job_id)
    assert settings["email_notifications"] == {"on_success": ["a@example.com"]}
    assert settings["schedule"]["pause_status"] == "UNPAUSED"
    assert "depends_on" not in settings["tasks"][0]


def test_what_is_input_only_is_not_returned(api: Api) -> None:
    table_update = {"table_names": ["a.b.c"], "condition": "ANY_UPDATED"}
    job_id = api.create(trigger={"table_update": table_update})
    trigger = api.settings(job_id)["trigger"]
    assert trigger == {"pause_status": "UNPAUSED", "table_update": {"table_names": ["a.b.c"]}}


def test_unknown_fields_are_kept_at_every_level(api: Api) -> None:
    job_id = api.create(tasks=[task("t", brand_new={"x": [1]})], another_new="y")
    settings = api.settings(job_id)
    assert settings["another_new"] == "y"
    assert settings["tasks"][0]["brand_new"] == {"x": [1]}


def test_null_means_absent(api: Api) -> None:
    assert "description" not in api.settings(api.create(description=None))


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({"tasks": "load"}, "tasks must be a list"),
        ({"tasks": [{"notebook_task": {"notebook_path": "/x"}}]}, "tasks[0].task_key"),
        ({"tasks": ["load"]}, "tasks[0] must be an object"),
        ({"tasks": [task("a", timeout_seconds="long")]}, "tasks[0].timeout_seconds must be an integer"),
        ({"tasks": [task("a", run_if="SOMETIMES")]}, "tasks[0].run_if must be one of"),
        ({"tasks": [task("a", notebook_task={"notebook_path": 5})]}, "tasks[0].notebook_task.notebook_path"),
        ({"tasks": [{"task_key": "a"}]}, "exactly one kind of task"),
        ({"tasks": [task("a b")]}, "tasks[0].task_key"),
        ({"tasks": [task("a", max_retries=-2)]}, "max_retries"),
        ({"tasks": [task("a", timeout_seconds=-1)]}, "timeout_seconds"),
        ({"tasks": [task(f"t{n}") for n in range(1001)]}, "at most 1000 tasks"),
        ({"max_concurrent_runs": "many"}, "max_concurrent_runs must be an integer; it is the string 'many'"),
        ({"max_concurrent_runs": True}, "max_concurrent_runs must be an integer; it is a boolean"),
        ({"max_concurrent_runs": 1.5}, "max_concurrent_runs"),
        ({"max_concurrent_runs": 1001}, "from 0 to 1000"),
        ({"timeout_seconds": -1}, "timeout_seconds"),
        ({"tags": {"team": 5}}, "tags.team must be a string"),
        ({"tags": ["team"]}, "tags must be an object"),
        ({"tags": {str(n): "" for n in range(26)}}, "at most 25 tags"),
        ({"queue": {"enabled": "yes"}}, "queue.enabled must be a boolean"),
        ({"format": "TRIPLE"}, "format must be one of"),
        ({"name": "x" * 4097}, "name must be at most"),
        ({"parameters": [{"name": "a", "default": ""}] * 2}, "a name occurs twice"),
        ({"parameters": [{"name": "", "default": ""}]}, "parameters[0].name"),
        ({"parameters": [{"name": "a"}]}, "parameters[0].default"),
        ({"email_notifications": []}, "email_notifications must be an object"),
        ({"schedule": CRON, "continuous": {}}, "the job can have only one of continuous, schedule"),
        ({"schedule": {**CRON, "quartz_cron_expression": "0 1 * * *"}}, "quartz_cron_expression must have 6 or 7"),
        ({"schedule": {"timezone_id": "UTC"}}, "schedule.quartz_cron_expression"),
        ({"git_source": {"git_url": "u"}}, "git_source.git_provider"),
        ({"git_source": {**GIT, "git_branch": "b", "git_tag": "t"}}, "only one of git_branch, git_tag"),
        ({"job_clusters": [CLUSTER, CLUSTER]}, "a job_cluster_key occurs twice"),
        ({"tasks": [task("a", job_cluster_key="x")]}, "tasks[0].job_cluster_key: the job defines no 'x'"),
        ({"tasks": [task("a", environment_key="x")]}, "tasks[0].environment_key: the job defines no 'x'"),
        ({"tasks": [task("a", new_cluster={}, existing_cluster_id="c")]}, "tasks[0] can have only one of"),
        ({"tasks": [each(task("a b"))]}, "tasks[0].for_each_task.task.task_key"),
        ({"tasks": [each(each(task("a")))]}, "cannot be a for_each_task itself"),
        ({"tasks": [task("a", notebook_task=HUGE)]}, "base_parameters must be at most"),
    ],
)
def test_wrong_settings_are_refused_naming_the_field(api: Api, settings: dict[str, Any], names: str) -> None:
    status, code, message = api.error("POST", f"{JOBS}/create", {"tasks": [task("t")], **settings})
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert names in message
    assert "jobs" not in api.get(f"{JOBS}/list")


def test_an_id_may_be_given_as_digits(api: Api) -> None:
    tasks = [{"task_key": "r", "run_job_task": {"job_id": "9007199254740993"}}]
    job_id = api.create(tasks=tasks)
    assert api.settings(job_id)["tasks"][0]["run_job_task"]["job_id"] == 9007199254740993
    assert api.get(f"{JOBS}/get", job_id=str(job_id))["job_id"] == job_id


def test_tasks_are_paged_by_a_hundred(api: Api) -> None:
    job_id = api.create(
        tasks=[task(f"t{n}") for n in range(250)],
        job_clusters=[{"job_cluster_key": "k", "new_cluster": {}}],
        environments=[{"environment_key": f"e{n}"} for n in range(101)],
        parameters=[{"name": f"p{n}", "default": ""} for n in range(201)],
    )
    pages = [api.get(f"{JOBS}/get", job_id=job_id)]
    while "next_page_token" in pages[-1]:
        pages.append(api.get(f"{JOBS}/get", job_id=job_id, page_token=pages[-1]["next_page_token"]))
    assert [page.get("has_more", False) for page in pages] == [True, True, False]
    lists = ("tasks", "job_clusters", "environments", "parameters")
    sizes = {name: [len(page["settings"].get(name, [])) for page in pages] for name in lists}
    assert sizes == {
        "tasks": [100, 100, 50],
        "job_clusters": [1, 0, 0],
        "environments": [100, 1, 0],
        "parameters": [100, 100, 1],
    }
    assert [item["task_key"] for page in pages for item in page["settings"]["tasks"]] == [f"t{n}" for n in range(250)]
    assert "environments" not in pages[2]["settings"]


def test_parameters_alone_make_pages_too(client: WorkspaceClient) -> None:
    parameters = [jobs.JobParameterDefinition(name=f"p{n}", default="") for n in range(150)]
    created = client.jobs.create(name="many", parameters=parameters)
    settings = client.jobs.get(created.job_id or 0).settings
    assert settings is not None
    assert settings.parameters == parameters


def test_version_2_1_takes_and_shows_a_hundred_tasks_at_most(api: Api) -> None:
    old, many = "/api/2.1/jobs", [task(f"t{n}") for n in range(101)]
    hundred = api.post(f"{old}/create", {"tasks": many[:100]})["job_id"]
    assert len(api.get(f"{old}/get", job_id=hundred)["settings"]["tasks"]) == 100
    for path, body in (
        ("create", {"tasks": many}),
        ("reset", {"job_id": hundred, "new_settings": {"tasks": many}}),
        ("update", {"job_id": hundred, "new_settings": {"tasks": many[100:]}}),
    ):
        status, code, message = api.error("POST", f"{old}/{path}", body)
        assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
        assert "use version 2.2" in message
    status, _, message = api.error("GET", f"{old}/get", job_id=api.create(tasks=many))
    assert status == 400
    assert "read it with version 2.2" in message


@pytest.fixture
def small() -> Iterator[Emulator]:
    with Emulator(clock=ManualClock(), limits=Limits(jobs=3, job_creations_per_hour=4)) as emulator:
        yield emulator


def test_a_workspace_takes_so_many_jobs_and_so_many_an_hour(small: Emulator) -> None:
    headers = {"Authorization": f"Bearer {small.token}"}
    with httpx.Client(base_url=small.host, headers=headers) as http:
        api = Api(http)
        made = [api.create() for _ in range(3)]
        assert api.error("POST", f"{JOBS}/create", {"tasks": [task("t")]})[:2] == (400, "QUOTA_EXCEEDED")
        api.post(f"{JOBS}/delete", {"job_id": made[0]})
        small.advance(1800)
        api.post(f"{JOBS}/delete", {"job_id": api.create()})
        assert api.error("POST", f"{JOBS}/create", {"tasks": [task("t")]})[:2] == (429, "REQUEST_LIMIT_EXCEEDED")
        small.advance(1800)
        api.create()


@pytest.mark.parametrize("value", [-1, 1.5, True, "5"])
def test_limits_are_whole_numbers(value: Any) -> None:
    with pytest.raises(ConfigurationError, match="limits: jobs must be a whole number"):
        Limits(jobs=value)


def test_a_reset_replaces_all_settings_but_run_as(api: Api) -> None:
    job_id = api.create("old", run_as={"service_principal_name": "sp"}, tags={"a": "b"})
    api.post(f"{JOBS}/reset", {"job_id": job_id, "new_settings": {"name": "new", "tasks": [task("u")]}})
    settings = api.settings(job_id)
    assert settings["name"] == "new"
    assert "tags" not in settings
    assert settings["run_as"] == {"service_principal_name": "sp"}
    assert api.get(f"{JOBS}/get", job_id=job_id)["run_as_user_name"] == "sp"


def test_a_reset_of_a_missing_job_is_forbidden_without_a_word(api: Api) -> None:
    response = api.call("POST", f"{JOBS}/reset", {"job_id": 5, "new_settings": {}})
    assert (response.status_code, response.json()) == (403, {})


def test_an_update_merges_tasks_by_key_and_replaces_other_fields(api: Api) -> None:
    job_id = api.create(tasks=[task("a"), task("b")], tags={"x": "1", "y": "2"}, description="d", timeout_seconds=5)
    api.post(
        f"{JOBS}/update",
        {
            "job_id": job_id,
            "new_settings": {"tasks": [task("b", timeout_seconds=7), task("c", "b")], "tags": {"z": "3"}},
            "fields_to_remove": ["description", "tasks/a"],
        },
    )
    settings = api.settings(job_id)
    assert [(item["task_key"], item["timeout_seconds"]) for item in settings["tasks"]] == [("b", 7), ("c", 0)]
    assert settings["tags"] == {"z": "3"}
    assert settings["timeout_seconds"] == 5
    assert "description" not in settings


def test_an_update_that_leaves_a_broken_graph_changes_nothing(api: Api) -> None:
    job_id = api.create(tasks=[task("a"), task("b", "a")])
    status, code, message = api.error("POST", f"{JOBS}/update", {"job_id": job_id, "fields_to_remove": ["tasks/a"]})
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert "depends on task 'a'" in message
    assert len(api.settings(job_id)["tasks"]) == 2


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({"fields_to_remove": "name"}, "fields_to_remove must be a list"),
        ({"fields_to_remove": [5]}, "list of strings"),
        ({"fields_to_remove": ["tags/team"]}, "tags/team"),
        ({"new_settings": "x"}, "new_settings must be an object"),
        ({"new_settings": {"tasks": ["x"]}}, "tasks[1] must be an object"),
        ({"new_settings": {"max_concurrent_runs": "many"}}, "max_concurrent_runs"),
    ],
)
def test_wrong_updates_are_refused(api: Api, body: dict[str, Any], names: str) -> None:
    job_id = api.create()
    status, code, message = api.error("POST", f"{JOBS}/update", {"job_id": job_id, **body})
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert names in message


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "delete", {"job_id": 5}),
        ("POST", "update", {"job_id": 5}),
        ("POST", "run-now", {"job_id": 5}),
        ("GET", "get", {"job_id": 5}),
    ],
)
def test_a_missing_job_is_named(api: Api, method: str, path: str, body: dict[str, Any]) -> None:
    assert api.error(method, f"{JOBS}/{path}", body) == (400, "INVALID_PARAMETER_VALUE", "Job 5 does not exist.")


@pytest.mark.parametrize("value", [None, "", "x", 1.5, True, [], 2**63, "9" * 30])
def test_a_job_id_that_is_none_is_refused(api: Api, value: object) -> None:
    status, code, message = api.error("GET", f"{JOBS}/get", {"job_id": value})
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert "job_id" in message


def test_jobs_are_listed_newest_first_in_pages(api: Api) -> None:
    made = [api.create(f"j{n}") for n in range(45)]
    listed: list[int] = []
    page = api.get(f"{JOBS}/list")
    assert len(page["jobs"]) == 20
    while True:
        listed += [job["job_id"] for job in page["jobs"]]
        if not page["has_more"]:
            break
        page = api.get(f"{JOBS}/list", page_token=page["next_page_token"])
    assert listed == made[::-1]
    assert "next_page_token" not in page
    assert "prev_page_token" in page
    assert [job["job_id"] for job in api.get(f"{JOBS}/list", offset=43)["jobs"]] == [made[1], made[0]]


def test_the_name_filter_is_exact_and_ignores_case(api: Api) -> None:
    wanted = [api.create("Straße"), api.create("STRASSE")]
    api.create("Straße 2")
    assert [job["job_id"] for job in api.get(f"{JOBS}/list", name="strasse")["jobs"]] == wanted[::-1]
    assert api.get(f"{JOBS}/list", name="none") == {"has_more": False}


def test_lists_show_tasks_only_when_expanded_and_then_a_hundred(api: Api) -> None:
    api.create(tasks=[task(f"t{n}") for n in range(101)])
    assert "tasks" not in api.get(f"{JOBS}/list")["jobs"][0]["settings"]
    expanded = api.get(f"{JOBS}/list", expand_tasks="true")["jobs"][0]
    assert len(expanded["settings"]["tasks"]) == 100
    assert expanded["has_more"] is True


@pytest.mark.parametrize(
    "query",
    [{"limit": 0}, {"limit": 101}, {"limit": "x"}, {"page_token": "x"}, {"offset": -1}, {"expand_tasks": "yes"}],
)
def test_wrong_list_parameters_are_refused(api: Api, query: dict[str, Any]) -> None:
    status, code, message = api.error("GET", f"{JOBS}/list", **query)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert next(iter(query)) in message


def test_access_control_can_be_set_on_creation(api: Api) -> None:
    job_id = api.create(access_control_list=[{"group_name": "team", "permission_level": "CAN_VIEW"}])
    entries = api.get(f"/api/2.0/permissions/jobs/{job_id}")["access_control_list"]
    assert [next(iter(entry.values())) for entry in entries] == ["engineer@example.com", "team", "admins"]
    assert "access_control_list" not in api.settings(job_id)
    status, _, message = api.error(
        "POST", f"{JOBS}/create", {"tasks": [task("t")], "access_control_list": [{"permission_level": "CAN_VIEW"}]}
    )
    assert status == 400
    assert "access_control_list[0]" in message


def test_the_older_version_of_the_api_has_the_same_jobs(api: Api) -> None:
    job_id = api.post("/api/2.1/jobs/create", {"tasks": [task("t")]})["job_id"]
    assert api.get("/api/2.1/jobs/get", job_id=job_id) == api.get(f"{JOBS}/get", job_id=job_id)
