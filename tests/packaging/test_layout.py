"""The namespace layout, and what the wheel carries."""

import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
ROOTS = [Path(package) for package in PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]]


def tracked_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [Path(line) for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def test_every_part_is_a_root_of_the_wheel() -> None:
    found = sorted(path.relative_to(ROOT) for path in ROOT.glob("*/airbrick"))
    assert found == sorted(ROOTS)
    assert PYPROJECT["tool"]["hatch"]["build"]["dev-mode-dirs"] == [str(root.parent) for root in ROOTS]


def test_no_root_claims_the_namespace() -> None:
    # One stray file would hide every other part of airbrick.
    assert [str(root) for root in ROOTS if (ROOT / root / "__init__.py").exists()] == []


def test_every_part_is_typed() -> None:
    packages = {path.parent for root in ROOTS for path in (ROOT / root).glob("*/__init__.py")}
    assert packages
    assert [str(package) for package in packages if not (package / "py.typed").exists()] == []


def test_no_module_passes_400_lines() -> None:
    sources = [path for path in tracked_files() if path.suffix == ".py" or path.name == "Makefile"]
    lengths = {str(path): len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in sources}
    assert {path: length for path, length in lengths.items() if length >= 400} == {}


def test_the_version_is_known_at_run_time() -> None:
    assert metadata.version("airbrick") == PYPROJECT["project"]["version"]


def test_no_committed_file_names_an_index() -> None:
    for path in (ROOT / "requirements").iterdir():
        assert "://" not in path.read_text(), path.name


@pytest.mark.slow
def test_the_wheel_carries_exactly_the_tracked_files_of_the_roots(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("airbrick-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        carried = sorted(name for name in archive.namelist() if ".dist-info/" not in name)
    expected = sorted(
        path.relative_to(root.parent).as_posix() for path in tracked_files() for root in ROOTS if root in path.parents
    )
    assert carried == expected
