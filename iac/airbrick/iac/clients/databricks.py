"""The Databricks REST API, in raw JSON: what airbrick does not know must get through unharmed.

databricks-sdk retries every verb after a lost response, and ``jobs/create`` has no idempotency token. So reads
use its client as it is, and writes use a second one that sends each request once.

Source: ``_BaseClient._is_retryable`` in https://github.com/databricks/databricks-sdk-py
"""

import logging
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NoReturn, cast

from airbrick.iac import errors
from airbrick.iac.clients.transport import Pause, was_never_sent
from airbrick.iac.provider.config import ProviderConfig

if TYPE_CHECKING:
    from databricks.sdk.core import ApiClient, Config
    from databricks.sdk.errors.base import DatabricksError

MAX_WRITES_IN_FLIGHT: Final = 8
READ_RETRY_S: Final = 60
HTTP_TIMEOUT_S: Final = 60
THROTTLE_BUDGET_S: Final = 300
_PRODUCT: Final = "airbrick"

Json = dict[str, Any]


class Workspace:
    """A Databricks workspace.

    :param config: where it is and who we are; what is empty comes from databricks-sdk's environment variables.
    :param pause: how to wait; interrupted when the engine cancels.
    :param read_retry_s: how long reads are retried.
    :raises ConfigError: the configuration names no workspace or no way to authenticate.
    """

    def __init__(self, config: ProviderConfig, pause: Pause, *, read_retry_s: int = READ_RETRY_S) -> None:
        self._pause = pause
        self._slots = threading.BoundedSemaphore(MAX_WRITES_IN_FLIGHT)
        # The SDK warns of a failed discovery where nobody sees it; the first real call says it better.
        logging.getLogger("databricks.sdk").setLevel(logging.ERROR)
        self._config, self._reads, self._writes = _connect(config, read_retry_s)
        self.host: str = str(self._config.host).rstrip("/")
        self.workspace_id: str | None = str(self._config.workspace_id) if self._config.workspace_id else None

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> Json:
        """Read; retried by the SDK.

        :raises IacError: the API refused, or there is no usable answer.
        """
        request = f"GET {path}"
        try:
            return cast("Json", self._reads.do("GET", path, query=dict(query or {}), headers=self._headers()))
        except Exception as error:  # noqa: BLE001 - the SDK raises its own, requests' and JSON's errors
            self._translate(error, request, path)

    def post(self, path: str, body: Mapping[str, Any]) -> Json:
        """Write once. Sent again only after a 429, which says that nothing was done.

        :raises UnclearError: the write may have been carried out.
        :raises IacError: the API refused.
        """
        request = f"POST {path}"
        deadline = time.monotonic() + THROTTLE_BUDGET_S
        with self._slots:
            while True:
                try:
                    return cast("Json", self._writes.do("POST", path, body=dict(body), headers=self._headers()))
                except Exception as error:  # noqa: BLE001 - as in get
                    cause = _cause(error)
                    wait_s = _throttled_for(cause)
                    if wait_s is None or time.monotonic() + wait_s > deadline or not self._pause.wait(wait_s):
                        self._translate(cause, request, path)

    def _headers(self) -> dict[str, str]:
        return {"X-Databricks-Workspace-Id": self.workspace_id} if self.workspace_id else {}

    def _translate(self, error: BaseException, request: str, path: str) -> NoReturn:
        from databricks.sdk.errors.base import DatabricksError

        cause = _cause(error)
        if isinstance(cause, errors.IacError):
            raise cause
        if isinstance(cause, DatabricksError) and (kind := _refusal(cause)) is not None:
            fix = _FIXES.get(kind, "").format(auth_type=self._config.auth_type)
            raise kind(
                service="Databricks",
                request=request,
                status=_status(cause),
                code=str(cause.error_code or ""),
                message=str(cause),
                fix=fix,
            ) from error
        reason = str(cause) or type(cause).__name__
        url = f"{self.host}{path}"
        if was_never_sent(cause):
            raise errors.UnreachableError(
                service="Databricks",
                request=request,
                url=url,
                reason="nothing answers at this address",
                fix="check airbrick:host (or DATABRICKS_HOST) and the network",
            ) from error
        raise errors.UnclearError(
            service="Databricks",
            request=request,
            url=url,
            reason=f"no usable answer ({reason})",
            fix="run `pulumi up` again: it looks for what this request may have made before it makes anything",
        ) from error


class _RetryRefusedError(Exception):
    """Raised in place of the SDK's sleep before a second attempt."""


def _connect(config: ProviderConfig, read_retry_s: int) -> "tuple[Config, ApiClient, ApiClient]":
    from databricks.sdk.clock import Clock
    from databricks.sdk.core import ApiClient, Config
    from databricks.sdk.credentials_provider import CredentialsStrategy

    class OneAttempt(Clock):
        def time(self) -> float:
            return time.time()

        def sleep(self, seconds: float) -> None:
            raise _RetryRefusedError(seconds)

    class SameIdentity(CredentialsStrategy):
        """One token for both clients."""

        def auth_type(self) -> str:
            return str(reads.auth_type)

        def __call__(self, cfg: Config) -> Any:  # noqa: ANN401 - the SDK's own type
            del cfg
            return reads.authenticate

    names = ("host", "auth_type", "token", "client_id", "client_secret")
    given: Json = {name: getattr(config, name) for name in names if getattr(config, name)}
    common: Json = {"product": _PRODUCT, "http_timeout_seconds": HTTP_TIMEOUT_S}
    try:
        reads = Config(**given, **common, retry_timeout_seconds=read_retry_s)
    except ValueError as error:
        raise _unusable(" ".join(str(error).split())) from error
    if not reads.host:
        raise _unusable("no workspace is named")
    once: Json = {"host": reads.host, "retry_timeout_seconds": 1, "credentials_strategy": SameIdentity()}
    writes = Config(**once, **common, clock=OneAttempt())
    return reads, ApiClient(reads), ApiClient(writes)


def _unusable(problem: str) -> errors.ConfigError:
    fix = "set airbrick:host and airbrick:client_id with airbrick:client_secret, or airbrick:token"
    return errors.ConfigError("airbrick:host", problem=problem, fix=fix)


def _cause(error: BaseException) -> BaseException:
    """Give what went wrong at first: the SDK wraps it when its time is over, our clock when it wants to retry."""
    if isinstance(error, _RetryRefusedError) and error.__context__ is not None:
        return error.__context__
    if isinstance(error, TimeoutError) and error.__cause__ is not None:
        return error.__cause__
    return error


def _throttled_for(error: BaseException) -> float | None:
    from databricks.sdk.errors import TooManyRequests

    if not isinstance(error, TooManyRequests):
        return None
    return float(error.retry_after_secs or 1)


_FIXES: Final[Mapping[type[errors.ApiError], str]] = {
    errors.UnauthenticatedError: "check the credentials in the airbrick: configuration (auth_type {auth_type})",
    errors.ForbiddenError: "give this identity the permission it lacks, or use another one",
}


def _refusal(error: "DatabricksError") -> type[errors.ApiError] | None:
    """Give the kind of refusal; ``None`` when the API may have done something before it failed."""
    from databricks.sdk import errors as sdk

    if isinstance(error, sdk.BadRequest) and "does not exist" in str(error):
        # jobs/delete and jobs/reset say it with 400; the SDK only corrects jobs/get.
        return errors.NotFoundError
    kinds: Mapping[type[DatabricksError], type[errors.ApiError]] = {
        sdk.Unauthenticated: errors.UnauthenticatedError,
        sdk.PermissionDenied: errors.ForbiddenError,
        sdk.NotFound: errors.NotFoundError,
        sdk.ResourceConflict: errors.ConflictError,
        sdk.TooManyRequests: errors.ThrottledError,
        sdk.BadRequest: errors.InvalidRequestError,
        sdk.NotImplemented: errors.ApiError,
    }
    return next((kind for sdk_kind, kind in kinds.items() if isinstance(error, sdk_kind)), None)


def _status(error: "DatabricksError") -> int:
    from databricks.sdk.errors.platform import STATUS_CODE_MAPPING

    kinds: Mapping[int, type[Exception]] = STATUS_CODE_MAPPING
    return next((status for status, kind in kinds.items() if isinstance(error, kind)), 0)
