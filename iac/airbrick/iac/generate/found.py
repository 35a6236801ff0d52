"""The jobs of a workspace that are to be brought under Pulumi."""

import fnmatch
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from airbrick.contract import OWNER_TAG
from airbrick.iac.generate.errors import NothingFoundError
from airbrick.iac.resources.job import untagged
from airbrick.iac.resources.job_api import JobApi
from airbrick.iac.resources.job_import import imported
from airbrick.iac.values import Properties


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which jobs.

    :param names: globs on the job's name; none means any.
    :param tags: tags that a job must have; ``None`` as a value means any value.
    :param ids: ids; with them, nothing else is looked at.
    """

    names: Sequence[str] = ()
    tags: Mapping[str, str | None] = field(default_factory=dict)
    ids: Sequence[str] = ()

    def fits(self, settings: Mapping[str, Any]) -> bool:
        """Tell whether a job's name and tags are what is wanted."""
        name, tags = str(settings.get("name", "")), settings.get("tags") or {}
        named = not self.names or any(fnmatch.fnmatchcase(name, pattern) for pattern in self.names)
        return named and all(key in tags and (value is None or tags[key] == value) for key, value in self.tags.items())

    def __str__(self) -> str:
        tags = (key if value is None else f"{key}={value}" for key, value in self.tags.items())
        return ", ".join((*map(repr, self.names), *(f"tag {tag}" for tag in tags)))


@dataclass(frozen=True, slots=True)
class FoundJob:
    """A job and the inputs of the resource that stands for it.

    :param inputs: the settings as a person would write them down.
    :param owned: whether it belongs to a stack already.
    """

    job_id: str
    name: str
    inputs: Properties
    owned: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What a workspace holds.

    :param jobs: the jobs to bring, by name.
    :param owned: names of jobs that fit but belong to a stack already.
    """

    jobs: Sequence[FoundJob]
    owned: Sequence[str] = ()


def find(api: JobApi, wanted: Wanted) -> Found:
    """Read the wanted jobs.

    :raises NothingFoundError: no job fits.
    :raises IacError: the workspace refuses, or a job of a given id does not exist.
    """
    if wanted.ids:
        return Found([_read(api, job_id) for job_id in wanted.ids])
    seen = list(api.listed())
    fitting = [(job_id, settings) for job_id, settings in seen if wanted.fits(settings)]
    owned = {job_id: str(settings["name"]) for job_id, settings in fitting if OWNER_TAG in (settings.get("tags") or {})}
    free = [job_id for job_id, _ in fitting if job_id not in owned]
    if not free and not owned:
        raise NothingFoundError(str(wanted), len(seen))
    jobs = sorted((_read(api, job_id) for job_id in free), key=lambda job: (job.name, job.job_id))
    return Found(jobs, sorted(owned.values()))


def _read(api: JobApi, job_id: str) -> FoundJob:
    remote = api.get(job_id)
    inputs = imported(untagged(remote.settings), remote.creator)
    owned = OWNER_TAG in (remote.settings.get("tags") or {})
    return FoundJob(job_id, str(inputs.get("name", "")), inputs, owned)


def references(inputs: Properties) -> Iterator[str]:
    """Give the ids of the jobs that a job runs."""
    for task in inputs.get("tasks", ()):
        for holder in (task, (task.get("for_each_task") or {}).get("task") or {}):
            if (target := holder.get("run_job_task")) and "job_id" in target:
                yield str(target["job_id"])
