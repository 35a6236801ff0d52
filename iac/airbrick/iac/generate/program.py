"""The Pulumi program and the import file for jobs that exist."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from airbrick.iac.generate.found import FoundJob, references
from airbrick.iac.generate.literal import Expression, call, literal
from airbrick.iac.generate.names import logical_names
from airbrick.iac.resources.job import TOKEN

_HEAD: Final = '"""The jobs of a workspace, as they were found in {host}."""\n\nfrom airbrick import iac\n'
_OWN_PARAMETERS: Final = frozenset({"env", "extra_settings", "opts"})


def import_file(jobs: Sequence[FoundJob]) -> str:
    """Write the file for ``pulumi import --file``.

    Source: https://www.pulumi.com/docs/iac/guides/migration/import/#bulk-import-operations
    """
    names = _names(jobs)
    resources = [{"type": TOKEN, "name": names[job.job_id], "id": job.job_id} for job in jobs]
    return json.dumps({"resources": resources}, indent=2, ensure_ascii=False) + "\n"


def program(jobs: Sequence[FoundJob], host: str) -> str:
    """Write a program whose preview, after the import, shows no change.

    :param host: the workspace, for the reader.
    """
    names = _names(jobs)
    parts = [_HEAD.format(host=host)]
    written: set[str] = set()
    for job in _in_order(jobs):
        name = names[job.job_id]
        known = {job_id: Expression(f"{names[job_id]}.job_id") for job_id in written}
        inputs = _with_references(job.inputs, known)
        plain = {key: value for key, value in inputs.items() if key.isidentifier() and key not in _OWN_PARAMETERS}
        if extra := {key: value for key, value in inputs.items() if key not in plain}:
            plain["extra_settings"] = extra
        parts.append(f"{name} = {call('iac.Job', [name], plain, used=len(name) + 3)}\n")
        written.add(job.job_id)
    listed = literal([Expression(names[job.job_id]) for job in jobs], used=len("iac.Contract(jobs=)"))
    parts.append(f"iac.Contract(jobs={listed})\n")
    return "\n".join(parts)


def _names(jobs: Sequence[FoundJob]) -> Mapping[str, str]:
    return logical_names([(job.job_id, job.name) for job in jobs])


def _in_order(jobs: Sequence[FoundJob]) -> list[FoundJob]:
    """Put each job behind those it runs; jobs that run each other keep the id of one as it is."""
    by_id = {job.job_id: job for job in jobs}
    ordered: dict[str, FoundJob] = {}
    entered: set[str] = set()
    for job in jobs:
        pending = [job.job_id]
        while pending:
            job_id = pending[-1]
            entered.add(job_id)
            wanted = [other for other in references(by_id[job_id]) if other in by_id and other not in entered]
            if wanted:
                pending.append(wanted[0])
            else:
                ordered.setdefault(job_id, by_id[job_id])
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
