"""An object of an Airflow is looked for where it was made, or where that Airflow has moved, over the protocol."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from tests.iac.airflow.double import configure, running_airflow_double
from tests.iac.wire import refusal

from airbrick.iac.provider.home import HOME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.iac.airflow.double import AirflowDouble
    from tests.iac.wire import Wire

POOL, VARIABLE, CONNECTION, DATABRICKS = (
    f"airbrick:airflow:{name}" for name in ("Pool", "Variable", "Connection", "DatabricksConnection")
)
SAMPLES: dict[str, dict[str, Any]] = {
    POOL: {"name": "x", "slots": 8, "include_deferred": False, "adopt": False},
    VARIABLE: {"key": "x", "value": "eu", "adopt": False},
    CONNECTION: {"connection_id": "x", "conn_type": "postgres", "host": "db.example", "adopt": False},
    DATABRICKS: {
        "connection_id": "x", "host": "https://w.example", "client_id": "app", "federation": "kubernetes",
        "adopt": False,
    },
}  # fmt: skip


@pytest.fixture
def other() -> Iterator[AirflowDouble]:
    """Another Airflow, or the same one at another address."""
    with running_airflow_double() as double:
        yield double


def objects(airflow: AirflowDouble) -> list[dict[str, dict[str, Any]]]:
    return copy.deepcopy([airflow.connections, airflow.variables, airflow.pools])


def move(airflow: AirflowDouble, other: AirflowDouble) -> None:
    other.connections, other.variables, other.pools = objects(airflow)


def home(wire: Wire, token: str) -> Any:
    return wire.internal[wire.urn(token, "x")].get(HOME)


def calls(wire: Wire, token: str, outputs: dict[str, Any]) -> list[Callable[[], object]]:
    inputs, record = SAMPLES[token], wire.internal[wire.urn(token, "x")]
    known = {**outputs, **record}
    return [
        lambda: wire.read(token, "x", "x", inputs, **known),
        lambda: wire.update(token, "x", "x", inputs, inputs, **known),
        lambda: wire.delete(token, "x", "x", inputs, **known),
    ]


@pytest.mark.parametrize("token", SAMPLES)
def test_an_airflow_may_move(provider: Wire, airflow: AirflowDouble, other: AirflowDouble, token: str) -> None:
    inputs = SAMPLES[token]
    _, outputs = provider.create(token, "x", inputs)
    assert home(provider, token) == {"airflow_endpoint": airflow.endpoint}
    read, update, delete = calls(provider, token, outputs)
    move(airflow, other)
    configure(provider, other)
    read()
    assert home(provider, token) == {"airflow_endpoint": other.endpoint}
    update()
    assert home(provider, token) == {"airflow_endpoint": other.endpoint}
    delete()
    assert objects(other) == [{}, {}, {}]
    assert objects(airflow) != [{}, {}, {}]


@pytest.mark.parametrize("token", SAMPLES)
@pytest.mark.parametrize("theirs", [True, False])
def test_no_object_of_another_airflow_is_taken_for_ours(
    provider: Wire, airflow: AirflowDouble, other: AirflowDouble, token: str, theirs: bool
) -> None:
    _, outputs = provider.create(token, "x", SAMPLES[token])
    there = provider.internal[provider.urn(token, "x")]
    if theirs:
        move(airflow, other)
        for stored in (other.connections, other.pools, other.variables):
            for found in stored.values():
                found |= {"extra": "{}", "description": "theirs"}
    before = objects(other)
    configure(provider, other)
    for call in calls(provider, token, outputs):
        with pytest.raises(grpc.RpcError) as caught:
            call()
        code, message = refusal(caught.value)
        assert code is grpc.StatusCode.INVALID_ARGUMENT
        assert (
            f"airbrick:airflow_endpoint: names {other.endpoint}, which has no {token.rpartition(':')[2]} 'x'" in message
        )
        assert f"it was made in {airflow.endpoint}; set it (or AIRBRICK_AIRFLOW_ENDPOINT) back" in message
        assert "`pulumi state delete`" in message
    assert (other.writes(), objects(other)) == ([], before)
    configure(provider, airflow)
    assert provider.read(token, "x", "x", SAMPLES[token], **outputs, **there)[0] == "x"


def test_another_spelling_of_an_address_is_the_same(provider: Wire, airflow: AirflowDouble) -> None:
    provider.create(POOL, "x", SAMPLES[POOL])
    airflow.pools.clear()
    configure(provider, airflow, airflow_endpoint=airflow.endpoint.replace("http", "HTTP") + "//")
    assert provider.read(POOL, "x", "x", SAMPLES[POOL])[0] == ""


def test_an_airflow_that_is_away_is_not_another_one(provider: Wire, airflow: AirflowDouble) -> None:
    provider.create(POOL, "x", SAMPLES[POOL])
    configure(provider, airflow, airflow_endpoint="http://127.0.0.1:9")
    with pytest.raises(grpc.RpcError) as caught:
        provider.read(POOL, "x", "x", SAMPLES[POOL])
    assert refusal(caught.value)[0] is grpc.StatusCode.UNAVAILABLE
    assert "nothing answers at this address" in refusal(caught.value)[1]


def test_a_connection_that_a_secrets_backend_holds_is_nowhere(wire: Wire) -> None:
    away = {**SAMPLES[CONNECTION], "in_airflow": False}
    _, outputs = wire.create(CONNECTION, "x", away)
    assert home(wire, CONNECTION) is None
    assert wire.read(CONNECTION, "x", "x", away, **outputs)[2] == outputs
    wire.delete(CONNECTION, "x", "x", away, **outputs)
