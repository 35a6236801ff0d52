import subprocess
from pathlib import Path

import pytest
from tests.engine.helpers import write_engine, write_program
from tools.engine.errors import OriginError
from tools.engine.machine import Machine
from tools.engine.probe import find_on_path, version_of
from tools.engine.version import Version


def on_path(machine: Machine) -> Path:
    return Path(machine.search_path.split(":")[0])


def test_uses_an_engine_on_path(machine: Machine) -> None:
    folder = write_engine(on_path(machine), "3.300.0")
    assert find_on_path(machine) == folder


def test_follows_a_link_to_the_folder_with_both(machine: Machine, tmp_path: Path) -> None:
    folder = write_engine(tmp_path / "opt" / "pulumi")
    (on_path(machine) / "pulumi").symlink_to(folder / "pulumi")
    assert find_on_path(machine) == folder


@pytest.mark.parametrize(
    ("version", "host", "reason"),
    [
        ("3.258.9", True, "3.258.9, older than 3.259.0"),
        ("3.259.0", False, "no pulumi-language-python beside it"),
        ("what", True, "does not answer with a version"),
    ],
)
def test_says_why_an_engine_on_path_is_not_used(machine: Machine, version: str, host: bool, reason: str) -> None:
    write_engine(on_path(machine), version, host=host)
    with pytest.raises(OriginError, match=reason):
        find_on_path(machine)


def test_an_empty_path_is_no_engine(tmp_path: Path) -> None:
    with pytest.raises(OriginError, match="no pulumi"):
        find_on_path(Machine(platform="linux-x64", environ={}, cache_root=tmp_path))


def test_a_program_that_fails_has_no_version(machine: Machine, tmp_path: Path) -> None:
    assert version_of(write_program(tmp_path / "broken", "echo v9.9.9", "exit 3"), machine=machine) is None
    assert version_of(tmp_path / "absent", machine=machine) is None


def test_a_program_that_hangs_has_no_version(machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(*_: object, **__: object) -> object:
        raise subprocess.TimeoutExpired("pulumi", 30)

    monkeypatch.setattr(subprocess, "run", hang)
    assert version_of(tmp_path / "pulumi", machine=machine) is None


def test_the_version_is_read_from_the_program(machine: Machine, tmp_path: Path) -> None:
    program = write_program(tmp_path / "pulumi", 'test "$1" = version && echo v3.261.7')
    assert version_of(program, "version", machine=machine) == Version(3, 261, 7)
