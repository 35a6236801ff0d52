"""Request headers that prove who asks, made by databricks-sdk."""

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from airbrick.operators.errors import ApiError
from airbrick.operators.workspace.connection import ConnectionSettings
from airbrick.operators.workspace.threads import run_bounded

HEADERS_TTL_S: Final = 60.0
"""How long headers are used before databricks-sdk is asked again; it renews tokens well before they expire."""

SIGN_IN_TIMEOUT_S: Final = 60.0
"""How long signing in may take before it counts as an outage."""

_HTTP_TIMEOUT_S: Final = 20
# databricks-sdk would try for minutes where whoever signs in tries again anyway.
_RETRY_TIMEOUT_S: Final = 1


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A connection in use.

    :param workspace_id: the workspace's own id, where it tells it; else empty.
    :param headers: makes fresh request headers; may call the workspace and block.
    """

    settings: ConnectionSettings
    workspace_id: str
    headers: Callable[[], Mapping[str, str]]


def sign_in(settings: ConnectionSettings) -> SignedIn:
    """Sign in with a connection. Blocks: it may call the workspace.

    :raises ValueError: databricks-sdk refuses the settings; its text holds no secret.
    """
    # databricks-sdk costs hundreds of milliseconds to import: only who signs in pays.
    from databricks.sdk.core import Config

    options: Any = settings.credentials.options
    config = Config(
        host=settings.host,
        auth_type=str(settings.credentials.auth),
        http_timeout_seconds=_HTTP_TIMEOUT_S,
        retry_timeout_seconds=_RETRY_TIMEOUT_S,
        **options,
    )
    return SignedIn(settings, str(config.workspace_id or ""), config.authenticate)


class SignIn:
    """The sign-in of one worker: made when first needed, renewed on demand.

    :param read: reads the connection, so that a rotated secret is seen.
    """

    def __init__(
        self, read: Callable[[], ConnectionSettings], *, make: Callable[[ConnectionSettings], SignedIn] = sign_in
    ) -> None:
        self._read = read
        self._make = make
        self._current: SignedIn | None = None
        self._lock = threading.Lock()

    def current(self) -> SignedIn:
        """Give the sign-in, signing in first when needed. Blocks.

        :raises TimeoutError: it took too long.
        """
        with self._lock:
            if self._current is None:
                settings = self._read()
                self._current = run_bounded(lambda: self._make(settings), SIGN_IN_TIMEOUT_S)
            return self._current

    def headers(self) -> Mapping[str, str]:
        """Give fresh request headers. Blocks.

        :raises TimeoutError: it took too long.
        """
        return run_bounded(self.current().headers, SIGN_IN_TIMEOUT_S)

    def renew(self) -> None:
        """Forget the sign-in: the workspace does not accept it any more."""
        with self._lock:
            self._current = None


# What databricks-sdk raises while it signs in; its own errors, those of requests, and time-outs are OSErrors.
SIGN_IN_ERRORS: Final = (ValueError, OSError, NotImplementedError)

_REFUSED: Final = re.compile(
    r"invalid_client|unauthorized|invalid_grant|invalid_scope|access_denied"
    r"|not configured|cannot configure|more than one"
)


def sign_in_error(host: str, error: Exception) -> ApiError:
    """Turn what databricks-sdk raised while signing in into this part's error.

    :param error: one of :data:`SIGN_IN_ERRORS`.
    """
    # databricks-sdk appends its settings; secrets are masked there, but they are noise here.
    text = str(error).split(". Config:")[0][:500]
    status = HTTPStatus.UNAUTHORIZED if _REFUSED.search(text.lower()) else None
    return ApiError(f"sign-in at {host}", status=status, message=f"{type(error).__name__}: {text}")
