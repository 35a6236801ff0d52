"""What can go wrong in a demo run.

::

    DemoError
    ├── NoEngineError        there is no Pulumi engine
    ├── BusyError            another demo runs in the same folder
    ├── CommandError         a program ended with an error
    ├── ServiceError         a server ended, or did not come up in time
    ├── ApiError             a server refused a request
    ├── UnexpectedError      a step gave another result than it should
    └── SurvivorsError       processes could not be ended
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class DemoError(Exception):
    """Any failure that ends the demo."""


class NoEngineError(DemoError):
    """Say that there is no Pulumi engine, and how to get one."""


class BusyError(DemoError):
    """Say that another demo runs.

    :param folder: the folder it runs in
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(f"another demo is running in {folder}: end it first, or wait")
        self.folder = folder


class CommandError(DemoError):
    """Say which program failed.

    :param name: what it was run for
    :param code: its exit code; negative for a signal
    :param detail: the line that explains it
    :param log: file with all of its output
    """

    def __init__(self, name: str, code: int, detail: str, log: Path) -> None:
        super().__init__(f"{name} failed with exit code {code}: {detail or 'it said nothing'} (log: {log})")
        self.name = name
        self.code = code
        self.detail = detail
        self.log = log


class ServiceError(DemoError):
    """Say which server is not there.

    :param name: the server
    :param problem: what happened
    :param log: file with its output
    """

    def __init__(self, name: str, problem: str, log: Path) -> None:
        super().__init__(f"{name} {problem} (log: {log})")
        self.name = name
        self.problem = problem
        self.log = log


class ApiError(DemoError):
    """Say what a server refused.

    :param request: method and path
    :param status: HTTP status; 0 when there was no answer
    :param detail: what the server said
    """

    def __init__(self, request: str, status: int, detail: str) -> None:
        super().__init__(f"{request} answered {status or 'nothing'}: {detail}")
        self.request = request
        self.status = status
        self.detail = detail


class UnexpectedError(DemoError):
    """Say which step gave another result than it should.

    :param step: the step
    :param wanted: what it should have given
    :param found: what it gave
    """

    def __init__(self, step: str, wanted: str, found: str) -> None:
        super().__init__(f"{step}: expected {wanted}, found {found}")
        self.step = step
        self.wanted = wanted
        self.found = found


class SurvivorsError(DemoError):
    """Name the processes that could not be ended.

    :param processes: id and name of each
    """

    def __init__(self, processes: Iterable[str]) -> None:
        self.processes = tuple(processes)
        super().__init__(f"these processes could not be ended: {', '.join(self.processes)}")
