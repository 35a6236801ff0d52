"""Credentials that are rotated, and the old ones revoked, between two `up`, under the real engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.iac.airflow.double import AirflowDouble, running_airflow_double
from tests.iac.job_samples import jobs, post

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from databricks.sdk import WorkspaceClient
    from tests.iac.project import Project

    from airbrick.emulator import Emulator

pytestmark = pytest.mark.end_to_end

PROGRAM = """
import pulumi
options = pulumi.ResourceOptions(provider=PROVIDER)
tasks = [{"task_key": "a", "notebook_task": {"notebook_path": "/x"}}]
iac.Job("nightly", timeout_seconds=60, tasks=tasks, opts=options)
"""
POOL = 'iac.airflow.Pool("runs", slots=2)\n'


@pytest.fixture
def airflow() -> Iterator[AirflowDouble]:
    with running_airflow_double() as double:
        yield double


def personal_token(client: WorkspaceClient) -> tuple[str, Callable[[], None]]:
    """Give a new personal access token, and how to revoke it."""
    made = client.tokens.create()
    return str(made.token_value), lambda: client.tokens.delete(str(made.token_info and made.token_info.token_id))


def client_secret(client: WorkspaceClient, principal: str) -> tuple[str, Callable[[], None]]:
    """Give a new OAuth secret of a service principal, and how to revoke it."""
    made = client.service_principal_secrets_proxy.create(principal)
    return str(made.secret), lambda: client.service_principal_secrets_proxy.delete(principal, str(made.id))


def test_rotated_tokens_are_used_by_a_plain_up(
    project: Project, workspace: Emulator, client: WorkspaceClient, airflow: AirflowDouble
) -> None:
    project.program(PROGRAM.replace("PROVIDER", "None") + POOL)
    (old, revoke), (new, _) = personal_token(client), personal_token(client)
    airflow.tokens.append("bearer-of-old")
    project.config(host=workspace.host, token=old, airflow_endpoint=airflow.endpoint, airflow_token="bearer-of-old")
    project.up()
    revoke()
    airflow.tokens.append("bearer-of-new")
    project.set_secret("airbrick:token", new)
    project.set_secret("airbrick:airflow_token", "bearer-of-new")
    # It looks at the objects before the program runs, and sees what was edited.
    (job,) = jobs(client)
    post(client, "update", job_id=job["job_id"], new_settings={"timeout_seconds": 5})
    assert project.up()["update"] == 1
    assert jobs(client)[0]["settings"]["timeout_seconds"] == 60
    assert project.up() == {"same": 3}
    said = "".join(project.logs)
    assert [secret for secret in (old, new, "bearer-of-old", "bearer-of-new") if secret in said] == []
    kept = project.run("stack", "export", "--show-secrets").stdout
    assert (old in kept, new in kept) == (False, True)
    assert ("bearer-of-old" in kept, "bearer-of-new" in kept) == (False, True)


def test_a_rotated_secret_and_password_are_used_by_refresh_and_destroy(
    project: Project, workspace: Emulator, client: WorkspaceClient, airflow: AirflowDouble
) -> None:
    project.program(PROGRAM.replace("PROVIDER", "None") + POOL)
    principal = client.service_principals.create(display_name="deployer")
    (old, revoke), (new, _) = (client_secret(client, str(principal.id)) for _ in range(2))
    project.config(
        host=workspace.host,
        client_id=principal.application_id,
        client_secret=old,
        airflow_endpoint=airflow.endpoint,
        airflow_username="admin",
        airflow_password=airflow.password,
    )
    project.up()
    revoke()
    airflow.password = "another-word"
    airflow.tokens.append("not-theirs")
    project.set_secret("airbrick:client_secret", new)
    project.set_secret("airbrick:airflow_password", "another-word")
    project.run("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    project.run("destroy", "--yes", "--skip-preview")
    assert (jobs(client), airflow.pools) == ([], {})


def test_a_provider_of_the_program_is_mended_by_the_command_that_its_error_names(
    project: Project, workspace: Emulator, client: WorkspaceClient
) -> None:
    there = f'iac.Provider("there", host="{workspace.host}", token=pulumi.Config().require_secret("there"))'
    project.program(PROGRAM.replace("PROVIDER", there))
    (old, revoke), (new, _) = personal_token(client), personal_token(client)
    project.set_secret("orders:there", old)
    project.up()
    revoke()
    project.set_secret("orders:there", new)
    refused = project.run("up", "--yes", "--skip-preview", check=False)
    assert refused.returncode != 0
    assert "run `pulumi up --refresh --run-program`" in refused.stdout + refused.stderr
    assert project.up("--refresh", "--run-program")["update"] == 1
    assert project.up() == {"same": 3}
    said = "".join(project.logs)
    assert [secret for secret in (old, new) if secret in said] == []
    kept = project.run("stack", "export", "--show-secrets").stdout
    assert (old in kept, new in kept) == (False, True)


def test_rotation_with_both_valid_for_one_up_needs_no_other_command(
    project: Project, workspace: Emulator, client: WorkspaceClient
) -> None:
    there = f'iac.Provider("there", host="{workspace.host}", token=pulumi.Config().require_secret("there"))'
    project.program(PROGRAM.replace("PROVIDER", there))
    (old, revoke), (new, _) = personal_token(client), personal_token(client)
    project.set_secret("orders:there", old)
    project.up()
    project.set_secret("orders:there", new)
    assert project.up() == {"same": 2, "update": 1}
    revoke()
    assert project.up() == {"same": 3}
