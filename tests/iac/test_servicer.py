"""The protocol itself: what the engine may ask, and what configuration may be."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from airbrick.iac.clients.transport import Pause
from airbrick.iac.provider.codec import decode, encode
from airbrick.iac.provider.registry import handlers
from airbrick.iac.provider.server import serve
from airbrick.iac.provider.servicer import ProviderServicer
from airbrick.iac.provider.session import Session
from airbrick.iac.values import Secret

if TYPE_CHECKING:
    from tests.iac.wire import Wire

    from airbrick.emulator import Emulator

PROVIDER = "urn:pulumi:dev::orders::pulumi:providers:airbrick::default"

# What the engine may call that has nothing to do here: listing what exists is no part of any command we serve.
NOT_OFFERED = {"List"}


def status_of(error: grpc.RpcError) -> tuple[grpc.StatusCode, str]:
    assert isinstance(error, grpc.Call)
    return error.code(), str(error.details())


def test_every_call_of_the_installed_protocol_is_answered_or_refused_by_name() -> None:
    methods = {method.name for method in provider_pb2.DESCRIPTOR.services_by_name["ResourceProvider"].methods}
    assert {name for name in methods if name not in vars(ProviderServicer)} == NOT_OFFERED


def test_the_handshake_agrees_with_configure(wire: Wire) -> None:
    shaken = wire.stub.Handshake(provider_pb2.ProviderHandshakeRequest(engine_address=""))
    configured = wire.stub.Configure(provider_pb2.ConfigureRequest())
    assert (shaken.accept_secrets, shaken.accept_resources, shaken.accept_outputs) == (True, False, False)
    assert (configured.acceptSecrets, configured.acceptResources, configured.acceptOutputs) == (True, False, False)
    assert shaken.supports_autonaming_configuration is configured.supports_autonaming_configuration is True
    assert configured.supportsPreview is True


def test_a_running_provider_can_be_attached_to(wire: Wire) -> None:
    assert wire.stub.Attach(plugin_pb2.PluginAttach(address="127.0.0.1:1")) == Empty()
    # A log that cannot be reached stops nothing.
    assert wire.check("airbrick:databricks:Job", "j", {"brand_new": 1})[1] == {}


def test_the_schema_describes_every_resource(wire: Wire) -> None:
    schema = json.loads(wire.stub.GetSchema(provider_pb2.GetSchemaRequest()).schema)
    assert set(schema["resources"]) == set(handlers())
    assert schema["version"] == wire.stub.GetPluginInfo(Empty()).version
    job = schema["resources"]["airbrick:databricks:Job"]
    assert job["inputProperties"]["max_concurrent_runs"]["type"] == "integer"
    assert job["properties"]["job_id"]["type"] == "string"
    connection = schema["resources"]["airbrick:airflow:DatabricksConnection"]["inputProperties"]
    assert connection["client_secret"]["secret"] is True
    assert schema["config"]["variables"]["token"]["secret"] is True


def test_another_schema_version_is_refused(wire: Wire) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        wire.stub.GetSchema(provider_pb2.GetSchemaRequest(version=7))
    assert "ask for 0" in status_of(caught.value)[1]


def test_no_mapping_from_other_tools_is_claimed(wire: Wire) -> None:
    assert wire.stub.GetMapping(provider_pb2.GetMappingRequest(key="terraform")).data == b""
    assert list(wire.stub.GetMappings(provider_pb2.GetMappingsRequest(key="terraform")).providers) == []


@pytest.mark.parametrize(
    ("call", "request_", "named"),
    [
        ("Invoke", provider_pb2.InvokeRequest(tok="airbrick:databricks:getJop"), "'airbrick:databricks:getJop'"),
        ("Call", provider_pb2.CallRequest(tok="airbrick:x/run"), "'airbrick:x/run'"),
        ("Construct", provider_pb2.ConstructRequest(type="airbrick:index:Team"), "'airbrick:index:Team'"),
        ("Parameterize", provider_pb2.ParameterizeRequest(), "without parameters"),
    ],
)
def test_what_is_not_offered_is_refused_by_name(wire: Wire, call: str, request_: object, named: str) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        getattr(wire.stub, call)(request_)
    code, message = status_of(caught.value)
    assert code is grpc.StatusCode.UNIMPLEMENTED
    assert named in message


def test_an_unknown_resource_is_refused_with_those_there_are(wire: Wire) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        wire.check("airbrick:databricks:Jop", "x", {})
    code, message = status_of(caught.value)
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert "airbrick:databricks:Job" in message


def test_configuration_secrets_are_marked_whoever_wrote_them(wire: Wire) -> None:
    given = {"host": "https://w", "token": "dapi1", "client_secret": Secret("s"), "airflow_password": "p"}
    checked = decode(wire.stub.CheckConfig(provider_pb2.CheckRequest(urn=PROVIDER, news=encode(given))).inputs)
    assert checked == {
        "host": "https://w",
        "token": Secret("dapi1"),
        "client_secret": Secret("s"),
        "airflow_password": Secret("p"),
    }


def test_configuration_is_never_filled_from_the_environment(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABRICKS_TOKEN", "dapi-env")
    monkeypatch.setenv("AIRBRICK_AIRFLOW_PASSWORD", "env-password")
    response = wire.stub.CheckConfig(provider_pb2.CheckRequest(urn=PROVIDER, news=encode({"host": "https://w"})))
    assert decode(response.inputs) == {"host": "https://w"}


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("host", "w.example", "has no scheme; write it as https://w.example"),
        ("host", "htps://w.example", "'htps://w.example' begins with neither https:// nor http://"),
        ("host", 5, "expected text"),
        ("airflow_endpoint", "localhost:8080", "has no scheme"),
        ("airflow_endpoint", "http://me:hush@a", "holds credentials"),
        ("host", "me:hush@w.example", "holds credentials"),
        ("detect_drift", "never", "expected one of always, refresh"),
    ],
)
def test_wrong_configuration_is_named_with_its_key(wire: Wire, key: str, value: object, reason: str) -> None:
    response = wire.stub.CheckConfig(provider_pb2.CheckRequest(urn=PROVIDER, news=encode({key: value})))
    (failure,) = response.failures
    assert failure.property == ""
    assert failure.reason.startswith(f"{key}: ")
    assert reason in failure.reason
    assert "hush" not in failure.reason


@pytest.mark.parametrize("key", ["host", "airflow_endpoint"])
def test_a_scheme_may_be_in_capitals(wire: Wire, key: str) -> None:
    asked = provider_pb2.CheckRequest(urn=PROVIDER, news=encode({key: "HTTPS://w.example"}))
    assert not wire.stub.CheckConfig(asked).failures


def test_a_misspelt_configuration_key_is_a_warning(wire: Wire) -> None:
    response = wire.stub.CheckConfig(
        provider_pb2.CheckRequest(urn=PROVIDER, news=encode({"hots": "https://w", "environment": "{}", "version": "1"}))
    )
    assert not response.failures
    (warning,) = wire.engine.warnings
    assert "did you mean airbrick:host?" in warning


def test_a_changed_configuration_never_replaces_what_was_made(wire: Wire) -> None:
    old, new = {"host": "https://w", "token": Secret("a")}, {"host": "https://w/", "token": Secret("b")}
    answer = wire.stub.DiffConfig(
        provider_pb2.DiffRequest(urn=PROVIDER, old_inputs=encode(old), olds=encode(old), news=encode(new))
    )
    assert answer.changes == provider_pb2.DiffResponse.DIFF_SOME
    assert not answer.replaces
    assert all(not kind.kind % 2 for kind in answer.detailedDiff.values())
    same = wire.stub.DiffConfig(provider_pb2.DiffRequest(urn=PROVIDER, olds=encode(old), news=encode(old)))
    assert same.changes == provider_pb2.DiffResponse.DIFF_NONE


def test_cancel_is_answered(wire: Wire) -> None:
    assert wire.stub.Cancel(Empty()) == Empty()


def test_a_provider_without_a_workspace_says_what_to_set(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABRICKS_HOST", "DATABRICKS_TOKEN", "DATABRICKS_CLIENT_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABRICKS_CONFIG_FILE", "/nonexistent")
    wire.configure()
    with pytest.raises(grpc.RpcError) as caught:
        wire.create("airbrick:databricks:Job", "j", {"name": "j"})
    code, message = status_of(caught.value)
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert message.startswith("airbrick:host: no workspace is named; set airbrick:host, or DATABRICKS_HOST")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_plugin_prints_its_port_and_nothing_else_and_ends_on_a_signal(number: signal.Signals) -> None:
    program = Path(sys.executable).with_name("pulumi-resource-airbrick")
    process = subprocess.Popen(
        [str(program), "--logtostderr", "-v=3", "127.0.0.1:1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    port = process.stdout.readline()
    with grpc.insecure_channel(f"127.0.0.1:{int(port)}") as channel:
        from pulumi.runtime.proto import provider_pb2_grpc

        assert provider_pb2_grpc.ResourceProviderStub(channel).GetPluginInfo(Empty(), timeout=60).version
    process.send_signal(number)
    rest, errors = process.communicate(timeout=60)
    assert (rest, errors, process.returncode) == (b"", b"", 0)


def test_a_bug_of_ours_does_not_make_the_engine_doubt_its_state(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_arguments: object, **_options: object) -> None:
        raise KeyError("hush-hush")

    monkeypatch.setattr("airbrick.iac.resources.job.JobHandler.create", broken)
    with pytest.raises(grpc.RpcError) as caught:
        wire.create("airbrick:databricks:Job", "j", {"name": "j"})
    code, message = status_of(caught.value)
    assert code is grpc.StatusCode.FAILED_PRECONDITION
    assert message.startswith("a bug in airbrick: KeyError at ")
    assert "hush-hush" not in message
    assert "Traceback" in capsys.readouterr().err


def test_a_cancellation_is_heard_however_many_wait(workspace: Emulator) -> None:
    # What the engine asks for at once on 16 processors, where each is told to come back later.
    waiting, arrived = 64, threading.Semaphore(0)

    class Told(Pause):
        def _sleep(self, seconds: float) -> bool:
            arrived.release()
            return super()._sleep(seconds)

    workspace.fault("throttle", path="*/jobs/get", times=None, retry_after_s=200)
    port, stop = serve(Session(Told()))
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        settings = encode({"host": workspace.host, "token": workspace.token})
        stub.Configure(provider_pb2.ConfigureRequest(args=settings, acceptSecrets=True))
        urn = "urn:pulumi:dev::orders::airbrick:databricks:Job::nightly"
        asked = [stub.Read.future(provider_pb2.ReadRequest(urn=urn, id="1")) for _ in range(waiting)]
        assert all(arrived.acquire(timeout=60) for _ in range(waiting))
        stub.Cancel(Empty(), timeout=60)
        assert {answer.code() for answer in asked if answer.exception(60)} == {grpc.StatusCode.UNAVAILABLE}
    stop()
