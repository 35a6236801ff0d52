"""The values that a run's tasks set with ``dbutils.jobs.taskValues``, as far as the Jobs API shows them.

No request gives a task's values. But ``runs/get`` with ``include_resolved_values`` shows what the references in a
task's settings stood for, so that a value is known as soon as one task of the job refers to it.

Source: databricks-sdk 0.156, ``Run.resolved_values`` and ``RunOutput``, which has no field for them;
https://docs.databricks.com/jobs/task-values.html and https://docs.databricks.com/jobs/dynamic-value-references.html.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from airbrick.operators.runs.result import decode

# Names with other characters stand in backticks.
_NAME: Final = r"(?:`([^`]+)`|([\w-]+))"
_REFERENCE: Final = re.compile(rf"\s*\{{\{{\s*tasks\.{_NAME}\.values\.{_NAME}\s*\}}\}}\s*")


def read_task_values(tasks: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Read the task values that settings of other tasks consist of; a value within a longer text is left out.

    :param tasks: the run's tasks, from ``runs/get`` with ``include_resolved_values``.
    :returns: values by name by key of the task that set them; decoded where they are JSON, else texts.
    """
    found: dict[str, dict[str, Any]] = {}
    for task in sorted(tasks, key=lambda task: int(task.get("attempt_number") or 0)):
        for setting, value in _texts(task, task.get("resolved_values")):
            if match := _REFERENCE.fullmatch(setting):
                key, name = (match[1] or match[2], match[3] or match[4])
                found.setdefault(key, {})[name] = decode(value)
    return found


def _texts(settings: object, resolved: object) -> Iterator[tuple[str, str]]:
    """Give each text of the settings together with what it stood for."""
    if isinstance(settings, str) and isinstance(resolved, str):
        yield settings, resolved
    elif isinstance(settings, Mapping) and isinstance(resolved, Mapping):
        for name in settings.keys() & resolved.keys():
            yield from _texts(settings[name], resolved[name])
    elif isinstance(settings, list) and isinstance(resolved, list) and len(settings) == len(resolved):
        for one, other in zip(settings, resolved, strict=True):
            yield from _texts(one, other)
