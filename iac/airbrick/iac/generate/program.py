"""The Pulumi program and the import file for jobs that exist."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from airbrick.iac.generate.found import FoundJob, references
from airbrick.iac.generate.literal import Expression, call, literal
from airbrick.iac.generate.names import logical_names
from airbrick.iac.generate.shared import shared_clusters, with_names
from airbrick.iac.resources.job import TOKEN
from airbrick.iac.values import Properties

_HEAD: Final = '"""{origin}"""\n\nfrom airbrick import iac\n'
_OWN_PARAMETERS: Final = frozenset({"env", "extra_settings", "opts"})


@dataclass(frozen=True, slots=True)
class Written:
    """A job as the program writes it.

    :param key: its logical name.
    :param job_id: its id; empty for a job that does not exist yet.
    """

    key: str
    inputs: Properties
    job_id: str = ""


def named(jobs: Sequence[FoundJob]) -> list[Written]:
    """Give jobs of a workspace their logical names."""
    names = logical_names([(job.job_id, job.name) for job in jobs])
    return [Written(names[job.job_id], job.inputs, job.job_id) for job in jobs]


def import_file(jobs: Sequence[Written]) -> str:
    """Write the file for ``pulumi import --file``: the jobs that exist.

    Source: https://www.pulumi.com/docs/iac/guides/migration/import/#bulk-import-operations
    """
    resources = [{"type": TOKEN, "name": job.key, "id": job.job_id} for job in jobs if job.job_id]
    return json.dumps({"resources": resources}, indent=2, ensure_ascii=False) + "\n"


def program(jobs: Sequence[Written], origin: str) -> str:
    """Write a program whose preview, after the import, shows no change.

    :param origin: where the jobs come from, as a sentence for the reader.
    """
    # Between quotes of three, a backslash or more quotes would end the text or change it.
    parts = [_HEAD.format(origin=origin.replace("\\", "/").replace('"', "'"))]
    known: dict[str, Expression] = {}
    clusters = shared_clusters([job.inputs for job in jobs], [job.key for job in jobs])
    for name, settings in clusters.values():
        start = f"{name}: iac.types.ClusterSpec = "
        parts.append(f"{start}{literal(settings, used=len(start))}\n")
    for job in _in_order(jobs):
        inputs = _with_references(with_names(job.inputs, clusters), known)
        plain = {key: value for key, value in inputs.items() if key.isidentifier() and key not in _OWN_PARAMETERS}
        if extra := {key: value for key, value in inputs.items() if key not in plain}:
            plain["extra_settings"] = extra
        parts.append(f"{job.key} = {call('iac.Job', [job.key], plain, used=len(job.key) + 3)}\n")
        if job.job_id:
            known[job.job_id] = Expression(f"{job.key}.job_id")
    listed = literal([Expression(job.key) for job in jobs], used=len("iac.Contract(jobs=)"))
    parts.append(f"iac.Contract(jobs={listed})\n")
    return "\n".join(parts)


def _in_order(jobs: Sequence[Written]) -> list[Written]:
    """Put each job behind those it runs; jobs that run each other keep the id of one as it is."""
    by_id = {job.job_id: job for job in jobs if job.job_id}
    ordered: dict[str, Written] = {}
    entered: set[str] = set()
    for job in jobs:
        pending = [job]
        while pending:
            current = pending[-1]
            entered.add(current.key)
            run = [by_id[job_id] for job_id in references(current.inputs) if job_id in by_id]
            wanted = [other for other in run if other.key not in entered]
            if wanted:
                pending.append(wanted[0])
            else:
                ordered.setdefault(current.key, current)
                pending.pop()
    return list(ordered.values())


def _with_references(value: Any, known: Mapping[str, Expression], key: str = "") -> Any:  # noqa: ANN401 - JSON
    if key == "run_job_task" and isinstance(value, Mapping):
        target = known.get(str(value.get("job_id")))
        return {**value, "job_id": target} if target else dict(value)
    if isinstance(value, Mapping):
        return {inner: _with_references(item, known, inner) for inner, item in value.items()}
    if isinstance(value, list):
        return [_with_references(item, known) for item in value]
    return value
