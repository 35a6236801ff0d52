"""Programs that answer as the real ones do, and a clock that tests move."""

import stat
from pathlib import Path

from tools.engine import pins


class Clock:
    """Seconds that pass only when a test says so."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def write_program(path: Path, *lines: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]), encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def write_engine(folder: Path, version: str = str(pins.PULUMI_VERSION), *, host: bool = True) -> Path:
    """Two programs that answer as the real ones do when asked for their version."""
    write_program(folder / "pulumi", f"echo v{version}")
    if host:
        write_program(folder / "pulumi-language-python", "exit 0")
    return folder
