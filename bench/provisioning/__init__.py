"""``pulumi up`` and ``preview`` of hundreds of jobs, against a provider that does nothing."""

import itertools
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from airbrick.emulator import Emulator
from bench.provisioning.stack import HERE, OURS, PeakMemory, Stack
from bench.table import ROOT, Comparison, compare, report, write_page

JOBS = int(os.environ.get("BENCH_JOBS", "500"))
_SLOW_JOBS, _SLOW_S = 60, 0.5
_FIRST_UPS, _LATER, _STARTS = 2, 3, 9


def run() -> None:
    """Measure both providers in turn."""
    memory = PeakMemory()
    with tempfile.TemporaryDirectory() as name, Emulator() as workspace:
        folder = Path(name)
        with memory.watched():
            rows = _rows(folder, workspace)
        writes = _writes_in_flight(folder / "slow", workspace)
    report("provisioning", [*rows, _start()])
    _write_page(memory.mib, writes)


def _rows(folder: Path, workspace: Emulator) -> list[Comparison]:
    numbers = itertools.count()
    stacks: dict[str, Stack] = {}

    def first_up(provider: str) -> Callable[[], float]:
        def measure() -> float:
            stacks[provider] = Stack(folder / f"{provider}-{next(numbers)}", provider, workspace, JOBS)
            return stacks[provider].first_up_s()

        return measure

    def later(provider: str, what: Callable[[Stack], float]) -> Callable[[], float]:
        return lambda: what(stacks[provider])

    floor = "a provider that does nothing"
    return [
        compare(
            f"first `up` of {JOBS} jobs of 5 tasks",
            ours=("airbrick, making every job", first_up("airbrick")),
            other=(floor, first_up("nothing")),
            rounds=_FIRST_UPS,
            wanted="<= 1.25",
        ),
        compare(
            "`up` that changes nothing, with drift detection",
            ours=("airbrick, reading every job", later("airbrick", Stack.no_op_s)),
            other=(floor, later("nothing", Stack.no_op_s)),
            rounds=_LATER,
            wanted="<= 1.6",
        ),
        compare(
            "preview",
            ours=("airbrick, reading every job", later("airbrick", Stack.preview_s)),
            other=(floor, later("nothing", Stack.preview_s)),
            rounds=_LATER,
            wanted="<= 1.15",
        ),
    ]


def _start() -> Comparison:
    return compare(
        "start of the provider's process, to its port",
        ours=("airbrick", lambda: _started_s([str(OURS)])),
        other=("a provider that does nothing", lambda: _started_s([sys.executable, str(HERE / "nothing.py")])),
        rounds=_STARTS,
        wanted="ours < 0.6 s",
    )


def _started_s(command: list[str]) -> float:
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as provider:
        assert provider.stdout is not None
        provider.stdout.readline()
        taken_s = time.perf_counter() - start
        provider.terminate()
    return taken_s


def _writes_in_flight(folder: Path, workspace: Emulator) -> int:
    """Give how many creates the workspace had before it at most, where each takes half a second."""
    workspace.forget()
    workspace.fault("slow", method="POST", path="*/jobs/create", delay_s=_SLOW_S, times=None)
    Stack(folder, "airbrick", workspace, _SLOW_JOBS).first_up_s()
    at_s = [request.at_s for request in workspace.requests("POST", "*/jobs/create")]
    return max(sum(begun <= other < begun + _SLOW_S for other in at_s) for begun in at_s)


def _write_page(peak_mib: float, writes: int) -> None:
    about = (
        "Measured by `make bench` on the real engine with its state in files, each row beside the same program on a "
        "provider that does nothing: it answers what it is asked, with `refresh_before_update` as ours does, and "
        "talks to no workspace. Its figure is the engine's own time. The ratio is the median of neighbouring pairs. "
        "The workspace is the emulator, on the same two processors, so that a ratio holds its work, too.\n\n"
        f"The provider's process took {peak_mib:.0f} MiB at most (wanted: below 150). Of writes that take half a "
        f"second each the workspace had {writes} before it at most (wanted: at most 8)."
    )
    write_page(ROOT / "docs" / "provisioning_speed.md", "How fast provisioning is", about, ["provisioning"])
