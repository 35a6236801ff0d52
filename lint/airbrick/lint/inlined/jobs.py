"""The settings of the job that stands for what a task submits or creates.

Source: ``execute`` of the operators in apache-airflow-providers-databricks 7.23.0; ``JobSettings`` and ``SubmitRun``
of the Jobs API 2.2.
"""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Final

from airbrick.lint.facts.values import Place
from airbrick.lint.inlined.plain import Json, Open, Reader
from airbrick.lint.inlined.refusal import RefusedError, known_text
from airbrick.lint.knowledge.databricks import Kind, OperatorSpec
from airbrick.lint.knowledge.words import words
from airbrick.lint.model.elements import Operator
from airbrick.lint.model.secrets import kind_of
from airbrick.lint.model.texts import Text

_CLUSTERS: Final = words("new_cluster existing_cluster_id job_cluster_key libraries environment_key")
_RETRIES: Final = words("max_retries min_retry_interval_millis retry_on_timeout")
_HOLDERS: Final = ("json", "settings")
_OF_THE_RUN: Final = words("idempotency_token")
_NOTEBOOK: Final[Mapping[str, str]] = {
    "notebook_path": "notebook_path",
    "source": "source",
    "notebook_params": "base_parameters",
    "base_parameters": "base_parameters",
}
_RENDERED: Final = words("notebook_params base_parameters task_config")
"""What the operators of one task let Airflow render; the rest of their settings is sent as it is written."""

_ARGUMENTS: Final[Mapping[Kind, frozenset[str]]] = {
    Kind.SUBMIT_RUN: words(
        "json settings tasks spark_jar_task notebook_task spark_python_task spark_submit_task pipeline_task dbt_task "
        "new_cluster existing_cluster_id libraries environments run_name timeout_seconds git_source "
        "access_control_list performance_target"
    ),
    Kind.TASK: words(
        "notebook_path source notebook_params base_parameters notebook_packages task_config new_cluster "
        "existing_cluster_id job_cluster_key libraries max_retries min_retry_interval_millis retry_on_timeout "
        "git_source databricks_task_key"
    ),
    Kind.CREATE_JOB: words(
        "json name description tags tasks job_clusters environments email_notifications webhook_notifications "
        "notification_settings timeout_seconds schedule trigger max_concurrent_runs git_source access_control_list "
        "performance_target"
    ),
}


def payload_of(spec: OperatorSpec) -> frozenset[str]:
    """Give the arguments of an operator that say what is run, and belong to the job."""
    return frozenset(name for name in _ARGUMENTS.get(spec.kind, ()) if spec.takes(name))


def read_arguments(operators: list[Operator], *, stays: bool = True) -> dict[str, Json]:
    """Give what the tasks of one call are given, with marks where they differ.

    :param stays: whether what the call writes means the same where it will stand.
    """
    payload = sorted(payload_of(operators[0].spec))
    is_task = operators[0].spec.kind is Kind.TASK
    merged: dict[str, Json] = {}
    for index, operator in enumerate(operators):
        reader = Reader(operator, stays=stays)
        given = {name: reader.read(name, templated=not is_task or name in _RENDERED) for name in payload}
        merged = given if not index else {name: reader.together(merged[name], given[name], (name,)) for name in given}
    return {name: value for name, value in merged.items() if value is not None}


def settings_of(operators: Sequence[Operator], given: Mapping[str, Json]) -> dict[str, Json]:
    """Give the settings of the job that stands for the tasks of one call.

    :raises RefusedError: a part cannot be brought.
    """
    kind, key = operators[0].spec.kind, task_key(operators)
    if kind is Kind.TASK:
        settings: dict[str, Json] = {"tasks": [task_of(key, given)]}
        return {**settings, "git_source": given["git_source"]} if "git_source" in given else settings
    settings = _merged(given)
    if kind is Kind.SUBMIT_RUN:
        settings = _as_job(key, settings)
    return {name: value for name, value in settings.items() if name not in _OF_THE_RUN}


def task_of(key: str, given: Mapping[str, Json]) -> dict[str, Json]:
    """Give the settings of the one task that a notebook or task operator runs.

    :param key: the task's key, unless it is given one.
    """
    config = given.get("task_config", {})
    _refuse_unless_dict(config, "task_config")
    task: dict[str, Json] = {"task_key": given.get("databricks_task_key") or key, **config}
    notebook = {api: given[name] for name, api in _NOTEBOOK.items() if name in given}
    if notebook:
        task["notebook_task"] = notebook
    if packages := given.get("notebook_packages"):
        task["libraries"] = packages
    task.update({name: given[name] for name in sorted(_CLUSTERS | _RETRIES) if name in given})
    return {name: value for name, value in task.items() if name != "run_name"}


def task_id(operators: Sequence[Operator]) -> str:
    """Give the id of a task, or what those that one call builds have in common; empty where it is not known."""
    ids = [known_text(operator.own("task_id")) for operator in operators]
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*ids, strict=False))
    return ids[0] if len(ids) == 1 else "".join(letters[0] for letters in alike).strip("_-.")


def task_key(operators: Sequence[Operator]) -> str:
    """Give the key a task has in its job."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", task_id(operators)) or "main"


def _merged(given: Mapping[str, Json]) -> dict[str, Json]:
    """Give the settings an operator sends: named arguments win over the same keys of ``json``."""
    merged: dict[str, Json] = {}
    for holder in _HOLDERS:
        inner = given.get(holder, {})
        _refuse_unless_dict(inner, holder)
        merged.update(inner)
    merged.update({name: value for name, value in given.items() if name not in _HOLDERS})
    if merged.get("access_control_list"):
        raise RefusedError("access_control_list is no setting of a job", help="provision it as iac.Permissions")
    merged.pop("access_control_list", None)
    return merged


def _refuse_unless_dict(value: Json, name: str) -> None:
    fix = "write the settings as a dict"
    if isinstance(value, Open):
        raise value.refuse(fix)
    if not isinstance(value, Mapping):
        raise RefusedError(f"{name} is no dict", help=fix)


def _as_job(key: str, submitted: dict[str, Json]) -> dict[str, Json]:
    """Turn what runs/submit takes into what jobs/create takes."""
    run_name, tasks = submitted.pop("run_name", None), submitted.pop("tasks", None)
    single = {name: submitted.pop(name) for name in list(submitted) if name.endswith("_task") or name in _CLUSTERS}
    if tasks is None:
        tasks = [{"task_key": key, **single}]
    elif single:
        raise RefusedError(f"{', '.join(sorted(single))} stands beside tasks", help="move it into the task it is for")
    # A name that changes from run to run is the run's; a job's runs bear the job's name.
    named = {"name": run_name} if isinstance(run_name, str) and run_name else {}
    return {**named, **submitted, "tasks": tasks}


def refuse_secrets(settings: Json, place: Place, path: str = "", name: str = "") -> None:
    """Refuse settings that hold a secret in clear text.

    :raises RefusedError: without the secret.
    """
    for inner_path, inner_name, inner in _children(settings, path, name):
        refuse_secrets(inner, place, inner_path, inner_name)
    if isinstance(settings, str) and (kind := kind_of(Text(ast.Constant(settings), settings, name))) is not None:
        raise RefusedError(
            f"{path} holds {kind}", help="keep it in a secret scope and write {{secrets/<scope>/<key>}}", place=place
        )


def _children(value: Json, path: str, name: str) -> Iterator[tuple[str, str, Json]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield f"{path}.{key}".removeprefix("."), str(key).rpartition(".")[2], item
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield f"{path}[{index}]", name, item
