"""Everything that can go wrong in an operator.

::

    AirbrickError (AirflowException: retried as the task's ``retries`` say)
    ├── UsageError                    the DAG is wrong; found when it is parsed, never retried
    │   ├── UnknownJobError           no such job key in the contract
    │   ├── UnknownParameterError     no such parameter in the job
    │   ├── ParameterValueError       a parameter's value cannot be sent
    │   └── NotProvisionedError       the contract is a preview: the job has no id yet
    ├── RefusedError                  the world does not fit the DAG; never retried
    │   ├── ConnectionSettingsError   the Airflow connection cannot be used; an AirflowConnectionError too
    │   ├── WrongWorkspaceError       the connection leads to another workspace than the contract
    │   ├── JobDeletedError           the job is gone
    │   └── StaleContractError        the job changed since the contract was written
    ├── AirflowConnectionError        the Airflow connection leads nowhere, at least at present
    │   └── ConnectionMissingError    Airflow does not have it, or cannot tell
    ├── ContractMissingError          there is no contract, or Airflow cannot tell
    ├── ApiError                      the workspace answered with an error
    │   └── NotFoundError             what was asked for does not exist
    ├── UnavailableError              it could not be reached, or kept failing, for too long
    ├── StatementError                a SQL statement did not succeed
    │   └── StatementLostError        it was executed, but its end or its rows cannot be had any more; never retried
    ├── RunStillEndingError           a run was cancelled but has not ended in time
    ├── TaskEndedError                the task was ended while it waited
    ├── TooLateError                  the task's time was over before it asked for anything
    └── RunError                      a run did not succeed
        ├── RunFailedError            it failed; another attempt may succeed
        │   └── RunBusyError          something was full or down; another attempt does better after a while
        ├── RunRejectedError          it failed for good, or a person cancelled it; never retried
        ├── RunDeadlineError          it took too long and was cancelled
        ├── RunLostError              it no longer exists
        └── RunUnwatchedError         it may go on, but nobody can look at it at present
"""

from typing import Self

from airbrick.operators.airflow_names import AirflowException, AirflowFailException


class AirbrickError(AirflowException):
    """The base of every error of the operators; its text names the place and the fix."""


class UsageError(AirbrickError, AirflowFailException):
    """The DAG asks for something that cannot be.

    :param place: what is wrong, such as ``RunNowOperator(job=…)``.
    :param problem: what is wrong with it.
    :param fix: what to do about it.
    """

    def __init__(self, place: str, problem: str, *, fix: str) -> None:
        self.place = place
        self.problem = problem
        self.fix = fix
        super().__init__(f"{place}: {problem}: {fix}")


class UnknownJobError(UsageError):
    """The contract has no job with this key.

    :param job: the key asked for.
    :param source: the contract.
    :param suggestion: the key that was probably meant.
    """

    def __init__(self, job: str, *, source: str, known: tuple[str, ...], suggestion: str | None) -> None:
        self.job = job
        self.source = source
        self.suggestion = suggestion
        super().__init__(f"job={job!r}", f"not in {source}", fix=_did_you_mean(suggestion, known, "jobs"))


class UnknownParameterError(UsageError):
    """The job has no parameter with this name.

    :param job: the job's key.
    :param parameter: the name asked for.
    :param suggestion: the name that was probably meant.
    """

    def __init__(
        self, job: str, parameter: str, *, source: str, known: tuple[str, ...], suggestion: str | None
    ) -> None:
        self.job = job
        self.parameter = parameter
        self.source = source
        self.suggestion = suggestion
        super().__init__(
            f"job_parameters[{parameter!r}]",
            f"job {job!r} has no such parameter in {source}",
            fix=_did_you_mean(suggestion, known, "parameters"),
        )


class ParameterValueError(UsageError):
    """A parameter's value cannot be sent; the value is never shown.

    :param parameter: the parameter's name or place, or ``""`` for all of them together.
    :param field: the argument it is given in.
    """

    def __init__(self, parameter: object, problem: str, *, fix: str, field: str = "job_parameters") -> None:
        self.parameter = parameter
        self.field = field
        super().__init__(field if parameter == "" else f"{field}[{parameter!r}]", problem, fix=fix)


class NotProvisionedError(UsageError):
    """The contract was written by a preview: the job does not exist yet."""

    def __init__(self, job: str, *, source: str) -> None:
        self.job = job
        self.source = source
        super().__init__(
            f"job={job!r}",
            f"has no id in {source}, which comes from a preview",
            fix="run `pulumi up`, then `airbrick contract pull --stack STACK`",
        )


class RefusedError(AirbrickError, AirflowFailException):
    """The run was not started because the world does not fit the DAG."""


class AirflowConnectionError(AirbrickError):
    """An Airflow connection leads nowhere, at least at present.

    :param conn_id: the connection.
    """

    def __init__(self, conn_id: str, problem: str, *, fix: str) -> None:
        self.conn_id = conn_id
        super().__init__(f"connection {conn_id!r}: {problem}: {fix}")


class ConnectionSettingsError(AirflowConnectionError, RefusedError):
    """An Airflow connection cannot be used to reach Databricks.

    :param field: the field at fault.
    """

    def __init__(self, conn_id: str, field: str, problem: str, *, fix: str) -> None:
        self.field = field
        super().__init__(conn_id, f"{field}: {problem}", fix=fix)


class ConnectionMissingError(AirflowConnectionError):
    """Airflow does not have a connection, or could not ask for it: it says the same of both.

    Source: airflow.sdk.execution_time.secrets.execution_api, which gives ``None`` for most errors of Airflow's API.
    """

    def __init__(self, conn_id: str) -> None:
        problem = "does not exist, or Airflow could not tell at present"
        super().__init__(conn_id, problem, fix="create it, or give the right databricks_conn_id")


class ContractMissingError(AirbrickError):
    """There is no contract beside the DAG, and no Airflow Variable, or Airflow could not ask for it.

    :param job: the job that it was to name.
    """

    def __init__(self, job: str, problem: str) -> None:
        self.job = job
        super().__init__(f"job={job!r}: {problem}")


class WrongWorkspaceError(RefusedError):
    """The connection leads to another workspace than the one the contract describes.

    :param expected: the contract's host or workspace id.
    :param found: the connection's.
    """

    def __init__(self, conn_id: str, *, expected: str, found: str, source: str) -> None:
        self.conn_id = conn_id
        self.expected = expected
        self.found = found
        super().__init__(
            f"connection {conn_id!r} leads to {found}, but {source} describes {expected}: "
            "use the contract of that workspace (AIRBRICK_STACK, contract=) or mend the connection"
        )


class JobDeletedError(RefusedError):
    """The job no longer exists in the workspace."""

    def __init__(self, job_id: int, *, host: str, fix: str) -> None:
        self.job_id = job_id
        self.host = host
        super().__init__(f"job {job_id} does not exist in {host}: {fix}")


class StaleContractError(RefusedError):
    """The job changed since the contract was written, and ``on_stale="fail"``."""

    def __init__(self, job: str, *, source: str) -> None:
        self.job = job
        self.source = source
        super().__init__(
            f"job {job!r} changed in the workspace since {source} was written: "
            'run `airbrick contract pull --stack STACK` and deploy the file, or use on_stale="warn"'
        )


class ApiError(AirbrickError):
    """The workspace answered with an error.

    :param status: HTTP status; ``None`` when no answer came.
    :param error_code: Databricks' own code, such as ``INVALID_PARAMETER_VALUE``.
    :param retry_after_s: what the ``Retry-After`` header asked for.
    """

    def __init__(
        self,
        request: str,
        *,
        status: int | None,
        error_code: str = "",
        message: str = "",
        retry_after_s: float | None = None,
    ) -> None:
        self.request = request
        self.status = status
        self.error_code = error_code
        self.message = message
        self.retry_after_s = retry_after_s
        answer = " ".join(part for part in (str(status or ""), error_code) if part) or "no answer"
        super().__init__(f"{request}: {answer}: {message}" if message else f"{request}: {answer}")


class NotFoundError(ApiError):
    """What was asked for does not exist."""


class UnavailableError(AirbrickError):
    """The workspace could not be reached, or kept failing, for too long.

    :param waited_s: how long it was tried.
    :param last: the last thing that went wrong.
    """

    def __init__(self, host: str, *, waited_s: float, last: str) -> None:
        self.host = host
        self.waited_s = waited_s
        self.last = last
        super().__init__(f"{host} did not answer usefully for {waited_s:.0f} s; the last try said: {last}")


class StatementError(AirbrickError):
    """A SQL statement did not succeed, or took too long and was cancelled.

    :param code: the statement's error code, such as ``BAD_REQUEST``.
    """

    def __init__(self, message: str, *, statement_id: str, code: str = "") -> None:
        self.statement_id = statement_id
        self.code = code
        super().__init__(message)


class StatementLostError(StatementError, AirflowFailException):
    """A SQL statement was executed, but its end or its rows cannot be had any more.

    It is not executed again unless a person wants that: the first time may have done its work.
    """

    @classmethod
    def unknown(cls, statement_id: str) -> Self:
        """Say that the workspace does not know the statement any more.

        Source: databricks-sdk 0.156, ``get_statement``: a statement is removed 12 hours after its end.
        """
        text = (
            f"statement {statement_id} was sent, but the workspace does not know it any more, nor how it ended: "
            "look for it in the query history, and clear the task to execute it again"
        )
        return cls(text, statement_id=statement_id)

    @classmethod
    def closed(cls, statement_id: str) -> Self:
        """Say that the statement has succeeded, but its rows are gone.

        Source: databricks-sdk 0.156, ``StatementStatus.state``; results are kept for an hour.
        """
        text = (
            f"statement {statement_id} has succeeded, but the workspace keeps its rows no longer: "
            "clear the task to execute it again"
        )
        return cls(text, statement_id=statement_id)


class RunStillEndingError(AirbrickError):
    """A run was cancelled but has not ended in time; another attempt looks again."""

    def __init__(self, run_id: int, *, waited_s: float) -> None:
        self.run_id = run_id
        self.waited_s = waited_s
        super().__init__(f"run {run_id} was cancelled but is still ending after {waited_s:.0f} s")


class TaskEndedError(AirbrickError):
    """The task was ended while it waited, and what it waited for is being cancelled."""

    def __init__(self) -> None:
        super().__init__("the task was ended while it waited")


class TooLateError(AirbrickError):
    """The task passed its deadline before it asked for anything, and so it did not ask.

    :param limit: the argument that sets the deadline: ``execution_timeout``, or a statement's ``timeout``.
    :param limit_s: how long it allows, in seconds.
    """

    def __init__(self, limit: str, *, limit_s: float) -> None:
        self.limit = limit
        self.limit_s = limit_s
        super().__init__(
            f"{limit}: {limit_s:.0f} s were over before anything was asked for: this attempt started nothing: "
            f"raise {limit}, or find in the task's log what took so long"
        )


class RunError(AirbrickError):
    """A run did not succeed.

    :param run_id: the run.
    :param url: its page.
    :param code: the termination code, such as ``RUN_EXECUTION_ERROR``.
    """

    def __init__(self, message: str, *, run_id: int, url: str, code: str = "") -> None:
        self.run_id = run_id
        self.url = url
        self.code = code
        super().__init__(message)


class RunFailedError(RunError):
    """A run failed; another attempt may succeed."""


class RunBusyError(RunFailedError):
    """A run could not be executed because something was full or down; a retry does better after a while."""


class RunRejectedError(RunError, AirflowFailException):
    """A run failed for a reason that another attempt would meet again, or a person cancelled it."""


class RunDeadlineError(RunError):
    """A run took too long and was cancelled.

    :param deadline: which deadline: ``queue``, ``start``, ``run`` or ``execution``.
    """

    def __init__(self, message: str, *, run_id: int, url: str, deadline: str) -> None:
        self.deadline = deadline
        super().__init__(message, run_id=run_id, url=url)


class RunLostError(RunError):
    """A run that was being waited for no longer exists."""


class RunUnwatchedError(RunError):
    """A run may go on, but the connection to look at it with cannot be used at present; another attempt looks again."""


def _did_you_mean(suggestion: str | None, known: tuple[str, ...], what: str) -> str:
    if suggestion:
        return f"did you mean {suggestion!r}?"
    if not known:
        return f"it has no {what}"
    shown = ", ".join(repr(name) for name in known[:10])
    return f"its {what} are {shown}{' …' if len(known) > 10 else ''}"  # noqa: PLR2004 -- as many as fit a line
