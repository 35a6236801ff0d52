"""Presets of a stack: what every resource of one environment has in common."""

import getpass
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

import pulumi

from airbrick.iac import presets
from airbrick.iac.errors import ConfigError, ProgramError
from airbrick.iac.settings.shape import ANYTHING, Shape, struct
from airbrick.iac.settings.validation import validate
from airbrick.iac.values import render_path

KEY: Final = "environment"
DEVELOPMENT_CONCURRENT_RUNS: Final = 4

Mode = Literal["development", "production"]

_TEXTS: Final = Shape("map", element=Shape("str"))
_SHAPE: Final = Shape(
    "struct",
    name="environment",
    members={
        "mode": Shape("str"),
        "user": Shape("str"),
        "name_prefix": Shape("str"),
        "tags": _TEXTS,
        "cost_tags": _TEXTS,
        "pause_schedules": Shape("bool"),
        "max_concurrent_runs": Shape("int"),
        "run_as": struct("JobRunAs"),
        "permissions": Shape("list", element=Shape("map", element=ANYTHING)),
        "cluster_policy_id": Shape("str"),
        "job_cluster": struct("ClusterSpec"),
    },
)


@dataclass(frozen=True, slots=True)
class Environment:
    """The presets of one stack, applied where the program runs, so that a preview shows them. A job's own words win.

    :param host: the Databricks workspace; empty when nothing names it.
    :param mode: ``development``: names and a tag tell whose jobs they are, schedules are paused, several runs go at
        once. ``production``: a job must run as a service principal, and must not be read from a person's folder.
    :param user: whose development stack it is; by default who runs ``pulumi``.
    :param name_prefix: put before the name of every job, such as ``"[dev] "``.
    :param tags: tags for every job.
    :param cost_tags: tags for every job and for every cluster that a job makes, for the bill.
    :param pause_schedules: whether schedules, triggers and continuous jobs are paused.
    :param max_concurrent_runs: for jobs that name none.
    :param run_as: for jobs that name none.
    :param permissions: who may do what with every job; see :class:`airbrick.iac.Permissions`.
    :param cluster_policy_id: for clusters that name none.
    :param job_cluster: a cluster of the job's own, for tasks that name no compute. Without it they run serverless.
    """

    host: str = ""
    mode: Mode | None = None
    user: str = ""
    name_prefix: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    cost_tags: Mapping[str, str] = field(default_factory=dict)
    pause_schedules: bool = False
    max_concurrent_runs: int | None = None
    run_as: Mapping[str, str] | None = None
    permissions: Sequence[Mapping[str, str]] = ()
    cluster_policy_id: str = ""
    job_cluster: Mapping[str, Any] | None = None

    @classmethod
    def from_config(cls) -> "Environment":
        """Read the presets from the stack's configuration.

        The workspace is ``airbrick:host``, or ``DATABRICKS_HOST``. The presets are one object::

            config:
              airbrick:environment:
                mode: development
                tags: {team: data}

        :raises ConfigError: a preset is unknown, has the wrong type, or does not fit the mode.
        """
        config = pulumi.Config("airbrick")
        given = config.get_object(KEY)
        host = (config.get("host") or os.environ.get("DATABRICKS_HOST", "")).rstrip("/")
        return cls(host=host, **_completed(_checked({} if given is None else given)))

    def job_settings(self, resource_name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Give a job's settings with the presets applied.

        :param resource_name: the job's name where the settings have none.
        :raises ProgramError: the job does not fit the mode.
        """
        result = dict(settings)
        if self.name_prefix:
            result["name"] = presets.prefixed(self.name_prefix, settings.get("name") or resource_name)
        if tags := {**self.tags, **self.cost_tags}:
            result["tags"] = presets.merged(tags, settings.get("tags"))
        if self.pause_schedules:
            result |= presets.paused(result)
        for name in ("max_concurrent_runs", "run_as"):
            if getattr(self, name) is not None and settings.get(name) is None:
                result[name] = getattr(self, name)
        if self.job_cluster is not None:
            result |= presets.on_default_cluster(result, self.job_cluster)
        if self.cluster_policy_id or self.cost_tags:
            result |= presets.clusters(result, self._cluster)
        if self.mode == "production":
            for path, problem, fix in _unfit_for_production(result):
                raise ProgramError(f"Job({resource_name!r}): {path}", problem=problem, fix=fix)
        return result

    def _cluster(self, cluster: Mapping[str, Any]) -> Mapping[str, Any]:
        result = dict(cluster)
        if self.cluster_policy_id and result.get("policy_id") is None:
            result["policy_id"] = self.cluster_policy_id
        if self.cost_tags:
            result["custom_tags"] = presets.merged(self.cost_tags, result.get("custom_tags"))
        return result


def _checked(given: object) -> dict[str, Any]:
    place = f"airbrick:{KEY}"
    if not isinstance(given, Mapping):
        raise ConfigError(place, problem="is not an object", fix="write it as shown in Environment.from_config")
    for finding in validate(given, _SHAPE):
        path = f"{place}.{render_path(finding.path)}"
        if finding.path[0] not in _SHAPE.fields:
            names = ", ".join(_SHAPE.fields)
            hint = finding.message.partition("; ")[2] or f"the presets are: {names}"
            raise ConfigError(path, problem="is no preset", fix=hint)
        if finding.fatal:
            raise ConfigError(path, problem=finding.message.partition("; ")[0], fix="correct it")
    if given.get("mode") not in (None, *get_args(Mode)):
        raise ConfigError(f"{place}.mode", problem="is no mode", fix=f"the modes are: {', '.join(get_args(Mode))}")
    return dict(given)


def _completed(given: dict[str, Any]) -> dict[str, Any]:
    """Fill in what a mode implies."""
    place = f"airbrick:{KEY}"
    if given.get("mode") == "production" and given.get("pause_schedules"):
        fix = "leave pause_schedules out, or pause one job by its own pause_status"
        raise ConfigError(f"{place}.pause_schedules", problem="would stop every job of a production stack", fix=fix)
    if given.get("mode") != "development":
        return given
    # An address is written as the name before its @, as Asset Bundles do.
    user = str(given.get("user") or getpass.getuser()).partition("@")[0]
    prefix = given.get("name_prefix", f"[dev {user}] ")
    if user not in prefix:
        fix = f"put {user!r} into it, or leave it out"
        raise ConfigError(f"{place}.name_prefix", problem="does not tell whose development stack it is", fix=fix)
    implied = {"pause_schedules": True, "max_concurrent_runs": DEVELOPMENT_CONCURRENT_RUNS}
    return {**implied, **given, "user": user, "name_prefix": prefix, "tags": {"dev": user, **given.get("tags", {})}}


def _unfit_for_production(settings: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    run_as = settings.get("run_as")
    fix = "set run_as: {service_principal_name: …} in airbrick:environment or in the job"
    if run_as is None:
        yield "run_as", "is missing, so the job would run as whoever deployed it", fix
    elif isinstance(run_as, Mapping) and run_as.get("user_name") is not None:
        yield "run_as.user_name", "is a person, whose jobs stop on the day the person leaves", fix
    tasks = settings.get("tasks")
    for index, task in enumerate(tasks if isinstance(tasks, list | tuple) else ()):
        for work, key in (("notebook_task", "notebook_path"), ("spark_python_task", "python_file")):
            body = task.get(work) if isinstance(task, Mapping) else None
            path = body.get(key) if isinstance(body, Mapping) else None
            if isinstance(path, str) and path.removeprefix("/Workspace").startswith("/Users/"):
                fix = "deploy the code with iac.WorkspaceFile to a folder that is nobody's own"
                yield f"tasks[{index}].{work}.{key}", "lies in a person's folder", fix
