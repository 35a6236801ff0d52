"""What importing our operators adds to a DAG file that already imports Airflow's SDK."""

import os
import subprocess
import sys
import tempfile

from bench.table import compare, report

TIMED = """
import time
start = time.perf_counter()
{statement}
print(time.perf_counter() - start)
"""


def _seconds_of(statement: str) -> float:
    with tempfile.TemporaryDirectory() as home:
        said = subprocess.run(
            [sys.executable, "-c", TIMED.format(statement=statement)],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "AIRFLOW_HOME": home},
        )
    return float(said.stdout.splitlines()[-1])


def run() -> None:
    """Measure ``from airbrick.operators import RunNowOperator`` against what any DAG file imports."""
    sdk = "from airflow.sdk import DAG, BaseOperator"
    operator = f"{sdk}\nfrom airbrick.operators import RunNowOperator"
    report(
        "import_operators",
        [
            compare(
                "import time in a fresh process",
                ours=("airflow.sdk and RunNowOperator", lambda: _seconds_of(operator)),
                other=("airflow.sdk alone", lambda: _seconds_of(sdk)),
                rounds=7,
            ),
            compare(
                "import time of the package in a fresh process",
                ours=("airbrick.operators", lambda: _seconds_of("import airbrick.operators")),
                other=("airflow.sdk", lambda: _seconds_of("import airflow.sdk")),
                rounds=7,
            ),
        ],
    )
