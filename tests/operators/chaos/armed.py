"""What lets a process of Airflow die or pause at a step; it lies on the processes' path."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextvars import ContextVar
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any

from airflow.triggers.base import TriggerEvent

from airbrick.operators import trigger as ours
from airbrick.operators.poller.clock import fast_clock
from airbrick.operators.poller.registry import Registry

MARKS = Path(os.environ["AIRFLOW_HOME"]) / "marks"
PAUSE_S = 600.0
_speed: ContextVar[float] = ContextVar("speed", default=1.0)


def arm(row: dict[str, Any]) -> None:
    """Prepare the process that runs a row's task."""
    if place := row["place"]:
        _arm_call(row, **place)
    if row["in_trigger"]:
        module = import_module(row["trigger_module"])
        setattr(module, row["trigger_name"], partial(_trigger_class(row["trigger_name"]), row=row))


def _arm_call(row: dict[str, Any], *, module: str, owner: str, method: str, call: int) -> None:
    kind = getattr(import_module(module), owner)
    original, calls = getattr(kind, method), 0

    def armed(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call and _first(row):
            if row["signal"]:
                os.kill(os.getpid(), row["signal"])
                time.sleep(5)
            else:
                _pause(row)
        return original(*args, **kwargs)

    setattr(kind, method, armed)


def _first(row: dict[str, Any]) -> bool:
    """Tell whether the step is reached for the first time; a successor finds the mark."""
    try:
        (MARKS / f"{row['key']}.at").touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _released(row: dict[str, Any]) -> bool:
    return (MARKS / f"{row['key']}.go").exists()


def _pause(row: dict[str, Any]) -> None:
    until = time.monotonic() + PAUSE_S
    while not _released(row) and time.monotonic() < until:
        time.sleep(0.1)


@cache
def _trigger_class(name: str) -> Any:
    base: Any = ours.RunTrigger
    if name != base.__name__:
        base = getattr(import_module("airflow.providers.databricks.triggers.databricks"), name)

    class Armed(base):  # type: ignore[misc]
        """A trigger that tells when it runs, pauses before its event, and whose clock may be fast."""

        def __init__(self, *, row: dict[str, Any], **options: Any) -> None:
            super().__init__(**options)
            self.row = row

        def serialize(self) -> tuple[str, dict[str, Any]]:
            return f"{__name__}.Armed{name}", super().serialize()[1] | {"row": self.row}

        async def run(self) -> AsyncIterator[TriggerEvent]:
            _speed.set(self.row["speed"])
            (MARKS / f"{self.row['key']}.watched").touch()
            async for event in super().run():
                if self.row["pauses_event"] and _first(self.row):
                    while not _released(self.row):  # noqa: ASYNC110 -- another process says so
                        await asyncio.sleep(0.1)
                yield event

    return Armed


def __getattr__(name: str) -> Any:
    if name.startswith("Armed"):
        return _trigger_class(name.removeprefix("Armed"))
    raise AttributeError(name)


_usual: Any = vars(ours)["registry_of_loop"]


@cache
def _fast_registry(speed: float, read: Any) -> Registry:
    return Registry(read=read, clock=fast_clock(speed))


def _registry(read: Any) -> Any:
    return _usual(read) if _speed.get() == 1.0 else _fast_registry(_speed.get(), read)


vars(ours)["registry_of_loop"] = _registry
