"""The sensor for runs that others start."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

from airflow.sdk import BaseSensorOperator, PokeReturnValue

from airbrick.operators.airflow_names import AirflowTaskTimeout
from airbrick.operators.airflow_timer import shorten_timer
from airbrick.operators.authoring.options import default_deferrable, is_late, one_of, seconds
from airbrick.operators.authoring.rendered import rendered_id
from airbrick.operators.errors import AirflowConnectionError, UnavailableError, UsageError
from airbrick.operators.run_operator import TRIGGER_FAILED

if TYPE_CHECKING:
    from airflow.sdk import Context

# Airflow's own word for a trigger whose time is over.
_TIMEOUT: Final = "Trigger timeout"
_SINCE: Final = "{{ (data_interval_start or dag_run.run_after).isoformat() }}"


class JobRunSensor(BaseSensorOperator):
    """Wait until a run of a job has succeeded that something else started.

    A trigger that fails, a workspace that cannot be reached, and a connection that cannot be used for a while do not
    fail the sensor; its ``timeout`` does, deferred or not, and so does ``execution_timeout``, which is retried.

    The first run that succeeds ends the wait, of those that started at or after ``since``. The return value names
    ``run_id``, ``job_id``, ``result``, ``code``, ``run_page_url``, ``started_at`` and ``ended_at``.

    :param job: the job's key in the contract; give this or ``job_id``.
    :param job_id: a job's id. Templated.
    :param since: ISO date and time with its zone; by default the start of the dag run's data interval. Templated.
    :param on_failed_run: what a run that did not succeed means: wait for the next, or fail.
    :param databricks_conn_id: Airflow connection of type ``databricks``. Templated.
    :param deferrable: wait in the triggerer instead of a worker; by default ``[airbrick] default_deferrable``.
    :param poll_interval: time between two looks, in seconds.
    :param contract: path of the contract, absolute or relative to the DAG file; by default it is looked for.
    :raises UsageError: an argument is wrong; at parse.
    """

    template_fields: ClassVar[Sequence[str]] = ("job_id", "since", "databricks_conn_id")  # type: ignore[misc]
    ui_color = "#ffe8e3"
    ui_fgcolor = "#1b3139"

    def __init__(
        self,
        *,
        job: str | None = None,
        job_id: int | str | None = None,
        since: str = _SINCE,
        on_failed_run: Literal["wait", "fail"] = "wait",
        databricks_conn_id: str = "databricks_default",
        deferrable: bool | None = None,
        poll_interval: "float | timedelta" = 30.0,
        contract: str | Path | None = None,
        **kwargs: Any,  # noqa: ANN401 -- BaseSensorOperator's own arguments
    ) -> None:
        poll_interval_s = seconds("poll_interval", poll_interval) or 30.0
        super().__init__(poke_interval=poll_interval_s, **kwargs)
        from airbrick.operators.run_now import check_arguments

        self.job = job
        self.job_id = job_id
        self.since = since
        self.on_failed_run = on_failed_run
        self.databricks_conn_id = databricks_conn_id
        self.deferrable = default_deferrable() if deferrable is None else deferrable
        self.poll_interval_s = poll_interval_s
        self.contract = None if contract is None else str(contract)
        self._connected = False
        one_of("on_failed_run", on_failed_run, ("wait", "fail"))
        fileloc = getattr(self.get_dag(), "fileloc", None)
        self._target = check_arguments(job=job, job_id=job_id, fields={}, contract=self.contract, dag_fileloc=fileloc)
        if not is_late(since):
            self._since_s()

    def execute(self, context: "Context") -> Any:  # noqa: ANN401 -- as BaseSensorOperator's
        """Wait, in the triggerer or here."""
        if not self.deferrable:
            return super().execute(context)
        found = self.poke(context)
        if found.is_done:
            return found.xcom_value
        from airbrick.operators.job_run_trigger import JobRunTrigger

        return self.defer(
            trigger=JobRunTrigger(
                job_id=self._id(),
                databricks_conn_id=self.databricks_conn_id,
                successes_only=self.on_failed_run == "wait",
                poll_interval_s=self.poll_interval_s,
                since_s=self._since_s(),
            ),
            method_name="resume",
            timeout=timedelta(seconds=self._left_s(context)),
        )

    def resume(self, context: "Context", event: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401, ARG002 -- any JSON; Airflow's signature
        """Go on after the trigger saw an end.

        :raises RunFailedError: the run did not succeed, and ``on_failed_run="fail"``.
        """
        if event is None:
            raise UsageError("event", "names no run", fix="clear the task")
        return self._told(dict(event))

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: "Context") -> Any:  # noqa: ANN401 -- as resume
        """Go on after the trigger, also when it failed or its time was over: the runs themselves are looked at.

        :raises AirflowSensorTimeout: no run has succeeded within the sensor's ``timeout``.
        :raises AirflowTaskTimeout: none has within ``execution_timeout``.
        """
        if next_method != TRIGGER_FAILED:
            return super().resume_execution(next_method, next_kwargs, context)
        # It was, before the sensor deferred.
        self._connected = True
        found = self.poke(context)
        if found.is_done:
            return found.xcom_value
        left_s, limit = self._left_s(context), self._execution_limit()
        # Airflow 3.1 says after a trigger that the attempt has just started.
        if (next_kwargs or {}).get("error") == _TIMEOUT or left_s <= 0:
            if limit is None:
                return super().resume_execution(next_method, {"error": _TIMEOUT}, context)
            text = f"no run of job {self._id()} has succeeded within execution_timeout ({limit.total_seconds():.0f} s)"
            raise AirflowTaskTimeout(f"{text}: raise it, or find out why none has")
        trace = "".join((next_kwargs or {}).get("traceback") or ())
        self.log.warning("the trigger failed; waiting here for a run\n%s", trace)
        if limit is None:
            self.timeout = left_s
        else:
            shorten_timer(left_s)
        return super().execute(context)

    def poke(self, context: "Context") -> PokeReturnValue:  # noqa: ARG002 -- Airflow's signature
        """Look once; a workspace that cannot be reached has shown no run yet.

        :raises AirflowConnectionError: the connection cannot be used, and could not before.
        :raises RunFailedError: a run did not succeed, and ``on_failed_run="fail"``.
        """
        from airbrick.operators.hook import WorkspaceHook
        from airbrick.operators.runs.following import Following, summary
        from airbrick.operators.runs.outcome import Verdict, verdict

        since_s = self._since_s()
        try:
            with WorkspaceHook(self.databricks_conn_id).get_conn() as client:
                ended = Following(since_s).take(client.runs_since(self._id(), since_s))
        except (UnavailableError, AirflowConnectionError) as error:
            # One that never led anywhere is a wrong one, and that is told at once.
            if isinstance(error, AirflowConnectionError) and not self._connected:
                raise
            self.log.warning("cannot look at runs of job %s, trying on: %s", self._id(), error)
            ended = []
        self._connected = True
        for run in ended:
            if self.on_failed_run == "fail" or verdict(run) is Verdict.SUCCESS:
                return PokeReturnValue(is_done=True, xcom_value=self._told(summary(run)))
        return PokeReturnValue(is_done=False)

    def _left_s(self, context: "Context") -> float:
        """Give what is left of the shorter limit; both count from the attempt's start."""
        ti: Any = context["ti"]
        waited: timedelta = datetime.now(UTC) - ti.start_date
        limit = self._execution_limit() or timedelta(seconds=self.timeout)
        return max(0.0, (limit - waited).total_seconds())

    def _execution_limit(self) -> timedelta | None:
        """Give ``execution_timeout`` where it is shorter than the sensor's ``timeout``."""
        limit = self.execution_timeout
        return limit if limit and limit.total_seconds() < self.timeout else None

    def _told(self, run: dict[str, Any]) -> dict[str, Any]:
        from airbrick.operators.errors import RunFailedError

        if run.get("result") not in {"SUCCESS", "SUCCESS_WITH_FAILURES"}:
            text = (
                f"run {run.get('run_id')} of job {self._id()} did not succeed: {run.get('code') or run.get('result')}"
            )
            url = str(run.get("run_page_url") or "")
            raise RunFailedError(f"{text}\n{url}".strip(), run_id=int(run["run_id"]), url=url)
        return run

    def _id(self) -> int:
        from airbrick.operators.job_check import target_of_variable

        target = self._target or target_of_variable(self.job)
        return rendered_id("job_id", self.job_id) if target is None else target.job_id

    def _since_s(self) -> float:
        try:
            moment = datetime.fromisoformat(self.since)
        except (TypeError, ValueError):
            moment = None
        if moment is None or moment.tzinfo is None:
            raise UsageError(f"since={self.since!r}", "is no time", fix="give an ISO date and time with its zone")
        return moment.timestamp()
