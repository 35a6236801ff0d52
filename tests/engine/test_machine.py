import platform
from pathlib import Path

import pytest
from tools.engine.errors import UnsupportedPlatformError
from tools.engine.machine import current_machine


def test_the_cache_follows_xdg(tmp_path: Path) -> None:
    machine = current_machine({"XDG_CACHE_HOME": str(tmp_path)})
    assert machine.cache_root == tmp_path / "airbrick" / "engine"


@pytest.mark.parametrize("value", ["", "relative/folder"])
def test_an_unusable_xdg_folder_is_ignored(value: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert current_machine({"XDG_CACHE_HOME": value}).cache_root == tmp_path / ".cache" / "airbrick" / "engine"


@pytest.mark.parametrize(
    ("system", "processor", "expected"),
    [("Linux", "x86_64", "linux-x64"), ("Linux", "aarch64", "linux-arm64"), ("Darwin", "arm64", "darwin-arm64")],
)
def test_names_platforms_as_pulumi_does(
    system: str, processor: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(platform, "machine", lambda: processor)
    assert current_machine({}).platform == expected


def test_an_unknown_platform_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Plan9")
    monkeypatch.setattr(platform, "machine", lambda: "mips")
    with pytest.raises(UnsupportedPlatformError, match="Plan9 mips"):
        current_machine({})
