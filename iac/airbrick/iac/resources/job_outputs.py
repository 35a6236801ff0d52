"""What a job tells about itself: its outputs, its fingerprint, its entry in the contract."""

from collections.abc import Callable, Mapping
from typing import Final

from airbrick.contract import fingerprint
from airbrick.iac.provider.handler import Context, Property
from airbrick.iac.provider.record import fields_of
from airbrick.iac.settings.canonical import canonicalise
from airbrick.iac.settings.shape import job_settings
from airbrick.iac.settings.starters import STARTERS, starters
from airbrick.iac.values import (
    UNKNOWN,
    Properties,
    Secret,
    Value,
    conceal,
    is_secret,
    is_unknown,
    push_down,
    render_path,
    reveal,
    walk,
)

_ANY: Final = {"$ref": "pulumi.json#/Any"}
INPUTS: Final[Mapping[str, Property]] = fields_of("JobSettings")

OUTPUTS: Final[Mapping[str, Property]] = {
    "job_id": Property("The job's id, as text.", required=True),
    "url": Property("The job's page.", required=True),
    "job_name": Property("The job's name in the workspace.", required=True),
    "fingerprint": Property("Hash of the canonical settings.", required=True),
    "contract_entry": Property(
        "What DAGs and the linter need to know of the settings.",
        type={"type": "object", "additionalProperties": _ANY},
        required=True,
    ),
}

_SAID: Final = (
    "name",
    "parameters",
    "tasks",
    "max_concurrent_runs",
    "queue",
    "timeout_seconds",
    *STARTERS,
    "run_as",
    "tags",
)
_SAID_OF_ELEMENTS: Final = {"parameters": {"name", "default"}, "tasks": {"task_key", "depends_on"}}
_CODE: Final[Mapping[str, tuple[str, ...]]] = {
    "notebook_task": ("notebook_path",),
    "spark_python_task": ("python_file",),
    "python_wheel_task": ("package_name", "entry_point"),
}
_SECRET_PLACEHOLDER: Final = {"secret": True}


def known(context: Context, job_id: str, inputs: Properties, *, written_with: str | None = None) -> Properties:
    """Give the outputs of a job that exists.

    :param written_with: the fingerprint it was last written with, when nothing has changed since.
    """
    workspace = context.workspace
    page = f"{workspace.host}/jobs/{job_id}"
    url = f"{page}?o={workspace.workspace_id}" if workspace.workspace_id else page
    return {**planned(inputs, written_with=written_with), "job_id": job_id, "url": url}


def planned(inputs: Properties, *, written_with: str | None = None) -> Properties:
    """Give the outputs of a job that does not exist yet, as far as a preview can know them."""
    return {
        "job_id": UNKNOWN,
        "url": UNKNOWN,
        "job_name": inputs["name"],
        "fingerprint": written_with or (UNKNOWN if is_unknown(inputs) else fingerprint_of(inputs)),
        "contract_entry": contract_entry(inputs),
    }


def stable(outputs: Properties) -> Properties:
    """Give the outputs that no update changes."""
    return {key: outputs[key] for key in ("job_id", "url") if key in outputs}


def fingerprint_of(inputs: Properties) -> str:
    """Hash what the settings mean. A secret counts as being one, not by its value, which could be guessed."""
    return fingerprint(canonicalise(conceal(inputs, mask=_SECRET_PLACEHOLDER), job_settings()))


def contract_entry(inputs: Properties) -> Properties:
    """Give the part of the contract that follows from the settings.

    No secret gets in: ``secrets`` lists the places that hold one, for a clear refusal by the contract.
    """
    if not is_secret(inputs):
        return _entry(_relevant(inputs))
    said = _relevant(push_down(inputs))
    places = sorted(render_path(path) for path, value in walk(said) if isinstance(value, Secret))
    entry = _entry(conceal(said, mask=""))
    return {**entry, "secrets": places} if places else entry


def _relevant(settings: Properties) -> Properties:
    """Give the settings the contract is made of."""
    kept = {name: settings[name] for name in _SAID if settings.get(name) is not None}
    for name, fields in _SAID_OF_ELEMENTS.items():
        if isinstance(elements := settings.get(name), list):
            told = [_said_of(element, fields) for element in elements if isinstance(element, Mapping)]
            others = [element for element in elements if not isinstance(element, Mapping)]
            kept[name] = UNKNOWN if UNKNOWN in map(reveal, others) else told
    return kept


def _said_of(element: Mapping[str, Value], fields: set[str]) -> Properties:
    """Give the fields that are told; of what a task does, only the kind and the place of its code."""
    said: Properties = {key: value for key, value in element.items() if key in fields}
    return said | {key: _place(value, _CODE.get(key, ())) for key, value in element.items() if key.endswith("_task")}


def _place(settings: Value, fields: tuple[str, ...]) -> str:
    """Give the place of a task's code; empty where it is secret or not known yet, for nobody must have it."""
    place = [settings.get(key) for key in fields] if isinstance(settings, Mapping) else []
    return ":".join(str(part) for part in place) if all(isinstance(part, str) for part in place) else ""


def _entry(settings: Properties) -> Properties:
    return {
        "name": settings["name"],
        "parameters": _by(settings.get("parameters"), "name", lambda item: {"default": item.get("default", "")}),
        "tasks": _by(settings.get("tasks"), "task_key", _task),
        "max_concurrent_runs": settings.get("max_concurrent_runs", 1),
        "queue_enabled": _member(settings.get("queue"), "enabled", default=False),
        "timeout_seconds": settings.get("timeout_seconds", 0),
        "has_schedule": any(True for _ in starters(settings)),
        "run_as": settings.get("run_as", {}),
        "tags": settings.get("tags", {}),
    }


def _by(elements: Value, key: str, describe: Callable[[Mapping[str, Value]], Value]) -> Value:
    if not isinstance(elements, list):
        return elements if elements is UNKNOWN else {}
    if any(element.get(key) is UNKNOWN for element in elements):
        return UNKNOWN
    return {str(element.get(key)): describe(element) for element in elements}


def _task(task: Mapping[str, Value]) -> Value:
    kind = next((key for key in task if key.endswith("_task")), "")
    depends_on = _by(task.get("depends_on"), "task_key", lambda _item: True)
    told: Properties = {"type": kind, "depends_on": UNKNOWN if depends_on is UNKNOWN else sorted(depends_on)}
    return {**told, "code": task[kind]} if task.get(kind) else told


def _member(value: Value, key: str, *, default: Value) -> Value:
    return value.get(key, default) if isinstance(value, Mapping) else (value if value is UNKNOWN else default)
