"""Secrets in places nobody looks for them: moved in the workspace, quoted in messages, in the environment."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from databricks.sdk import WorkspaceClient
from tests.iac.job_samples import CREATE, JOB, NOTEBOOK, SETTINGS, post
from tests.iac.wire import refusal

from airbrick.iac.values import Secret, conceal_known

if TYPE_CHECKING:
    from tests.iac.wire import Wire

    from airbrick.emulator import Emulator

FILE = "airbrick:databricks:WorkspaceFile"
WORD = "hunter2-hunter2"


def script(*parameters: Any) -> list[dict[str, Any]]:
    return [{"task_key": "a", "spark_python_task": {"python_file": "/Workspace/a.py", "parameters": list(parameters)}}]


def notebook(task_key: str, password: Any) -> list[dict[str, Any]]:
    return [{"task_key": task_key, "notebook_task": {**NOTEBOOK, "base_parameters": {"password": password}}}]


@pytest.mark.parametrize(
    ("made", "edited"),
    [
        pytest.param(script("--password", Secret(WORD)), script("--password", WORD, "--more"), id="a longer list"),
        pytest.param(script("--password", Secret(WORD)), script(f"--password={WORD}"), id="inside another text"),
        pytest.param(notebook("a", Secret(WORD)), notebook("renamed", WORD), id="a renamed task"),
    ],
)
def test_a_secret_that_is_moved_in_the_workspace_is_read_back_as_a_secret(
    made: list[dict[str, Any]], edited: list[dict[str, Any]], provider: Wire, client: WorkspaceClient
) -> None:
    inputs = {**SETTINGS, "tasks": made}
    job_id, outputs = provider.create(JOB, "nightly", inputs)
    post(client, "reset", job_id=int(job_id), new_settings={"name": "nightly", "tasks": edited})
    seen = provider.read(JOB, "nightly", job_id, inputs, **outputs)
    assert seen[1]["tasks"] != made
    assert WORD not in str(seen)


def test_a_hash_of_a_secret_text_is_a_secret_too(provider: Wire, client: WorkspaceClient) -> None:
    given = {"path": "/Workspace/orders/pin.txt", "content": Secret("pin=1234")}
    digest = hashlib.sha256(b"pin=1234").hexdigest()
    inputs, _ = provider.check(FILE, "pin", given)
    assert inputs["content_sha256"] == Secret(digest)
    resource_id, outputs = provider.create(FILE, "pin", inputs)
    assert outputs["content_sha256"] == Secret(digest)
    # A state that has it in clear text is mended when it is read.
    before, shown = {**inputs, "content_sha256": digest}, {**outputs, "content_sha256": digest}
    assert provider.read(FILE, "pin", resource_id, before, **shown) == (resource_id, inputs, outputs)
    assert not provider.diff(FILE, "pin", before, inputs).diffs
    changed, _ = provider.check(FILE, "pin", {**given, "content": Secret("pin=5678")}, inputs)
    assert list(provider.diff(FILE, "pin", inputs, changed).diffs) == ["content_sha256"]
    provider.update(FILE, "pin", resource_id, inputs, changed, **outputs)
    with client.workspace.download(resource_id) as file:
        assert file.read() == b"pin=5678"


def test_a_text_that_also_stands_in_plain_stays_plain() -> None:
    prior = {"name": "load", "tags": {"k": Secret("load")}}
    assert conceal_known({"name": "load", "tags": {"k": Secret("load")}}, prior=prior) == prior


@pytest.mark.parametrize("word", ["line one\nline two", "two  blanks", "quo\"te'd\\x", "größe-geheim"])
@pytest.mark.parametrize("quote", [str, repr, json.dumps])
def test_a_message_that_quotes_a_secret_in_another_form_is_redacted(
    quote: Any, word: str, provider: Wire, workspace: Emulator
) -> None:
    body = {"error_code": "INVALID_PARAMETER_VALUE", "message": f"bad value {quote(word)}"}
    workspace.fault(path=CREATE, status=400, body=body, times=1)
    with pytest.raises(grpc.RpcError) as caught:
        provider.create(JOB, "nightly", {**SETTINGS, "description": Secret(word)})
    assert "[secret]" in refusal(caught.value)[1]
    assert word.rsplit(maxsplit=1)[-1] not in refusal(caught.value)[1]


@pytest.mark.parametrize("token", ["dapi-hunter2\r", "dapi-hunter2\n"])
def test_a_token_that_cannot_be_sent_is_refused_without_showing_it(
    token: str, wire: Wire, workspace: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABRICKS_TOKEN", token)
    wire.configure(host=workspace.host)
    with pytest.raises(grpc.RpcError) as caught:
        wire.create(JOB, "nightly", SETTINGS)
    code, message = refusal(caught.value)
    assert code is grpc.StatusCode.UNAUTHENTICATED
    assert "hold a line break" in message
    assert "hunter2" not in message


def test_a_token_of_the_environment_is_redacted(
    wire: Wire, workspace: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABRICKS_TOKEN", workspace.token)
    wire.configure(host=workspace.host)
    body = {"error_code": "INVALID_PARAMETER_VALUE", "message": f"bad {workspace.token}"}
    workspace.fault(path=CREATE, status=400, body=body, times=1)
    with pytest.raises(grpc.RpcError) as caught:
        wire.create(JOB, "nightly", SETTINGS)
    assert "bad [secret]" in refusal(caught.value)[1]


def test_the_trace_of_a_bug_holds_no_values(
    provider: Wire, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("airbrick.iac.resources.job.tagged", lambda _identity, inputs: int(inputs["description"].value))
    with pytest.raises(grpc.RpcError):
        provider.create(JOB, "nightly", {**SETTINGS, "description": Secret(WORD)})
    said = capfd.readouterr().err
    assert "ValueError" in said
    assert WORD not in said
