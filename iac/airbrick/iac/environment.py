"""Presets of a stack: what every resource of one environment has in common."""

import getpass
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Final, Literal, get_args

import pulumi

from airbrick.iac import presets
from airbrick.iac.errors import ConfigError, ProgramError
from airbrick.iac.policies.code import personal_paths
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
        once. ``production``: a job must run as a service principal, and must not be read from a person's folder, as
        far as its settings are known when the program runs.
    :param user: whose development stack it is; by default who runs ``pulumi``.
    :param name_prefix: put before the name of every job; in development by default ``"[dev <user>] "``.
    :param tags: tags for every job.
    :param cost_tags: tags for every job and for every cluster that a job makes, for the bill.
    :param pause_schedules: whether schedules, triggers and continuous jobs are paused; by default in development.
    :param max_concurrent_runs: for jobs that name none; in development by default 4.
    :param run_as: for jobs that name none.
    :param permissions: who may do what with every job; see :class:`airbrick.iac.Permissions`.
    :param cluster_policy_id: for clusters that name none.
    :param job_cluster: a cluster of the job's own, for tasks that name no compute. Without it they run serverless.
    :raises ProgramError: a preset does not fit the mode.
    """

    host: str = ""
    mode: Mode | None = None
    user: str = ""
    name_prefix: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    cost_tags: Mapping[str, str] = field(default_factory=dict)
    pause_schedules: bool | None = None
    max_concurrent_runs: int | None = None
    run_as: Mapping[str, str] | None = None
    permissions: Sequence[Mapping[str, str]] = ()
    cluster_policy_id: str = ""
    job_cluster: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        """Fill in what the mode implies."""
        given = {each.name: getattr(self, each.name) for each in fields(self)}
        given = {name: value for name, value in given.items() if value not in (None, "")}
        for name, problem, fix in _misfits(given):
            raise ProgramError(f"Environment({name}=…)", problem=problem, fix=fix)
        for name, value in _implied(given).items():
            object.__setattr__(self, name, value)

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
        return cls(host=host, **_checked({} if given is None else given))

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
    for name, problem, fix in _misfits(given):
        raise ConfigError(f"{place}.{name}", problem=problem, fix=fix)
    return dict(given)


def _misfits(given: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Find presets that do not fit the mode: their names, what is wrong, and what to do."""
    mode = given.get("mode")
    if mode not in (None, *get_args(Mode)):
        yield "mode", "is no mode", f"the modes are: {', '.join(get_args(Mode))}"
    if mode == "production" and given.get("pause_schedules"):
        fix = "leave pause_schedules out, or pause one job by its own pause_status"
        yield "pause_schedules", "would stop every job of a production stack", fix
    if mode == "development" and "name_prefix" in given and (user := _user(given)) not in given["name_prefix"]:
        yield "name_prefix", "does not tell whose development stack it is", f"put {user!r} into it, or leave it out"


def _implied(given: Mapping[str, Any]) -> dict[str, Any]:
    """Give the presets that follow from the mode where none are given."""
    if given.get("mode") != "development":
        return {"pause_schedules": given.get("pause_schedules", False)}
    user = _user(given)
    return {
        "user": user,
        "name_prefix": given.get("name_prefix", f"[dev {user}] "),
        "tags": {"dev": user, **given["tags"]},
        "pause_schedules": given.get("pause_schedules", True),
        "max_concurrent_runs": given.get("max_concurrent_runs", DEVELOPMENT_CONCURRENT_RUNS),
    }


def _user(given: Mapping[str, Any]) -> str:
    try:
        user = str(given.get("user") or getpass.getuser())
    except (KeyError, OSError) as error:
        # In a container the user's number often has no name.
        problem = "is not given, and this system has no name for who runs it"
        raise ConfigError(f"airbrick:{KEY}.user", problem=problem, fix="set it to the name of the developer") from error
    # An address is written as the name before its @, as Asset Bundles do.
    return user.partition("@")[0]


def _unfit_for_production(settings: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    run_as = settings.get("run_as")
    fix = "set run_as: {service_principal_name: …} in airbrick:environment or in the job"
    if run_as is None:
        yield "run_as", "is missing, so the job would run as whoever deployed it", fix
    elif isinstance(run_as, Mapping) and run_as.get("user_name") is not None:
        yield "run_as.user_name", "is a person, whose jobs stop on the day the person leaves", fix
    elif isinstance(run_as, Mapping) and run_as.get("service_principal_name") in (None, ""):
        yield "run_as", "names no service principal, so the job would not run as one", fix
    for path, _ in personal_paths(settings):
        fix = "deploy the code with iac.WorkspaceFile to a folder that is nobody's own"
        yield render_path(path), "lies in a person's folder", fix
