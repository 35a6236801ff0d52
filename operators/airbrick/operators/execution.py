"""One execution of a task in a worker: from the Airflow context to a run's outcome."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Self, cast

from airbrick.operators.airflow_facts import TaskFacts, ended_by_person, pull_own_xcom, record_store
from airbrick.operators.airflow_names import AirflowTaskTimeout, conf
from airbrick.operators.airflow_timer import check_in_time
from airbrick.operators.announce import ATTEMPT, JOB_ID, RUN_ID, Announcer
from airbrick.operators.authoring.options import CONF_SECTION
from airbrick.operators.errors import (
    AirbrickError,
    AirflowConnectionError,
    NotFoundError,
    RunLostError,
    RunUnwatchedError,
    TaskEndedError,
    UnavailableError,
    UsageError,
)
from airbrick.operators.job_check import check_job
from airbrick.operators.kill import KillSwitch
from airbrick.operators.report import Reporter
from airbrick.operators.request import RepairRequest, RunRequest
from airbrick.operators.run_operator import RESUME_METHOD
from airbrick.operators.runs.deadlines import Deadline, Deadlines, told_before
from airbrick.operators.runs.view import RunView
from airbrick.operators.runs.wait import wait_in_worker
from airbrick.operators.submission.decide import OnRetry, Policy, Step, asked_before
from airbrick.operators.submission.record import Record
from airbrick.operators.submission.repair_once import RepairOnce
from airbrick.operators.submission.submit import Found, Order, Submission
from airbrick.operators.submission.token import TaskKey
from airbrick.operators.trigger import RunTrigger
from airbrick.operators.workspace import wire
from airbrick.operators.workspace.airflow_connection import read_connection
from airbrick.operators.workspace.client import CANCEL_RETRY_FOR_S, WorkspaceClient
from airbrick.operators.workspace.clock import Clock
from airbrick.operators.workspace.connection import ConnectionSettings
from airbrick.operators.workspace.sign_in import SignIn

if TYPE_CHECKING:
    import logging
    from types import TracebackType

    from airflow.sdk import Context

    from airbrick.operators.run_operator import RunOperator

TRIGGER_FAILURES_MAX: Final = 3
"""After this many failures of the trigger for one run, the worker waits for the run itself."""


class Execution:
    """Runs one execution of a :class:`RunOperator`."""

    def __init__(self, operator: "RunOperator", context: "Context") -> None:
        self._operator = operator
        # Airflow's own logger type takes printf-style arguments as the standard library's does.
        self._log = cast("logging.Logger", operator.log)
        self._context = context
        self._ti: Any = context["ti"]
        self._facts = TaskFacts.of(context)
        self._store = record_store(context)
        self._sign_in = SignIn(lambda: read_connection(operator.databricks_conn_id))
        self._kill_switch = KillSwitch[int](
            asked_by_person=partial(ended_by_person, self._facts), cancel=self._cancel_apart, log=self._log
        )
        self._clock = Clock(sleep=self._kill_switch.sleep)
        self._announcer = Announcer(operator, self._ti)
        self._count_from(self._facts.attempt.started_at)
        operator.kill_switch = self._kill_switch

    def __enter__(self) -> Self:
        """Use the execution as a context manager."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: "TracebackType | None"
    ) -> None:
        """Finish what a signal began, before Airflow ends the process."""
        # A deferral is no Exception.
        self._kill_switch.close(failed=isinstance(error, Exception))

    def start(self) -> Any:  # noqa: ANN401 -- a run's result is any JSON value
        """Get this attempt's run and see it through to its end."""
        operator = self._operator
        request = operator.request()
        with self._client() as client:
            settings = self._settings(client, self._store.read())
            found = self._obtain(client, settings, request)
            self._announcer.page(found.run, settings.host)
            if not operator.wait_for_termination:
                self._log.info("run %s is started; not waiting for its end", found.run.run_id)
                return None
            if found.step is not Step.WATCH:
                return self._reporter(client).report(found.run, stands=found.step is Step.FAIL)
            return self._wait(client, found.run.run_id, found.run, found.record)

    def _obtain(
        self, client: WorkspaceClient, settings: ConnectionSettings, request: RunRequest | RepairRequest
    ) -> Found:
        operator, attempt, host = self._operator, self._facts.attempt, settings.host
        policy = Policy(OnRetry(operator.on_retry), operator.on_success_with_failures == "success")
        if isinstance(request, RepairRequest):
            return RepairOnce(
                client,
                self._store,
                request,
                attempt,
                host=host,
                clock=self._clock,
                log=self._log,
                check=self._check_in_time,
                on_known=self._kill_switch.known,
                on_stored=lambda run_id: self._stored(run_id, 0, host),
                partial_success=policy.partial_success,
            ).obtain()
        return Submission(
            client,
            self._store,
            Order(self._key(settings, request.job_id), attempt, request, policy),
            clock=self._clock,
            log=self._log,
            check=lambda: check_job(client, request.target, stale_fails=request.stale_fails, log=self._log),
            in_time=self._check_in_time,
            on_known=self._kill_switch.known,
            on_stored=lambda run_id: self._stored(run_id, request.job_id, host),
        ).obtain()

    def _check_in_time(self) -> None:
        limit = self._operator.execution_timeout
        check_in_time(self._execution_at, now=self._clock.now(), execution_timeout=limit)

    def resume(self, event: Mapping[str, Any]) -> Any:  # noqa: ANN401 -- as start
        """Go on after the trigger's event; the run itself is looked at, whatever the event says.

        :param event: what :class:`RunTrigger` saw.
        """
        record, watched = self._store.read(), _record_of(event, self._facts)
        if asked_before(record or watched, self._facts.attempt):
            return self._begin_anew()
        if record is None or (watched is not None and watched.run_id != record.run_id):
            record = watched
        if record is None or record.run_id is None:
            raise UsageError("event", "names no run", fix="clear the task")
        return self._go_on(record, record.run_id, event)

    def after_trigger_failure(self, kwargs: Mapping[str, Any]) -> Any:  # noqa: ANN401 -- as start
        """Go on after the trigger failed: the run does not know of it.

        :param kwargs: Airflow's account of the failure.
        """
        trace = "".join(kwargs.get("traceback") or ())
        self._log.warning("the trigger failed (%s); looking at the run itself\n%s", kwargs.get("error"), trace)
        record = self._store.read()
        watched = None
        if record is None or record.run_id is None:
            event = {key: pull_own_xcom(self._ti, key) for key in (RUN_ID, JOB_ID)}
            watched = _record_of(event | (pull_own_xcom(self._ti, ATTEMPT) or {}), self._facts)
        if asked_before(record or watched, self._facts.attempt):
            return self._begin_anew()
        record = watched or record
        if record is None or (run_id := record.run_id) is None:
            raise AirbrickError("the trigger failed and no run is known: an attempt will find it by its token")
        record = replace(record, trigger_failures=record.trigger_failures + 1)
        self._store.write(record)
        return self._go_on(record, run_id, {})

    def _begin_anew(self) -> Any:  # noqa: ANN401 -- as start
        self._log.info("the attempt before was cleared while it reported: this one begins anew")
        # Airflow gives that one's start. Source: airflow.api_fastapi.execution_api.routes.task_instances.ti_run, which
        # keeps it where a task is to be resumed.
        self._count_from(now := self._clock.now())
        # Every run so far is from before the clear. Where nothing is stored, only this tells.
        self._facts = replace(self._facts, attempt=replace(self._facts.attempt, dag_run_started_at=now))
        return self.start()

    def _count_from(self, began_at: float) -> None:
        """Let the attempt's time count from its beginning."""
        self._facts = replace(self._facts, attempt=replace(self._facts.attempt, started_at=began_at))
        limit = self._operator.execution_timeout
        self._execution_at = None if limit is None else began_at + limit.total_seconds()

    def _go_on(self, record: Record, run_id: int, event: Mapping[str, Any]) -> Any:  # noqa: ANN401 -- as start
        if record.began_at:
            self._count_from(record.began_at)
        self._execution_at = told_before(self._execution_at, event.get("execution_at"))
        self._kill_switch.known(run_id)
        with self._client() as client:
            run = self._look(client, record, run_id)
            if run is not None:
                self._announcer.page(run, client.signed_in().settings.host)
                if run.ended:
                    return self._reporter(client).report(run)
            # The trigger may have taken the run for longer in a phase than it was; but its clock may also be ahead.
            if passed := self._deadlines(record).passed(run, max(self._clock.now(), float(event.get("at") or 0.0))):
                self._reporter(client).expire(run_id, run, record, passed)
            return self._wait(client, run_id, run, record)

    def _wait(self, client: WorkspaceClient, run_id: int, run: RunView | None, record: Record) -> Any:  # noqa: ANN401 -- as start
        operator, deadlines = self._operator, self._deadlines(record)
        watched = self._store.durable or record.trigger_failures == 0
        if operator.deferrable and watched and record.trigger_failures < TRIGGER_FAILURES_MAX:
            self._end_for_person(client, run_id)
            attempt = self._facts.attempt.to_json()
            if not self._store.durable and operator.do_xcom_push:
                self._ti.xcom_push(key=ATTEMPT, value=attempt)
            operator.defer(
                trigger=RunTrigger(
                    conn_id=operator.databricks_conn_id,
                    run_id=run_id,
                    job_id=(0 if run is None else run.job_id) or record.job_id,
                    poll_interval_s=operator.poll_interval_s,
                    deadlines=deadlines.to_json(),
                    attempt=attempt,
                ),
                method_name=RESUME_METHOD,
            )
        try:
            run, passed = wait_in_worker(
                run_id,
                run,
                look=client.run,
                deadlines=deadlines,
                poll_interval_s=operator.poll_interval_s,
                clock=self._clock,
                log=self._log,
            )
        except NotFoundError as error:
            raise self._lost(run_id) from error
        except AirflowTaskTimeout:
            run, passed = self._look(client, record, run_id), Deadline.EXECUTION
        if run is not None:
            self._announcer.page(run, client.signed_in().settings.host)
        if run is not None and run.ended:
            return self._reporter(client).report(run)
        assert passed is not None  # noqa: S101 -- else the wait would go on
        return self._reporter(client).expire(run_id, run, record, passed)

    def _end_for_person(self, client: WorkspaceClient, run_id: int) -> None:
        """Cancel the run if a person ended the task meanwhile: it would be deferred no more, and nobody would look."""
        if self._kill_switch.person_ended():
            client.call(wire.cancel_run(run_id))
            self._kill_switch.ended()
            raise TaskEndedError

    def _settings(self, client: WorkspaceClient, record: Record | None) -> ConnectionSettings:
        try:
            return client.signed_in().settings
        except AirflowConnectionError as error:
            if record is None or record.run_id is None:
                raise
            message = f"run {record.run_id} of {self._operator.label} may go on: {error}"
            raise RunUnwatchedError(message, run_id=record.run_id, url="") from error

    def _key(self, settings: ConnectionSettings, job_id: int) -> TaskKey:
        facts = self._facts
        return TaskKey(
            salt=settings.salt or conf.get(CONF_SECTION, "deployment_id", fallback=""),
            host=settings.host,
            job_id=job_id,
            dag_id=facts.dag_id,
            run_id=facts.run_id,
            task_id=facts.task_id,
            map_index=facts.map_index,
            max_tries=facts.max_tries,
        )

    def _deadlines(self, record: Record) -> Deadlines:
        operator = self._operator
        return Deadlines(
            submitted_at=record.asked_at,
            queue_s=operator.queue_timeout_s,
            start_s=operator.start_timeout_s,
            run_s=operator.run_timeout_s,
            execution_at=self._execution_at,
        )

    def _stored(self, run_id: int, job_id: int, host: str) -> None:
        self._kill_switch.settle()
        self._announcer.started(run_id, job_id, host)

    def _look(self, client: WorkspaceClient, record: Record, run_id: int) -> RunView | None:
        """Look at the run; ``None`` while the workspace cannot be reached, which ends no wait."""
        try:
            self._settings(client, record)
            return client.run(run_id)
        except NotFoundError as error:
            raise self._lost(run_id) from error
        except UnavailableError as error:
            self._log.warning("cannot look at run %s, waiting on: %s", run_id, error)
            return None

    def _lost(self, run_id: int) -> RunLostError:
        return RunLostError(f"run {run_id} of {self._operator.label} no longer exists", run_id=run_id, url="")

    def _reporter(self, client: WorkspaceClient) -> Reporter:
        return Reporter(
            self._operator, self._context, client, self._store, self._kill_switch, clock=self._clock, log=self._log
        )

    def _client(self) -> WorkspaceClient:
        return WorkspaceClient(self._sign_in, clock=self._clock)

    def _cancel_apart(self, run_id: int) -> None:
        # Its own client: the worker's may be in the middle of a request.
        with WorkspaceClient(self._sign_in, clock=Clock(), retry_for_s=CANCEL_RETRY_FOR_S) as client:
            client.call(wire.cancel_run(run_id))


def _record_of(event: Mapping[str, Any], facts: TaskFacts) -> Record | None:
    """Make up the record from an event, where Airflow has no task state store."""
    if event.get("run_id") is None:
        return None
    return Record(
        k=0,
        token="",
        host="",
        job_id=int(event.get("job_id") or 0),
        run_id=int(event["run_id"]),
        # A trigger of an earlier version does not tell it.
        try_number=int(event.get("try_number") or facts.attempt.try_number),
        clear_number=facts.attempt.clear_number,
        asked_at=float(event.get("submitted_at") or facts.attempt.started_at),
        began_at=float(event.get("began_at") or 0.0),
    )
