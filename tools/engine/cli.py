"""The command line of ``python tools/engine``."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from typing import TYPE_CHECKING

from tools.engine import build, release
from tools.engine.ensure import ensure
from tools.engine.errors import EngineError
from tools.engine.machine import current_machine
from tools.engine.progress import Progress
from tools.engine.store import Store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from typing import TextIO

_EXIT_UNAVAILABLE = 1
_EXIT_INTERRUPTED = 130
_DESCRIPTION = """\
Get the Pulumi engine, and print the folder that holds `pulumi` and `pulumi-language-python`.

It is looked for on PATH, then in the cache; else Pulumi's release is downloaded, or, on a machine that reaches only a
Go module proxy, it is built from Go modules (4 minutes, once). Progress goes to standard error.
Exit codes: 0 found, 1 not available, 130 interrupted.
"""


def main(arguments: Sequence[str]) -> int:
    """Run the command line.

    :param arguments: what follows the program's name
    :return: exit code
    """
    parser = argparse.ArgumentParser(
        prog="python tools/engine", description=_DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_subparsers(required=True, metavar="COMMAND").add_parser(
        "ensure", help="find the engine or get it, and print its folder", description=_DESCRIPTION
    )
    parser.parse_args(arguments)
    # A terminated process must clean up like an interrupted one.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        print(get_engine(os.environ, sys.stderr))
    except EngineError as error:
        print(f"error: {error}", file=sys.stderr)
        return _EXIT_UNAVAILABLE
    except KeyboardInterrupt:
        print("interrupted: nothing half made is left", file=sys.stderr)
        return _EXIT_INTERRUPTED
    return 0


def get_engine(environ: Mapping[str, str], said: TextIO) -> Path:
    """Find the engine, or get it.

    :param environ: the environment: PATH, XDG_CACHE_HOME, and settings of Go and pip
    :param said: where progress goes
    :return: the folder that holds ``pulumi`` and ``pulumi-language-python``
    :raises EngineError: when it cannot be had
    """
    machine = current_machine(environ)
    progress = Progress(stream=said, clock=time.monotonic)
    store = Store(machine=machine, recipe=build.recipe())
    kept_log = machine.cache_root / "build.log"
    return ensure(
        machine,
        store,
        progress,
        release=lambda workshop: release.install(workshop, machine, progress, release.open_https),
        modules=lambda workshop: build.build(workshop, machine, progress, kept_log),
    )
