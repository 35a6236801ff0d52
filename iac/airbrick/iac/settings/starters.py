"""What starts a job by itself: a schedule, and what else the Jobs API has in place of one."""

from collections.abc import Iterator
from typing import Final

from airbrick.iac.values import Path, Properties, Value

STARTERS: Final = ("schedule", "trigger", "continuous", "triggers")
"""The settings that start a job; they exclude each other, and ``triggers`` is a list.

Source: https://docs.databricks.com/api/workspace/jobs/create
"""


def starters(settings: Properties) -> Iterator[tuple[Path, Value]]:
    """Visit whatever starts the job, with its place; what is not known yet too."""
    for name in STARTERS:
        found = settings.get(name)
        if isinstance(found, list):
            yield from (((name, index), one) for index, one in enumerate(found))
        elif found is not None:
            yield (name,), found
