"""Errors of the emulator.

EmulatorError
├── ApiError            an answer to a client: status, error_code, message
├── StartError          the server cannot start
│   ├── PortInUseError  the port is taken
│   └── StateError      the state file cannot be read or written
└── ConfigurationError  a plan, fault or option that means nothing
"""

from __future__ import annotations


class EmulatorError(Exception):
    """Any error that the emulator raises on purpose."""


class ConfigurationError(EmulatorError):
    """A plan, fault or option that means nothing.

    :param message: what is wrong and which values would do
    """


class StartError(EmulatorError):
    """The server cannot start.

    :param message: what is wrong and how to mend it
    """


class StateError(StartError):
    """The state file cannot be read or written.

    :param message: what is wrong with which file
    """


class PortInUseError(StartError):
    """The port is taken.

    :param host: the address that was asked for
    :param port: the port that was asked for
    """

    def __init__(self, host: str, port: int) -> None:
        super().__init__(f"port {port} on {host} is in use; choose another with --port, or --port 0 for a free one")
        self.host = host
        self.port = port


class ApiError(EmulatorError):
    """An answer that tells a client what went wrong.

    :param status: HTTP status
    :param error_code: Databricks error code; it decides a client's error class before the status does
    :param message: text for people
    :param empty_body: answer ``{}`` in place of code and message, as a few endpoints do
    """

    def __init__(self, status: int, error_code: str, message: str, *, empty_body: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.error_code = error_code
        self.message = message
        self.empty_body = empty_body

    def body(self) -> dict[str, str]:
        """Return the JSON body of the answer."""
        return {} if self.empty_body else {"error_code": self.error_code, "message": self.message}


def invalid_parameter(message: str) -> ApiError:
    """Return the answer to a request whose values are wrong."""
    return ApiError(400, "INVALID_PARAMETER_VALUE", message)


def malformed_request(message: str) -> ApiError:
    """Return the answer to a request that cannot be read."""
    return ApiError(400, "MALFORMED_REQUEST", message)


def not_found(message: str) -> ApiError:
    """Return the answer to a request for something that does not exist."""
    return ApiError(404, "RESOURCE_DOES_NOT_EXIST", message)


def no_such_endpoint(method: str, path: str) -> ApiError:
    """Return the answer to a method that a known path does not have."""
    return ApiError(404, "ENDPOINT_NOT_FOUND", f"No API found for '{method} {path}'")


def not_implemented(message: str) -> ApiError:
    """Return the answer to a request that this emulator refuses by name."""
    return ApiError(501, "NOT_IMPLEMENTED", message)


def unauthenticated(message: str) -> ApiError:
    """Return the answer to a request without a valid token."""
    return ApiError(401, "UNAUTHENTICATED", message)
