"""When a failed task is retried: a policy for Airflow 3.3 and later."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Self

from airflow.sdk import RetryPolicy
from airflow.sdk.definitions.retry_policy import RetryDecision

from airbrick.operators.errors import RunBusyError, RunUnwatchedError, UnavailableError

if TYPE_CHECKING:
    from airflow.sdk import Context

BUSY_DELAY: Final = timedelta(minutes=10)


class RunRetryPolicy(RetryPolicy):
    """Wait longer before a retry where an early one would meet the same.

    A job that has all the runs it may have, a full queue, or a cloud that gives no machines is not better after
    the usual ``retry_delay``. How often a task is retried stays with its ``retries``; what is never retried (a
    mistake in the DAG, a run that a person cancelled) needs no policy.

    :param busy_delay: wait before a retry when something was full or down. A longer ``retry_delay`` wins.
    """

    def __init__(self, busy_delay: timedelta = BUSY_DELAY) -> None:
        self.busy_delay = busy_delay

    def evaluate(
        self,
        exception: BaseException,
        try_number: int,  # noqa: ARG002 -- Airflow's signature
        max_tries: int,  # noqa: ARG002 -- as above
        context: "Context | None" = None,
    ) -> RetryDecision:
        """Decide on a retry after an exception."""
        if not isinstance(exception, RunBusyError | RunUnwatchedError | UnavailableError):
            return RetryDecision.default()
        usual: Any = None if context is None else getattr(context["task"], "retry_delay", None)
        delay = max(self.busy_delay, usual) if isinstance(usual, timedelta) else self.busy_delay
        return RetryDecision.retry(delay, reason=f"{type(exception).__name__}: a retry does better after a while")

    def serialize(self) -> dict[str, Any]:
        """Write the policy for Airflow's database."""
        return {"busy_delay": self.busy_delay.total_seconds()}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Self:
        """Read the policy from Airflow's database."""
        return cls(timedelta(seconds=float(data["busy_delay"])))
