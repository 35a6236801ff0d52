"""Dynamic value references in task parameters: ``{{job.parameters.run_date}}`` and the like."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_REFERENCE = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")


class UnknownReferenceError(Exception):
    """A reference that the emulator cannot resolve.

    :param reference: the text between the braces
    """

    def __init__(self, reference: str) -> None:
        super().__init__(f"the reference {{{{{reference}}}}} is unknown to the airbrick emulator")
        self.reference = reference


@dataclass(frozen=True, slots=True)
class ReferenceValues:
    """What references can stand for.

    :param fixed: values by reference, such as ``job.id``
    :param parameters: job parameters
    :param task_values: values that other tasks set, by task key
    :param start_s: when the run started; dates are in UTC
    """

    fixed: Mapping[str, str]
    parameters: Mapping[str, str]
    task_values: Mapping[str, Mapping[str, Any]]
    start_s: float

    def resolve(self, text: str) -> str:
        """Return a text with its references replaced.

        :raises UnknownReferenceError: a reference stands for nothing
        """
        return _REFERENCE.sub(lambda match: self._value(match.group(1)), text)

    def _value(self, reference: str) -> str:
        if reference in self.fixed:
            return self.fixed[reference]
        parts = reference.split(".")
        match parts:
            case ["job", "parameters", *name] if ".".join(name) in self.parameters:
                return self.parameters[".".join(name)]
            case ["job", "start_time", form]:
                return self._time(reference, form)
            case ["tasks", task, "values", key] if key in self.task_values.get(task, {}):
                value = self.task_values[task][key]
                return value if isinstance(value, str) else json.dumps(value)
        raise UnknownReferenceError(reference)

    def _time(self, reference: str, form: str) -> str:
        moment = datetime.fromtimestamp(self.start_s, UTC)
        forms = {
            "iso_date": moment.date().isoformat(),
            "iso_datetime": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "timestamp_ms": str(int(self.start_s * 1000)),
            "year": str(moment.year),
            "month": f"{moment.month:02}",
            "day": f"{moment.day:02}",
        }
        if form not in forms:
            raise UnknownReferenceError(reference)
        return forms[form]
