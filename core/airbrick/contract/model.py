"""What a stack provisioned, as the linter and the operators see it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

VERSION: Final = 1

OWNER_TAG: Final = "airbrick_owner"
"""Job tag that names the stack and the resource a job belongs to."""

FINGERPRINT_TAG: Final = "airbrick_fingerprint"
"""Job tag that holds the fingerprint of the settings the job was provisioned with."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """The Databricks workspace of a stack.

    :param host: address with scheme, without a trailing slash.
    :param workspace_id: numeric id as text, where the workspace tells it.
    """

    host: str
    workspace_id: str | None = None


@dataclass(frozen=True, slots=True)
class Connection:
    """An Airflow connection the stack provisions. It holds no secret.

    :param conn_type: Airflow's connection type, such as ``databricks``.
    :param auth: the way it authenticates, such as ``service_principal_oauth``.
    """

    conn_type: str
    auth: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A job parameter.

    :param default: the value used when a run gives none.
    """

    default: str


@dataclass(frozen=True, slots=True)
class Task:
    """A task of a job.

    :param type: the settings key that makes the task what it is, such as ``notebook_task``.
    :param depends_on: task keys this task waits for, sorted.
    :param code: what it runs: a notebook's path, a Python file's, or ``package:entry_point`` of a wheel; empty where
        the kind of task has no such place.
    """

    type: str
    depends_on: tuple[str, ...] = ()
    code: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """A provisioned job.

    :param job_id: the id as text (ids pass 2^53); ``None`` in a preview of a job that does not exist yet.
    :param name: the name in the workspace.
    :param url: the job's page; ``None`` in a preview of a job that does not exist yet.
    :param fingerprint: hash of the canonical settings; ``None`` where a preview cannot know them.
    :param timeout_seconds: 0 means no time-out, as in the Jobs API.
    :param has_schedule: whether Databricks starts the job by itself (schedule, trigger, triggers or continuous).
    :param run_as: the identity runs use, as the Jobs API gives it.
    """

    job_id: str | None
    name: str
    url: str | None = None
    fingerprint: str | None = None
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    tasks: Mapping[str, Task] = field(default_factory=dict)
    max_concurrent_runs: int = 1
    queue_enabled: bool = False
    timeout_seconds: int = 0
    has_schedule: bool = False
    run_as: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Contract:
    """Everything one stack provisions for DAGs.

    :param project: the Pulumi project.
    :param stack: the stack's name; one stack is one environment.
    :param jobs: jobs by their key, the name DAGs use.
    :param files: paths in the workspace of the notebooks and files the stack deploys, as far as the program tells.
    """

    project: str
    stack: str
    workspace: Workspace
    connections: Mapping[str, Connection] = field(default_factory=dict)
    jobs: Mapping[str, Job] = field(default_factory=dict)
    files: tuple[str, ...] = ()
