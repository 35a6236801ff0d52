"""The operator that cancels runs."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from airflow.sdk import BaseOperator

from airbrick.operators.authoring.options import is_late, seconds
from airbrick.operators.authoring.rendered import rendered_id

if TYPE_CHECKING:
    import logging

    from airflow.sdk import Context, XComArg

_LOOK_S: Final = 5.0


class CancelRunOperator(BaseOperator):
    """Cancel a run, and wait until it has ended.

    A run that has ended already, or no longer exists, is as good as cancelled, and one that is ending is only waited
    for. A cancel whose answer is lost is asked for again: asking twice changes nothing.

    :param run_id: the run. Templated.
    :param databricks_conn_id: Airflow connection of type ``databricks``. Templated.
    :param wait_for_termination: wait until the run has ended, in the worker: a cancel takes seconds, rarely minutes.
    :param timeout: longest wait, in seconds; then the task fails and its retries look again.
    :raises UsageError: an argument is wrong; at parse.
    """

    template_fields: ClassVar[Sequence[str]] = ("run_id", "databricks_conn_id")  # type: ignore[misc]
    ui_color = "#ffe8e3"
    ui_fgcolor = "#1b3139"

    def __init__(
        self,
        *,
        run_id: "int | str | XComArg",
        databricks_conn_id: str = "databricks_default",
        wait_for_termination: bool = True,
        timeout: float | timedelta = timedelta(minutes=10),
        **kwargs: Any,  # noqa: ANN401 -- BaseOperator's own arguments
    ) -> None:
        super().__init__(**kwargs)
        self.run_id = run_id
        self.databricks_conn_id = databricks_conn_id
        self.wait_for_termination = wait_for_termination
        self.timeout_s = seconds("timeout", timeout) or 0.0
        if not is_late(run_id):
            rendered_id("run_id", run_id)

    def execute(self, context: "Context") -> None:  # noqa: ARG002 -- Airflow's signature
        """Cancel the run.

        :raises RunStillEndingError: it has not ended in time.
        """
        from airbrick.operators.hook import WorkspaceHook
        from airbrick.operators.workspace.ending import end_run

        run_id = rendered_id("run_id", self.run_id)
        hook = WorkspaceHook(self.databricks_conn_id)
        with hook.get_conn() as client:
            end_run(
                client,
                run_id,
                within_s=self.timeout_s if self.wait_for_termination else None,
                look_s=_LOOK_S,
                clock=hook.clock,
                log=cast("logging.Logger", self.log),
            )
