"""Airflow's REST API v2: connections, variables and pools, each by its key.

Source: https://airflow.apache.org/docs/apache-airflow/stable/stable-rest-api-ref.html
"""

import os
import re
import threading
from collections.abc import Mapping
from contextlib import nullcontext
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, Literal, cast
from urllib.parse import quote

from airbrick.iac import errors
from airbrick.iac.clients.token_command import printed_token
from airbrick.iac.clients.transport import Patience, persist, was_never_sent
from airbrick.iac.provider.config import ProviderConfig, has_scheme

if TYPE_CHECKING:
    import requests

TIMEOUT_S: Final = 60
_OK_BELOW: Final = 300
_GONE: Final = re.compile(r"The (Connection|Variable|Pool) with .* was not found", re.DOTALL)
"""What Airflow says of an object that does not exist. Proxies and unknown routes answer 404 as well.

Source: airflow/api_fastapi/core_api/routes/public/{connections,variables,pools}.py
"""

Json = dict[str, Any]
Collection = Literal["connections", "variables", "pools"]

_REFUSALS: Final[Mapping[int, type[errors.ApiError]]] = {
    400: errors.InvalidRequestError,
    401: errors.UnauthenticatedError,
    403: errors.ForbiddenError,
    404: errors.WrongAddressError,
    405: errors.WrongAddressError,
    409: errors.ConflictError,
    415: errors.InvalidRequestError,
    422: errors.InvalidRequestError,
    429: errors.ThrottledError,
    501: errors.WrongAddressError,
}
_AT_ITS_ROOT: Final = "check airbrick:airflow_endpoint: Airflow 3 serves its API under /api/v2"
_FIXES: Final[Mapping[int, str]] = {
    401: "check airbrick:airflow_username and airbrick:airflow_password, airbrick:airflow_token or its command",
    403: "give this Airflow user the right to edit connections, variables and pools",
    404: _AT_ITS_ROOT,
    405: _AT_ITS_ROOT,
    501: _AT_ITS_ROOT,
}


class Airflow:
    """An Airflow deployment.

    What the configuration leaves empty comes from ``AIRBRICK_AIRFLOW_ENDPOINT``, ``…_USERNAME``, ``…_PASSWORD``,
    ``…_TOKEN`` and ``…_TOKEN_COMMAND``. A token that Airflow does not accept any more is renewed once for a request:
    by logging in again, or by the command.

    :param config: where it is and who we are.
    :param patience: how to wait between attempts.
    :raises ConfigError: nothing names the endpoint or the credentials.
    """

    def __init__(self, config: ProviderConfig, patience: Patience) -> None:
        environ = os.environ
        self.endpoint = (config.airflow_endpoint or environ.get("AIRBRICK_AIRFLOW_ENDPOINT", "")).rstrip("/")
        self._username = config.airflow_username or environ.get("AIRBRICK_AIRFLOW_USERNAME", "")
        self._password = config.airflow_password or environ.get("AIRBRICK_AIRFLOW_PASSWORD", "")
        self._given_token = config.airflow_token or environ.get("AIRBRICK_AIRFLOW_TOKEN", "")
        self._command = config.airflow_token_command or environ.get("AIRBRICK_AIRFLOW_TOKEN_COMMAND", "")
        self._patience = patience
        self._lock = threading.Lock()
        self._one_write = threading.Lock()
        self._token = self._given_token
        if not self.endpoint:
            raise errors.ConfigError(
                "airbrick:airflow_endpoint", problem="is not set", fix="set it to the address of Airflow's web server"
            )
        if "@" in self.endpoint:
            raise errors.ConfigError(
                "airbrick:airflow_endpoint",
                problem="holds credentials, and addresses are shown in errors and kept in the state",
                fix="give them as airbrick:airflow_username and airbrick:airflow_password, or in the variables of the "
                "same names",
            )
        if not has_scheme(self.endpoint):
            problem = f"{self.endpoint!r} has no scheme"
            raise errors.ConfigError(
                "airbrick:airflow_endpoint", problem=problem, fix=f"write it as https://{self.endpoint}"
            )
        if not self._token and not self._command and not (self._username and self._password):
            raise errors.ConfigError(
                "airbrick:airflow_username",
                problem="no way to log in to Airflow is set",
                fix="set airbrick:airflow_username and airbrick:airflow_password, airbrick:airflow_token or "
                "airbrick:airflow_token_command",
            )

    def get(self, collection: Collection, key: str) -> Json:
        """Read an object; its secrets come back as ``***``.

        :raises NotFoundError: there is none.
        """
        return self._call("GET", _path(collection, key), None)

    def create(self, collection: Collection, body: Json) -> None:
        """Make an object.

        :raises ConflictError: it exists, perhaps by an attempt of this call whose answer was lost.
        :raises UnclearError: it may have been made.
        """
        self._call("POST", f"/api/v2/{collection}", body)

    def update(self, collection: Collection, key: str, body: Json) -> None:
        """Change the fields that the body names."""
        self._call("PATCH", _path(collection, key), body)

    def delete(self, collection: Collection, key: str) -> None:
        """Delete an object.

        :raises NotFoundError: it is gone already.
        """
        self._call("DELETE", _path(collection, key), None)

    def _call(self, method: str, path: str, body: Json | None) -> Json:
        # Objects have keys: a second POST is a conflict, a second DELETE finds nothing, and both are understood.
        return persist(lambda: self._in_turn(method, path, body), self._patience, repeatable=True)

    def _in_turn(self, method: str, path: str, body: Json | None) -> Json:
        # An Airflow on SQLite answers 500 to writes that come at once, and may have done half of one.
        with nullcontext() if method == "GET" else self._one_write:
            return self._try(method, path, body)

    def _try(self, method: str, path: str, body: Json | None) -> Json:
        token = self._current_token()
        answer = self._send(method, path, body, token=token)
        if answer.status_code == HTTPStatus.UNAUTHORIZED and not self._given_token:
            answer = self._send(method, path, body, token=self._current_token(refused=token))
        return self._read(answer, f"{method} {path}")

    def _current_token(self, *, refused: str = "") -> str:
        with self._lock:
            if not self._token or self._token == refused:
                self._token = printed_token(self._command) if self._command else self._log_in()
            return self._token

    def _log_in(self) -> str:
        path = "/auth/token"
        answer = self._send("POST", path, {"username": self._username, "password": self._password}, token="")
        if answer.status_code == HTTPStatus.NOT_FOUND:
            fix = "set airbrick:airflow_token or airbrick:airflow_token_command for a managed Airflow"
            raise self._refused(answer, f"POST {path}", fix)
        return str(self._read(answer, f"POST {path}").get("access_token", ""))

    def _send(self, method: str, path: str, body: Json | None, *, token: str) -> "requests.Response":
        import requests

        headers = {"Authorization": f"Bearer {token}"} if token else {}
        url = f"{self.endpoint}{path}"
        try:
            return requests.request(method, url, json=body, headers=headers, timeout=TIMEOUT_S, allow_redirects=False)
        except requests.RequestException as error:
            raise _unclear(error, f"{method} {path}", url) from error

    def _read(self, answer: "requests.Response", request: str) -> Json:
        if answer.status_code >= _OK_BELOW:
            raise self._refused(answer, request, _FIXES.get(answer.status_code, ""))
        if not answer.content:
            return {}
        try:
            return cast("Json", answer.json())
        except ValueError as error:
            raise errors.UnclearError(
                service="Airflow",
                request=request,
                url=_without_query(answer.url),
                reason="the answer is not JSON",
                fix="check that airbrick:airflow_endpoint is Airflow 3's web server, then run `pulumi up` again",
            ) from error

    def _refused(self, answer: "requests.Response", request: str, fix: str) -> errors.IacError:
        kind = _REFUSALS.get(answer.status_code)
        if kind is None and answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return errors.UnclearError(
                service="Airflow",
                request=request,
                url=_without_query(answer.url),
                reason=f"status {answer.status_code}",
                fix="run `pulumi up` again when Airflow is well: what this request made is found then",
            )
        said = _said(answer)
        if kind is errors.WrongAddressError and _GONE.fullmatch(said):
            kind = errors.NotFoundError
        refused = (kind or errors.ApiError)(
            service="Airflow", request=request, status=answer.status_code, code="", message=said, fix=fix
        )
        if isinstance(refused, errors.ThrottledError):
            refused.retry_after_s = _retry_after_s(answer)
        return refused


def _path(collection: Collection, key: str) -> str:
    return f"/api/v2/{collection}/{quote(key, safe='')}"


def _without_query(url: str) -> str:
    return url.partition("?")[0]


def _unclear(error: "requests.RequestException", request: str, url: str) -> errors.UnclearError:
    if was_never_sent(error):
        return errors.UnreachableError(
            service="Airflow",
            request=request,
            url=url,
            reason="nothing answers at this address",
            fix="start Airflow, or correct airbrick:airflow_endpoint",
        )
    return errors.UnclearError(
        service="Airflow",
        request=request,
        url=url,
        reason=f"no usable answer ({type(error).__name__})",
        fix="run `pulumi up` again: it finds what this request may have made",
    )


def _retry_after_s(answer: "requests.Response") -> float:
    text = answer.headers.get("Retry-After", "1")
    return float(text) if text.isdecimal() else 1.0


def _said(answer: "requests.Response") -> str:
    """Give what Airflow said, without the input it repeats: that may be a secret."""
    try:
        detail = answer.json().get("detail")
    except (ValueError, AttributeError):
        return answer.reason or "no reason given"
    if isinstance(detail, list):
        return "; ".join(
            f"{'.'.join(str(part) for part in item.get('loc', ()))}: {item.get('msg', '')}"
            for item in detail
            if isinstance(item, Mapping)
        )
    return str(detail)
