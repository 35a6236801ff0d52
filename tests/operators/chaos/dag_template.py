"""The DAG file of the matrix: a task for each row, whose worker dies where the row says. Filled in by the suite."""

import json
import os
import time
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from airflow.sdk import DAG

from airbrick.operators import RunNowOperator

HOME = Path(__file__).parent.parent
ROWS = json.loads((HOME / "rows.json").read_text(encoding="utf-8"))


def arm(row: dict[str, Any]) -> None:
    """Let this process die before a call; once, because its successor finds the mark."""
    owner = getattr(import_module(row["module"]), row["owner"])
    original, mark, calls = getattr(owner, row["method"]), HOME / f"{row['key']}.mark", 0

    def dying(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == row["call"] and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), row["signal"])
            time.sleep(5)
        return original(*args, **kwargs)

    setattr(owner, row["method"], dying)


for row in ROWS:
    with DAG(row["key"], schedule=None, start_date=datetime(2026, 1, 1, tzinfo=UTC)):
        RunNowOperator(
            task_id="etl",
            job=row["key"],
            retries=4,
            retry_delay=timedelta(seconds=1),
            poll_interval=2,
            pre_execute=(lambda _, row=row: arm(row)) if row["module"] else None,
        )
