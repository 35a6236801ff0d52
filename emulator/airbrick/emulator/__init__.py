"""A local Databricks workspace for demos, tests and continuous integration."""

from __future__ import annotations

from airbrick.emulator.clock import Clock, ManualClock, SystemClock
from airbrick.emulator.emulator import Emulator
from airbrick.emulator.errors import ConfigurationError, EmulatorError, PortInUseError, StartError
from airbrick.emulator.faults import FaultRule
from airbrick.emulator.plans import Plan
from airbrick.emulator.request_log import RecordedRequest

__all__ = [
    "Clock",
    "ConfigurationError",
    "Emulator",
    "EmulatorError",
    "FaultRule",
    "ManualClock",
    "Plan",
    "PortInUseError",
    "RecordedRequest",
    "StartError",
    "SystemClock",
]
