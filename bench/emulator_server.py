"""A server for ``bench.emulator``: the emulator, whose request log SIGUSR1 turns off and on, or the floor below it."""

import gc
import itertools
import json
import signal
import sys
import threading
from typing import TYPE_CHECKING

from airbrick.emulator import Emulator, ManualClock
from airbrick.emulator.cli import RARE_COLLECTION
from airbrick.emulator.request_log import RequestLog
from airbrick.emulator.server import Connections, Server, listen

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send


def _serve_emulator() -> dict[str, str]:
    turns = itertools.cycle([lambda *_, **__: None, RequestLog.add])
    signal.signal(signal.SIGUSR1, lambda *_: setattr(RequestLog, "add", next(turns)))
    gc.set_threshold(*RARE_COLLECTION)
    workspace = Emulator(clock=ManualClock())
    workspace.start()
    return {"host": workspace.host, "token": workspace.token}


def _serve_floor() -> dict[str, str]:
    """Answer the bytes that were posted last, with the least that Starlette on uvicorn can do."""
    from starlette.requests import Request
    from starlette.responses import Response

    kept = [b"{}"]

    async def app(scope: "Scope", receive: "Receive", send: "Send") -> None:
        request = Request(scope, receive)
        body = await request.body()
        if request.method == "PUT":
            kept[0] = body
        await Response(kept[0], media_type="application/json")(scope, receive, send)

    sock = listen("127.0.0.1", 0)
    Server(app, sock, Connections().protocol()).start()
    return {"host": f"http://127.0.0.1:{sock.getsockname()[1]}", "token": "none"}


if __name__ == "__main__":
    kind = sys.argv[1]
    print(json.dumps(_serve_floor() if kind == "floor" else _serve_emulator()), flush=True)
    threading.Event().wait()
