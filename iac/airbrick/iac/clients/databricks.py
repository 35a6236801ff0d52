"""The Databricks REST API, in raw JSON: what airbrick does not know must get through unharmed.

databricks-sdk signs in; requests are sent here, and whether one is sent again is decided here. The SDK's own retries
know no difference between reads and writes, and ``jobs/create`` has no idempotency token.

Source: ``_BaseClient._is_retryable`` in https://github.com/databricks/databricks-sdk-py
"""

import json
import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from airbrick.iac import errors
from airbrick.iac.clients.databricks_errors import RetryRefusedError, translated
from airbrick.iac.clients.settings import check_address, unusable
from airbrick.iac.clients.transport import Patience, persist
from airbrick.iac.provider.config import ProviderConfig

if TYPE_CHECKING:
    from databricks.sdk.core import Config

MAX_WRITES_IN_FLIGHT: Final = 8
HTTP_TIMEOUT_S: Final = 60
_PRODUCT: Final = "airbrick"
# Signing in again with these gives the same token.
_FIXED_CREDENTIALS: Final = frozenset({"pat", "basic"})

Json = dict[str, Any]


class Workspace:
    """A Databricks workspace.

    :param config: where it is and who we are; what is empty comes from databricks-sdk's environment variables.
    :param patience: how to wait between attempts.
    :raises ConfigError: the configuration names no workspace or no way to authenticate.
    """

    def __init__(self, config: ProviderConfig, patience: Patience) -> None:
        self._config = config
        self._patience = patience
        self._slots = threading.BoundedSemaphore(MAX_WRITES_IN_FLIGHT)
        self._lock = threading.Lock()
        self._client, self._auth_type, self.host, self.workspace_id = _connect(config)

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> Json:
        """Read; again after a failure that may pass.

        :raises IacError: the API refused, or there is no usable answer.
        """
        return persist(lambda: self._send("GET", path, query=dict(query or {})), self._patience, repeatable=True)

    def post(self, path: str, body: Mapping[str, Any], *, repeatable: bool = False) -> Json:
        """Write once; again only after a 429, which says that nothing was done.

        :param repeatable: twice is the same as once, so that a failure that may pass is no end.
        :raises UnclearError: the write may have been carried out.
        :raises IacError: the API refused.
        """
        with self._slots:
            return persist(lambda: self._send("POST", path, body=dict(body)), self._patience, repeatable=repeatable)

    def put(self, path: str, body: Mapping[str, Any]) -> Json:
        """Replace something as a whole; again after a failure that may pass, since twice is the same as once.

        :raises IacError: the API refused, or there is no usable answer.
        """
        with self._slots:
            return persist(lambda: self._send("PUT", path, body=dict(body)), self._patience, repeatable=True)

    def upload(self, path: str, file: Path, query: Mapping[str, Any]) -> Json:
        """Send a file as it is, as a stream; again after a failure that may pass, since it replaces what is there.

        :raises IacError: the API refused, or there is no usable answer.
        """
        with self._slots:
            return persist(
                lambda: self._send("POST", path, query=dict(query), file=file), self._patience, repeatable=True
            )

    def _send(
        self, method: str, path: str, *, query: Json | None = None, body: Json | None = None, file: Path | None = None
    ) -> Json:
        client, request = self._client, _Request(method, path, query, body, file)
        try:
            return self._try(client, request)
        except errors.UnauthenticatedError as error:
            # The SDK renews a token by its own clock; one that the workspace ended before needs a new sign-in. A
            # request that was not let in has done nothing.
            if error.status == 0 or self._auth_type in _FIXED_CREDENTIALS:
                raise
            return self._try(self._signed_in_again(client), request)

    def _signed_in_again(self, refused: "_Client") -> "_Client":
        with self._lock:
            if self._client is refused:
                self._client = _connect(self._config)[0]
            return self._client

    def _try(self, client: "_Client", sent: "_Request") -> Json:
        headers = {"X-Databricks-Workspace-Id": self.workspace_id} if self.workspace_id else {}
        try:
            return client.send(sent, headers)
        except Exception as error:
            raise translated(error, self.host, f"{sent.method} {sent.path}", self._auth_type) from error


@dataclass(frozen=True, slots=True)
class _Request:
    """One request.

    :param file: what is sent in place of a JSON body.
    """

    method: str
    path: str
    query: Json | None
    body: Json | None
    file: Path | None


class _Client:
    """Somebody who is signed in.

    :param settings: who, and where.
    """

    def __init__(self, settings: "Config") -> None:
        from airbrick.iac.clients.connection import Connection

        self._settings = settings
        self._connection = Connection(str(settings.host), timeout_s=HTTP_TIMEOUT_S)
        self._headers = {"User-Agent": settings.user_agent, "Accept-Encoding": "gzip, deflate"}

    def send(self, sent: _Request, headers: Mapping[str, str]) -> Json:
        """Send a request once.

        :raises Exception: as databricks-sdk and urllib3 raise them; the error holds what happened.
        """
        headers = {**self._headers, **self._settings.authenticate(), **headers}
        if sent.file is not None:
            kind = {"Content-Type": "application/octet-stream", "Content-Length": str(sent.file.stat().st_size)}
            with sent.file.open("rb") as data:
                return self._ask(sent, {**headers, **kind}, data)
        if sent.body is None:
            return self._ask(sent, headers, None)
        body = json.dumps(sent.body, allow_nan=False).encode()
        return self._ask(sent, {**headers, "Content-Type": "application/json"}, body)

    def _ask(self, sent: _Request, headers: Mapping[str, str], body: bytes | BinaryIO | None) -> Json:
        return self._connection.ask(sent.method, sent.path, query=sent.query or {}, headers=headers, body=body)


def _connect(config: ProviderConfig) -> "tuple[_Client, str, str, str | None]":
    from databricks.sdk.clock import Clock
    from databricks.sdk.core import Config

    class OneAttempt(Clock):
        def time(self) -> float:
            return time.time()

        def sleep(self, seconds: float) -> None:
            raise RetryRefusedError(seconds)

    # The SDK warns of a failed discovery where nobody sees it; the first real call says it better.
    logging.getLogger("databricks.sdk").setLevel(logging.ERROR)
    names = ("host", "auth_type", "token", "client_id", "client_secret")
    given: Json = {name: getattr(config, name) for name in names if getattr(config, name)}
    given |= {"product": _PRODUCT, "http_timeout_seconds": HTTP_TIMEOUT_S, "retry_timeout_seconds": 1}
    try:
        settings = Config(**given, clock=OneAttempt())
    except ValueError as error:
        raise unusable(error, host=config.host, auth_type=config.auth_type) from error
    check_address(settings.host or "")
    try:
        client = _Client(settings)
    except OSError as error:
        raise errors.ConfigError("REQUESTS_CA_BUNDLE", problem=str(error), fix="correct its path") from error
    workspace_id = str(settings.workspace_id) if settings.workspace_id else None
    return client, str(settings.auth_type), settings.host.rstrip("/"), workspace_id
