"""Airflow connections, over the protocol."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2
from tests.iac.wire import init_failed, refusal

from airbrick.iac.provider.codec import decode
from airbrick.iac.values import UNKNOWN, Secret

if TYPE_CHECKING:
    from tests.iac.airflow.double import AirflowDouble
    from tests.iac.wire import Wire

CONNECTION = "airbrick:airflow:DatabricksConnection"
NAME = "databricks_default"
OAUTH: dict[str, Any] = {
    "connection_id": NAME,
    "host": "https://w.example",
    "client_id": "app",
    "client_secret": Secret("hush"),
    "adopt": False,
}
PAT: dict[str, Any] = {
    "connection_id": NAME, "host": "https://w.example", "token": Secret("dapi-hush"), "adopt": False,
}  # fmt: skip
NONE, SOME = provider_pb2.DiffResponse.DIFF_NONE, provider_pb2.DiffResponse.DIFF_SOME


# Check


def test_check_marks_secrets_whoever_wrote_them(wire: Wire) -> None:
    given = {"host": "https://w.example/", "client_id": "app", "client_secret": "hush"}
    assert wire.check(CONNECTION, NAME, given) == (OAUTH, {})
    assert wire.check(CONNECTION, NAME, OAUTH) == (OAUTH, {})


def test_a_personal_access_token_is_allowed_and_discouraged(wire: Wire) -> None:
    assert wire.check(CONNECTION, NAME, {"host": "https://w.example", "token": "dapi-hush"}) == (PAT, {})
    (warning,) = wire.engine.warnings
    assert "prefer client_id with client_secret" in warning
    assert "dapi-hush" not in warning


@pytest.mark.parametrize(
    ("change", "path", "reason"),
    [
        ({"client_secret": Secret("***")}, "client_secret", "give the real value"),
        (
            {"client_secret": None},
            "client_secret",
            "is missing; give client_id and client_secret, federation, or token",
        ),
        ({"client_id": None}, "client_id", "is missing"),
        ({"client_secret": Secret("")}, "client_secret", "is empty"),
        ({"client_secret": 5}, "client_secret", "expected text"),
        ({"token": Secret("x")}, "token", "excludes client_id; keep one way to authenticate"),
        ({"federation": "aws"}, "client_secret", "excludes federation; keep one way to authenticate"),
        ({"federation": "gcp", "client_secret": None}, "federation", "expected one of kubernetes, aws"),
        ({"federation": "kubernetes", "client_secret": None, "client_id": None}, "client_id", "is missing; a pod's"),
        ({"token_provider": "", "client_secret": None}, "token_provider", "is empty"),
        ({"hsot": "x"}, "hsot", "a DatabricksConnection has no 'hsot'; did you mean 'host'?"),
        ({"host": ""}, "host", "is missing"),
        ({"host": "w.example"}, "host", "has no scheme; write it as https://w.example"),
        ({"host": "https://ann:pa55@w.example"}, "host", "holds credentials"),
        ({"host": "ann:pa55@w.example"}, "host", "holds credentials"),
        ({"connection_id": "a/b"}, "connection_id", "expected up to 200 letters"),
        ({"extra": "{}"}, "extra", "expected a mapping"),
        ({"extra": {"service_principal_oauth": True}}, "extra.service_principal_oauth", "is set by airbrick"),
        ({"extra": {"proxies": {"https": "***"}}}, "extra.proxies.https", "is '***'"),
    ],
)
def test_a_mistake_is_named_with_its_place(wire: Wire, change: dict[str, Any], path: str, reason: str) -> None:
    _, failures = wire.check(CONNECTION, NAME, {**OAUTH, **change})
    assert list(failures) == [path]
    assert reason in failures[path]
    assert "pa55" not in failures[path]


def test_a_scheme_may_be_in_capitals(wire: Wire) -> None:
    given = {**OAUTH, "host": "HTTPS://w.example"}
    assert wire.check(CONNECTION, NAME, given) == (given, {})


def test_values_that_are_not_known_yet_are_accepted(wire: Wire) -> None:
    given = {**OAUTH, "host": UNKNOWN, "client_secret": Secret(UNKNOWN), "extra": UNKNOWN}
    assert wire.check(CONNECTION, NAME, given) == (given, {})


# Diff


def test_a_changed_secret_is_a_change_in_place(wire: Wire) -> None:
    answer = wire.diff(CONNECTION, NAME, OAUTH, {**OAUTH, "client_secret": Secret("other")})
    assert (answer.changes, list(answer.detailedDiff), list(answer.replaces)) == (SOME, ["client_secret"], [])


def test_another_id_is_another_connection(wire: Wire) -> None:
    answer = wire.diff(CONNECTION, NAME, OAUTH, {**OAUTH, "connection_id": "other"})
    assert list(answer.replaces) == ["connection_id"]
    assert answer.detailedDiff["connection_id"].kind == provider_pb2.PropertyDiff.UPDATE_REPLACE


def test_adopt_is_a_wish_for_the_creation_alone(wire: Wire) -> None:
    assert wire.diff(CONNECTION, NAME, OAUTH, {**OAUTH, "adopt": True}).changes == NONE


# Create


def test_a_connection_is_made_as_the_official_provider_reads_it(provider: Wire, airflow: AirflowDouble) -> None:
    resource_id, outputs = provider.create(CONNECTION, NAME, {**OAUTH, "extra": {"http_timeout_seconds": 30}})
    assert resource_id == NAME
    forms = {name: outputs.pop(name) for name in ("uri", "json")}
    assert outputs == {"connection_id": NAME, "conn_type": "databricks", "auth": "service_principal_oauth"}
    assert all(isinstance(form, Secret) for form in forms.values())
    made = airflow.connections[NAME]
    assert (made["login"], made["password"], made["host"]) == ("app", "hush", "https://w.example")
    extra = json.loads(made["extra"])
    assert extra.pop("airbrick_owner").startswith("orders-dev-databricks_default-")
    assert extra == {"service_principal_oauth": True, "http_timeout_seconds": 30}


def test_a_token_is_the_password_alone(provider: Wire, airflow: AirflowDouble) -> None:
    _, outputs = provider.create(CONNECTION, NAME, PAT)
    made = airflow.connections[NAME]
    assert (made["login"], made["password"]) == (None, "dapi-hush")
    assert "service_principal_oauth" not in made["extra"]
    assert outputs["auth"] == "personal_access_token"


FEDERATED: dict[str, Any] = {
    "connection_id": NAME, "host": "https://w.example", "client_id": "app", "federation": "kubernetes", "adopt": False,
}  # fmt: skip


def test_a_federated_connection_keeps_no_secret(provider: Wire, airflow: AirflowDouble) -> None:
    assert provider.check(CONNECTION, NAME, FEDERATED) == (FEDERATED, {})
    assert provider.engine.warnings == []
    _, outputs = provider.create(CONNECTION, NAME, FEDERATED)
    assert outputs["auth"] == "federated"
    made = airflow.connections[NAME]
    assert (made["login"], made["password"]) == (None, None)
    extra = json.loads(made["extra"])
    assert {**extra, "airbrick_owner": ""} == {"federated_k8s": True, "client_id": "app", "airbrick_owner": ""}


def test_a_connection_of_a_secrets_backend_is_outputs_alone(wire: Wire) -> None:
    # Nothing listens here.
    wire.configure(airflow_endpoint="http://127.0.0.1:9", airflow_token=Secret("t"))
    inputs = {**OAUTH, "in_airflow": False}
    assert wire.check(CONNECTION, NAME, inputs) == (inputs, {})
    resource_id, outputs = wire.create(CONNECTION, NAME, inputs)
    assert outputs["uri"] == Secret(
        "databricks://https://app:hush@w.example/?__extra__=%7B%22service_principal_oauth%22%3A+true%7D"
    )
    assert json.loads(outputs["json"].value)["password"] == "hush"
    assert wire.read(CONNECTION, NAME, resource_id, inputs, **outputs) == (NAME, inputs, outputs)
    wire.update(CONNECTION, NAME, NAME, inputs, inputs, **outputs)
    wire.delete(CONNECTION, NAME, NAME, inputs)
    assert list(wire.diff(CONNECTION, NAME, inputs, OAUTH).replaces) == ["in_airflow"]


def test_a_preview_calls_nothing(wire: Wire) -> None:
    wire.configure(airflow_endpoint="http://127.0.0.1:9", airflow_token=Secret("t"))
    assert wire.create(CONNECTION, NAME, OAUTH, preview=True)[1]["auth"] == "service_principal_oauth"
    wire.update(CONNECTION, NAME, NAME, OAUTH, OAUTH, preview=True)


def test_a_lost_answer_ends_in_one_connection(provider: Wire, airflow: AirflowDouble) -> None:
    airflow.faults["POST"] = ["drop"]
    assert provider.create(CONNECTION, NAME, OAUTH)[0] == NAME
    assert airflow.writes() == ["POST", "POST", "PATCH"]


@pytest.mark.parametrize("lost", [(500, b"oops"), "drop"])
def test_a_write_whose_fate_is_unclear_is_repeated(provider: Wire, airflow: AirflowDouble, lost: Any) -> None:
    airflow.faults = {method: [lost] for method in ("POST", "PATCH", "DELETE")}
    provider.create(CONNECTION, NAME, OAUTH)
    provider.update(CONNECTION, NAME, NAME, OAUTH, {**OAUTH, "client_id": "app2"})
    assert airflow.connections[NAME]["login"] == "app2"
    provider.delete(CONNECTION, NAME, NAME, OAUTH)
    assert airflow.connections == {}


def test_a_request_that_did_nothing_and_got_no_answer_is_an_error(provider: Wire, airflow: AirflowDouble) -> None:
    airflow.faults["POST"] = [(500, b"oops")] * 20
    with pytest.raises(grpc.RpcError) as caught:
        provider.create(CONNECTION, NAME, OAUTH)
    code, message = refusal(caught.value)
    assert code is grpc.StatusCode.UNAVAILABLE
    assert "status 500" in message
    assert airflow.connections == {}


def test_what_an_interrupted_up_made_is_completed(provider: Wire, later: Wire, airflow: AirflowDouble) -> None:
    provider.create(CONNECTION, NAME, OAUTH)
    later.create(CONNECTION, NAME, {**OAUTH, "client_id": "app2"})
    assert airflow.connections[NAME]["login"] == "app2"


def test_a_completion_that_fails_is_kept_in_the_state(provider: Wire, later: Wire, airflow: AirflowDouble) -> None:
    provider.create(CONNECTION, NAME, OAUTH)
    airflow.faults["PATCH"] = [(503, b"")] * 20
    with pytest.raises(grpc.RpcError) as caught:
        later.create(CONNECTION, NAME, OAUTH)
    detail = init_failed(caught.value)
    assert detail.id == NAME
    assert decode(detail.inputs) == OAUTH


def test_a_connection_that_is_not_ours_needs_adopt(provider: Wire, airflow: AirflowDouble) -> None:
    airflow.connections[NAME] = {"connection_id": NAME, "conn_type": "http", "login": "them", "extra": "no json"}
    airflow.connections[NAME]["extra"] = ""
    with pytest.raises(grpc.RpcError) as caught:
        provider.create(CONNECTION, NAME, OAUTH)
    code, message = refusal(caught.value)
    assert code is grpc.StatusCode.ALREADY_EXISTS
    assert "set adopt=True" in message
    assert airflow.connections[NAME]["login"] == "them"
    provider.create(CONNECTION, NAME, {**OAUTH, "adopt": True})
    assert airflow.connections[NAME]["conn_type"] == "databricks"


def test_a_replacement_does_not_take_over_what_it_replaces(provider: Wire, later: Wire) -> None:
    provider.create(CONNECTION, NAME, OAUTH)
    later.read(CONNECTION, NAME, NAME, OAUTH)
    with pytest.raises(grpc.RpcError) as caught:
        later.create(CONNECTION, NAME, {**OAUTH, "adopt": True})
    code, message = refusal(caught.value)
    assert code is grpc.StatusCode.ALREADY_EXISTS
    assert f"it is the one to be replaced; give {NAME} the option delete_before_replace=True" in message


# Read


@pytest.mark.parametrize(
    "inputs",
    [
        OAUTH,
        PAT,
        {**OAUTH, "description": "größe", "extra": {"proxy_token": Secret("t")}},
        {"connection_id": NAME, "host": "https://w", "federation": "aws", "adopt": False},
        {"connection_id": NAME, "host": "https://w", "token_provider": "a.b", "client_id": "c", "adopt": False},
    ],
)
def test_masks_are_no_drift(provider: Wire, inputs: dict[str, Any]) -> None:
    _, outputs = provider.create(CONNECTION, NAME, inputs)
    assert provider.read(CONNECTION, NAME, NAME, inputs, **outputs) == (NAME, inputs, outputs)


@pytest.mark.parametrize(
    ("edit", "changed"),
    [
        ({"host": "https://other"}, ["host"]),
        ({"login": "them"}, ["client_id"]),
        ({"password": None}, ["client_secret"]),
        ({"description": "edited"}, ["description"]),
        ({"port": 8443}, ["host"]),
        ({"schema": "x"}, ["host"]),
        ({"conn_type": "http"}, ["host"]),
        ({"extra": "{}"}, ["client_id", "client_secret", "token"]),
        ({"extra": '{"service_principal_oauth": true, "more": 1}'}, ["extra"]),
    ],
)
def test_an_edit_in_airflow_is_drift(
    provider: Wire, airflow: AirflowDouble, edit: dict[str, Any], changed: list[str]
) -> None:
    _, outputs = provider.create(CONNECTION, NAME, OAUTH)
    airflow.connections[NAME] |= edit
    _, seen, _ = provider.read(CONNECTION, NAME, NAME, OAUTH, **outputs)
    answer = provider.diff(CONNECTION, NAME, seen, OAUTH)
    assert sorted(answer.diffs) == changed
    provider.update(CONNECTION, NAME, NAME, seen, OAUTH, **outputs)
    assert provider.read(CONNECTION, NAME, NAME, OAUTH, **outputs)[1] == OAUTH
    assert "***" not in str(airflow.connections)


def test_a_deleted_connection_is_gone(provider: Wire) -> None:
    assert provider.read(CONNECTION, NAME, "nope", OAUTH)[0] == ""


def test_an_import_asks_for_the_secret_it_cannot_read(provider: Wire, airflow: AirflowDouble) -> None:
    extra = json.dumps({"service_principal_oauth": True})
    airflow.connections[NAME] = {
        "connection_id": NAME, "conn_type": "databricks", "host": "https://w.example", "login": "app",
        "password": "hush", "extra": extra,
    }  # fmt: skip
    _, inputs, outputs = provider.read(CONNECTION, NAME, NAME)
    assert inputs == {**OAUTH, "client_secret": Secret("***")}
    assert outputs["auth"] == "service_principal_oauth"
    assert list(provider.diff(CONNECTION, NAME, inputs, OAUTH).diffs) == ["client_secret"]


# Delete


def test_a_delete_can_be_repeated(provider: Wire, airflow: AirflowDouble) -> None:
    provider.create(CONNECTION, NAME, OAUTH)
    airflow.faults["DELETE"] = ["drop"] * 20
    with pytest.raises(grpc.RpcError):
        provider.delete(CONNECTION, NAME, NAME)
    airflow.faults.clear()
    provider.delete(CONNECTION, NAME, NAME)
    assert airflow.connections == {}
