"""A Pulumi provider that does nothing: the engine's own cost, with ``refresh_before_update`` as ours answers."""

# ruff: noqa: N802, ARG002 -- the protocol names the methods and gives them untyped messages
import sys
import threading
from concurrent import futures
from typing import Any

from airbrick.iac.provider import lean_pulumi

# The floor must not wait for imports that ours does without.
lean_pulumi.load()

import grpc  # noqa: E402
from google.protobuf import empty_pb2  # noqa: E402
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc  # noqa: E402


class Nothing(provider_pb2_grpc.ResourceProviderServicer):
    """Echoes what it is given; there is nothing behind it."""

    def Handshake(self, request: Any, context: Any) -> Any:
        """Agree to everything our own provider agrees to."""
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=True, accept_resources=True, accept_outputs=False, supports_autonaming_configuration=True
        )

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        """Give a version."""
        return plugin_pb2.PluginInfo(version="0.0.1")

    def CheckConfig(self, request: Any, context: Any) -> Any:
        """Take any configuration."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:
        """See no change."""
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, request: Any, context: Any) -> Any:
        """Take any configuration."""
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True, acceptResources=True)

    def Check(self, request: Any, context: Any) -> Any:
        """Take any inputs."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def Diff(self, request: Any, context: Any) -> Any:
        """See no change."""
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Create(self, request: Any, context: Any) -> Any:
        """Make nothing."""
        return provider_pb2.CreateResponse(id="1", properties=request.properties, refresh_before_update=True)

    def Read(self, request: Any, context: Any) -> Any:
        """Find what was there before."""
        return provider_pb2.ReadResponse(
            id=request.id, properties=request.properties, inputs=request.inputs, refresh_before_update=True
        )

    def Update(self, request: Any, context: Any) -> Any:
        """Change nothing."""
        return provider_pb2.UpdateResponse(properties=request.news, refresh_before_update=True)

    def Delete(self, request: Any, context: Any) -> Any:
        """Delete nothing."""
        return empty_pb2.Empty()

    def Cancel(self, request: Any, context: Any) -> Any:
        """Stop nothing."""
        return empty_pb2.Empty()


def main() -> None:
    """Serve until the engine goes away."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=32))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Nothing(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    main()
