"""Which job an operator means: a key in the contract becomes a job id, without any network."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from airbrick.contract import Contract, Job, find, load, parse, resolve_one, suggest
from airbrick.operators.errors import NotProvisionedError, UnknownJobError, UsageError

STACK_VARIABLE: Final = "AIRBRICK_STACK"


@dataclass(frozen=True, slots=True)
class Target:
    """A provisioned job, as the contract describes it.

    :param key: the job's key in the contract.
    :param source: the contract: a path, or what stands for it.
    :param tasks: task types by task key, such as ``notebook_task``.
    """

    key: str
    job_id: int
    host: str
    workspace_id: str
    fingerprint: str
    parameters: frozenset[str]
    source: str
    tasks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Cached:
    identity: tuple[int, int, int]
    contract: Contract


_cache: dict[Path, _Cached] = {}


def find_contract(
    *, contract: str | None, places: tuple[Path, ...], environ: Mapping[str, str] | None = None
) -> Path | None:
    """Find the contract file of a DAG.

    :param contract: path the DAG gives, absolute or relative to the DAG file.
    :param places: files the contract may lie beside; the first that has one wins.
    :param environ: the environment; the process's own when left out.
    :returns: ``None`` when no file is named and none is found.
    :raises ContractNotFoundError: a path that was named does not exist.
    :raises ContractAmbiguousError: several stacks fit and ``AIRBRICK_STACK`` does not choose.
    """
    environ = os.environ if environ is None else environ
    explicit = (_absolute(Path(contract).expanduser(), places),) if contract is not None else ()
    for place in places or (None,):
        if found := find(explicit=explicit, environ=environ, beside=place):
            return resolve_one(found, stack=environ.get(STACK_VARIABLE) or None)
    return None


def load_cached(path: Path) -> Contract:
    """Read a contract file, or what was read of it while it is still the same file.

    A folder of DAGs names one contract many times; a changed file has another time, size or inode.

    :raises ContractError: the file cannot be used.
    """
    try:
        status = path.stat()
    except OSError:
        return load(path)
    identity = (status.st_mtime_ns, status.st_size, status.st_ino)
    cached = _cache.get(path)
    if cached is None or cached.identity != identity:
        cached = _cache[path] = _Cached(identity, load(path))
    return cached.contract


def target_in(contract: Contract, key: str, *, source: str) -> Target:
    """Look up a job.

    :raises UnknownJobError: the contract does not have it.
    :raises NotProvisionedError: the contract is a preview and the job has no id.
    """
    job = contract.jobs.get(key)
    if job is None:
        known = tuple(sorted(contract.jobs))
        raise UnknownJobError(key, source=source, known=known, suggestion=suggest(key, known))
    if job.job_id is None:
        raise NotProvisionedError(key, source=source)
    return Target(
        key=key,
        job_id=_job_id(job, key, source),
        host=contract.workspace.host,
        workspace_id=contract.workspace.workspace_id or "",
        fingerprint=job.fingerprint or "",
        parameters=frozenset(job.parameters),
        source=source,
        tasks={key: task.type for key, task in job.tasks.items()},
    )


def target_in_text(text: str, key: str, *, source: str) -> Target:
    """Look up a job in a contract given as text.

    :raises ContractError: the text is no contract.
    """
    return target_in(parse(text, source=source), key, source=source)


def _job_id(job: Job, key: str, source: str) -> int:
    if job.job_id is None or not job.job_id.isdecimal():
        raise UsageError(f"job={key!r}", f"its id in {source} is not a number", fix="run `airbrick contract pull`")
    return int(job.job_id)


def _absolute(path: Path, places: tuple[Path, ...]) -> Path:
    return path if path.is_absolute() or not places else places[0].parent / path
