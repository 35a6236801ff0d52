"""What databricks-sdk, requests and urllib3 raise, in airbrick's own terms."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from airbrick.iac import errors
from airbrick.iac.clients.transport import was_never_sent

if TYPE_CHECKING:
    from databricks.sdk.errors.base import DatabricksError


class RetryRefusedError(Exception):
    """Raised in place of the SDK's sleep before a second attempt."""


def translated(error: BaseException, host: str, request: str, auth_type: str) -> errors.IacError:
    """Say in airbrick's terms what came of a request.

    :param error: as databricks-sdk, requests or urllib3 raised it.
    :param host: the workspace's address.
    :param request: method and path.
    :param auth_type: how we sign in.
    """
    from databricks.sdk.errors.base import DatabricksError
    from requests.exceptions import SSLError as SignInSslError
    from urllib3.exceptions import SSLError

    cause = _cause(error)
    if isinstance(cause, DatabricksError) and (kind := _refusal(cause)) is not None:
        refused = kind(
            service="Databricks",
            request=request,
            status=_status(cause),
            code=str(cause.error_code or ""),
            message=said(cause),
            fix=_FIXES.get(kind, "").format(auth_type=auth_type),
        )
        if isinstance(refused, errors.ThrottledError):
            refused.retry_after_s = float(cause.retry_after_secs or 1)
        return refused
    if _is_header_refusal(cause):
        message = "the credentials hold a line break or another character that cannot be sent"
        fix = _FIXES[errors.UnauthenticatedError].format(auth_type=auth_type)
        return errors.UnauthenticatedError(
            service="Databricks", request=request, status=0, code="", message=message, fix=fix
        )
    if (code := _sign_in_refusal(cause)) is not None:
        fix = _FIXES[errors.UnauthenticatedError].format(auth_type=auth_type)
        message = f"signing in failed: {cause}"
        return errors.UnauthenticatedError(
            service="Databricks", request=request, status=0, code=code, message=message, fix=fix
        )
    url = f"{host}{request.partition(' ')[2]}"
    if isinstance(cause, SSLError | SignInSslError):
        reason, fix = "no TLS connection can be made", "check airbrick:host (or DATABRICKS_HOST): http or https?"
        return errors.UnreachableError(service="Databricks", request=request, url=url, reason=reason, fix=fix)
    if was_never_sent(cause):
        reason, fix = "nothing answers at this address", "check airbrick:host (or DATABRICKS_HOST) and the network"
        return errors.UnreachableError(service="Databricks", request=request, url=url, reason=reason, fix=fix)
    reason = f"no usable answer ({str(cause) or type(cause).__name__})"
    fix = "run `pulumi up` again: it looks for what this request may have made before it makes anything"
    return errors.UnclearError(service="Databricks", request=request, url=url, reason=reason, fix=fix)


def said(error: BaseException) -> str:
    """Give an error's text in one line, without the configuration that the SDK adds to it."""
    return " ".join(str(error).split()).partition(". Config: ")[0]


def _cause(error: BaseException) -> BaseException:
    """Give what went wrong at first: the SDK wraps it when its time is over, our clock when it wants to retry."""
    if isinstance(error, RetryRefusedError) and error.__context__ is not None:
        return error.__context__
    if isinstance(error, TimeoutError) and error.__cause__ is not None:
        return error.__cause__
    return error


_FIXES: Final[Mapping[type[errors.ApiError], str]] = {
    errors.UnauthenticatedError: (
        "check the credentials in the airbrick: configuration or in the DATABRICKS_ variables (auth_type {auth_type})"
    ),
    errors.WrongAddressError: "check airbrick:host (or DATABRICKS_HOST): a workspace does not answer so",
    errors.ForbiddenError: "give this identity the permission it lacks, or use another one",
}


def _refusal(error: "DatabricksError") -> type[errors.ApiError] | None:
    """Give the kind of refusal; ``None`` when the API may have done something before it failed."""
    from databricks.sdk import errors as sdk

    if isinstance(error, sdk.ResourceDoesNotExist):
        return errors.NotFoundError
    if isinstance(error, sdk.BadRequest | sdk.NotFound) and "does not exist" in str(error):
        # jobs/delete and jobs/reset say it with 400; the SDK only corrects jobs/get.
        return errors.NotFoundError
    if isinstance(error, sdk.PermissionDenied) and said(error).startswith(_UNKNOWN_CREDENTIAL):
        return errors.UnauthenticatedError
    kinds: Mapping[type[DatabricksError], type[errors.ApiError]] = {
        sdk.Unauthenticated: errors.UnauthenticatedError,
        sdk.PermissionDenied: errors.ForbiddenError,
        # Proxies and unknown routes answer 404 as well: what is taken for gone would be made a second time.
        sdk.NotFound: errors.WrongAddressError,
        sdk.ResourceConflict: errors.ConflictError,
        sdk.TooManyRequests: errors.ThrottledError,
        sdk.BadRequest: errors.InvalidRequestError,
        sdk.NotImplemented: errors.ApiError,
    }
    return next((kind for sdk_kind, kind in kinds.items() if isinstance(error, sdk_kind)), None)


_UNKNOWN_CREDENTIAL: Final = "Invalid access token"
"""What a workspace says, with 403, of a token that was revoked.

Source: https://github.com/databricks/databricks-sdk-go/issues/873
"""

_SIGN_IN_REFUSALS: Final = frozenset(
    {"access_denied", "invalid_client", "invalid_grant", "invalid_request", "invalid_scope", "unauthorized_client"}
)
"""OAuth errors that no second try mends. Source: RFC 6749, 5.2."""


def _sign_in_refusal(error: BaseException) -> str | None:
    """Give the OAuth error that ended the sign-in: the SDK raises it as a ValueError ``code: description``."""
    code = str(error).partition(":")[0]
    return code if isinstance(error, ValueError) and code in _SIGN_IN_REFUSALS else None


def _is_header_refusal(error: BaseException) -> bool:
    """Tell whether a header could not be sent; requests and http.client show it, and it holds the token."""
    return isinstance(error, ValueError) and "header value" in str(error)


def _status(error: "DatabricksError") -> int:
    from databricks.sdk.errors.platform import STATUS_CODE_MAPPING

    kinds: Mapping[int, type[Exception]] = STATUS_CODE_MAPPING
    return next((status for status, kind in kinds.items() if isinstance(error, kind)), 0)
