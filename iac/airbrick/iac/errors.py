"""Everything that can go wrong while provisioning.

::

    IacError
    ├── ProgramError             the Pulumi program asks for what cannot be; ends it without a traceback
    │   └── ConfigError              the configuration cannot be used
    ├── PropertyError            a property cannot be carried between engine and provider
    ├── ApiError                 a REST API answered with a refusal
    │   ├── InvalidRequestError      400, 422
    │   ├── UnauthenticatedError     401
    │   ├── ForbiddenError           403
    │   ├── NotFoundError            404, or "does not exist"
    │   ├── WrongAddressError        404 that does not come from the API called
    │   ├── ConflictError            409
    │   └── ThrottledError           429, still there after waiting
    ├── UnclearError             no answer, or half of one: the request may have been carried out
    │   └── UnreachableError         nothing listens at the address
    ├── AmbiguousOwnerError      several objects carry this resource's owner tag
    ├── MissingNameError         nothing has the name that was looked up
    ├── AmbiguousNameError       several objects have the name that was looked up
    ├── ActiveRunsError          a job has runs that have not ended
    ├── PartialError             the object exists, a later step failed
    └── BugError                 airbrick itself is wrong
"""

from collections.abc import Mapping, Sequence
from typing import Any, Self

from pulumi import RunError

from airbrick.contract import suggest


class IacError(Exception):
    """The base of every provisioning error; its text names the place and the fix."""


class ProgramError(IacError, RunError):
    """The Pulumi program asks for what cannot be. Pulumi ends the program with its text alone.

    :param place: what is wrong, such as ``Contract(path='dags')``.
    :param problem: what is wrong with it.
    :param fix: what to do.
    """

    def __init__(self, place: str, *, problem: str, fix: str) -> None:
        self.place = place
        self.problem = problem
        self.fix = fix
        super().__init__(f"{place}: {problem}; {fix}")


class ConfigError(ProgramError):
    """The configuration cannot be used; its place is the key, such as ``airbrick:host``."""


class PropertyError(IacError):
    """A property cannot be carried between the engine and the provider.

    :param path: the property, in Pulumi's path syntax.
    """

    def __init__(self, path: str, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{path}: {reason}")


class ApiError(IacError):
    """A REST API refused a request.

    :param service: which API, such as ``Databricks`` or ``Airflow``.
    :param status: the HTTP status; 0 where the client does not tell it.
    :param code: the API's own error code, where it has one.
    """

    def __init__(self, *, service: str, request: str, status: int, code: str, message: str, fix: str = "") -> None:
        self.service = service
        self.request = request
        self.status = status
        self.code = code
        self.message = message
        self.fix = fix
        label = " ".join(part for part in (str(status) if status else "", code) if part)
        said = f"{service} refused {request}{f' ({label})' if label else ''}: {' '.join(message.split())}"
        super().__init__(f"{said}; {fix}" if fix else said)


class InvalidRequestError(ApiError):
    """The API found the request wrong."""


class UnauthenticatedError(ApiError):
    """The API did not accept the credentials."""

    def with_fix(self, fix: str) -> Self:
        """Give the same refusal with another word on what to do."""
        return type(self)(
            service=self.service,
            request=self.request,
            status=self.status,
            code=self.code,
            message=self.message,
            fix=fix,
        )


class ForbiddenError(ApiError):
    """The identity may not do this; the object may well exist."""


class NotFoundError(ApiError):
    """The object does not exist."""


class WrongAddressError(ApiError):
    """Something answered that is not the API called: nothing is known of the object."""


class ConflictError(ApiError):
    """The object exists already."""


class ThrottledError(ApiError):
    """The API asked to slow down.

    :param retry_after_s: how long it asked to wait.
    """

    retry_after_s: float = 1.0


class UnclearError(IacError):
    """A request got no usable answer: it may have been carried out or not.

    :param url: the address that was called, without its query.
    """

    def __init__(self, *, service: str, request: str, url: str, reason: str, fix: str) -> None:
        self.service = service
        self.request = request
        self.url = url
        self.reason = reason
        self.fix = fix
        super().__init__(f"{service} at {url}: {request}: {' '.join(reason.split())}; {fix}")


class UnreachableError(UnclearError):
    """Nothing answers at the address."""


class AmbiguousOwnerError(IacError):
    """Several objects carry the owner tag of one resource, so none can be adopted.

    :param ids: the candidates.
    """

    def __init__(self, *, kind: str, name: str, ids: Sequence[str]) -> None:
        self.kind = kind
        self.name = name
        self.ids = tuple(ids)
        super().__init__(
            f"{len(self.ids)} {kind}s named {name!r} carry this resource's owner tag ({', '.join(self.ids)}): "
            "delete all but one in the workspace, or import the right one, then run `pulumi up` again"
        )


class MissingNameError(IacError):
    """Nothing has the name that was looked up.

    :param known: names there are.
    """

    def __init__(self, *, kind: str, name: str, known: Sequence[str]) -> None:
        self.kind = kind
        self.name = name
        near = suggest(name, known)
        hint = f"did you mean {near!r}?" if near else "give its exact name, as the workspace shows it to this identity"
        super().__init__(f"there is no {kind} named {name!r}; {hint}")


class AmbiguousNameError(IacError):
    """Several objects have the name that was looked up.

    :param ids: the candidates.
    """

    def __init__(self, *, kind: str, name: str, ids: Sequence[str]) -> None:
        self.kind = kind
        self.name = name
        self.ids = tuple(ids)
        super().__init__(
            f"{len(self.ids)} {kind}s are named {name!r} ({', '.join(self.ids)}): use the id of the one that is meant, "
            "or rename the others"
        )


class ActiveRunsError(IacError):
    """A job has runs that have not ended.

    :param run_ids: the runs.
    """

    def __init__(self, job_id: str, run_ids: Sequence[str], *, fix: str) -> None:
        self.job_id = job_id
        self.run_ids = tuple(run_ids)
        super().__init__(f"job {job_id} has {len(self.run_ids)} active run(s): {', '.join(self.run_ids)}; {fix}")


class PartialError(IacError):
    """The object exists, but a later step failed; what was made goes into the state.

    :param resource_id: the object's id.
    :param outputs: its outputs as far as they are known.
    :param inputs: the inputs it was made with.
    :param reason: what failed.
    """

    def __init__(
        self, *, resource_id: str, outputs: Mapping[str, Any], inputs: Mapping[str, Any], reason: IacError
    ) -> None:
        self.resource_id = resource_id
        self.outputs = outputs
        self.inputs = inputs
        self.reason = reason
        super().__init__(str(reason))


class BugError(IacError):
    """Airbrick itself is wrong.

    :param error: what Python raised; its text may hold values, so only its kind and place are told.
    """

    def __init__(self, error: Exception) -> None:
        self.kind = type(error).__name__
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = (
            f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace is not None else "unknown place"
        )
        self.place = place
        super().__init__(f"a bug in airbrick: {self.kind} at {place}; please report it with this line")
