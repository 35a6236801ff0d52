"""Who a job runs as, who may change it, and how Airflow proves who it is."""

from collections.abc import Iterator, Mapping
from typing import Final

from airbrick.iac.policies.policy import CONNECTION, JOB, PERMISSIONS, Options, ResourcePolicy, Violation, names
from airbrick.iac.values import UNKNOWN, Path, Properties


def run_as_service_principal(job: Properties, options: Options) -> Iterator[Violation]:
    """Find jobs that run as a person, who may leave."""
    del options
    run_as = job.get("run_as")
    if run_as is UNKNOWN or (isinstance(run_as, Mapping) and run_as.get("service_principal_name") is not None):
        return
    problem = "runs as a person, or as whoever deploys; set service_principal_name"
    yield Violation(("run_as", "service_principal_name"), problem)


def no_manage_for_everyone(permissions: Properties, options: Options) -> Iterator[Violation]:
    """Find objects that everyone may change."""
    for path, entry in _entries(permissions):
        if entry.get("group_name") in options["groups"] and entry.get("permission_level") in ("CAN_MANAGE", "IS_OWNER"):
            problem = f"group {entry['group_name']!r} holds everyone; give CAN_MANAGE to the team that owns it"
            yield Violation((*path, "permission_level"), problem)


def owner_is_no_group(permissions: Properties, options: Options) -> Iterator[Violation]:
    """Find groups as owners, which Databricks refuses."""
    del options
    for path, entry in _entries(permissions):
        if entry.get("permission_level") == "IS_OWNER" and entry.get("group_name") is not None:
            problem = "a group cannot own an object; name a service principal or a user as IS_OWNER"
            yield Violation((*path, "permission_level"), problem)


def no_personal_access_token(connection: Properties, options: Options) -> Iterator[Violation]:
    """Find connections that prove themselves by somebody's personal access token."""
    del options
    if connection.get("token") is not None:
        problem = "a personal access token belongs to a person and lives long; use client_id and client_secret"
        yield Violation(("token",), problem)


def _entries(permissions: Properties) -> Iterator[tuple[Path, Properties]]:
    entries = permissions.get("access_control_list")
    for index, entry in enumerate(entries if isinstance(entries, list) else []):
        if isinstance(entry, Mapping):
            yield ("access_control_list", index), dict(entry)


POLICIES: Final = (
    ResourcePolicy(
        "run-as-service-principal", "A job runs as a service principal", "advisory", (JOB,), run_as_service_principal
    ),
    ResourcePolicy(
        "no-manage-for-everyone",
        "Not everyone may change a job",
        "mandatory",
        (PERMISSIONS,),
        no_manage_for_everyone,
        (names("groups", "The groups that hold everyone.", ("users", "account users")),),
    ),
    ResourcePolicy("owner-is-no-group", "No group owns an object", "mandatory", (PERMISSIONS,), owner_is_no_group),
    ResourcePolicy(
        "no-personal-access-token",
        "Airflow signs in by OAuth, not by a person's token",
        "advisory",
        (CONNECTION,),
        no_personal_access_token,
    ),
)
