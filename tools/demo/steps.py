"""The demo's steps, in order."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.demo.errors import UnexpectedError
from tools.demo.follow import RUN_DATE, TASK, follow, trigger
from tools.demo.lint import Finding, lint
from tools.demo.stage import DAG

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.demo.display import Display
    from tools.demo.pulumi import Update
    from tools.demo.stage import Stage

_SHOWN_TOTALS = 5


@dataclass(frozen=True)
class Outcome:
    """What the demo saw.

    :param provisioned: what the first `up` made
    :param clean: findings in the good DAGs: none
    :param mistakes: findings in the bad ones
    :param times: states of the run, with the second each was first seen
    :param result: what the job returned, through Airflow
    :param dag_run_id: the DAG run
    :param run_page_url: page of the run in the workspace
    """

    provisioned: Update
    clean: Sequence[Finding]
    mistakes: Sequence[Finding]
    times: Sequence[tuple[float, str]]
    result: dict[str, Any]
    dag_run_id: str
    run_page_url: str


def play(stage: Stage, display: Display) -> Outcome:
    """Run the whole way of the data once.

    :raises DemoError: when a step fails, or gives another result than it should
    """
    with display.step("Start a local Databricks workspace and Airflow") as say:
        stage.copy_stack()
        stage.start_servers()
        say(f"{stage.workspace.host}, {stage.airflow.url}")
    with display.step("pulumi up") as say:
        stage.make_stack()
        provisioned = stage.pulumi.up()
        say(str(provisioned))
    # It needs a few seconds before it looks for DAGs.
    stage.start_dag_processor()
    with display.step("pulumi up again") as say:
        again = stage.pulumi.up()
        if not again.unchanged:
            raise UnexpectedError("the second pulumi up", "no change", str(again))
        say("unchanged")
    with display.step("airbrick lint") as say:
        clean, mistakes = _lint(stage)
        say(f"dags/ clean, lint_examples/ {len(mistakes)} findings")
    with display.step("Wait for Airflow to parse the DAG"):
        stage.wait_for_dag()
    with display.step(f"Trigger {DAG} for {RUN_DATE}") as say:
        dag_run_id = trigger(stage)
        say(dag_run_id)
    job_id = json.loads(stage.contract.read_text(encoding="utf-8"))["jobs"][DAG]["job_id"]
    times = display.follow(follow(stage, dag_run_id, job_id))
    result = stage.api.xcom(DAG, dag_run_id, TASK, "return_value")
    url = stage.api.xcom(DAG, dag_run_id, TASK, "run_page_url")
    return Outcome(provisioned, clean, mistakes, times, result, dag_run_id, url)


def _lint(stage: Stage) -> tuple[list[Finding], list[Finding]]:
    clean = lint(stage, "dags")
    if clean:
        raise UnexpectedError("airbrick lint dags", "no finding", f"{clean[0].code} {clean[0].message}")
    mistakes = lint(stage, "lint_examples")
    if not mistakes:
        raise UnexpectedError("airbrick lint lint_examples", "the seeded mistakes", "no finding")
    return clean, mistakes


def summarise(stage: Stage, outcome: Outcome, display: Display) -> None:
    """Show what was provisioned, found and computed, and where to look."""
    display.table("Provisioned", outcome.provisioned.resources)
    counts = Counter(finding.code for finding in outcome.mistakes)
    examples = {finding.code: finding for finding in reversed(outcome.mistakes)}
    display.table(
        "Findings in lint_examples/",
        [(code, f"{count}x", f"{Path(examples[code].path).name}:{examples[code].line}", examples[code].message)
         for code, count in sorted(counts.items())],
    )  # fmt: skip
    if display.console.is_interactive:
        # Elsewhere each state was printed as it came.
        display.table("The run", [(f"{elapsed_s:.1f} s", state) for elapsed_s, state in outcome.times])
    display.table("The job's result", [(key, _near(str(value))) for key, value in outcome.result.items()])
    display.table(f"Largest totals of {RUN_DATE}", _totals(stage))
    # The stack's own copy goes with the run.
    contract = shutil.copy2(stage.contract, stage.folder.data)
    links = [
        ("Airflow", f"{stage.airflow.url}/dags/{DAG}/runs/{outcome.dag_run_id}"),
        ("Databricks run", outcome.run_page_url),
        ("contract", _near(str(contract))),
        ("logs", _near(str(stage.folder.logs))),
    ]
    display.table("Where to look", links)


def _near(text: str) -> str:
    """Shorten a path in the folder the demo was started in."""
    return text.removeprefix(f"{Path.cwd()}/")


def _totals(stage: Stage) -> list[tuple[str, ...]]:
    [file] = stage.folder.data.rglob(f"{RUN_DATE}.csv")
    return [tuple(row) for row in read_rows(file)[: _SHOWN_TOTALS + 1]]


def read_rows(file: Path) -> list[list[str]]:
    """Read a result file of the job."""
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))
