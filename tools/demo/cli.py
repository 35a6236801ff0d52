"""The command line of ``python tools/demo``."""

from __future__ import annotations

import argparse
import os
import signal
import time
from typing import TYPE_CHECKING

from rich.console import Console

from tools.demo.airflow import USERNAME
from tools.demo.display import Display
from tools.demo.errors import DemoError
from tools.demo.folder import REPOSITORY
from tools.demo.stage import open_stage
from tools.demo.steps import play, summarise

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    from tools.demo.stage import Stage

ROOT = REPOSITORY / ".demo"
_EXIT_FAILED = 1
_EXIT_INTERRUPTED = 130
_DESCRIPTION = """\
Run the whole way of the data on this machine: provision the example with Pulumi, lint its DAGs, run the job from
Airflow on a local Databricks workspace, and show its result. Every process it starts is ended at the end.

Logs and the job's files stay in .demo/ until the next run.
Exit codes: 0 done, 1 a step failed, 130 interrupted.
"""


class InterruptedRunError(BaseException):
    """The user, or the system, wants the demo to end."""


def main(arguments: Sequence[str]) -> int:
    """Run the command line.

    :param arguments: what follows the program's name
    :return: exit code
    """
    parser = argparse.ArgumentParser(
        prog="python tools/demo", description=_DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--keep", action="store_true", help="leave both web pages up until Ctrl-C")
    keep: bool = parser.parse_args(arguments).keep
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    console = Console()
    started_s = time.monotonic()
    try:
        with open_stage(ROOT, os.environ) as stage:
            display = Display(console)
            summarise(stage, play(stage, display), display)
            console.print(f"\nDone in {time.monotonic() - started_s:.0f} s.", highlight=False)
            if keep:
                _wait_for_the_user(stage, console)
            else:
                console.print("The pages go with the demo; `make demo KEEP=1` leaves them up.", highlight=False)
    except InterruptedRunError:
        console.print("interrupted: every process is ended", highlight=False)
        return _EXIT_INTERRUPTED
    except DemoError as error:
        console.print(f"\n[red]error:[/] {error}", highlight=False, soft_wrap=True)
        console.print(f"Logs: {ROOT / 'logs'}", highlight=False, soft_wrap=True)
        return _EXIT_FAILED
    console.print("Every process is ended.", highlight=False)
    return 0


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    # The first signal ends the demo; a second one must not stop it from ending its processes, which takes seconds.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    raise InterruptedRunError


def _wait_for_the_user(stage: Stage, console: Console) -> None:
    passwords = stage.airflow.home / "passwords.json"
    console.print(
        f"Both are up: {stage.airflow.url} (user {USERNAME}, password in {passwords}) and {stage.workspace.host}.\n"
        "Ctrl-C ends them.",
        highlight=False, soft_wrap=True,
    )  # fmt: skip
    try:
        while True:
            time.sleep(1.0)
            stage.processes.check()
    except InterruptedRunError:
        console.print()
