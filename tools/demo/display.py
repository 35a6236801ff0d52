"""What the demo shows: a line for each step, the run as it goes, and a summary."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from tools.demo.follow import state_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tools.demo.follow import Moment

_STYLES = {"success": "green", "SUCCESS": "green", "failed": "red", "running": "cyan", "RUNNING": "cyan"}


@dataclass(frozen=True)
class Display:
    """The demo's output.

    :param console: where it goes; a live display only at a terminal
    """

    console: Console

    @classmethod
    def quiet(cls) -> Display:
        """Give a display that shows nothing, for tests."""
        return cls(Console(quiet=True))

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[Callable[[str], None]]:
        """Show a step while it runs, and how long it took.

        :return: takes the step's result in a few words
        """
        started_s, results = time.monotonic(), list[str]()
        shown = escape(title)
        busy = self.console.status(f"{shown} …") if self.console.is_interactive else contextlib.nullcontext()
        try:
            with busy:
                yield results.append
        except BaseException:
            self.console.print(f"[red]✗[/] {shown} [dim]({time.monotonic() - started_s:.1f} s)[/]", highlight=False)
            raise
        result = f": {escape(' '.join(results))}" if results else ""
        took = f"[dim]({time.monotonic() - started_s:.1f} s)[/]"
        self.console.print(f"[green]✓[/] {shown}{result} {took}", highlight=False, soft_wrap=True)

    def follow(self, moments: Iterable[Moment]) -> list[tuple[float, str]]:
        """Show a run as it goes.

        :return: each state with the second it was first seen
        """
        seen: dict[str, float] = {}
        live = Live(console=self.console, transient=True) if self.console.is_interactive else None
        with live or contextlib.nullcontext():
            for moment in moments:
                for state in moment.states:
                    if state not in seen:
                        seen[state] = moment.elapsed_s
                        if live is None:
                            self.console.print(f"  {moment.elapsed_s:5.1f} s  {state}", highlight=False, markup=False)
                if live is not None:
                    live.update(_progress(moment))
        return [(elapsed_s, state) for state, elapsed_s in seen.items()]

    def table(self, title: str, rows: Iterable[tuple[str, ...]]) -> None:
        """Show rows under a title."""
        table = Table(
            title=title, title_justify="left", title_style="bold", show_header=False, box=None, pad_edge=False
        )
        for row in rows:
            table.add_row(*(escape(cell) for cell in row))
        for column in table.columns:
            # Addresses must stay whole: they are there to be clicked.
            column.overflow = "fold"
        self.console.print()
        self.console.print(table)


def _progress(moment: Moment) -> Table:
    table = Table(title=f"the run, after {moment.elapsed_s:.0f} s", title_justify="left", box=None, show_header=False)
    rows = [("Airflow", "DAG run", moment.dag_state), ("Airflow", "task", moment.task_state or "waiting")]
    tasks = moment.run.get("tasks", []) if moment.run else []
    rows += [("Databricks", f"task {task['task_key']}", state_of(task)) for task in tasks]
    for where, what, state in rows:
        table.add_row(where, what, f"[{_STYLES.get(state, 'yellow')}]{escape(state)}[/]")
    return table
