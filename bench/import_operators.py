"""What importing our operators adds to a DAG file that already imports Airflow's SDK, beside the official module."""

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.emulator.provider.environment import LOCK, packages_of

from bench.compiled import compiled
from bench.table import Comparison, report

ROUNDS = 15
SDK, OURS, OFFICIAL = "from airflow.sdk import DAG, BaseOperator", "airbrick.operators", "the official module"
_ADDED = {
    OURS: "from airbrick.operators import RunNowOperator",
    OFFICIAL: "from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator",
}
_TIMED = """
import time
{first}
start = time.perf_counter()
{added}
print(time.perf_counter() - start)
"""


def _seconds(first: str, added: str, environment: dict[str, str]) -> float:
    program = _TIMED.format(first=first, added=added)
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    return float(said.stdout.splitlines()[-1])


def run() -> None:
    """Measure ``from airbrick.operators import RunNowOperator`` after what any DAG file imports."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        environment = {**compiled(home / "compiled"), "AIRFLOW_HOME": str(home / "airflow")}
        official = {**environment, "PYTHONPATH": str(packages_of(LOCK))}
        taken = [
            (
                _seconds(SDK, _ADDED[OURS], environment),
                _seconds(SDK, _ADDED[OFFICIAL], official),
                _seconds("", SDK, environment),
            )
            # The first round compiles.
            for _ in range(ROUNDS + 1)
        ][1:]
    ours, officials, sdk = zip(*taken, strict=True)
    what = "import in a fresh process that has imported airflow.sdk"
    report(
        "import_operators",
        [
            Comparison(what, OURS, OFFICIAL, ours, officials, "≤ 60 ms, ratio < 1"),
            Comparison("the same beside the import of airflow.sdk", OURS, "airflow.sdk", ours, sdk),
        ],
    )
