"""The provider as the engine calls it."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2, provider_pb2_grpc, status_pb2

from airbrick.iac.clients.transport import Pause
from airbrick.iac.errors import PropertyError
from airbrick.iac.provider.codec import decode, encode
from airbrick.iac.provider.server import serve
from airbrick.iac.provider.session import Session


class EngineMessages(engine_pb2_grpc.EngineServicer):
    """The engine's log service; keeps what the user would see."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, str]] = []

    def Log(self, request: engine_pb2.LogRequest, context: object) -> Empty:  # noqa: N802 - the protocol's name
        self.seen.append((request.severity, request.message))
        return Empty()

    @property
    def warnings(self) -> list[str]:
        return [message for severity, message in self.seen if severity == engine_pb2.WARNING]


class SimulatedPause(Pause):
    """Waiting that takes no time; keeps how long was waited, and tells whoever lets time pass meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self.waits_s: list[float] = []
        self.meanwhile: Callable[[float], object] = float

    def now_s(self) -> float:
        return sum(self.waits_s)

    def _sleep(self, seconds: float) -> bool:
        self.waits_s.append(seconds)
        self.meanwhile(seconds)
        return super()._sleep(0)


class Wire:
    """The provider as the engine calls it, over a real gRPC channel, with plain Python values.

    :param stub: the provider's service.
    :param engine: what the provider told the engine.
    :param pause: how long it waited.
    :ivar internal: outputs that the engine keeps and shows nobody, by URN.
    """

    def __init__(
        self, stub: provider_pb2_grpc.ResourceProviderStub, engine: EngineMessages, pause: SimulatedPause
    ) -> None:
        self.stub = stub
        self.engine = engine
        self.pause = pause
        self.configuration: dict[str, Any] | None = None
        self.provider_id = "0d6e7c1a"
        self.internal: dict[str, dict[str, Any]] = {}

    @staticmethod
    def urn(token: str, name: str) -> str:
        return f"urn:pulumi:dev::orders::{token}::{name}"

    def configure(self, **config: Any) -> None:
        self.configuration = config
        self.stub.Configure(provider_pb2.ConfigureRequest(args=encode(config), acceptSecrets=True, id=self.provider_id))

    def next_up(self) -> None:
        """Begin another `up` with the same configuration."""
        if self.configuration is not None:
            self.configure(**self.configuration)

    def check(
        self, token: str, name: str, inputs: dict[str, Any], old: dict[str, Any] | None = None, **autonaming: Any
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """Check, and give the inputs and the reasons of failures by path."""
        request = provider_pb2.CheckRequest(urn=self.urn(token, name), news=_raw(inputs), olds=encode(old or {}))
        if autonaming:
            request.autonaming.proposed_name = autonaming["proposed_name"]
            request.autonaming.mode = autonaming["mode"]
        response = self.stub.Check(request)
        # The engine prints the value of a property that a failure names, secret or not: none may be named.
        assert [failure.property for failure in response.failures if failure.property] == []
        split = (failure.reason.partition(": ") for failure in response.failures)
        failures = {place: reason for place, _, reason in split}
        return ({} if failures else decode(response.inputs)), failures

    def diff(
        self, token: str, name: str, old: dict[str, Any], new: dict[str, Any], resource_id: str = "1", /, **outputs: Any
    ) -> provider_pb2.DiffResponse:
        response: provider_pb2.DiffResponse = self.stub.Diff(
            provider_pb2.DiffRequest(
                urn=self.urn(token, name),
                id=resource_id,
                olds=self._kept(token, name, outputs),
                old_inputs=encode(old),
                news=encode(new),
            )
        )
        return response

    def create(
        self, token: str, name: str, inputs: dict[str, Any], *, preview: bool = False
    ) -> tuple[str, dict[str, Any]]:
        response = self.stub.Create(
            provider_pb2.CreateRequest(urn=self.urn(token, name), properties=encode(inputs), preview=preview)
        )
        return response.id, self._shown(token, name, response.properties)

    def read(
        self, token: str, name: str, resource_id: str, inputs: dict[str, Any] | None = None, /, **outputs: Any
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        response = self.stub.Read(
            provider_pb2.ReadRequest(
                urn=self.urn(token, name),
                id=resource_id,
                inputs=encode(inputs or {}),
                properties=self._kept(token, name, outputs) if inputs else encode(outputs),
            )
        )
        return response.id, decode(response.inputs), self._shown(token, name, response.properties)

    def update(
        self,
        token: str,
        name: str,
        resource_id: str,
        old: dict[str, Any],
        new: dict[str, Any],
        /,
        *,
        preview: bool = False,
        **outputs: Any,
    ) -> dict[str, Any]:
        response = self.stub.Update(
            provider_pb2.UpdateRequest(
                urn=self.urn(token, name),
                id=resource_id,
                olds=self._kept(token, name, outputs),
                old_inputs=encode(old),
                news=encode(new),
                preview=preview,
            )
        )
        return self._shown(token, name, response.properties)

    def delete(
        self,
        token: str,
        name: str,
        resource_id: str,
        inputs: dict[str, Any] | None = None,
        /,
        *,
        timeout_s: float = 0,
        same_up: bool = False,
        **outputs: Any,
    ) -> None:
        """Delete in a later `up`, or in the one that made something: as the last step of a rename or a replacement."""
        if not same_up:
            self.next_up()
        self.stub.Delete(
            provider_pb2.DeleteRequest(
                timeout=timeout_s,
                urn=self.urn(token, name),
                id=resource_id,
                properties=self._kept(token, name, outputs),
                old_inputs=encode(inputs or {}),
            )
        )

    def _shown(self, token: str, name: str, outputs: Struct) -> dict[str, Any]:
        known = decode(outputs)
        self.internal[self.urn(token, name)] = {key: known.pop(key) for key in list(known) if key.startswith("__")}
        return known

    def _kept(self, token: str, name: str, outputs: dict[str, Any]) -> Struct:
        return encode({**self.internal.get(self.urn(token, name), {}), **outputs})


def _raw(inputs: dict[str, Any]) -> Struct:
    """Write inputs as a program does, numbers beyond 2^53 and all."""
    try:
        return encode(inputs)
    except PropertyError:
        struct = Struct()
        struct.update(inputs)
        return struct


@contextmanager
def running_provider(stack_config: dict[str, str] | None = None) -> Iterator[Wire]:
    """Run a provider of its own, that no configuration has reached yet but what the engine hands over at its start."""
    engine, messages = grpc.server(ThreadPoolExecutor(2)), EngineMessages()
    engine_pb2_grpc.add_EngineServicer_to_server(messages, engine)
    engine_port = engine.add_insecure_port("127.0.0.1:0")
    engine.start()
    pause = SimulatedPause()
    session = Session(pause, stack_config=stack_config)
    session.attach(f"127.0.0.1:{engine_port}")
    port, stop = serve(session)
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Wire(provider_pb2_grpc.ResourceProviderStub(channel), messages, pause)
    session.log.close()
    stop()
    engine.stop(None).wait()


def refusal(error: grpc.RpcError) -> tuple[grpc.StatusCode, str]:
    """Give an error's code and message."""
    assert isinstance(error, grpc.Call)
    return error.code(), str(error.details())


def init_failed(error: grpc.RpcError) -> provider_pb2.ErrorResourceInitFailed:
    """Give the detail of an error that keeps an object in the state."""
    assert isinstance(error, grpc.Call)
    status = status_pb2.Status()
    status.ParseFromString(dict(error.trailing_metadata())["grpc-status-details-bin"])
    detail = provider_pb2.ErrorResourceInitFailed()
    assert status.details[0].Unpack(detail)
    return detail
