"""A local Databricks workspace for demos, tests and continuous integration.

Importing this package loads nothing else: each name is loaded when it is first used, because pytest imports the
plugin in it at every start.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airbrick.emulator.clock import Clock, ManualClock, SystemClock
    from airbrick.emulator.emulator import Emulator
    from airbrick.emulator.errors import ConfigurationError, EmulatorError, PortInUseError, StartError
    from airbrick.emulator.faults import FaultRule
    from airbrick.emulator.limits import Limits
    from airbrick.emulator.plans import Plan
    from airbrick.emulator.request_log import RecordedRequest

_HOME = {
    "Clock": "airbrick.emulator.clock",
    "ConfigurationError": "airbrick.emulator.errors",
    "Emulator": "airbrick.emulator.emulator",
    "EmulatorError": "airbrick.emulator.errors",
    "FaultRule": "airbrick.emulator.faults",
    "Limits": "airbrick.emulator.limits",
    "ManualClock": "airbrick.emulator.clock",
    "Plan": "airbrick.emulator.plans",
    "PortInUseError": "airbrick.emulator.errors",
    "RecordedRequest": "airbrick.emulator.request_log",
    "StartError": "airbrick.emulator.errors",
    "SystemClock": "airbrick.emulator.clock",
}

__all__ = [
    "Clock",
    "ConfigurationError",
    "Emulator",
    "EmulatorError",
    "FaultRule",
    "Limits",
    "ManualClock",
    "Plan",
    "PortInUseError",
    "RecordedRequest",
    "StartError",
    "SystemClock",
]


def __getattr__(name: str) -> object:
    """Load a public name on first use."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    """List the public names without loading them."""
    return sorted(__all__)
