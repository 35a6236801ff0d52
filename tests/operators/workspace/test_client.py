"""The worker's client against the local workspace, with faults."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from tests.operators.helpers import Job, posts, provision, runs

from airbrick.emulator import Emulator
from airbrick.operators.errors import ApiError, ConnectionSettingsError, NotFoundError, UnavailableError
from airbrick.operators.workspace import wire
from airbrick.operators.workspace.client import WorkspaceClient
from airbrick.operators.workspace.clock import Clock
from airbrick.operators.workspace.connection import ConnectionSettings
from airbrick.operators.workspace.credentials import AuthKind, Credentials
from airbrick.operators.workspace.sign_in import SignIn

RUN_NOW = "/api/2.2/jobs/run-now"


class Steps:
    """A clock that a sleep moves."""

    def __init__(self) -> None:
        self.time_s = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time_s += seconds

    def clock(self) -> Clock:
        return Clock(monotonic=lambda: self.time_s, sleep=self.sleep, unit=lambda: 0.5)


@pytest.fixture
def steps() -> Steps:
    return Steps()


def pat(workspace: Emulator, token: str | None = None) -> ConnectionSettings:
    return ConnectionSettings(
        "c", workspace.host, Credentials(AuthKind.PAT, {"token": token or workspace.token}), "pat:c"
    )


@pytest.fixture
def client(workspace: Emulator, steps: Steps) -> Iterator[WorkspaceClient]:
    with WorkspaceClient(SignIn(lambda: pat(workspace)), clock=steps.clock()) as client:
        yield client


def start(client: WorkspaceClient, job: Job, token: str = "t") -> int:
    run_id: int = client.call(wire.run_now(job.job_id, idempotency_token=token, settings={}))["run_id"]
    return run_id


@pytest.mark.parametrize("preset", ["lost_ack", "half_body", "outage", "throttle", "token_expired"])
def test_each_fault_on_run_now_still_makes_one_run(
    preset: str, workspace: Emulator, client: WorkspaceClient, job: Job
) -> None:
    workspace.fault(preset, path=RUN_NOW, times=1)
    run_id = start(client, job)
    assert posts(workspace) == 2
    assert [run["run_id"] for run in runs(workspace)] == [run_id]


def test_retry_after_is_obeyed(workspace: Emulator, client: WorkspaceClient, job: Job, steps: Steps) -> None:
    workspace.fault("throttle", path=RUN_NOW, times=2, retry_after_s=17)
    start(client, job)
    assert all(17 <= wait <= 18 for wait in steps.slept)
    assert len(steps.slept) == 2


def test_an_outage_that_does_not_end_is_reported_with_its_last_word(
    workspace: Emulator, client: WorkspaceClient, job: Job, steps: Steps
) -> None:
    workspace.fault("outage", path=RUN_NOW, times=None)
    with pytest.raises(UnavailableError, match="503 TEMPORARILY_UNAVAILABLE") as caught:
        start(client, job)
    assert caught.value.host == workspace.host
    assert sum(steps.slept) <= 120


def test_nobody_listening_is_an_outage(steps: Steps) -> None:
    settings = ConnectionSettings("c", "http://127.0.0.1:9", Credentials(AuthKind.PAT, {"token": "x"}), "pat:c")
    with (
        WorkspaceClient(SignIn(lambda: settings), clock=steps.clock(), retry_for_s=5) as client,
        pytest.raises(UnavailableError, match="ConnectError"),
    ):
        client.call(wire.get_run(1))


def test_a_rotated_token_is_read_again_after_401(workspace: Emulator, steps: Steps, job: Job) -> None:
    tokens = iter(["expired", workspace.token])
    with WorkspaceClient(SignIn(lambda: pat(workspace, next(tokens))), clock=steps.clock()) as client:
        start(client, job)
    assert steps.slept == []


def test_a_wrong_token_is_refused_without_waiting_or_showing_it(workspace: Emulator, steps: Steps) -> None:
    with (
        WorkspaceClient(SignIn(lambda: pat(workspace, "dapi-wrong")), clock=steps.clock()) as client,
        pytest.raises(ApiError) as caught,
    ):
        client.call(wire.current_user())
    assert caught.value.status == 401
    assert "dapi-wrong" not in str(caught.value)
    assert steps.slept == []


def test_a_service_principal_signs_in(workspace: Emulator, steps: Steps) -> None:
    settings = ConnectionSettings(
        "c",
        workspace.host,
        Credentials(AuthKind.OAUTH_M2M, {"client_id": workspace.client_id, "client_secret": workspace.client_secret}),
        "sp",
    )
    with WorkspaceClient(SignIn(lambda: settings), clock=steps.clock()) as client:
        assert client.call(wire.current_user())["userName"] == workspace.client_id
        assert client.signed_in().workspace_id == workspace.workspace_id
    assert len(workspace.requests(method="POST", path="/oidc/v1/token")) == 1


def test_a_wrong_client_secret_is_refused_without_waiting(workspace: Emulator, steps: Steps) -> None:
    settings = ConnectionSettings(
        "c",
        workspace.host,
        Credentials(AuthKind.OAUTH_M2M, {"client_id": workspace.client_id, "client_secret": "dose-wrong"}),
        "sp",
    )
    with (
        WorkspaceClient(SignIn(lambda: settings), clock=steps.clock()) as client,
        pytest.raises(ApiError, match="sign-in at") as caught,
    ):
        client.call(wire.current_user())
    assert caught.value.status == 401
    assert "dose-wrong" not in str(caught.value)
    assert steps.slept == []


def test_a_connection_that_cannot_be_used_is_told_at_once(steps: Steps) -> None:
    def read() -> ConnectionSettings:
        raise ConnectionSettingsError("c", "host", "is missing", fix="set it")

    with (
        WorkspaceClient(SignIn(read), clock=steps.clock()) as client,
        pytest.raises(ConnectionSettingsError),
    ):
        client.call(wire.current_user())


def test_what_does_not_exist_is_not_asked_for_again(client: WorkspaceClient, steps: Steps, workspace: Emulator) -> None:
    with pytest.raises(NotFoundError):
        client.run(5)
    assert steps.slept == []


def test_all_pages_of_tasks_are_read(client: WorkspaceClient, workspace: Emulator) -> None:
    wide = provision(workspace, "wide", tasks=[f"t{number:03}" for number in range(230)])
    view = client.run(start(client, wide))
    assert len({task.task_key for task in view.tasks}) == 230


class Late(BaseHTTPRequestHandler):
    """A workspace whose clock shows another time than ours."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def date_time_string(self, timestamp: float | None = None) -> str:
        return "Thu, 01 Jan 1970 00:01:40 GMT"

    def log_message(self, *_: object) -> None:
        pass


def test_the_clock_offset_comes_from_the_answers() -> None:
    with HTTPServer(("127.0.0.1", 0), Late) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        token = Credentials(AuthKind.PAT, {"token": "t"})
        settings = ConnectionSettings("c", f"http://127.0.0.1:{server.server_port}", token, "pat:c")
        with WorkspaceClient(SignIn(lambda: settings), clock=Clock(now=lambda: 30.0)) as client:
            client.call(wire.get_job(1))
            assert client.clock_offset_s == 70.0
        server.shutdown()
