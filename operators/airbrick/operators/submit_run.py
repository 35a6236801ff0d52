"""The operator that runs tasks without a job."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

from airbrick.operators.authoring.json_value import check_json
from airbrick.operators.authoring.options import is_late
from airbrick.operators.errors import UsageError
from airbrick.operators.run_operator import RunOperator

if TYPE_CHECKING:
    from airflow.sdk import Context, XComArg

    from airbrick.operators.request import RunRequest

# Given as arguments of their own, or by the operator itself.
_OWN_FIELDS: Final = frozenset({"tasks", "run_name", "idempotency_token"})


class SubmitRunOperator(RunOperator):
    """Run tasks once that no job describes, and wait for their end.

    A provisioned job is better where it can be: its settings are reviewed and checked before anything runs, its runs
    have a history and an alert, a DAG that names it is linted, and a failed run of it can be repaired. A one-time run
    has none of that. The guarantees about the run itself are those of every
    :class:`~airbrick.operators.run_operator.RunOperator`.

    :param tasks: tasks as ``runs/submit`` takes them, each with a ``task_key``. Templated.
    :param run_name: the run's name in the workspace; by default DAG and task. Templated.
    :param settings: other fields of ``runs/submit``, such as ``git_source``, ``environments`` or
        ``timeout_seconds``. Templated.
    :raises UsageError: an argument is wrong; at parse.
    """

    template_fields: ClassVar[Sequence[str]] = (  # type: ignore[misc]
        "tasks",
        "run_name",
        "settings",
        "databricks_conn_id",
    )
    template_fields_renderers: ClassVar[dict[str, str]] = {"tasks": "json", "settings": "json"}

    def __init__(
        self,
        *,
        tasks: "Sequence[Mapping[str, Any]] | XComArg",
        run_name: str | None = None,
        settings: "Mapping[str, Any] | XComArg | None" = None,
        **kwargs: Any,  # noqa: ANN401 -- those of RunOperator and BaseOperator
    ) -> None:
        super().__init__(**kwargs)
        self.tasks = tasks
        self.run_name = run_name
        self.settings = settings
        if self.on_retry == "repair":
            raise UsageError('on_retry="repair"', "needs a job: one-time runs cannot be repaired", fix="provision one")
        if not is_late(tasks):
            check_tasks(tasks)
        if settings is not None and not is_late(settings):
            check_settings(settings)

    @property
    def label(self) -> str:
        """Name the run."""
        return f"one-time run {self._name()!r}"

    def execute(self, context: "Context") -> Any:  # noqa: ANN401 -- a run's result is any JSON value
        """Start the run, or find the one an earlier attempt started, and wait for it."""
        self.log.info("this is a one-time run: a provisioned job is checked, linted, repaired and kept in a history")
        return super().execute(context)

    def request(self) -> "RunRequest":
        """Say what to run."""
        from airbrick.operators.request import RunRequest

        tasks: Any = self.tasks
        settings: Any = {} if self.settings is None else self.settings
        check_tasks(tasks)
        check_settings(settings)
        return RunRequest(0, {**settings, "tasks": tasks, "run_name": self._name()})

    def _name(self) -> str:
        return self.run_name or f"{self.dag_id}.{self.task_id}"


def check_tasks(tasks: object) -> None:
    """Check tasks as far as that needs no workspace.

    :raises UsageError: they are no tasks.
    """
    if not isinstance(tasks, list | tuple) or not tasks:
        problem = "are empty" if isinstance(tasks, list | tuple) else f"are a {type(tasks).__name__}"
        raise UsageError("tasks", problem, fix="give a list of tasks, as runs/submit takes them")
    keys: set[str] = set()
    for number, task in enumerate(tasks):
        key = task.get("task_key") if isinstance(task, Mapping) else None
        if not isinstance(key, str) or not key:
            raise UsageError(f"tasks[{number}]", "has no task_key", fix="give each task a key of its own")
        if key in keys:
            raise UsageError(f"tasks[{number}].task_key={key!r}", "is there twice", fix="give each task its own key")
        keys.add(key)
    check_json("tasks", tasks)


def check_settings(settings: object) -> None:
    """Check the other fields of the request.

    :raises UsageError: they cannot be sent.
    """
    if not isinstance(settings, Mapping):
        raise UsageError("settings", f"are a {type(settings).__name__}", fix="give a dict of fields of runs/submit")
    if own := sorted(_OWN_FIELDS & settings.keys()):
        fix = "the operator makes it" if own[0] == "idempotency_token" else f"give {own[0]}=…"
        raise UsageError(f"settings.{own[0]}", "is not a setting", fix=fix)
    check_json("settings", settings)
