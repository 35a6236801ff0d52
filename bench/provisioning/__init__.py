"""``pulumi up`` and ``preview`` of hundreds of jobs, against a provider that does nothing."""

import itertools
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from airbrick.emulator import Emulator
from bench.compiled import compiled
from bench.provisioning.stack import HERE, OURS, PROVIDERS, PeakMemory, Stack
from bench.table import ROOT, Comparison, compare, report, write_page

JOBS = int(os.environ.get("BENCH_JOBS", "500"))
_SLOW_JOBS, _SLOW_S = 60, 0.5
_FIRST_UPS, _LATER, _STARTS = 2, 5, 9
_FLOOR = "a provider that does nothing"


def run() -> None:
    """Measure both providers in turn."""
    memory = PeakMemory()
    with tempfile.TemporaryDirectory() as name, ExitStack() as workspaces:
        folder = Path(name)
        for provider in PROVIDERS:
            # What is measured is not how long Python compiles.
            Stack(folder / provider, provider, workspaces.enter_context(Emulator()), 1).first_up_s()
        with memory.watched():
            rows = _rows(folder, workspaces)
        writes = _writes_in_flight(folder / "slow", workspaces.enter_context(Emulator()))
        rows.append(_start(compiled(folder / "compiled")))
    report("provisioning", rows)
    _write_page(memory.mib, writes)


def _rows(folder: Path, workspaces: ExitStack) -> list[Comparison]:
    numbers = itertools.count()
    stacks: dict[str, Stack] = {}

    def first_up(provider: str) -> float:
        # A workspace of its own: the jobs of a stack of the same name in another state would be refused.
        workspace = workspaces.enter_context(Emulator())
        stacks[provider] = Stack(folder / f"{provider}-{next(numbers)}", provider, workspace, JOBS)
        return stacks[provider].first_up_s()

    def later(measure: Callable[[Stack], float]) -> Callable[[str], float]:
        return lambda provider: measure(stacks[provider])

    def row(what: str, verb: str, measure: Callable[[str], float], rounds: int, wanted: str) -> Comparison:
        ours = (f"airbrick, {verb} every job", lambda: measure("airbrick"))
        return compare(what, ours=ours, other=(_FLOOR, lambda: measure("nothing")), rounds=rounds, wanted=wanted)

    no_op = "`up` that changes nothing, with drift detection"
    return [
        row(f"first `up` of {JOBS} jobs of 5 tasks", "making", first_up, _FIRST_UPS, "<= 1.25"),
        row(no_op, "reading", later(Stack.no_op_s), _LATER, "<= 1.6"),
        row("preview", "reading", later(Stack.preview_s), _LATER, "<= 1.15"),
    ]


def _start(environment: dict[str, str]) -> Comparison:
    return compare(
        "start of the provider's process, to its port",
        ours=("airbrick", lambda: _started_s([str(OURS)], environment)),
        other=(_FLOOR, lambda: _started_s([sys.executable, str(HERE / "nothing.py")], environment)),
        rounds=_STARTS,
        wanted="ours < 0.6 s",
    )


def _started_s(command: list[str], environment: dict[str, str]) -> float:
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as provider:
        assert provider.stdout is not None
        provider.stdout.readline()
        taken_s = time.perf_counter() - start
        provider.terminate()
    return taken_s


def _writes_in_flight(folder: Path, workspace: Emulator) -> int:
    """Give how many creates the workspace had before it at most, where each takes half a second."""
    workspace.fault("slow", method="POST", path="*/jobs/create", delay_s=_SLOW_S, times=None)
    Stack(folder, "airbrick", workspace, _SLOW_JOBS).first_up_s()
    at_s = [request.at_s for request in workspace.requests("POST", "*/jobs/create")]
    return max(sum(begun <= other < begun + _SLOW_S for other in at_s) for begun in at_s)


def _write_page(peak_mib: float, writes: int) -> None:
    about = (
        "Measured by `make bench` on the real engine with its state in files, each row beside the same program on a "
        "provider that does nothing: it answers what it is asked, with `refresh_before_update` as ours does, and "
        "talks to no workspace. Its figure is the engine's own time. The ratio is the median of neighbouring pairs. "
        "The workspace is the emulator, on the same two processors, so that a ratio holds its work, too. Python keeps "
        "what it has compiled, as it does unless it is told not to.\n\n"
        "Both a preview and an `up` read each job with a `jobs/get` of its own. A `jobs/list` would give a hundred at "
        "once, but of every job in the workspace, whoever made it; it leaves out the tasks after a job's first "
        "hundred; and a job that it does not show yet would be taken for deleted.\n\n"
        f"The provider's process took {peak_mib:.0f} MiB at most (wanted: below 150). Of writes that take half a "
        f"second each the workspace had {writes} before it at most (wanted: at most 8)."
    )
    write_page(ROOT / "docs" / "provisioning_speed.md", "How fast provisioning is", about, ["provisioning"])
