"""Writing a contract: the same contract is always the same bytes."""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from airbrick.contract.model import VERSION, Contract, Job, Task


def to_document(contract: Contract) -> dict[str, Any]:
    """Give the contract as plain JSON values."""
    return {
        "contract": VERSION,
        "project": contract.project,
        "stack": contract.stack,
        "workspace": {"host": contract.workspace.host, "workspace_id": contract.workspace.workspace_id},
        "connections": {
            key: {"conn_type": connection.conn_type, "auth": connection.auth}
            for key, connection in contract.connections.items()
        },
        "jobs": {key: _job(job) for key, job in contract.jobs.items()},
        **({"files": sorted(contract.files)} if contract.files else {}),
    }


def dumps(contract: Contract) -> str:
    """Give the contract's canonical text: keys sorted, two spaces of indent, one newline at the end."""
    return json.dumps(to_document(contract), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def write(path: Path, contract: Contract) -> None:
    """Write a contract file so that a reader sees the old text or the new one, never half of it.

    :raises OSError: the folder is missing or not writable.
    """
    # Who only reads contracts does not pay for the import.
    import tempfile

    text = dumps(contract).encode()
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def fingerprint(settings: Mapping[str, Any]) -> str:
    """Hash canonical job settings.

    Equal settings give equal text, whatever the order of their keys.

    :param settings: JSON values.
    :returns: ``sha256:`` and 64 hexadecimal digits.
    """
    canonical = json.dumps(settings, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"


def fingerprint_tag(fingerprint: str) -> str:
    """Give the value of :data:`FINGERPRINT_TAG` for a fingerprint.

    The full digest does not fit into a tag on every cloud (Google Cloud: 63 characters, no colon).

    :param fingerprint: as :func:`fingerprint` gives it.
    :returns: the first 32 hexadecimal digits.
    """
    return fingerprint.removeprefix("sha256:")[:32]


def _job(job: Job) -> dict[str, Any]:
    return {
        "job_id": job.job_id,
        "name": job.name,
        "url": job.url,
        "fingerprint": job.fingerprint,
        "parameters": {name: {"default": parameter.default} for name, parameter in job.parameters.items()},
        "tasks": {key: _task(task) for key, task in job.tasks.items()},
        "max_concurrent_runs": job.max_concurrent_runs,
        "queue_enabled": job.queue_enabled,
        "timeout_seconds": job.timeout_seconds,
        "has_schedule": job.has_schedule,
        "run_as": dict(job.run_as),
        "tags": dict(job.tags),
    }


def _task(task: Task) -> dict[str, Any]:
    document: dict[str, Any] = {"type": task.type, "depends_on": sorted(task.depends_on)}
    return {**document, "code": task.code} if task.code else document
