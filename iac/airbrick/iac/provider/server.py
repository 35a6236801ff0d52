"""The gRPC server that the engine talks to."""

from collections.abc import Callable
from concurrent import futures
from typing import Final

import grpc
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS  # the SDK's own limits, so that both sides agree
from pulumi.runtime.proto import provider_pb2_grpc

from airbrick.iac.provider.registry import handlers
from airbrick.iac.provider.servicer import ProviderServicer
from airbrick.iac.provider.session import Session

# The engine has four requests open for each processor, all of which may wait for minutes; its Cancel, which ends the
# waiting, needs a worker too. Threads are started as they are needed.
_WORKERS: Final = 1024


def serve(session: Session) -> tuple[int, Callable[[], None]]:
    """Start the server on a free loopback port.

    :returns: the port, and what ends the server and waits for the calls that are under way.
    """
    workers = futures.ThreadPoolExecutor(max_workers=_WORKERS)
    server = grpc.server(workers, options=_GRPC_CHANNEL_OPTIONS)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(ProviderServicer(handlers, session), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()

    def stop() -> None:
        server.stop(grace=None)
        workers.shutdown()

    return port, stop
