"""A job that airbrick did not make, as a person would write it down."""

from collections.abc import Mapping
from typing import Any

from airbrick.iac.settings.projection import project
from airbrick.iac.settings.shape import job_settings
from airbrick.iac.settings.source import without_usual_sources
from airbrick.iac.values import Properties


def imported(settings: Mapping[str, Any], creator: str) -> Properties:
    """Give the inputs that mean the same as a job's remote settings, and leave out what goes without saying.

    :param settings: as the API returns them.
    :param creator: who made the job, and whom it therefore runs as by default.
    """
    inputs = without_usual_sources(project(None, dict(settings), job_settings()))
    if creator and creator.casefold() in (name.casefold() for name in (inputs.get("run_as") or {}).values()):
        del inputs["run_as"]
    # A check would turn the queue on; that it is off must be said.
    inputs.setdefault("queue", {"enabled": False})
    return dict(inputs)
