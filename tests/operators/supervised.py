"""Runs one task in a process of its own, as Airflow's executors do; started by ``test_worker.py``."""

import json
import sys
from typing import Any

from airflow.sdk.api.datamodels._generated import BundleInfo, TaskInstance
from airflow.sdk.execution_time.supervisor import InProcessTestSupervisor, supervise_task


def main() -> int:
    """Run the task instance that standard input describes."""
    described, dag_file = json.loads(sys.stdin.readline())
    kind: Any = InProcessTestSupervisor
    supervise: Any = supervise_task
    exit_code: int = supervise(
        ti=TaskInstance.model_validate(described),
        bundle_info=BundleInfo(name="dags-folder"),
        dag_rel_path=dag_file,
        token="",
        client=kind._api_client(),
        subprocess_logs_to_stdout=True,
    )
    return exit_code


if __name__ == "__main__":
    sys.exit(main())
