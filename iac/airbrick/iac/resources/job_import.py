"""A job that airbrick did not make, as a person would write it down."""

from collections.abc import Mapping
from typing import Any, Final

from airbrick.iac.settings.projection import project
from airbrick.iac.settings.rule import RuleKind
from airbrick.iac.settings.shape import Shape, job_settings
from airbrick.iac.values import Properties, Value

_SOURCES: Final = ("WORKSPACE", "GIT")


def imported(settings: Mapping[str, Any], creator: str) -> Properties:
    """Give the inputs that mean the same as a job's remote settings, and leave out what goes without saying.

    :param settings: as the API returns them.
    :param creator: who made the job, and whom it therefore runs as by default.
    """
    usual = "GIT" if settings.get("git_source") else "WORKSPACE"
    inputs = _without_usual_source(project(None, dict(settings), job_settings()), job_settings(), usual)
    if creator and creator in (inputs.get("run_as") or {}).values():
        del inputs["run_as"]
    # A check would turn the queue on; that it is off must be said.
    inputs.setdefault("queue", {"enabled": False})
    return dict(inputs)


def _without_usual_source(value: Value, shape: Shape, usual: str) -> Value:
    if isinstance(value, list):
        return [_without_usual_source(item, shape.item(), usual) for item in value]
    if not isinstance(value, Mapping):
        return value
    return {
        key: _without_usual_source(item, shape.member(key), usual)
        for key, item in value.items()
        if not (item == usual and shape.member(key).rules.get(RuleKind.FILLED) == _SOURCES)
    }
