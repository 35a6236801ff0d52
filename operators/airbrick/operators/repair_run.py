"""The operator that runs failed tasks of a run again."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from airbrick.operators.authoring.options import holds_late, is_late
from airbrick.operators.authoring.parameters import as_text
from airbrick.operators.authoring.rendered import rendered_id
from airbrick.operators.errors import UsageError
from airbrick.operators.run_operator import RunOperator

if TYPE_CHECKING:
    from airflow.sdk import XComArg

    from airbrick.operators.request import RepairRequest


class RepairRunOperator(RunOperator):
    """Run failed tasks of a run again, and wait for the run's end.

    The repair uses the job's settings as they are now, not those the run had. For runs that this DAG starts,
    ``RunNowOperator(on_retry="repair")`` needs no task of its own.

    A crash, a retry or a lost answer finds the repair that was asked for; a retry after a repair that failed or passed
    a deadline asks for another. A run that a person cancelled is not repaired: the task fails and is not retried.

    :param run_id: the run. Templated.
    :param rerun_tasks: keys of the tasks to run again; by default all that failed. Templated.
    :param rerun_dependent_tasks: run again also what depends on them.
    :param job_parameters: parameters to change for the repair. Templated.
    :raises UsageError: an argument is wrong; at parse.
    """

    template_fields: ClassVar[Sequence[str]] = (  # type: ignore[misc]
        "run_id",
        "rerun_tasks",
        "job_parameters",
        "databricks_conn_id",
    )
    template_fields_renderers: ClassVar[dict[str, str]] = {"rerun_tasks": "json", "job_parameters": "json"}

    def __init__(
        self,
        *,
        run_id: "int | str | XComArg",
        rerun_tasks: "Sequence[str] | XComArg | None" = None,
        rerun_dependent_tasks: bool = False,
        job_parameters: "Mapping[str, Any] | XComArg | None" = None,
        **kwargs: Any,  # noqa: ANN401 -- those of RunOperator and BaseOperator
    ) -> None:
        super().__init__(**kwargs)
        self.run_id = run_id
        self.rerun_tasks = rerun_tasks
        self.rerun_dependent_tasks = rerun_dependent_tasks
        self.job_parameters = job_parameters
        if self.on_retry != "new_run":
            raise UsageError(f'on_retry="{self.on_retry}"', "is for operators that start runs", fix="leave it out")
        if not is_late(run_id):
            rendered_id("run_id", run_id)
        if not (holds_late(rerun_tasks) or holds_late(job_parameters)):
            self._settings()

    @property
    def label(self) -> str:
        """Name the run."""
        return f"repair of run {self.run_id}"

    def request(self) -> "RepairRequest":
        """Say which tasks of which run to run again."""
        from airbrick.operators.request import RepairRequest

        return RepairRequest(rendered_id("run_id", self.run_id), self._settings())

    def _settings(self) -> dict[str, Any]:
        keys: object = self.rerun_tasks
        settings: dict[str, Any] = {}
        if keys is None:
            settings["rerun_all_failed_tasks"] = True
        elif isinstance(keys, list | tuple) and keys and all(isinstance(key, str) and key for key in keys):
            settings["rerun_tasks"] = list(keys)
        else:
            raise UsageError("rerun_tasks", "is not a list of task keys", fix="leave it out to run all that failed")
        if self.rerun_dependent_tasks:
            settings["rerun_dependent_tasks"] = True
        parameters: object = self.job_parameters
        if parameters is not None:
            if not isinstance(parameters, Mapping):
                raise UsageError("job_parameters", f"is a {type(parameters).__name__}", fix="give a dict")
            settings["job_parameters"] = as_text(parameters)
        return settings
