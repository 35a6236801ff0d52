"""One task's process: started in a folder and a process group of its own, with limits; killed as a group."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from airbrick.emulator.execute.redaction import redact
from airbrick.emulator.timeline import Output

if TYPE_CHECKING:
    from airbrick.emulator.execute.environments import EnvironmentFolder
    from airbrick.emulator.execute.tasks import Program

LOG_LIMIT_BYTES = 5 * 1024 * 1024
RESULT_LIMIT_BYTES = 64 * 1024 * 1024
_GIB = 1024**3
LIMITS = {
    "RLIMIT_AS": 8 * _GIB,
    "RLIMIT_FSIZE": _GIB,
    "RLIMIT_NOFILE": 1024,
    "RLIMIT_CORE": 0,
}
_PASSED_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ")
_VOLUMES = "/Volumes/"
_GRACE_S = 2.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended.

    :param failed: it raised, or died
    """

    failed: bool
    output: Output


class TaskProcess:
    """A running task.

    :param program: what it runs
    :param folder: a new folder of its own; removed by :meth:`collect`
    :param data_dir: the folder that all tasks share
    :param environments: the virtual environments that were made
    """

    def __init__(self, program: Program, folder: Path, data_dir: Path, environments: EnvironmentFolder) -> None:
        self._program = program
        self._folder = folder
        self._environments = environments
        self._log_path = folder / "log.txt"
        self._result_path = folder / "result.json"
        self._killed_at: float | None = None
        self._work = _lay_out(program, folder)
        self._environment = _environment(folder, data_dir)
        self._spec_path = folder / "spec.json"
        self._spec_path.write_text(json.dumps(self._spec(self._work, data_dir)), encoding="utf-8")
        self._stages: list[list[str]] = []
        self._installs = False
        python = _own_python(program) or environments.python(program.requirements)
        if python is None:
            self._installs = True
            self._stages = environments.stages(program.requirements, folder)
            self._popen = self._install()
        else:
            self._popen = self._run(python)

    def ended(self) -> bool:
        """Tell whether the process is over; begin the next stage when there is one."""
        code = self._popen.poll()
        if code is None:
            return False
        if not self._installs or code != 0 or self._killed_at is not None:
            return True
        if self._stages:
            self._popen = self._install()
        else:
            self._installs = False
            self._popen = self._run(self._environments.keep(self._program.requirements, self._folder))
        return False

    def _install(self) -> subprocess.Popen[bytes]:
        with self._log_path.open("ab") as log:
            return subprocess.Popen(
                self._stages.pop(0),
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _run(self, python: Path) -> subprocess.Popen[bytes]:
        bootstrap = Path(__file__).with_name("bootstrap.py")
        with self._log_path.open("wb") as log:
            popen = subprocess.Popen(
                [str(python), "-I", "-u", "-X", "utf8", str(bootstrap), str(self._spec_path)],
                cwd=self._work,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        secrets = {
            scope: {key: base64.b64encode(value).decode() for key, value in keys.items()}
            for scope, keys in self._program.secrets.items()
        }
        data = json.dumps(secrets).encode()
        if popen.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                popen.stdin.write(b"%016x" % len(data) + data)
                popen.stdin.flush()
        return popen

    def stop(self) -> None:
        """Ask the group to end, and kill it when it has not ended two seconds later; call it again until it ended."""
        if self._killed_at is None:
            self._killed_at = time.monotonic()
            self._signal(signal.SIGTERM)
        elif time.monotonic() - self._killed_at >= _GRACE_S:
            self._signal(signal.SIGKILL)

    def kill(self) -> None:
        """Kill the group and wait for it."""
        self._signal(signal.SIGKILL)
        self._popen.wait()

    def collect(self) -> Ended:
        """Return what the process left behind, and remove its folder; call it once, after the end."""
        self._signal(signal.SIGKILL)
        if self._popen.stdin is not None:
            self._popen.stdin.close()
        try:
            return self._read()
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _read(self) -> Ended:
        logs, truncated = _tail(self._log_path)
        code = self._popen.returncode
        if self._installs:
            error = f"The packages of the task could not be installed (exit code {code}); see the logs."
            output = Output(error=error, logs=logs, logs_truncated=truncated)
            return Ended(failed=True, output=replace(output, termination_code="LIBRARY_INSTALLATION_ERROR"))
        try:
            with self._result_path.open("rb") as file:
                result = json.loads(file.read(RESULT_LIMIT_BYTES))
            values = result["task_values"]
            read = [(scope, key) for scope, key in result["secrets_read"]]
            whole = Ended(
                failed=result["error"] is not None,
                output=Output(
                    error=_clean(result["error"]),
                    error_trace=_clean(result["error_trace"]),
                    logs=logs,
                    logs_truncated=truncated,
                    notebook_result=_clean(result["result"]),
                    notebook_result_truncated=result["truncated"],
                    task_values=values,
                ),
            )
            return replace(whole, output=redact(whole.output, self._program.secrets, read))
        except (OSError, ValueError, KeyError, TypeError):
            if code == 0 and not self._program.is_notebook:
                plain = Output(logs=logs, logs_truncated=truncated)
                return Ended(failed=False, output=redact(plain, self._program.secrets, None))
            how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
            error = f"The Python process exited unexpectedly with {how}."
            output = Output(error=error, logs=logs, logs_truncated=truncated)
            return Ended(failed=True, output=redact(output, self._program.secrets, None))

    def _spec(self, work: Path, data_dir: Path) -> dict[str, object]:
        program = self._program
        return {
            "source_path": str(work / program.file_name),
            "entry": program.entry,
            "shown_path": program.shown_path,
            "is_notebook": program.is_notebook,
            "parameters": {name: _local(value, data_dir) for name, value in program.parameters.items()},
            "arguments": [_local(value, data_dir) for value in program.arguments],
            "task_values": {key: dict(values) for key, values in program.task_values.items()},
            "result_path": str(self._result_path),
            "limits": LIMITS,
        }

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, number)


def _own_python(program: Program) -> Path | None:
    # Code that asks for nothing runs in the emulator's own Python, which is there already.
    asks = program.requirements.packages or program.requirements.wheels
    return None if asks else Path(sys.executable)


def _lay_out(program: Program, folder: Path) -> Path:
    work = folder / "workspace"
    work.mkdir(parents=True)
    if program.source is not None:
        (work / program.file_name).write_bytes(program.source.content)
    for item in program.siblings:
        target = work / item.path[len(program.folder) + 1 :]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(item.content)
    return work


def _environment(folder: Path, data_dir: Path) -> dict[str, str]:
    passed = {name: os.environ[name] for name in _PASSED_ENVIRONMENT if name in os.environ}
    temporary = folder / "tmp"
    temporary.mkdir()
    return {**passed, "HOME": str(folder), "TMPDIR": str(temporary), "AIRBRICK_DATA": str(data_dir)}


def _local(value: str, data_dir: Path) -> str:
    return f"{data_dir}{value}" if value.startswith(_VOLUMES) else value


def _tail(path: Path) -> tuple[str, bool]:
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - LOG_LIMIT_BYTES))
        text = file.read(LOG_LIMIT_BYTES).decode("utf-8", "replace")
    return text, size > LOG_LIMIT_BYTES


def _clean(text: str | None) -> str | None:
    return None if text is None else text.encode("utf-8", "replace").decode()
