"""From a DAG that spells its jobs out to a stack that provisions them and a DAG that triggers them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from airbrick.iac.clients.databricks import Workspace
from airbrick.iac.clients.transport import Pause
from airbrick.iac.errors import IacError
from airbrick.iac.generate.errors import NothingInDagError
from airbrick.iac.generate.found import FoundJob, Wanted, find
from airbrick.iac.generate.names import distinct
from airbrick.iac.generate.program import Written, named
from airbrick.iac.generate.settings import job_inputs, mistakes
from airbrick.iac.provider.config import ProviderConfig
from airbrick.iac.resources.job_api import JobApi
from airbrick.lint.fixing import unified
from airbrick.lint.inlined.inlined import Inlined
from airbrick.lint.inlined.reading import read


@dataclass(frozen=True, slots=True)
class Brought:
    """What became of a DAG file.

    :param jobs: the jobs of the program.
    :param patch: the change of the DAG file as a unified diff, encoded as the file is; empty where there is none.
    :param left: why tasks are left as they are.
    :param notes: what to look at before the patch is applied.
    """

    jobs: Sequence[Written]
    patch: bytes
    left: Sequence[str]
    notes: Sequence[str]


def bring(path: Path) -> Brought:
    """Read a DAG file and say what becomes of it; changes nothing.

    :raises LintError: the file cannot be read.
    :raises GenerateError: nothing in it names a job.
    """
    inlined = read(path)
    left = [str(refusal) for refusal in inlined.refused]
    if not inlined.jobs and not inlined.pasted and not left:
        raise NothingInDagError(path)
    existing = named(_existing(inlined, left))
    keys = distinct([job.name for job in inlined.jobs], [job.key for job in existing])
    told: list[str | None] = []
    jobs = list(existing)
    for job, key in zip(inlined.jobs, keys, strict=True):
        inputs = job_inputs(job.settings)
        wrong = mistakes({"name": key, **inputs})
        left += [f"{path}: {job.name}: {mistake}" for mistake in wrong]
        told.append(None if wrong else key)
        jobs += [] if wrong else [Written(key, inputs)]
    after = inlined.rewritten(told, {job.job_id: job.key for job in existing})
    notes = [
        f"{job.made!r}: the DAG has made this job in the workspace; to keep it, see `airbrick generate --name`"
        for job, key in zip(inlined.jobs, told, strict=True)
        if job.made and key is not None
    ]
    if inlined.forwards_params:
        notes.append(
            "the DAG has params, which newer official operators pass on by themselves: "
            "name those that a job needs in job_parameters"
        )
    return Brought(jobs, unified(inlined.file.source, after), left, notes)


def _existing(inlined: Inlined, left: list[str]) -> list[FoundJob]:
    """Read the jobs that a file names by their ids; one that cannot be read is left as it is."""
    found: list[FoundJob] = []
    for job in inlined.pasted:
        place = f"{inlined.path}: job_id={job.job_id}"
        try:
            [read_job] = find(JobApi(Workspace(ProviderConfig(), Pause())), Wanted(ids=[job.job_id])).jobs
        except IacError as error:
            left.append(f"{place}: its settings are in the workspace, and cannot be read: {error}")
            continue
        if read_job.owned:
            left.append(f"{place}: it belongs to a stack already; name it by its key in the contract of that stack")
        else:
            found.append(read_job)
    return found
