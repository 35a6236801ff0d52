"""What a run's end, or its deadline, means for the task: its result, or its error."""

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NoReturn

from airflow.sdk import Asset

from airbrick.operators.airflow_names import AirflowSkipException
from airbrick.operators.errors import AirflowConnectionError, ApiError, RunDeadlineError, UnavailableError
from airbrick.operators.runs.changes import expired_line
from airbrick.operators.runs.deadlines import Deadline
from airbrick.operators.runs.failure import failure
from airbrick.operators.runs.following import summary
from airbrick.operators.runs.outcome import Verdict, partly_failed, verdict
from airbrick.operators.runs.result import RESULT_MAX_BYTES, read_result
from airbrick.operators.workspace import wire

if TYPE_CHECKING:
    import logging

    from airflow.sdk import Context

    from airbrick.operators.kill import KillSwitch
    from airbrick.operators.run_operator import RunOperator
    from airbrick.operators.runs.view import RunView
    from airbrick.operators.submission.record import Record, RecordStore
    from airbrick.operators.workspace.client import WorkspaceClient
    from airbrick.operators.workspace.clock import Clock

TASK_VALUES: Final = "task_values"
"""XCom key."""


class Reporter:
    """Turns what became of a run into what becomes of the task.

    :param context: the task's, of this execution.
    """

    def __init__(
        self,
        operator: "RunOperator",
        context: "Context",
        client: "WorkspaceClient",
        store: "RecordStore",
        kill_switch: "KillSwitch[int]",
        *,
        clock: "Clock",
        log: "logging.Logger",
    ) -> None:
        self._operator = operator
        self._context = context
        self._ti: Any = context["ti"]
        self._client = client
        self._store = store
        self._kill_switch = kill_switch
        self._clock = clock
        self._log = log

    def report(self, run: "RunView", *, stands: bool = False) -> Any:  # noqa: ANN401 -- a run's result is any JSON value
        """Give the result of a run that has ended.

        :param stands: its failure was reported before and is not to be retried.
        :raises AirflowSkipException: it was left out on purpose.
        :raises RunError: it did not succeed.
        """
        self._kill_switch.ended()
        operator = self._operator
        outcome = verdict(run, partial_success=operator.on_success_with_failures == "success")
        if outcome is Verdict.SKIP:
            raise AirflowSkipException(f"run {run.run_id} was not executed: {run.code or run.result}: {run.message}")
        if outcome is not Verdict.SUCCESS:
            raise failure(run, Verdict.REJECT if stands else outcome, label=operator.label, output=self._output)
        self._tell_assets(run)
        if partly_failed(run):
            self._log.warning("run %s succeeded, but some of its tasks failed: %s", run.run_id, run.url)
        if operator.task_values and operator.do_xcom_push:
            self._tell_task_values(run)
        return self._result(run)

    def expire(self, run_id: int, run: "RunView | None", record: "Record", deadline: Deadline) -> NoReturn:
        """Cancel a run that took too long.

        :param run: the run as it is; ``None`` while the workspace cannot be reached.
        :raises RunDeadlineError: always.
        """
        # Settled before it is cancelled: another attempt must not take the cancelled run for a person's wish.
        self._store.write(replace(record, settled=True))
        cancel_error: Exception | None = None
        try:
            self._client.call(wire.cancel_run(run_id))
        except (ApiError, UnavailableError, AirflowConnectionError) as error:
            cancel_error = error
        else:
            self._kill_switch.ended()
        waited_s = self._clock.now() - record.asked_at
        story = expired_line(
            run, deadline, limit_s=self._limit_s(deadline), waited_s=waited_s, cancel_error=cancel_error
        )
        url = "" if run is None else run.url
        lines = [f"run {run_id} of {self._operator.label} {story}", *([url] if url else [])]
        raise RunDeadlineError("\n".join(lines), run_id=run_id, url=url, deadline=str(deadline))

    def _tell_assets(self, run: "RunView") -> None:
        """Say in the asset events of the task's outlets which run made them."""
        events: Any = self._context.get("outlet_events")
        for outlet in self._operator.outlets or ():
            if events is not None and isinstance(outlet, Asset):
                events[outlet].extra.update(summary(run))

    def _tell_task_values(self, run: "RunView") -> None:
        values = self._client.task_values(run.run_id)
        size_bytes = len(json.dumps(values, ensure_ascii=False).encode(errors="surrogatepass"))
        if size_bytes > RESULT_MAX_BYTES:
            self._ti.xcom_push(key="task_values_truncated", value=True)
            self._log.warning("the task values (%d bytes) are too large and are left out: %s", size_bytes, run.url)
            return
        if not values:
            self._log.warning("no task of run %s refers to a task value, so none is shown", run.run_id)
        self._ti.xcom_push(key=TASK_VALUES, value=values)

    def _limit_s(self, deadline: Deadline) -> float | None:
        operator = self._operator
        execution = operator.execution_timeout
        return {
            Deadline.QUEUE: operator.queue_timeout_s,
            Deadline.START: operator.start_timeout_s,
            Deadline.RUN: operator.run_timeout_s,
            Deadline.EXECUTION: None if execution is None else execution.total_seconds(),
        }[deadline]

    def _result(self, run: "RunView") -> Any:  # noqa: ANN401 -- as report
        if not self._operator.do_xcom_push:
            return None
        result = read_result(run, name=self._operator.result_task, output=self._output)
        if result.truncated:
            self._ti.xcom_push(key="result_truncated", value=True)
            self._log.warning(
                "the result of task %r (%d bytes) is too large to return and is left out: %s",
                result.task_key,
                result.size_bytes,
                run.url,
            )
        return result.value

    def _output(self, task_run: int) -> dict[str, Any]:
        return self._client.call(wire.get_run_output(task_run))
