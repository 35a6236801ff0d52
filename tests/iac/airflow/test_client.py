"""How the provider signs in to Airflow, and what it makes of Airflow's answers; over the protocol."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from tests.iac.airflow.double import configure
from tests.iac.airflow.test_databricks_connection import CONNECTION, NAME, OAUTH
from tests.iac.wire import refusal

from airbrick.iac.values import Secret

if TYPE_CHECKING:
    from pathlib import Path

    from tests.iac.airflow.double import AirflowDouble
    from tests.iac.wire import Wire


def test_a_token_that_ran_out_is_renewed_once(provider: Wire, airflow: AirflowDouble) -> None:
    provider.create(CONNECTION, NAME, OAUTH)
    airflow.tokens.append("another")
    provider.read(CONNECTION, NAME, NAME, OAUTH)
    assert [path for _, path, _ in airflow.requests].count("/auth/token") == 2


def test_a_bearer_token_serves_a_managed_airflow(wire: Wire, airflow: AirflowDouble) -> None:
    airflow.tokens.append("managed")
    wire.configure(airflow_endpoint=airflow.endpoint, airflow_token=Secret("managed"))
    wire.create(CONNECTION, NAME, OAUTH)
    assert [path for _, path, _ in airflow.requests] == ["/api/v2/connections"]
    airflow.tokens.append("rotated")
    with pytest.raises(grpc.RpcError) as caught:
        wire.read(CONNECTION, NAME, NAME, OAUTH)
    code, message = refusal(caught.value)
    assert code is grpc.StatusCode.UNAUTHENTICATED
    assert "airbrick:airflow_token" in message


def test_a_wrong_password_is_one_clear_error(wire: Wire, airflow: AirflowDouble) -> None:
    configure(wire, airflow, airflow_password=Secret("wrong-one"))
    with pytest.raises(grpc.RpcError) as caught:
        wire.create(CONNECTION, NAME, OAUTH)
    code, message = refusal(caught.value)
    assert code is grpc.StatusCode.UNAUTHENTICATED
    assert "check airbrick:airflow_username" in message
    assert "wrong-one" not in message


def test_credentials_in_the_address_are_refused_unseen(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRBRICK_AIRFLOW_ENDPOINT", "http://me:hush-pass@127.0.0.1:9")
    wire.configure(airflow_token=Secret("t"))
    with pytest.raises(grpc.RpcError) as caught:
        wire.read(CONNECTION, NAME, NAME, OAUTH)
    code, message = refusal(caught.value)
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert message.startswith("airbrick:airflow_endpoint: holds credentials")
    assert "hush-pass" not in message


def test_an_address_without_a_scheme_is_refused_wherever_it_stands(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRBRICK_AIRFLOW_ENDPOINT", "airflow.example.com")
    wire.configure(airflow_token=Secret("t"))
    with pytest.raises(grpc.RpcError) as caught:
        wire.read(CONNECTION, NAME, NAME, OAUTH)
    code, message = refusal(caught.value)
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert message == (
        "airbrick:airflow_endpoint: 'airflow.example.com' has no scheme; write it as https://airflow.example.com"
    )


def test_an_airflow_that_does_not_answer_is_one_clear_error(wire: Wire) -> None:
    wire.configure(airflow_endpoint="http://127.0.0.1:9", airflow_username="a", airflow_password=Secret("hush-pass"))
    with pytest.raises(grpc.RpcError) as caught:
        wire.read(CONNECTION, NAME, NAME, OAUTH)
    code, message = refusal(caught.value)
    assert code is grpc.StatusCode.UNAVAILABLE
    assert "Airflow at http://127.0.0.1:9/auth/token" in message
    assert "start Airflow, or correct airbrick:airflow_endpoint" in message


@pytest.mark.parametrize(
    ("config", "place"),
    [({}, "airbrick:airflow_endpoint"), ({"airflow_endpoint": "http://127.0.0.1:9"}, "airbrick:airflow_username")],
)
def test_missing_configuration_is_named(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, config: dict[str, str], place: str
) -> None:
    for name in ("ENDPOINT", "USERNAME", "PASSWORD", "TOKEN", "TOKEN_COMMAND"):
        monkeypatch.delenv(f"AIRBRICK_AIRFLOW_{name}", raising=False)
    wire.configure(**config)
    with pytest.raises(grpc.RpcError) as caught:
        wire.create(CONNECTION, NAME, OAUTH)
    code, message = refusal(caught.value)
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert message.startswith(place)


def test_the_environment_can_say_where_airflow_is(
    wire: Wire, airflow: AirflowDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRBRICK_AIRFLOW_ENDPOINT", airflow.endpoint)
    monkeypatch.setenv("AIRBRICK_AIRFLOW_USERNAME", "admin")
    monkeypatch.setenv("AIRBRICK_AIRFLOW_PASSWORD", airflow.password)
    wire.configure()
    assert wire.create(CONNECTION, NAME, OAUTH)[0] == NAME


# What Airflow says


def test_a_refusal_names_the_field_and_not_the_value(provider: Wire, airflow: AirflowDouble) -> None:
    detail = [{"loc": ["body", "extra"], "msg": "not JSON", "input": "hush-value"}, "odd"]
    airflow.faults["POST"] = [(422, {"detail": detail})]
    with pytest.raises(grpc.RpcError) as caught:
        provider.create(CONNECTION, NAME, OAUTH)
    code, message = refusal(caught.value)
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert "body.extra: not JSON" in message
    assert "hush-value" not in message


@pytest.mark.parametrize(
    ("fault", "code", "said"),
    [
        ((403, {"detail": "no"}), grpc.StatusCode.PERMISSION_DENIED, "give this Airflow user the right"),
        ((404, b"<html>Not Found</html>"), grpc.StatusCode.FAILED_PRECONDITION, "check airbrick:airflow_endpoint"),
        ((404, {"detail": "Not Found"}), grpc.StatusCode.FAILED_PRECONDITION, "check airbrick:airflow_endpoint"),
        (
            (405, {"detail": "Method Not Allowed"}),
            grpc.StatusCode.FAILED_PRECONDITION,
            "check airbrick:airflow_endpoint",
        ),
        # What a server of files says of every POST.
        ((501, b"Unsupported method"), grpc.StatusCode.FAILED_PRECONDITION, "check airbrick:airflow_endpoint"),
        ((418, b"tea"), grpc.StatusCode.FAILED_PRECONDITION, "418"),
        ((302, b""), grpc.StatusCode.FAILED_PRECONDITION, "302"),
        ((200, b"<html>"), grpc.StatusCode.UNAVAILABLE, "the answer is not JSON"),
    ],
)
def test_other_answers_have_a_code_of_their_own(
    provider: Wire, airflow: AirflowDouble, fault: Any, code: grpc.StatusCode, said: str
) -> None:
    airflow.faults["GET"] = [fault] * 20
    with pytest.raises(grpc.RpcError) as caught:
        provider.read(CONNECTION, NAME, NAME, OAUTH)
    found, message = refusal(caught.value)
    assert found is code
    assert said in message


def test_nothing_counts_as_deleted_where_airflow_does_not_answer(provider: Wire, airflow: AirflowDouble) -> None:
    provider.create(CONNECTION, NAME, OAUTH)
    airflow.faults["DELETE"] = [(404, b"<html>Not Found</html>")]
    with pytest.raises(grpc.RpcError) as caught:
        provider.delete(CONNECTION, NAME, NAME, OAUTH)
    assert refusal(caught.value)[0] is grpc.StatusCode.FAILED_PRECONDITION
    provider.delete(CONNECTION, NAME, NAME, OAUTH)
    provider.delete(CONNECTION, NAME, NAME, OAUTH)
    assert airflow.connections == {}


def test_a_throttled_write_waits_as_asked(provider: Wire, airflow: AirflowDouble) -> None:
    airflow.faults["POST"] = [(429, {}, {"Retry-After": "7"}), (429, {})]
    provider.create(CONNECTION, NAME, OAUTH)
    assert provider.pause.waits_s == [7, 1]


def test_a_log_in_that_airflow_does_not_offer_names_the_way_out(wire: Wire, airflow: AirflowDouble) -> None:
    configure(wire, airflow, airflow_endpoint=airflow.endpoint + "/prefix")
    with pytest.raises(grpc.RpcError) as caught:
        wire.read(CONNECTION, NAME, NAME, OAUTH)
    assert refusal(caught.value)[0] is not grpc.StatusCode.UNKNOWN


def command(script: Path, text: str) -> str:
    script.write_text(text, encoding="utf-8")
    return f"'{sys.executable}' '{script}'"


def test_a_blank_command_is_named(wire: Wire, airflow: AirflowDouble) -> None:
    wire.configure(airflow_endpoint=airflow.endpoint, airflow_token_command="  ")
    with pytest.raises(grpc.RpcError) as caught:
        wire.create(CONNECTION, NAME, OAUTH)
    assert "airbrick:airflow_token_command: is blank" in refusal(caught.value)[1]


def test_a_command_gives_the_token_and_renews_it(wire: Wire, airflow: AirflowDouble, tmp_path: Path) -> None:
    count = tmp_path / "count"
    text = f"open({str(count)!r}, 'a').write('x'); print('managed-' + str(len(open({str(count)!r}).read())))"
    airflow.tokens.append("managed-1")
    wire.configure(airflow_endpoint=airflow.endpoint, airflow_token_command=command(tmp_path / "token.py", text))
    wire.create(CONNECTION, NAME, OAUTH)
    wire.read(CONNECTION, NAME, NAME, OAUTH)
    assert count.read_text() == "x"
    airflow.tokens.append("managed-2")
    wire.update(CONNECTION, NAME, NAME, OAUTH, OAUTH)
    assert count.read_text() == "xx"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import sys; print('hush-token', file=sys.stderr); sys.exit(3)", "ended with exit code 3"),
        ("", "printed no token"),
        ("print('hush-token and more')", "printed no token"),
    ],
)
def test_a_command_that_gives_no_token_is_named(wire: Wire, tmp_path: Path, text: str, said: str) -> None:
    wire.configure(airflow_endpoint="http://127.0.0.1:9", airflow_token_command=command(tmp_path / "token.py", text))
    with pytest.raises(grpc.RpcError) as caught:
        wire.read(CONNECTION, NAME, NAME, OAUTH)
    code, message = refusal(caught.value)
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert message.startswith(f"airbrick:airflow_token_command: {said}")
    assert "hush-token" not in message


@pytest.mark.parametrize(
    ("given", "said"), [("no-such-program-7f3a x", "cannot run 'no-such-program-7f3a'"), ("a 'b", "is no command line")]
)
def test_a_command_that_cannot_be_run_is_named(wire: Wire, given: str, said: str) -> None:
    wire.configure(airflow_endpoint="http://127.0.0.1:9", airflow_token_command=given)
    with pytest.raises(grpc.RpcError) as caught:
        wire.read(CONNECTION, NAME, NAME, OAUTH)
    assert said in refusal(caught.value)[1]
