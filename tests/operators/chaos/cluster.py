"""PostgreSQL and Redis on free loopback ports, and the Airflow that people run on them: Celery and two triggerers."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from tests.emulator.provider.environment import ROOT, packages_of
from tests.operators.chaos.matrix import LATE
from tests.operators.chaos.processes import Deployment, wait_for
from tools.demo.http import free_port

PARALLELISM: Final = 16
"""More tasks than pause at their steps at once: a wave has seven such steps, each for two operators."""

_TRIGGERER_LOST_S: Final = 8
"""After this many seconds without a heartbeat another triggerer takes over."""


class MissingError(Exception):
    """A program that the suite starts is not installed."""


def _program(name: str, *folders: Path) -> str:
    found = shutil.which(name, path=os.pathsep.join([*map(str, folders), os.environ.get("PATH", "")]))
    if found is None:
        raise MissingError(f"needs {name} (Debian packages: postgresql redis-server)")
    return found


@contextmanager
def postgres() -> Iterator[str]:
    """Start PostgreSQL.

    :returns: its address without a driver, such as ``127.0.0.1:5432/airflow``
    """
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    initdb, server, create = (_program(name, *folders) for name in ("initdb", "postgres", "createdb"))
    with TemporaryDirectory(prefix="airbrick-postgres-") as home:
        yield from _served(Path(home), initdb, server, create)


def _served(home: Path, initdb: str, server: str, create: str) -> Iterator[str]:
    data, port = home / "data", free_port()
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": home}
    if os.getuid() == 0:
        # PostgreSQL refuses root.
        shutil.chown(home, "postgres", "postgres")
        quiet |= {"user": "postgres", "group": "postgres", "extra_groups": []}
    subprocess.run([initdb, "-D", str(data), "-U", "airflow", "-A", "trust"], check=True, **quiet)
    options = ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={home}", "-c", "fsync=off"]
    process = subprocess.Popen([server, "-D", str(data), "-p", str(port), *options], **quiet)
    try:
        address = ["-h", "127.0.0.1", "-p", str(port), "-U", "airflow"]

        def created() -> bool | None:
            return True if subprocess.run([create, *address, "airflow"], check=False, **quiet).returncode == 0 else None

        wait_for(created, what="PostgreSQL answers", within_s=60.0)
        yield f"127.0.0.1:{port}/airflow"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


@contextmanager
def redis(home: Path) -> Iterator[str]:
    """Start Redis.

    :returns: its URL
    """
    home.mkdir()
    port = free_port()
    command = [_program("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(home)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(60)


def _packages() -> Path:
    lock = ROOT / "requirements" / "cluster.txt"
    try:
        return packages_of(lock)
    except (OSError, subprocess.SubprocessError) as error:
        raise MissingError(f"needs the packages of requirements/{lock.name}: {error}") from error


def _on(database: str) -> dict[str, str]:
    return {
        "DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://airflow@{database}",
        "DATABASE__SQL_ALCHEMY_CONN_ASYNC": f"postgresql+asyncpg://airflow@{database}",
        "CORE__PARALLELISM": str(PARALLELISM),
    }


@contextmanager
def one_machine(home: Path) -> Iterator[Deployment]:
    """Start the database of a busy machine; its workers are the scheduler's children.

    :raises MissingError: PostgreSQL is not installed, or the packages of the lock cannot be had.
    """
    packages = _packages()
    with postgres() as database:
        yield Deployment(settings=_on(database), packages=(packages,))


@contextmanager
def celery(home: Path) -> Iterator[Deployment]:
    """Start what several machines need.

    :raises MissingError: PostgreSQL or Redis is not installed, or the packages of the lock cannot be had.
    """
    packages = _packages()
    with postgres() as database, redis(home / "redis") as broker:
        yield Deployment(
            settings=_on(database)
            | {
                "CORE__EXECUTOR": "CeleryExecutor",
                "CELERY__BROKER_URL": broker,
                "CELERY__RESULT_BACKEND": f"db+postgresql+psycopg2://airflow@{database}",
                "CELERY__WORKER_CONCURRENCY": str(PARALLELISM),
                "TRIGGERER__TRIGGERER_HEALTH_CHECK_THRESHOLD": str(_TRIGGERER_LOST_S),
            },
            components={
                "api-server": ("api-server",),
                "dag-processor": ("dag-processor",),
                "scheduler": ("scheduler",),
                "triggerer": ("triggerer",),
                "triggerer 2": ("triggerer",),
                "worker": ("celery", "worker", "--skip-serve-logs"),
                LATE: ("celery", "worker", "--skip-serve-logs", "--queues", LATE),
            },
            later=frozenset({LATE}),
            packages=(packages,),
        )
