"""Start programs, each with a log of its own, and end every process that came of them."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psutil

from tools.demo.errors import CommandError, ServiceError, SurvivorsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

MARK = "AIRBRICK_DEMO_RUN"
"""Environment variable that every process of a run inherits: whoever has it belongs to the run."""

_KILL_S = 5.0
# The name of a logger, such as uvicorn.error, says nothing.
_MISTAKE = re.compile(r"(?<![.\w])(error|\w*Error|ERROR)\b|refused|denied")


@dataclass(frozen=True)
class Service:
    """A server that runs until it is ended.

    :param name: what it is called in logs and errors
    :param process: the process
    :param log: file with its output
    """

    name: str
    process: subprocess.Popen[bytes]
    log: Path


@dataclass
class Processes:
    """Every process of one run.

    :param run_id: value of :data:`MARK`
    :param logs: folder for the logs, one file per name
    :param grace_s: seconds that a program gets to end by itself
    """

    run_id: str
    logs: Path
    grace_s: float = 5.0
    _services: list[Service] = field(default_factory=list)

    def start(self, name: str, command: Sequence[str], *, environ: Mapping[str, str], cwd: Path) -> Service:
        """Start a server.

        :param name: names its log
        :param command: program and arguments; never a secret
        :param environ: its whole environment
        :param cwd: its working folder
        :raises ServiceError: when the program does not start
        """
        log = self.logs / f"{name}.log"
        with log.open("ab") as output:
            try:
                process = self._spawn(command, environ, cwd, stdout=output, stderr=output)
            except OSError as error:
                raise ServiceError(name, f"did not start: {error.strerror}: {command[0]}", log) from error
        service = Service(name, process, log)
        self._services.append(service)
        return service

    def run(
        self,
        name: str,
        command: Sequence[str],
        *,
        environ: Mapping[str, str],
        cwd: Path,
        timeout_s: float,
        text: str = "",
        accepted: Sequence[int] = (0,),
    ) -> str:
        """Run a program to its end; when the caller is interrupted, so is the program.

        :param name: names its log, which gets standard error
        :param command: program and arguments; never a secret
        :param environ: its whole environment
        :param cwd: its working folder
        :param timeout_s: seconds it may take
        :param text: its standard input: the place for secrets
        :param accepted: exit codes that are not errors
        :return: its standard output
        :raises CommandError: when it cannot start, fails or takes too long
        """
        log = self.logs / f"{name}.log"
        with log.open("a+b") as errors:
            start = errors.seek(0, os.SEEK_END)
            try:
                process = self._spawn(command, environ, cwd, stdout=subprocess.PIPE, stderr=errors, with_input=True)
            except OSError as error:
                raise CommandError(name, 127, f"{command[0]}: {error.strerror}", log) from error
            with process:
                try:
                    output, _ = process.communicate(text.encode(), timeout=timeout_s)
                except subprocess.TimeoutExpired:
                    raise CommandError(name, -signal.SIGINT, f"not finished after {timeout_s:.0f} s", log) from None
                finally:
                    # The first signal lets Pulumi write its state.
                    _end_sessions([process], signal.SIGINT, self.grace_s)
            errors.seek(start)
            said = errors.read().decode(errors="replace")
        answer = output.decode(errors="replace")
        if process.returncode not in accepted:
            raise CommandError(name, process.returncode, explain(said) or explain(answer), log)
        return answer

    def check(self) -> None:
        """Make sure that every server still runs.

        :raises ServiceError: when one has ended
        """
        for service in self._services:
            if (code := service.process.poll()) is not None:
                last = explain(service.log.read_text(encoding="utf-8", errors="replace"))
                raise ServiceError(
                    service.name, f"ended with exit code {code}: {last or 'it said nothing'}", service.log
                )

    def stop_all(self) -> None:
        """End every server and whatever came of the run, newest first; give what is stubborn a few seconds.

        :raises SurvivorsError: when a process could not be ended
        """
        _end_sessions([service.process for service in reversed(self._services)], signal.SIGTERM, self.grace_s)
        self._services.clear()
        end_marked(self.run_id)

    def _spawn(
        self,
        command: Sequence[str],
        environ: Mapping[str, str],
        cwd: Path,
        *,
        stdout: object,
        stderr: object,
        with_input: bool = False,
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # type: ignore[call-overload,no-any-return] # streams are files or PIPE
            command,
            env={**environ, MARK: self.run_id},
            cwd=cwd,
            stdin=subprocess.PIPE if with_input else subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            # Ctrl-C reaches this process alone, which then ends the others in order.
            start_new_session=True,
        )


def explain(output: str) -> str:
    """Pick the line of a program's output that most likely says what went wrong: the last one that names an error."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    named = [line for line in lines if _MISTAKE.search(line)]
    return (named or lines or [""])[-1]


def end_marked(run_id: str) -> None:
    """End every process of a run, wherever it hides: engines put their plugins into groups of their own.

    :param run_id: the run's :data:`MARK`
    :raises SurvivorsError: when a process could not be ended
    """
    deadline_s = time.monotonic() + _KILL_S
    while found := list(_marked(run_id)):
        for process in found:
            with contextlib.suppress(psutil.Error):
                process.kill()
        _, alive = psutil.wait_procs(found, timeout=0.5)
        if alive and time.monotonic() > deadline_s:
            raise SurvivorsError(f"{process.pid} {process.name()}" for process in alive)


def _marked(run_id: str) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE and process.environ().get(MARK) == run_id:
                yield process


def _end_sessions(processes: Sequence[subprocess.Popen[bytes]], first: signal.Signals, grace_s: float) -> None:
    """Ask each process, and its group, to end; then insist."""
    for number, patience_s in ((first, grace_s), (signal.SIGKILL, _KILL_S)):
        deadline_s = time.monotonic() + patience_s
        for process in processes:
            if process.poll() is None or number == signal.SIGKILL:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, number)
        for process in processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=max(0.0, deadline_s - time.monotonic()))
