"""Which credentials a provider signs in with when the stack's configuration is newer than the state."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime.proto import provider_pb2
from tests.iac.airflow.double import running_airflow_double
from tests.iac.job_samples import JOB, SETTINGS
from tests.iac.wire import refusal, running_provider

from airbrick.iac.provider.codec import encode
from airbrick.iac.provider.config import CONFIG, ProviderConfig
from airbrick.iac.provider.stack_config import taken_from, with_credentials_of_now
from airbrick.iac.values import Secret

if TYPE_CHECKING:
    from tests.iac.wire import Wire

    from airbrick.emulator import Emulator

HOST, AIRFLOW = "https://w.example", "https://airflow.example"
STATE: dict[str, Any] = {
    "host": HOST,
    "token": "old",
    "airflow_endpoint": AIRFLOW,
    "airflow_username": "a",
    "airflow_password": "old",
}
ROTATED = STATE | {"token": "new", "airflow_password": "new"}
DEFAULT = "default_0_1_0"

texts = st.sampled_from(["", HOST, HOST + "/", AIRFLOW, "one", "two"])
configs = st.builds(
    ProviderConfig,
    host=texts,
    auth_type=texts,
    token=texts,
    client_id=texts,
    client_secret=texts,
    airflow_endpoint=texts,
    airflow_username=texts,
    airflow_password=texts,
    airflow_token=texts,
    airflow_token_command=texts,
)


def now(stack: dict[str, Any], name: str = DEFAULT, **environ: str) -> tuple[ProviderConfig, bool]:
    return with_credentials_of_now(ProviderConfig(**STATE), name, stack, environ)


@pytest.mark.parametrize("name", ["default", DEFAULT, "default_1_2_3_alpha_4"])
def test_the_stacks_own_provider_signs_in_as_the_stack_says_now(name: str) -> None:
    assert now(ROTATED, name) == (ProviderConfig(**ROTATED), True)


def test_every_key_that_says_who_we_are_is_taken() -> None:
    places: dict[str, Any] = {"host": HOST, "airflow_endpoint": AIRFLOW}
    old, new = ({**dict.fromkeys(CONFIG.keys() - {"detect_drift"}, word), **places} for word in ("old", "new"))
    stack = {**new, "environment": "{}", "detect_drift": "refresh"}
    assert with_credentials_of_now(ProviderConfig(**old), DEFAULT, stack, {}) == (ProviderConfig(**new), True)


@pytest.mark.parametrize("name", ["", "there", "default_there", "my_default"])
def test_a_provider_of_the_program_keeps_its_own_credentials(name: str) -> None:
    assert now(ROTATED, name) == (ProviderConfig(**STATE), False)


def test_without_the_engines_word_the_state_counts() -> None:
    state = ProviderConfig(**STATE)
    assert with_credentials_of_now(state, DEFAULT, None, {}) == (state, False)


@pytest.mark.parametrize("handed", ["", "no JSON", "[]", "7"])
def test_what_is_no_configuration_is_taken_for_none(handed: str) -> None:
    assert taken_from({"PULUMI_CONFIG": handed}) is None
    assert taken_from({}) is None


def test_the_configuration_and_what_decrypts_it_leave_the_environment() -> None:
    users = {"AWS_PROFILE": "dev", "PULUMI_HOME": "here", "PULUMI_ACCESS_TOKEN": "theirs"}
    environ = {
        **users,
        "PULUMI_CONFIG": json.dumps({**ROTATED, "number": 7}),
        "PULUMI_CONFIG_SECRET_KEYS": '["airbrick:token"]',
        "PULUMI_CONFIG_PASSPHRASE": "hush-hush",
        "PULUMI_CONFIG_PASSPHRASE_FILE": "hush",
    }
    assert taken_from(environ) == ROTATED
    assert environ == users


def test_no_credential_is_sent_to_an_address_that_it_was_not_set_for() -> None:
    config, of_now = now(ROTATED | {"host": "https://other.example"})
    assert (config.host, config.token, config.airflow_password, of_now) == (HOST, "old", "new", False)


def test_another_way_to_sign_in_replaces_all_of_the_one_before() -> None:
    config, of_now = now({"host": HOST + "/", "client_id": "app", "client_secret": "new", "airflow_endpoint": AIRFLOW})
    assert (config.token, config.client_id, config.client_secret) == ("", "app", "new")
    assert (config.airflow_username, config.airflow_password, of_now) == ("", "", True)


def test_credentials_that_moved_to_the_environment_are_left_to_it() -> None:
    config, of_now = now({}, DATABRICKS_HOST=HOST, AIRBRICK_AIRFLOW_ENDPOINT=AIRFLOW + "/")
    assert (config, of_now) == (ProviderConfig(), True)


@given(configs, configs, st.sampled_from(["", HOST]))
def test_no_address_ever_changes_and_what_is_current_stays(
    state: ProviderConfig, stack: ProviderConfig, host: str
) -> None:
    environ = {"DATABRICKS_HOST": host}
    handed = {name: getattr(stack, name) for name in STATE if getattr(stack, name)}
    found, _ = with_credentials_of_now(state, DEFAULT, handed, environ)
    assert (found.host or host).rstrip("/") == (state.host or host).rstrip("/")
    assert found.airflow_endpoint.rstrip("/") == state.airflow_endpoint.rstrip("/")
    assert found.detect_drift == state.detect_drift
    assert found.token in (state.token, stack.token)


# Over the protocol


def configure(wire: Wire, name: str, **config: Any) -> None:
    wire.stub.Configure(provider_pb2.ConfigureRequest(name=name, args=encode(config), acceptSecrets=True))


def test_a_rotated_token_is_used_before_the_program_runs(workspace: Emulator) -> None:
    with running_provider({"host": workspace.host, "token": workspace.token}) as wire:
        configure(wire, DEFAULT, host=workspace.host, token=Secret("dapi-revoked"))
        assert wire.read(JOB, "nightly", "1", SETTINGS)[0] == ""
        configure(wire, "there", host=workspace.host, token=Secret("dapi-revoked"))
        with pytest.raises(grpc.RpcError):
            wire.read(JOB, "nightly", "1", SETTINGS)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_credential_of_the_state_names_the_way_out(wire: Wire, workspace: Emulator, status: int) -> None:
    configure(wire, "there", host=workspace.host, token=Secret("dapi-revoked"))
    # A workspace says it with 403, and a number for a code.
    body = {"error_code": status, "message": "Invalid access token."}
    workspace.fault(path="/api/2.2/jobs/get", status=status, body=body, times=1)
    with pytest.raises(grpc.RpcError) as caught:
        wire.read(JOB, "nightly", "1", SETTINGS)
    _names_the_way_out(caught.value)
    with pytest.raises(grpc.RpcError) as caught:
        wire.delete(JOB, "nightly", "1", SETTINGS, same_up=True)
    _names_the_way_out(caught.value)
    # What the program asks for comes after it ran, with the credentials of now.
    with pytest.raises(grpc.RpcError) as caught:
        wire.create(JOB, "nightly", SETTINGS)
    assert "--run-program" not in refusal(caught.value)[1]


def test_a_refused_credential_for_airflow_names_the_way_out(wire: Wire) -> None:
    with running_airflow_double() as airflow:
        airflow.tokens.append("new")
        configure(wire, "there", airflow_endpoint=airflow.endpoint, airflow_token=Secret("dapi-revoked"))
        with pytest.raises(grpc.RpcError) as caught:
            wire.read("airbrick:airflow:Pool", "p", "p", {"name": "p", "slots": 1})
    _names_the_way_out(caught.value)


def test_a_refused_credential_of_now_is_no_matter_of_rotation(workspace: Emulator) -> None:
    config = {"host": workspace.host, "token": "dapi-wrong"}
    with running_provider(config) as wire:
        configure(wire, DEFAULT, **config)
        with pytest.raises(grpc.RpcError) as caught:
            wire.read(JOB, "nightly", "1", SETTINGS)
    assert "check the credentials" in refusal(caught.value)[1]
    assert "--run-program" not in refusal(caught.value)[1]


def _names_the_way_out(error: grpc.RpcError) -> None:
    code, message = refusal(error)
    assert code is grpc.StatusCode.UNAUTHENTICATED
    assert "check " in message
    assert "run `pulumi up --refresh --run-program`" in message
    assert "revoke those after an `up` with the new ones" in message
    assert "dapi-revoked" not in message
