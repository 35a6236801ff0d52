"""``airbrick emulator``: serve a workspace until interrupted."""

from __future__ import annotations

import gc
import json
import os
import shlex
import signal
import tempfile
import threading
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from airbrick.emulator import Emulator

_EPILOG = """\b
Examples:
  airbrick emulator --execute          run notebooks and Python files of jobs
  airbrick emulator --speed 60         simulate; a minute passes in a second
  airbrick emulator --manual-clock     simulate; time passes when you say so
  airbrick emulator --tls certificates
  airbrick emulator --port 0 --ready-file ready.json
  airbrick emulator --state workspace.journal

\b
Exit codes: 0 stopped by Ctrl-C or SIGTERM, 2 cannot start."""
# Runs are many, live long and form no cycles: to look for cycles among them over and over would take most of the time.
RARE_COLLECTION = (20_000, 50, 1_000)


class CannotStartError(click.ClickException):
    """The emulator cannot start; one line says why."""

    exit_code = 2


@click.command("emulator", epilog=_EPILOG, context_settings={"max_content_width": 120})
@click.option("--host", metavar="ADDRESS", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    metavar="PORT",
    default=8447,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port; 0 for a free one.",
)
@click.option("--execute", is_flag=True, help="Really run notebooks and Python files, as this user.")
@click.option(
    "--data-dir",
    metavar="DIRECTORY",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that executed tasks share.",
)
@click.option("--speed", metavar="NUMBER", default=1.0, show_default=True, help="Emulated seconds per real second.")
@click.option("--manual-clock", is_flag=True, help="Stand still until POST /_local/clock advances the time.")
@click.option(
    "--token-file", metavar="FILE", type=click.Path(path_type=Path), help="Take the access token from this file."
)
@click.option(
    "--ready-file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write host and credentials here, as JSON; by default in the user's runtime or cache folder.",
)
@click.option("--small-ids", is_flag=True, help="Count ids from 1 rather than above 2**53.")
@click.option(
    "--tls",
    "tls_dir",
    metavar="DIRECTORY",
    type=click.Path(path_type=Path, file_okay=False),
    help="Serve over TLS; keep the certificate, and the authority that clients must trust, in this folder.",
)
@click.option("--enforce-permissions", is_flag=True, help="Answer 403 to whoever lacks a permission.")
@click.option(
    "--state",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Keep the workspace in this file, and come back with it after a stop or a crash.",
)
@click.option("--no-admin", is_flag=True, help="Refuse /_local; pages only show.")
@click.option("--allow-remote", is_flag=True, help="Listen on an address that other machines reach.")
def emulator(
    *,
    host: str,
    port: int,
    execute: bool,
    data_dir: Path | None,
    speed: float,
    manual_clock: bool,
    token_file: Path | None,
    ready_file: Path | None,
    small_ids: bool,
    tls_dir: Path | None,
    enforce_permissions: bool,
    state: Path | None,
    no_admin: bool,
    allow_remote: bool,
) -> None:
    """Serve a local Databricks workspace until Ctrl-C.

    Official clients work against it. Its address is also a page that shows jobs, runs and requests, and steers clock,
    faults and plans.
    """
    from airbrick.emulator import Emulator, EmulatorError, ManualClock, SystemClock

    _refuse_what_means_nothing()
    if not allow_remote and not _is_loopback(host):
        raise CannotStartError(f"{host} can be reached by other machines; add --allow-remote if that is what you want")
    gc.set_threshold(*RARE_COLLECTION)
    stopped = _stop_signal()
    try:
        workspace = Emulator(
            clock=ManualClock() if manual_clock else SystemClock(speed),
            host=host,
            port=port,
            token=_read_token(token_file),
            big_ids=not small_ids,
            execute=execute,
            data_dir=data_dir,
            tls_dir=tls_dir,
            state=state,
            admin=not no_admin,
            enforce_permissions=enforce_permissions,
        )
        workspace.start()
    except EmulatorError as error:
        raise CannotStartError(str(error)) from None
    try:
        _serve(workspace, ready_file, stopped)
    finally:
        workspace.stop()


def _refuse_what_means_nothing() -> None:
    context = click.get_current_context()

    def given(name: str) -> bool:
        return context.get_parameter_source(name) is not ParameterSource.DEFAULT

    if given("speed") and given("manual_clock"):
        raise click.UsageError("--manual-clock stands still: it cannot be combined with --speed")
    if given("data_dir") and not given("execute"):
        raise click.UsageError("--data-dir is for executed tasks: add --execute")


def _stop_signal() -> threading.Event:
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    return stopped


def _serve(workspace: Emulator, ready_file: Path | None, stopped: threading.Event) -> None:
    path = ready_file or _default_ready_file(workspace)
    _write_private(path, workspace)
    click.echo(f"airbrick emulator ready on {workspace.host}; credentials in {path}")
    if workspace.ca_file is not None:
        trust = {"REQUESTS_CA_BUNDLE": workspace.ca_file, "SSL_CERT_FILE": workspace.ca_file}
        click.echo("\n".join(f"export {name}={shlex.quote(str(file))}" for name, file in trust.items()))
    while not stopped.wait(3600):
        pass
    path.unlink(missing_ok=True)


def _default_ready_file(workspace: Emulator) -> Path:
    base = os.environ.get("XDG_RUNTIME_DIR") or os.environ.get("XDG_CACHE_HOME")
    folder = (Path(base) if base else Path.home() / ".cache") / "airbrick"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CannotStartError(f"cannot make {folder}: {error.strerror}; name a file with --ready-file") from None
    return folder / f"emulator-{workspace.host.rpartition(':')[2]}.json"


def _write_private(path: Path, workspace: Emulator) -> None:
    values = {
        "host": workspace.host,
        "token": workspace.token,
        "client_id": workspace.client_id,
        "client_secret": workspace.client_secret,
        "workspace_id": workspace.workspace_id,
    }
    if workspace.ca_file is not None:
        values["ca_file"] = str(workspace.ca_file)
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(values, file, indent=2)
        Path(name).replace(path)
    except OSError as error:
        raise CannotStartError(f"cannot write {path}: {error.strerror}") from None


def _read_token(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        token = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CannotStartError(f"cannot read {path}: {getattr(error, 'strerror', None) or 'not a text file'}") from None
    if not token or not token.isascii() or any(character.isspace() for character in token):
        raise CannotStartError(f"{path} must hold one access token of printable ASCII characters")
    return token


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
