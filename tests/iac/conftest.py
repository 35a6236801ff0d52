"""A Pulumi project in a temporary folder, run by the real engine."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pytest
import requests
from google.protobuf.empty_pb2 import Empty
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2, provider_pb2_grpc

from airbrick.emulator import Emulator
from airbrick.iac.clients.transport import Pause
from airbrick.iac.errors import PropertyError
from airbrick.iac.provider.codec import decode, encode
from airbrick.iac.provider.config import SECRET_KEYS
from airbrick.iac.provider.main import serve
from airbrick.iac.provider.session import Session
from airbrick.iac.values import Secret

ROOT = Path(__file__).parents[2]
PASSPHRASE = "correct horse"


@dataclass
class Project:
    """A Pulumi project with one stack, ``dev``.

    :param folder: where its files are.
    :param environ: the environment of every pulumi command.
    """

    folder: Path
    environ: dict[str, str]
    logs: list[str] = field(default_factory=list)

    def program(self, text: str) -> None:
        """Replace the program."""
        (self.folder / "__main__.py").write_text("from airbrick import iac\n" + text, encoding="utf-8")

    def config(self, **values: object) -> None:
        """Write the stack's configuration; keys are airbrick's, and a credential is a secret of the stack."""
        secrets = {key: value for key, value in values.items() if key in SECRET_KEYS}
        lines = [f"  airbrick:{key}: {json.dumps(value)}" for key, value in values.items() if key not in secrets]
        kept = [line for line in self.stack_file.read_text(encoding="utf-8").splitlines() if "salt" in line]
        self.stack_file.write_text("\n".join([*kept, "config:", *lines, ""]), encoding="utf-8")
        for key, value in secrets.items():
            self.run("config", "set", "--secret", f"airbrick:{key}", str(value))

    @property
    def stack_file(self) -> Path:
        return self.folder / "Pulumi.dev.yaml"

    def run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run pulumi; everything it prints is kept for the hunt for secrets."""
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive", "--color=never"],
            cwd=self.folder,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        self.logs += [done.stdout, done.stderr]
        if check and done.returncode != 0:
            raise AssertionError(f"pulumi {' '.join(arguments)} failed:\n{done.stdout}\n{done.stderr}")
        return done

    def up(self, *arguments: str, check: bool = True) -> Mapping[str, int]:
        """Deploy, and give the number of resources by what was done to them."""
        done = self.run("up", "--yes", "--skip-preview", "--json", *arguments, check=check)
        return summary(done.stdout)

    def output(self, name: str) -> Any:
        return json.loads(self.run("stack", "output", name, "--json").stdout)

    def state(self) -> dict[str, Any]:
        """Export the state, secrets encrypted as they are stored."""
        exported: dict[str, Any] = json.loads(self.run("stack", "export").stdout)
        return exported

    def resource(self, name: str) -> dict[str, Any]:
        """Give one resource of the state."""
        resources = self.state()["deployment"].get("resources", [])
        (found,) = (item for item in resources if item["urn"].endswith(f"::{name}"))
        return dict(found)


def summary(text: str) -> Mapping[str, int]:
    """Read the summary out of the engine's event stream."""
    for line in text.splitlines():
        if line.startswith("{") and "summaryEvent" in (event := json.loads(line)):
            return dict(event["summaryEvent"]["resourceChanges"])
    return {}


@pytest.fixture(scope="session")
def engine_folder() -> Path:
    """The folder of ``pulumi`` and its Python language host."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "engine"), "ensure"],
        capture_output=True,
        text=True,
        timeout=900,
        check=True,
    )
    return Path(done.stdout.strip())


@dataclass(frozen=True)
class RealAirflow:
    """Airflow's own API server on a database of its own.

    :param endpoint: its address.
    """

    endpoint: str
    username: str
    password: str

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Call the REST API as the administrator."""
        log_in = {"username": self.username, "password": self.password}
        token = requests.post(f"{self.endpoint}/auth/token", json=log_in, timeout=30).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        answer = requests.request(method, f"{self.endpoint}/api/v2{path}", json=body, headers=headers, timeout=30)
        assert answer.status_code < 500, answer.text
        return answer.json() if answer.content else None


@pytest.fixture(scope="session")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealAirflow]:
    """A real Airflow; its tests share one by the group ``airflow``."""
    home = tmp_path_factory.mktemp("airflow")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    found = RealAirflow(f"http://127.0.0.1:{port}", "admin", "pass-word-7f3a")
    (home / "passwords.json").write_text(json.dumps({found.username: found.password}), encoding="utf-8")
    kept = {key: value for key, value in os.environ.items() if not key.startswith("AIRFLOW")}
    environ = kept | {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{found.username}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
        "AIRFLOW__CORE__FERNET_KEY": "cBJMSmVjSBgtdxQQ2Qx5g4nAuUrRzKtSHVsqIzSwMWw=",
        "AIRFLOW__DATABASE__LOAD_DEFAULT_CONNECTIONS": "False",
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API_AUTH__JWT_SECRET": "a" * 64,
    }
    program = str(Path(sys.executable).with_name("airflow"))
    subprocess.run([program, "db", "migrate"], env=environ, capture_output=True, timeout=300, check=True)
    with (home / "api-server.log").open("wb") as log:
        command = [program, "api-server", "--host", "127.0.0.1", "--port", str(port)]
        server = subprocess.Popen(command, env=environ, stdout=log, stderr=log, start_new_session=True)
        try:
            _wait_until_up(found.endpoint, server)
            yield found
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)
                server.wait(20)


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
    """Waiting that takes no time; keeps how long was waited."""

    def __init__(self) -> None:
        super().__init__()
        self.waits_s: list[float] = []

    def now_s(self) -> float:
        return sum(self.waits_s)

    def wait(self, seconds: float) -> bool:
        self.waits_s.append(seconds)
        return super().wait(0)


class Wire:
    """The provider as the engine calls it, over a real gRPC channel, with plain Python values.

    :param stub: the provider's service.
    :param engine: what the provider told the engine.
    :param pause: how long it waited.
    """

    def __init__(
        self, stub: provider_pb2_grpc.ResourceProviderStub, engine: EngineMessages, pause: SimulatedPause
    ) -> None:
        self.stub = stub
        self.engine = engine
        self.pause = pause

    @staticmethod
    def urn(token: str, name: str) -> str:
        return f"urn:pulumi:dev::orders::{token}::{name}"

    def configure(self, **config: Any) -> None:
        self.stub.Configure(provider_pb2.ConfigureRequest(args=encode(config), acceptSecrets=True))

    def check(
        self, token: str, name: str, inputs: dict[str, Any], old: dict[str, Any] | None = None, **autonaming: Any
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """Check, and give the inputs and the reasons of failures by path."""
        request = provider_pb2.CheckRequest(urn=self.urn(token, name), news=_raw(inputs), olds=encode(old or {}))
        if autonaming:
            request.autonaming.proposed_name = autonaming["proposed_name"]
            request.autonaming.mode = autonaming["mode"]
        response = self.stub.Check(request)
        failures = {failure.property: failure.reason for failure in response.failures}
        return ({} if failures else decode(response.inputs)), failures

    def diff(
        self, token: str, name: str, old: dict[str, Any], new: dict[str, Any], resource_id: str = "1"
    ) -> provider_pb2.DiffResponse:
        response: provider_pb2.DiffResponse = self.stub.Diff(
            provider_pb2.DiffRequest(
                urn=self.urn(token, name), id=resource_id, old_inputs=encode(old), news=encode(new)
            )
        )
        return response

    def create(
        self, token: str, name: str, inputs: dict[str, Any], *, preview: bool = False
    ) -> tuple[str, dict[str, Any]]:
        response = self.stub.Create(
            provider_pb2.CreateRequest(urn=self.urn(token, name), properties=encode(inputs), preview=preview)
        )
        return response.id, decode(response.properties)

    def read(
        self, token: str, name: str, resource_id: str, inputs: dict[str, Any] | None = None, **outputs: Any
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        response = self.stub.Read(
            provider_pb2.ReadRequest(
                urn=self.urn(token, name), id=resource_id, inputs=encode(inputs or {}), properties=encode(outputs)
            )
        )
        return response.id, decode(response.inputs), decode(response.properties)

    def update(
        self,
        token: str,
        name: str,
        resource_id: str,
        old: dict[str, Any],
        new: dict[str, Any],
        *,
        preview: bool = False,
        **outputs: Any,
    ) -> dict[str, Any]:
        response = self.stub.Update(
            provider_pb2.UpdateRequest(
                urn=self.urn(token, name),
                id=resource_id,
                olds=encode(outputs),
                old_inputs=encode(old),
                news=encode(new),
                preview=preview,
            )
        )
        return decode(response.properties)

    def delete(self, token: str, name: str, resource_id: str) -> None:
        self.stub.Delete(provider_pb2.DeleteRequest(urn=self.urn(token, name), id=resource_id))


def _raw(inputs: dict[str, Any]) -> Struct:
    """Write inputs as a program does, numbers beyond 2^53 and all."""
    try:
        return encode(inputs)
    except PropertyError:
        struct = Struct()
        struct.update(inputs)
        return struct


@contextmanager
def running_provider() -> Iterator[Wire]:
    """Run a provider of its own, that no configuration has reached yet."""
    engine, messages = grpc.server(ThreadPoolExecutor(2)), EngineMessages()
    engine_pb2_grpc.add_EngineServicer_to_server(messages, engine)
    engine_port = engine.add_insecure_port("127.0.0.1:0")
    engine.start()
    pause = SimulatedPause()
    session = Session(pause)
    session.attach(f"127.0.0.1:{engine_port}")
    server, port = serve(session)
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Wire(provider_pb2_grpc.ResourceProviderStub(channel), messages, pause)
    session.log.close()
    server.stop(None).wait()
    engine.stop(None).wait()


@pytest.fixture
def wire() -> Iterator[Wire]:
    with running_provider() as found:
        yield found


@pytest.fixture
def provider(wire: Wire, workspace: Emulator) -> Wire:
    """A provider configured for the emulator."""
    wire.configure(host=workspace.host, token=Secret(workspace.token))
    return wire


@pytest.fixture
def next_provider(workspace: Emulator) -> Iterator[Wire]:
    """The provider of the next `up`, which has not seen what the first one did."""
    with running_provider() as found:
        found.configure(host=workspace.host, token=Secret(workspace.token))
        yield found


def _wait_until_up(endpoint: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if requests.get(f"{endpoint}/api/v2/version", timeout=5).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.2)
    raise AssertionError("Airflow's API server does not come up")


@pytest.fixture
def workspace() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def project(tmp_path: Path, engine_folder: Path, workspace: Emulator) -> Project:
    folder = tmp_path / "orders"
    folder.mkdir()
    (tmp_path / "state").mkdir()
    plugin = Path(sys.executable).parent
    (folder / "Pulumi.yaml").write_text(
        f"""name: orders
runtime:
  name: python
  options:
    virtualenv: {Path(sys.prefix)}
plugins:
  providers:
    - name: airbrick
      path: {plugin}
""",
        encoding="utf-8",
    )
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PULUMI", "DATABRICKS", "AIRBRICK"))}
    environ = kept | {
        "PATH": f"{engine_folder}{os.pathsep}{os.environ['PATH']}",
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_BACKEND_URL": f"file://{tmp_path / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "HOME": str(tmp_path),
    }
    made = Project(folder, environ)
    made.run("stack", "init", "dev")
    made.config(host=workspace.host, token=workspace.token)
    return made
