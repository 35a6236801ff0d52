"""The idempotency token: the same question to Databricks always has the same name."""

import hashlib
import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TaskKey:
    """Which task instance asks.

    :param salt: what tells two Airflow deployments apart that share a workspace.
    :param host: the workspace.
    :param job_id: the job to run.
    :param map_index: -1 for a task that is not mapped.
    :param max_tries: Airflow's own; a retry keeps it, a clear of a finished task changes it.
    """

    salt: str
    host: str
    job_id: int
    dag_id: str
    run_id: str
    task_id: str
    map_index: int
    max_tries: int


def token(key: TaskKey, k: int) -> str:
    """Name the ``k``-th run of a task instance's generation.

    Databricks starts exactly one run for a token and answers with that run whenever the token comes again.
    The fields are joined as JSON, so that no two keys share a token.

    Source: Jobs API 2.2 ``run-now``, ``idempotency_token``: at most 64 characters.

    :param k: counts the runs of one generation, from 0.
    :returns: 64 hexadecimal digits.
    """
    fields = [
        key.salt,
        key.host,
        key.job_id,
        key.dag_id,
        key.run_id,
        key.task_id,
        key.map_index,
        key.max_tries,
        k,
    ]
    return hashlib.sha256(json.dumps(fields).encode()).hexdigest()
