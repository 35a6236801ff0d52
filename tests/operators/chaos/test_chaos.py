"""Whatever is killed, cut or cleared: one active run at a time, none without need, and the task comes right."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.emulator.provider.environment import LOCK as PROVIDER
from tests.emulator.provider.environment import packages_of
from tests.operators.chaos import cluster, table
from tests.operators.chaos.cells import Cell, chosen
from tests.operators.chaos.matrix import Outcome, Row, prepared
from tests.operators.chaos.processes import Deployment
from tests.operators.chaos.steps import OURS

pytestmark = [pytest.mark.end_to_end, pytest.mark.slow]

WHAT = os.environ.get("AIRBRICK_MATRIX", "")
CHOSEN = chosen(WHAT)


@pytest.fixture(scope="session")
def provider() -> Path | None:
    """The official provider's packages, whose operator has the column beside ours in the long runs."""
    if not WHAT or os.environ.get("AIRBRICK_OFFICIAL") == "0":
        return None
    try:
        return packages_of(PROVIDER)
    except (OSError, subprocess.SubprocessError):
        if os.environ.get("AIRBRICK_REQUIRE_ALL"):
            raise
        return None


@contextmanager
def small(home: Path) -> Iterator[Deployment]:
    """One machine with a few tasks: SQLite will do."""
    yield Deployment()


@pytest.fixture(scope="session")
def outcomes(tmp_path_factory: pytest.TempPathFactory, provider: Path | None) -> dict[str, Outcome | str]:
    """Start an Airflow of each kind once and run all of its rows; what is missing for one is said in its place."""
    began, done = time.monotonic(), list[Row]()
    found: dict[str, Outcome | str] = {}

    def judged() -> None:
        table.write(done, what=WHAT, took_s=time.monotonic() - began)

    alone, together = ([cell for cell in CHOSEN if cell.cluster is many] for many in (False, True))
    for made, cells in ((cluster.one_machine if WHAT else small, alone), (cluster.celery, together)):
        if not cells:
            continue
        home = tmp_path_factory.mktemp("chaos")
        try:
            with made(home) as deployment, prepared(home, cells, deployment, provider) as matrix:
                done.extend(matrix.rows)
                matrix.run(judged)
        except cluster.MissingError as error:
            found |= {cell.name: str(error) for cell in cells}
    return found | {row.cell.name: row.outcome for row in done if row.operator == OURS and row.outcome is not None}


@pytest.mark.parametrize("cell", CHOSEN, ids=lambda cell: cell.name)
def test_the_task_comes_right_with_one_run_at_a_time(cell: Cell, outcomes: dict[str, Outcome | str]) -> None:
    outcome = outcomes[cell.name]
    if isinstance(outcome, str):
        pytest.skip(outcome)
    assert outcome.faults(cell) == []
