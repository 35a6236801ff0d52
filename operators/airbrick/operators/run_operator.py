"""What all operators share that start a run and see it through to its end."""

from abc import abstractmethod
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

from airflow.sdk import BaseOperator

from airbrick.operators.airflow_timer import postpone_timer
from airbrick.operators.authoring.options import default_deferrable, one_of, seconds
from airbrick.operators.link import RunLink

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.providers.openlineage.extractors import OperatorLineage
    from airflow.sdk import BaseOperatorLink, Context

    from airbrick.operators.announce import Seen
    from airbrick.operators.kill import KillSwitch
    from airbrick.operators.request import RepairRequest, RunRequest

DEFAULT_POLL_INTERVAL_S: Final = 30.0
TRIGGER_FAILED: Final = "__fail__"
"""Airflow's own signal, in place of a method, for "the trigger failed"."""

RESUME_METHOD: Final = "resume"

OnRetry = Literal["new_run", "repair", "fail"]


class RunOperator(BaseOperator):
    """Start a run in Databricks exactly once, and wait for its end.

    While the run goes on the task is deferred: it holds no worker, and one poller in the triggerer watches all runs
    of a workspace. A crash, a retry or a lost answer finds the run that was started instead of starting another; a
    clear starts a new one.

    XComs: ``run_id``, ``job_id``, ``run_page_url``, and the return value: what the last task (or
    ``result_task``) gave to ``dbutils.notebook.exit``, decoded when it is JSON.

    :param databricks_conn_id: Airflow connection of type ``databricks``. Templated.
    :param deferrable: wait in the triggerer instead of a worker; by default ``[airbrick] default_deferrable``,
        which is true.
    :param wait_for_termination: wait for the run's end; else the task succeeds when the run is started.
    :param poll_interval: longest time between two looks at the run, in seconds. Young runs are looked at more
        often.
    :param queue_timeout: longest time in Databricks' queue, in seconds; then the run is cancelled and the task fails.
    :param start_timeout: longest time from the queue's end until a task of the job runs, in seconds.
    :param run_timeout: longest time from the queue's end until the run's end, in seconds.
    :param on_retry: what a retry does after a failed run: start a new one, repair it (its successful tasks are not
        run again), or fail at once. A run that a person cancelled is never repaired.
    :param on_success_with_failures: what a run means whose failed tasks the job itself tolerates.
    :param result_task: key of the job's task whose result is returned.
    :param task_values: push the XCom ``task_values``: by task key and name, what tasks set by
        ``dbutils.jobs.taskValues`` and other tasks of the job refer to.
    """

    operator_extra_links: "ClassVar[Sequence[BaseOperatorLink]]" = (RunLink(),)  # type: ignore[misc]
    ui_color = "#ffe8e3"
    ui_fgcolor = "#1b3139"

    def __init__(
        self,
        *,
        databricks_conn_id: str = "databricks_default",
        deferrable: bool | None = None,
        wait_for_termination: bool = True,
        poll_interval: float | timedelta = DEFAULT_POLL_INTERVAL_S,
        queue_timeout: float | timedelta | None = None,
        start_timeout: float | timedelta | None = None,
        run_timeout: float | timedelta | None = None,
        on_retry: OnRetry = "new_run",
        on_success_with_failures: Literal["success", "fail"] = "success",
        result_task: str | None = None,
        task_values: bool = False,
        **kwargs: Any,  # noqa: ANN401 -- BaseOperator's own arguments
    ) -> None:
        super().__init__(**kwargs)
        self.databricks_conn_id = databricks_conn_id
        self.deferrable = default_deferrable() if deferrable is None else deferrable
        self.wait_for_termination = wait_for_termination
        self.poll_interval_s = seconds("poll_interval", poll_interval) or DEFAULT_POLL_INTERVAL_S
        self.queue_timeout_s = seconds("queue_timeout", queue_timeout)
        self.start_timeout_s = seconds("start_timeout", start_timeout)
        self.run_timeout_s = seconds("run_timeout", run_timeout)
        self.on_retry = on_retry
        self.on_success_with_failures = on_success_with_failures
        self.result_task = result_task
        self.task_values = task_values
        self.run_page_url: str | None = None
        self.seen: Seen | None = None
        self.kill_switch: KillSwitch[int] | None = None
        one_of("on_retry", on_retry, ("new_run", "repair", "fail"))
        one_of("on_success_with_failures", on_success_with_failures, ("success", "fail"))

    @abstractmethod
    def request(self) -> "RunRequest | RepairRequest":
        """Say what to run, once templates are rendered; nothing is asked of the workspace.

        :raises UsageError: it cannot be asked for.
        """

    @property
    @abstractmethod
    def label(self) -> str:
        """Name what is run, as users call it."""

    def execute(self, context: "Context") -> Any:  # noqa: ANN401 -- a run's result is any JSON value
        """Start the run, or find the one an earlier attempt started, and wait for it.

        :raises RefusedError: connection, workspace or job do not fit; not retried.
        :raises ConnectionMissingError: Airflow does not have the connection, or cannot tell.
        :raises RunError: the run did not succeed.
        """
        postpone_timer(self.execution_timeout)
        from airbrick.operators.execution import Execution

        with Execution(self, context) as execution:
            return execution.start()

    def resume(self, context: "Context", event: "Mapping[str, Any] | None" = None) -> Any:  # noqa: ANN401 -- as execute
        """Go on after the trigger: look at the run and return its result.

        :param event: what the trigger saw.
        """
        postpone_timer(self.execution_timeout)
        from airbrick.operators.execution import Execution

        with Execution(self, context) as execution:
            return execution.resume(event or {})

    def resume_execution(
        self,
        next_method: str,
        next_kwargs: dict[str, Any] | None,
        context: "Context",
    ) -> Any:  # noqa: ANN401 -- as execute
        """Go on after the trigger, also when the trigger failed: a failed trigger is not a failed run."""
        if next_method == TRIGGER_FAILED:
            postpone_timer(self.execution_timeout)
            from airbrick.operators.execution import Execution

            with Execution(self, context) as execution:
                return execution.after_trigger_failure(next_kwargs or {})
        return super().resume_execution(next_method, next_kwargs, context)

    def get_openlineage_facets_on_complete(self, task_instance: object) -> "OperatorLineage[Any, Any] | None":  # noqa: ARG002 -- OpenLineage's own signature
        """Tell OpenLineage which run this was, however it ended.

        Its provider for Airflow calls this when the task has succeeded or failed. Source:
        airflow.providers.openlineage.extractors.base.DefaultExtractor.

        :returns: ``None`` when no run was seen.
        """
        if self.seen is None:
            return None
        from airbrick.operators.lineage import run_lineage

        return run_lineage(self.seen.run, self.seen.host)

    def on_kill(self) -> None:
        """Cancel the run if a person ended the task; leave it running if only this process was told to stop."""
        if self.kill_switch is not None:
            self.kill_switch.pull()
