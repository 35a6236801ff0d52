"""Errors as gRPC statuses.

UNKNOWN, INTERNAL and DATA_LOSS would mark the state as possibly corrupt, so no error maps to them.

Source: https://github.com/pulumi/pulumi/blob/master/pkg/resource/plugin/provider_plugin.go (resourceStateAndError)
"""

import json
from collections.abc import Iterable, Mapping
from typing import Final, NoReturn

import grpc
from pulumi.runtime.proto import provider_pb2, status_pb2

from airbrick.iac import errors
from airbrick.iac.provider.codec import encode
from airbrick.iac.values import SHORTEST_HIDDEN

HIDDEN: Final = "[secret]"

# The first class an error is an instance of decides.
CODES: Final[Mapping[type[errors.IacError], grpc.StatusCode]] = {
    errors.ConfigError: grpc.StatusCode.INVALID_ARGUMENT,
    errors.PropertyError: grpc.StatusCode.INVALID_ARGUMENT,
    errors.InvalidRequestError: grpc.StatusCode.INVALID_ARGUMENT,
    errors.UnauthenticatedError: grpc.StatusCode.UNAUTHENTICATED,
    errors.ForbiddenError: grpc.StatusCode.PERMISSION_DENIED,
    errors.NotFoundError: grpc.StatusCode.NOT_FOUND,
    errors.ConflictError: grpc.StatusCode.ALREADY_EXISTS,
    errors.ThrottledError: grpc.StatusCode.UNAVAILABLE,
    errors.ApiError: grpc.StatusCode.FAILED_PRECONDITION,
    errors.UnclearError: grpc.StatusCode.UNAVAILABLE,
    errors.AmbiguousOwnerError: grpc.StatusCode.FAILED_PRECONDITION,
    errors.MissingNameError: grpc.StatusCode.NOT_FOUND,
    errors.AmbiguousNameError: grpc.StatusCode.FAILED_PRECONDITION,
    errors.PartialError: grpc.StatusCode.FAILED_PRECONDITION,
    errors.IacError: grpc.StatusCode.FAILED_PRECONDITION,
}


def code_of(error: errors.IacError) -> grpc.StatusCode:
    """Give the status code of an error."""
    return next(code for kind, code in CODES.items() if isinstance(error, kind))


def redact(text: str, secrets: Iterable[str]) -> str:
    """Replace every secret in a text; the longest first, so that no part of one is left.

    A secret of a few characters is left alone: the holes it would leave in ordinary words would tell what it is.
    """
    forms = {form for secret in secrets for form in _forms(secret) if len(form) >= SHORTEST_HIDDEN}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, HIDDEN)
    return text


def _forms(secret: str) -> set[str]:
    """Give what a secret looks like in messages: as it is, in one line, and as Python and JSON quote it."""
    quoted = {secret, repr(secret)[1:-1], json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    return quoted | {" ".join(form.split()) for form in quoted}


def abort(context: grpc.ServicerContext, error: errors.IacError, *, secrets: Iterable[str] = ()) -> NoReturn:
    """End a call with an error, in one line and without secrets."""
    code = code_of(error)
    message = redact(str(error), secrets)
    if isinstance(error, errors.PartialError):
        context.set_trailing_metadata((("grpc-status-details-bin", _details(error, code, message)),))
    context.abort(code, message)
    raise AssertionError  # abort does not return


def _details(error: errors.PartialError, code: grpc.StatusCode, message: str) -> bytes:
    detail = provider_pb2.ErrorResourceInitFailed(
        id=error.resource_id,
        properties=encode(error.outputs),
        inputs=encode(error.inputs),
        reasons=[message],
        refresh_before_update=True,
    )
    status = status_pb2.Status(code=code.value[0], message=message)
    status.details.add().Pack(detail)
    return status.SerializeToString()
