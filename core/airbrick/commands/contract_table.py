"""A contract as tables; where they would not fit, a job for each paragraph."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.measure import measure_renderables
from rich.table import Column, Table
from rich.text import Text

from airbrick.contract import Contract, Job


def show(path: Path, item: Contract) -> None:
    """Print a contract for people.

    :param path: where it was found.
    """
    console = Console()
    title = f"{item.project}/{item.stack} at {item.workspace.host}"
    console.print(Text(title, style="bold"), Text(f"({path})", style="dim"), soft_wrap=True)
    jobs = [_job(key, job) for key, job in sorted(item.jobs.items())]
    connections = [
        {"connection": key, "type": connection.conn_type, "authenticates by": connection.auth}
        for key, connection in sorted(item.connections.items())
    ]
    for rows in (jobs, connections):
        if rows:
            _print(console, rows)


def _job(key: str, job: Job) -> Mapping[str, str]:
    parameters = ", ".join(f"{name}={value.default!r}" for name, value in sorted(job.parameters.items()))
    return {
        "job": key,
        "id": job.job_id or "not made yet",
        "name": job.name,
        "parameters": parameters or "none",
        "tasks": ", ".join(job.tasks) or "none",
        "runs at once": f"{job.max_concurrent_runs}{', then queued' if job.queue_enabled else ''}",
        "starts itself": "yes" if job.has_schedule else "no",
    }


def _print(console: Console, rows: Sequence[Mapping[str, str]]) -> None:
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*map(Text, row.values()))
    unbounded = console.options.update_width(sys.maxsize)
    if measure_renderables(console, unbounded, [table]).maximum <= console.width:
        console.print(table)
        return
    for row in rows:
        (_, name), *rest = row.items()
        console.print(Text(name, style="bold"))
        # Folded and never cut: half of an id or a key is of no use.
        paragraph = Table(
            Column(no_wrap=True), Column(overflow="fold"), box=None, show_header=False, padding=(0, 0, 0, 2)
        )
        for title, value in rest:
            paragraph.add_row(Text(title, style="dim"), Text(value))
        console.print(paragraph)
