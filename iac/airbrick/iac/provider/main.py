"""``pulumi-resource-airbrick``: the plugin the engine starts.

The engine reads one line from standard output, the port, and hides the rest. It waits for that line, so nothing is
imported before it that the first requests can do without.

Source: https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/plugin/plugin.go
"""

import os
import signal
import sys
from queue import Empty, SimpleQueue
from types import FrameType
from typing import Final, NoReturn

from airbrick.iac.clients import lean_sdk
from airbrick.iac.provider import lean_pulumi

_ENGINE_CHECK_S: Final = 1.0


def main() -> NoReturn:
    """Serve until the engine ends us, or is gone: one that was killed cannot say goodbye.

    Arguments are ``[flags] ENGINE_ADDRESS``; a plugin started by hand has none.
    """
    lean_pulumi.load()
    from airbrick.iac.provider.server import serve
    from airbrick.iac.provider.session import Session
    from airbrick.iac.provider.stack_config import taken_from

    session, engine = Session(load=_load, stack_config=taken_from(os.environ)), os.getppid()
    addresses = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    if addresses:
        session.attach(addresses[-1])
    port, stop_serving = serve(session)
    # A signal may come at any moment, and an Event must not be set while it is looked at.
    ends: SimpleQueue[int] = SimpleQueue()

    def stop(number: int, _frame: FrameType | None) -> None:
        ends.put(number)

    # The engine gives us a process group of our own, so these come from the engine alone: it is done with us.
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    while not _came(ends) and (not addresses or os.getppid() == engine):
        pass
    stop_serving()
    # The engine waits for our end, and Python would first take apart all that it has loaded.
    os._exit(0)


def _came(ends: SimpleQueue[int]) -> bool:
    try:
        ends.get(timeout=_ENGINE_CHECK_S)
    except Empty:
        return False
    return True


def _load() -> None:
    from airbrick.iac.provider.registry import handlers

    handlers()
    lean_sdk.load()


if __name__ == "__main__":
    main()
