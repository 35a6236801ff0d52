"""What is checked when a task runs: that the job is the one the contract describes."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from airbrick.contract import (
    FILE_PATTERN,
    FINGERPRINT_TAG,
    ContractError,
    ContractNotFoundError,
    fingerprint_tag,
)
from airbrick.operators.authoring.target import Target, target_in_text
from airbrick.operators.errors import (
    ContractMissingError,
    JobDeletedError,
    NotFoundError,
    StaleContractError,
    UsageError,
    WrongWorkspaceError,
)
from airbrick.operators.workspace import wire
from airbrick.operators.workspace.connection import normal_host

if TYPE_CHECKING:
    import logging

    from airbrick.operators.workspace.client import WorkspaceClient

CONTRACT_VARIABLE: Final = "airbrick_contract"


def target_of_variable(job: str | None) -> Target | None:
    """Look a job up in the Airflow Variable, where no contract file was found at parse.

    :param job: the job's key; ``None`` when the operator names a job id.
    :raises ContractMissingError: there is no contract, or Airflow cannot tell.
    :raises UsageError: the job cannot be taken from it.
    """
    if job is None:
        return None
    from airflow.sdk import Variable

    text = Variable.get(CONTRACT_VARIABLE, default=None)
    if text is None:
        # Airflow says so also while its API cannot be reached.
        in_airflow = f"no Airflow Variable {CONTRACT_VARIABLE!r}, or Airflow could not tell at present"
        missing = ContractNotFoundError([f"no {FILE_PATTERN} beside the DAG file or above it", in_airflow])
        raise ContractMissingError(job, str(missing))
    try:
        return target_in_text(str(text), job, source=f"Airflow Variable {CONTRACT_VARIABLE!r}")
    except ContractError as error:
        raise UsageError(f"job={job!r}", str(error), fix="then parse the DAG again") from error


def check_job(client: "WorkspaceClient", target: Target | None, *, stale_fails: bool, log: "logging.Logger") -> None:
    """Check that connection, workspace and job are those the contract describes.

    :param target: the job as the contract describes it; ``None`` where nothing is checked.
    :param stale_fails: refuse a job that changed since the contract was written, instead of warning.
    :raises WrongWorkspaceError: the connection leads elsewhere.
    :raises JobDeletedError: the job does not exist.
    :raises StaleContractError: it changed, and that is to be refused.
    """
    if target is None:
        return
    _check_workspace(client, target)
    try:
        body = client.call(wire.get_job(target.job_id))
    except NotFoundError as error:
        fix = f"run `pulumi up` and deploy the contract again ({target.source})"
        raise JobDeletedError(target.job_id, host=target.host, fix=fix) from error
    if _is_stale(target, body):
        stale = StaleContractError(target.key, source=target.source)
        if stale_fails:
            raise stale
        log.warning("%s", stale)


def _check_workspace(client: "WorkspaceClient", target: Target) -> None:
    signed_in = client.signed_in()
    conn_id, host = signed_in.settings.conn_id, signed_in.settings.host
    if normal_host(target.host) != host:
        raise WrongWorkspaceError(conn_id, expected=target.host, found=host, source=target.source)
    # Not every workspace tells its id.
    if target.workspace_id and signed_in.workspace_id not in {"", target.workspace_id}:
        raise WrongWorkspaceError(
            conn_id,
            expected=f"workspace {target.workspace_id}",
            found=f"workspace {signed_in.workspace_id}",
            source=target.source,
        )


def _is_stale(target: Target, body: Mapping[str, Any]) -> bool:
    tags = (body.get("settings") or {}).get("tags") or {}
    found = tags.get(FINGERPRINT_TAG)
    return bool(found and target.fingerprint and found != fingerprint_tag(target.fingerprint))
