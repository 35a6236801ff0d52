"""The classes users write, run with Pulumi's own mocks of the engine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pulumi
import pytest
from tests.iac.mocked import DOCUMENT

from airbrick import iac
from airbrick.iac.errors import ProgramError
from airbrick.iac.provider.codec import SECRET, SIGNATURE_KEY

if TYPE_CHECKING:
    from pathlib import Path


def secret(value: str) -> dict[str, str]:
    """A secret as it goes to the engine."""
    return {SIGNATURE_KEY: SECRET, "value": value}


PRESETS = json.dumps({"name_prefix": "[dev] ", "tags": {"team": "data", "cost": "1"}})


def test_settings_keep_the_apis_names(run: Any) -> None:
    def program() -> None:
        first = iac.Job("first")
        iac.Job("second", tasks=[{"task_key": "a", "run_job_task": {"job_id": first.job_id}}], timeout_seconds=5)

    token, inputs = run(program)["Job", "second"]
    assert token == "airbrick:databricks:Job"
    assert inputs == {"tasks": [{"task_key": "a", "run_job_task": {"job_id": "1"}}], "timeout_seconds": 5}


def test_the_api_setting_name_is_not_the_resource_name(run: Any) -> None:
    assert run(lambda: iac.Job("first", name="shown"))["Job", "first"][1] == {"name": "shown"}


def test_a_setting_airbrick_does_not_know_can_be_given(run: Any) -> None:
    assert run(lambda: iac.Job("first", extra_settings={"brand_new": 1}))["Job", "first"][1] == {"brand_new": 1}


def test_presets_are_applied_where_a_preview_shows_them(run: Any) -> None:
    def program() -> None:
        env = iac.Environment.from_config()
        iac.Job("plain", env=env)
        iac.Job("named", env=env, name="shown", tags={"team": "mine"})
        iac.Job("late", env=env, name=pulumi.Output.from_input("later"), tags=pulumi.Output.from_input({"k": "v"}))

    seen = run(program, host="https://w/", environment=PRESETS)
    assert seen["Job", "plain"][1] == {"name": "[dev] plain", "tags": {"team": "data", "cost": "1"}}
    assert seen["Job", "named"][1] == {"name": "[dev] shown", "tags": {"team": "mine", "cost": "1"}}
    assert seen["Job", "late"][1] == {"name": "[dev] later", "tags": {"team": "data", "cost": "1", "k": "v"}}


def test_the_host_comes_from_the_stack_or_the_environment(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    hosts: list[str] = []
    monkeypatch.setenv("DATABRICKS_HOST", "https://env.example/")
    run(lambda: hosts.append(iac.Environment.from_config().host), host="https://w/")
    run(lambda: hosts.append(iac.Environment.from_config().host))
    assert hosts == ["https://w", "https://env.example"]


def test_secrets_of_a_connection_are_marked_by_the_program(run: Any) -> None:
    def program() -> None:
        iac.airflow.DatabricksConnection("c", host="https://w", client_id="a", client_secret="s")
        iac.airflow.DatabricksConnection("d", host="https://w", token="t", description="x", extra={"a": 1})

    seen = run(program)
    assert seen["DatabricksConnection", "c"][1] == {
        "connection_id": "c", "host": "https://w", "client_id": "a", "client_secret": secret("s"), "adopt": False,
    }  # fmt: skip
    assert seen["DatabricksConnection", "d"][1] == {
        "connection_id": "d", "host": "https://w", "token": secret("t"), "description": "x", "extra": {"a": 1},
        "adopt": False,
    }  # fmt: skip


def test_a_provider_takes_the_configuration_and_marks_its_secrets(run: Any) -> None:
    def program() -> None:
        other = iac.Provider("other", host="https://w", token="t", airflow_endpoint="https://a", detect_drift="refresh")
        iac.Job("first", opts=pulumi.ResourceOptions(provider=other))

    token, inputs = run(program)["airbrick", "other"]
    assert token == "pulumi:providers:airbrick"
    assert inputs == {
        "host": "https://w", "token": secret("t"), "airflow_endpoint": "https://a", "detect_drift": "refresh",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["default", "default_0_1_0", "default_1_2_3_alpha_4"])
def test_a_provider_cannot_have_the_name_of_the_stacks_own(run: Any, name: str) -> None:
    with pytest.raises(ProgramError) as caught:
        run(lambda: iac.Provider(name, host="https://w", token="t"))
    assert str(caught.value).startswith(f"iac.Provider({name!r}): ")
    assert str(caught.value).endswith("; choose another name")


def test_a_provider_may_have_a_name_that_only_begins_like_the_stacks_own(run: Any) -> None:
    seen = run(lambda: [iac.Provider(name, host="https://w") for name in ("default_eu", "defaults", "my_default")])
    assert {name for _, name in seen} == {"default_eu", "defaults", "my_default"}


def test_a_file_gives_its_place_and_not_its_content(run: Any) -> None:
    _, inputs = run(lambda: iac.WorkspaceFile("load", path="/Workspace/load", source="src/load.py"))[
        "WorkspaceFile", "load"
    ]
    assert inputs == {"path": "/Workspace/load", "source": "src/load.py", "overwrite": False}


def test_the_contract_gathers_jobs_and_connections(run: Any, tmp_path: Path) -> None:
    def program() -> None:
        job = iac.Job("nightly")
        connection = iac.airflow.DatabricksConnection("c", host="https://w", client_id="a", client_secret="s")
        iac.Contract(jobs=[job], connections=[connection], path=tmp_path)

    token, inputs = run(program)["Contract", "contract"]
    assert token == "airbrick:index:Contract"
    assert inputs["project"] == "orders"
    assert inputs["jobs"]["nightly"]["job_id"] == "1"
    assert inputs["connections"] == {"c": {"conn_type": "databricks", "auth": "service_principal_oauth"}}
    # A preview writes nothing.
    assert list(tmp_path.iterdir()) == []


def test_the_contract_lists_what_the_stack_deploys(run: Any) -> None:
    def program() -> None:
        file = iac.WorkspaceFile("load", path="/Shared/orders/load", source="load.py")
        folder = iac.WorkspaceDirectory("lib", path="/Shared/lib", source="lib")
        # The provider fills it in.
        folder.files = pulumi.Output.from_input({"dates.py": "00", "sql/orders": "11"})
        iac.Contract(files=[folder, file])

    _, inputs = run(program)["Contract", "contract"]
    assert inputs["files"] == ["/Shared/lib/dates.py", "/Shared/lib/sql/orders", "/Shared/orders/load"]


def test_a_contract_goes_to_airflow_and_to_the_workspace_too(run: Any) -> None:
    def program() -> None:
        iac.Contract("main", variable="airbrick_contract", workspace_folder="/Workspace/Shared/orders/")

    seen = run(program)
    token, inputs = seen["WorkspaceFile", "main"]
    assert token == "airbrick:databricks:WorkspaceFile"
    assert inputs["path"] == "/Workspace/Shared/orders/airbrick.contract.dev.json"
    assert json.loads(inputs["content"]) == DOCUMENT
    token, variable = seen["Variable", "main"]
    assert token == "airbrick:airflow:Variable"
    assert variable["key"] == "airbrick_contract"
    assert variable["value"] == inputs["content"]


def test_a_contract_for_a_folder_that_is_missing_says_so(run: Any, tmp_path: Path) -> None:
    with pytest.raises(ProgramError, match="there is no such folder beside the program"):
        run(lambda: iac.Contract(path=tmp_path / "dags"))


def test_two_jobs_cannot_have_one_key(run: Any) -> None:
    def program() -> None:
        job = iac.Job("nightly")
        iac.Contract(jobs=[job, job])

    with pytest.raises(ProgramError, match="the same logical name"):
        run(program)
