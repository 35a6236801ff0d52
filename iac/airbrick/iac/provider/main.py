"""``pulumi-resource-airbrick``: the plugin the engine starts.

The engine reads one line from standard output, the port, and hides the rest.

Source: https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/plugin/plugin.go
"""

import os
import signal
import sys
import threading
from concurrent import futures
from types import FrameType
from typing import Final

import grpc
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS  # the SDK's own limits, so that both sides agree
from pulumi.runtime.proto import provider_pb2_grpc

from airbrick.iac.clients import lean_sdk
from airbrick.iac.provider.registry import HANDLERS
from airbrick.iac.provider.servicer import ProviderServicer
from airbrick.iac.provider.session import Session

_WORKERS: Final = 32
_ENGINE_CHECK_S: Final = 1.0


def serve(session: Session) -> tuple[grpc.Server, int]:
    """Start the server on a free loopback port.

    :returns: the server and its port.
    """
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=_WORKERS), options=_GRPC_CHANNEL_OPTIONS)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(ProviderServicer(HANDLERS, session), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


def main() -> None:
    """Serve until the engine ends us, or is gone: one that was killed cannot say goodbye.

    Arguments are ``[flags] ENGINE_ADDRESS``; a plugin started by hand has none.
    """
    session, engine = Session(), os.getppid()
    addresses = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    if addresses:
        session.attach(addresses[-1])
    server, port = serve(session)
    done = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        done.set()

    # The engine gives us a process group of our own, so these come from the engine alone: it is done with us.
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    # While the engine talks to us in other threads, this one loads what the first request to a workspace needs.
    lean_sdk.load()
    while not done.wait(_ENGINE_CHECK_S) and (not addresses or os.getppid() == engine):
        pass
    server.stop(grace=None)


if __name__ == "__main__":
    main()
