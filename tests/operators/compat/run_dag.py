"""Runs a DAG on the Airflow of this environment; started by ``test_versions.py`` with the DAG's folder."""

import json
import subprocess
import sys
from importlib.metadata import version
from typing import Any


def main(folder: str) -> int:
    """Parse the DAG file, run it through, and print what came of it as the last line."""
    subprocess.run([sys.executable, "-m", "airflow", "db", "migrate"], check=True, stdout=subprocess.DEVNULL)
    try:
        from airflow.dag_processing.dagbag import DagBag
    except ImportError:
        from airflow.models.dagbag import DagBag  # type: ignore[no-redef]  # before Airflow 3.2

    kind: Any = DagBag
    bag = kind(folder, include_examples=False)
    assert bag.import_errors == {}, bag.import_errors
    states = {}
    for dag_id, dag in sorted(bag.dags.items()):
        dag_run = dag.test()
        states[dag_id] = str(getattr(dag_run.state, "value", dag_run.state))
    found = {"airflow": version("apache-airflow"), "states": states, "waiting": waiting()}
    sys.stdout.write(json.dumps(found) + "\n")
    return 0


def waiting() -> int:
    """Count the deferred tasks as the page in Airflow's web server does, whose names are Airflow's own."""
    from airflow.api_fastapi.core_api.security import PermittedTIFilter
    from airflow.utils.session import create_session

    from airbrick.operators.plugin import AirbrickPlugin
    from airbrick.operators.web.app import app
    from airbrick.operators.web.waiting import waiting_tasks

    assert app.routes
    assert AirbrickPlugin.external_views
    with create_session() as session:
        return waiting_tasks(session, PermittedTIFilter({"deferred"}))[1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
