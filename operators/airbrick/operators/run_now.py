"""The operator that runs a provisioned job."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

from airflow.sdk import BaseOperator
from airflow.sdk.configuration import conf

from airbrick.operators.authoring import parameters as job_parameter
from airbrick.operators.authoring.dag_file import places_beside
from airbrick.operators.authoring.target import Target, find_contract, load_cached, target_in
from airbrick.operators.errors import UsageError
from airbrick.operators.link import RunLink

if TYPE_CHECKING:
    from airflow.sdk import BaseOperatorLink, Context, XComArg
    from airflow.sdk.definitions.mappedoperator import OperatorPartial

    from airbrick.operators.kill import KillSwitch

DEFAULT_POLL_INTERVAL_S: Final = 30.0
CONF_SECTION: Final = "airbrick"
# Airflow's own signal for "the trigger failed".
_TRIGGER_FAILED: Final = "__fail__"
RESUME_METHOD: Final = "resume"


class RunNowOperator(BaseOperator):
    """Run a job that is provisioned in Databricks, exactly once, and wait for its end.

    The job is named by its key in the contract that ``pulumi up`` writes; job and parameters are checked against
    it when the DAG is parsed, without network. While the run goes on the task is deferred: it holds no worker, and
    one poller in the triggerer watches all runs of a workspace. A crash, a retry or a lost answer finds the run
    that was started instead of starting another; a clear starts a new one.

    XComs: ``run_id``, ``job_id``, ``run_page_url``, and the return value: what the last task (or
    ``result_task``) gave to ``dbutils.notebook.exit``, decoded when it is JSON.

    :param job: the job's key in the contract. Give this or ``job_id``.
    :param job_id: a job's id, for jobs that no contract names; nothing is checked before the run. Templated.
    :param job_parameters: the job's parameters by name; names are checked at parse. Values are templated text;
        numbers and booleans are written out.
    :param databricks_conn_id: Airflow connection of type ``databricks``. Templated.
    :param deferrable: wait in the triggerer instead of a worker; by default ``[airbrick] default_deferrable``,
        which is true.
    :param wait_for_termination: wait for the run's end; else the task succeeds when the run is started.
    :param contract: path of the contract, absolute or relative to the DAG file; by default it is looked for.
    :param on_stale: what to do when the job was changed after the contract was written.
    :param poll_interval: longest time between two looks at the run, in seconds. Young runs are looked at more
        often.
    :param queue_timeout: longest time in Databricks' queue, in seconds; then the run is cancelled and the task fails.
    :param start_timeout: longest time from the queue's end until a task of the job runs, in seconds.
    :param run_timeout: longest time from the queue's end until the run's end, in seconds.
    :param result_task: key of the job's task whose result is returned.
    :raises UsageError: an argument is wrong; at parse.
    :raises ContractError: the contract is broken, or several fit; at parse.
    """

    template_fields: ClassVar[Sequence[str]] = ("job", "job_id", "job_parameters", "databricks_conn_id")  # type: ignore[misc]
    template_fields_renderers: ClassVar[dict[str, str]] = {"job_parameters": "json"}
    operator_extra_links: "ClassVar[Sequence[BaseOperatorLink]]" = (RunLink(),)  # type: ignore[misc]
    ui_color = "#ffe8e3"
    ui_fgcolor = "#1b3139"

    def __init__(
        self,
        *,
        job: str | None = None,
        job_id: int | str | None = None,
        job_parameters: "Mapping[str, Any] | XComArg | None" = None,
        databricks_conn_id: str = "databricks_default",
        deferrable: bool | None = None,
        wait_for_termination: bool = True,
        contract: str | Path | None = None,
        on_stale: Literal["warn", "fail"] = "warn",
        poll_interval: float | timedelta = DEFAULT_POLL_INTERVAL_S,
        queue_timeout: float | timedelta | None = None,
        start_timeout: float | timedelta | None = None,
        run_timeout: float | timedelta | None = None,
        result_task: str | None = None,
        **kwargs: Any,  # noqa: ANN401 -- BaseOperator's own arguments
    ) -> None:
        super().__init__(**kwargs)
        self.job = job
        self.job_id = job_id
        self.job_parameters = job_parameters if job_parameters is not None else {}
        self.databricks_conn_id = databricks_conn_id
        self.deferrable = _default_deferrable() if deferrable is None else deferrable
        self.wait_for_termination = wait_for_termination
        self.contract = None if contract is None else str(contract)
        self.on_stale = on_stale
        self.poll_interval_s = _seconds("poll_interval", poll_interval) or DEFAULT_POLL_INTERVAL_S
        self.queue_timeout_s = _seconds("queue_timeout", queue_timeout)
        self.start_timeout_s = _seconds("start_timeout", start_timeout)
        self.run_timeout_s = _seconds("run_timeout", run_timeout)
        self.result_task = result_task
        self.run_page_url: str | None = None
        self.kill_switch: KillSwitch | None = None
        if on_stale not in {"warn", "fail"}:
            raise UsageError(f"on_stale={on_stale!r}", "is not known", fix='use "warn" or "fail"')
        fileloc = getattr(self.get_dag(), "fileloc", None)
        self._target = check_arguments(
            job=job, job_id=job_id, job_parameters=job_parameters, contract=self.contract, dag_fileloc=fileloc
        )

    @classmethod
    def partial(cls, **kwargs: Any) -> "OperatorPartial":  # noqa: ANN401 -- as BaseOperator's
        """Prepare a mapped task; what is given here is checked now, what is expanded when it runs."""
        if "job" in kwargs:
            check_arguments(
                job=kwargs["job"],
                job_id=kwargs.get("job_id"),
                job_parameters=kwargs.get("job_parameters"),
                contract=None if kwargs.get("contract") is None else str(kwargs["contract"]),
                dag_fileloc=getattr(kwargs.get("dag"), "fileloc", None) or _fileloc_of_current_dag(),
            )
        return super().partial(**kwargs)

    @property
    def target(self) -> Target | None:
        """Give the job as the contract found at parse describes it; ``None`` when none was found."""
        return self._target

    def execute(self, context: "Context") -> Any:  # noqa: ANN401 -- a run's result is any JSON value
        """Start the run, or find the one an earlier attempt started, and wait for it.

        :raises RefusedError: connection, workspace or job do not fit; not retried.
        :raises RunError: the run did not succeed.
        """
        from airbrick.operators.execution import Execution

        with Execution(self, context) as execution:
            return execution.start()

    def resume(self, context: "Context", event: "Mapping[str, Any] | None" = None) -> Any:  # noqa: ANN401 -- as execute
        """Go on after the trigger: look at the run and return its result.

        :param event: what the trigger saw.
        """
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
        if next_method == _TRIGGER_FAILED:
            from airbrick.operators.execution import Execution

            with Execution(self, context) as execution:
                return execution.after_trigger_failure(next_kwargs or {})
        return super().resume_execution(next_method, next_kwargs, context)

    def on_kill(self) -> None:
        """Cancel the run if a person ended the task; leave it running if only this process was told to stop."""
        if self.kill_switch is not None:
            self.kill_switch.pull()


def check_arguments(
    *,
    job: object,
    job_id: object,
    job_parameters: object,
    contract: str | None,
    dag_fileloc: str | None,
) -> Target | None:
    """Check what can be checked when a DAG is parsed.

    :returns: the job as the contract describes it; ``None`` for ``job_id``, or when no contract is found.
    """
    if (job is None) == (job_id is None):
        problem = "neither is given" if job is None else "both are given"
        raise UsageError("job, job_id", problem, fix="name the job by its key in the contract: job=…")
    static = job_parameters if isinstance(job_parameters, Mapping) else {}
    if job is None:
        _check_values(static)
        return None
    if not isinstance(job, str) or not job or "{{" in job:
        raise UsageError(f"job={job!r}", "is not a key", fix="give the key as plain text; it is looked up at parse")
    places = places_beside(dag_fileloc)
    path = find_contract(contract=contract, places=places)
    target = None if path is None else target_in(load_cached(path), job, source=str(path))
    if target is not None:
        job_parameter.check_names(job, static, known=target.parameters, source=target.source)
    _check_values(static)
    return target


def _check_values(static: Mapping[str, object]) -> None:
    # Templates are rendered and XComs are fetched later: those values are checked when the task runs.
    job_parameter.as_text({name: value for name, value in static.items() if not _is_late(value)})


def _is_late(value: object) -> bool:
    return (isinstance(value, str) and ("{{" in value or "{%" in value)) or hasattr(value, "resolve")


def _default_deferrable() -> bool:
    return bool(conf.getboolean(CONF_SECTION, "default_deferrable", fallback=True))


def _fileloc_of_current_dag() -> str | None:
    from airflow.sdk.definitions._internal.contextmanager import DagContext

    return getattr(DagContext.get_current(), "fileloc", None)


def _seconds(name: str, value: float | timedelta | None) -> float | None:
    if value is None:
        return None
    seconds: object = value.total_seconds() if isinstance(value, timedelta) else value
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds > 0:
        raise UsageError(f"{name}={value!r}", "is not a positive time", fix="give seconds or a timedelta")
    return float(seconds)
