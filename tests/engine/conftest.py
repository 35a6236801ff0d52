import io
import os
import sys
from pathlib import Path

import pytest

# The tools are programs of the repository, not part of the distribution.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.engine.helpers import Clock
from tools.engine.machine import Machine
from tools.engine.progress import Progress
from tools.engine.store import Store


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def said() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def progress(said: io.StringIO, clock: Clock) -> Progress:
    return Progress(stream=said, clock=clock)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with a shell's programs and nothing else on PATH."""
    (tmp_path / "path").mkdir()
    environ = {"PATH": f"{tmp_path / 'path'}{os.pathsep}/usr/bin{os.pathsep}/bin", "HOME": str(tmp_path)}
    return Machine(platform="linux-x64", environ=environ, cache_root=tmp_path / "cache")


@pytest.fixture
def store(machine: Machine) -> Store:
    return Store(machine=machine, recipe="recipe-1")
