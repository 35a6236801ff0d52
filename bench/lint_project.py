"""Linting a whole project: cold, warm, on two processors, one file alone, and beside other linters."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from airbrick.lint.engine import is_relevant
from bench.lint_corpus import write_plain_project, write_project
from bench.table import ROOT, Comparison, compare, report, write_page

FILES = 1800
PLAIN_FILES = 5000
SAMPLE = 100
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
PEERS = ("ruff", "fixit", "pylint", "databricks-labs-pylint", "dagruff")
AIRBRICK = [sys.executable, "-m", "airbrick.cli", "lint", "--output-format", "json", "--exit-zero"]

_PARSE = """
import sys
from pathlib import Path
import libcst
for path in Path(sys.argv[1]).rglob("*.py"):
    data = path.read_bytes()
    if any(mark in data for mark in (b"airflow", b"databricks", b"airbrick")):
        try:
            libcst.parse_module(data)
        except libcst.ParserSyntaxError:
            pass
"""


# A process starts with the peak of the one that made it, so a small one has to.
_PEAK_KIB = """
import resource
import subprocess
import sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


class _DidNotLintError(RuntimeError):
    """A linter did not do its work."""


@dataclass(frozen=True, slots=True)
class _Tool:
    """A linter.

    :param failures: the bits of its exit code that tell that it did not do its work; others tell of findings.
    """

    command: Sequence[str]
    failures: int = ~1

    def seconds(self, cwd: Path, *, speaks: bool = False) -> float:
        """Run it and give how long it took.

        :param speaks: whether it has something to say, so that silence means that it did not lint.
        :raises _DidNotLintError: it did not do its work.
        """
        # An installed program has its byte code at hand.
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        start = time.perf_counter()
        done = subprocess.run(self.command, cwd=cwd, env=environment, capture_output=True, check=False, text=True)
        taken = time.perf_counter() - start
        said = f"{done.stdout}{done.stderr}".strip()
        if done.returncode < 0 or done.returncode & self.failures or (speaks and not said):
            raise _DidNotLintError(f"did not lint: exit {done.returncode}: {said[-500:]}")
        return taken


def _timed(command: Sequence[str], cwd: Path) -> Callable[[], float]:
    return lambda: _Tool(command).seconds(cwd)


def _warm(cwd: Path) -> Callable[[], float]:
    _Tool([*AIRBRICK, "."]).seconds(cwd)
    return _timed([*AIRBRICK, "."], cwd)


def _peers() -> Path:
    """Make an environment of the other linters, once."""
    folder = ROOT / "bench" / "results" / "peers"
    if not (folder / "ready").exists():
        uv = os.environ.get("UV") or shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)], check=True)
        command = [uv, "pip", "install", "--quiet", "--python", str(folder / "bin" / "python"), *PEERS]
        subprocess.run(command, check=True)
        (folder / "ready").touch()
    return folder / "bin"


def _peer_tools(bin_: Path) -> dict[str, _Tool]:
    ruff = ["check", "--isolated", "--preview", "--select", "AIR", "--no-cache", "-q", "."]
    plugin = ["--load-plugins=databricks.labs.pylint.airflow", "--disable=all"]
    messages = "--enable=missing-data-security-mode,unsupported-runtime"
    pylint = [str(bin_ / "pylint"), *plugin, messages, "--recursive=y", "."]
    return {
        "ruff, 13 rules AIR": _Tool([str(bin_ / "ruff"), *ruff]),
        "Fixit, its own rules": _Tool([str(bin_ / "fixit"), "lint", "."]),
        # Its exit code has a bit for each kind of message; of these, a fatal one and wrong usage.
        "pylint with databricks-labs-pylint, 2 rules": _Tool(pylint, failures=1 | 32),
        "dagruff, 31 rules": _Tool([str(bin_ / "dagruff"), "."]),
    }


def run() -> None:
    """Write the projects and measure."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        whole, sample, plain = folder / "whole", folder / "sample", folder / "plain"
        paths = write_project(whole, FILES)
        write_project(sample, SAMPLE, seed=11)
        write_plain_project(plain, PLAIN_FILES)
        passing = sum(is_relevant(path.read_bytes()) for path in paths)
        print(f"{FILES} files, {passing} pass the prefilter")
        own = _own(whole, plain, paths[0])
        peak_mib = _peak_mib(whole)
        report("lint_project", [*own, *_beside_others(sample)])
    _write_page(passing, peak_mib)


def _peak_mib(project: Path) -> float:
    """Lint a project on two processors, and give the memory of the largest process."""
    command = [sys.executable, "-c", _PEAK_KIB, *AIRBRICK, "--no-cache", "-j", "2", "."]
    done = subprocess.run(command, cwd=project, capture_output=True, check=True, text=True)
    return int(done.stdout) / 1024


def _write_page(passing: int, peak_mib: float) -> None:
    about = (
        f"Measured by `make bench` on a project of {FILES} files with the shapes of real ones, of which {passing} pass "
        "the prefilter, and on the example DAGs of the installed Airflow. Each row is taken beside its peer or its "
        "floor in the same run; the ratio is the median of neighbouring pairs. The floor of a linter on libcst is "
        "libcst itself: `libcst.parse_module` on the same files. What a file costs beside its lines weighs more in "
        "small ones, as the example DAGs are. "
        f"The largest process took {peak_mib:.0f} MiB (wanted: below 300)."
    )
    names = ("lint_files", "lint_project", "lint_growth")
    write_page(ROOT / "docs" / "linting" / "speed.md", "How fast the linter is", about, names)


def _own(whole: Path, plain: Path, one: Path) -> list[Comparison]:
    parse = ("libcst.parse_module of the same files", _timed([sys.executable, "-c", _PARSE, "."], whole))
    cold = [*AIRBRICK, "--no-cache"]
    import_ = ("import libcst", _timed([sys.executable, "-c", "import libcst"], whole))
    python = ("python -c pass", _timed([sys.executable, "-c", "pass"], whole))
    work = [
        ("cold, one process", _timed([*cold, "-j", "1", "."], whole), parse, "ratio ≤ 1.3"),
        ("cold, two processes", _timed([*cold, "-j", "2", "."], whole), parse, "ratio ≤ 0.75"),
        (f"{FILES} files, warm cache", _warm(whole), python, "≤ 0.5 s"),
        ("one file, as pre-commit does", _timed([*cold, str(one)], whole), import_, "≤ 250 ms more"),
        (f"{PLAIN_FILES} files without Airflow", _timed([*cold, "."], plain), python, "≤ 1 s"),
    ]
    return [
        compare(what, ours=("airbrick lint, every rule", run), other=other, rounds=ROUNDS, wanted=wanted)
        for what, run, other, wanted in work
    ]


def _beside_others(sample: Path) -> list[Comparison]:
    own = _timed([*AIRBRICK, "--no-cache", "."], sample)
    rows: list[Comparison] = []
    for name, tool in _peer_tools(_peers()).items():
        try:
            tool.seconds(sample, speaks=True)
        except _DidNotLintError as error:
            # The time of a linter that gave up says nothing: it gets no row.
            print(f"{name}: {error}")
            continue
        other = partial(tool.seconds, sample, speaks=True)
        rows.append(compare(f"{SAMPLE} files, cold", ours=("airbrick lint", own), other=(name, other), rounds=ROUNDS))
    return rows
