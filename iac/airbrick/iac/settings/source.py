"""Where a task's code comes from, when nothing says so: the job's git repository if it has one, else the workspace."""

from typing import Final

from airbrick.iac.settings.rule import RuleKind
from airbrick.iac.settings.shape import Shape, job_settings
from airbrick.iac.values import Properties, Secret, Value

_SOURCES: Final = ("WORKSPACE", "GIT")


def without_usual_sources(settings: Properties) -> Properties:
    """Leave out each ``source`` that goes without saying: whether it does depends on the job's ``git_source``."""
    usual = "GIT" if settings.get("git_source") else "WORKSPACE"
    return dict(_without(settings, job_settings(), usual))


def _without(value: Value, shape: Shape, usual: str) -> Value:
    if isinstance(value, Secret):
        return Secret(_without(value.value, shape, usual))
    if isinstance(value, list):
        return [_without(item, shape.item(), usual) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _without(item, shape.member(key), usual)
        for key, item in value.items()
        if not (item == usual and shape.member(key).rules.get(RuleKind.FILLED) == _SOURCES)
    }
