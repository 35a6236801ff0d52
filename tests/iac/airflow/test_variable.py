"""Airflow Variables, over the protocol."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from tests.iac.wire import refusal

from airbrick.iac.values import UNKNOWN, Secret

if TYPE_CHECKING:
    from tests.iac.airflow.double import AirflowDouble
    from tests.iac.wire import Wire

VARIABLE = "airbrick:airflow:Variable"
TEXT: dict[str, Any] = {"key": "region", "value": "eu", "adopt": False}
VALUES: dict[str, Any] = {"key": "limits", "value": {"größe": [1, 2.5, None], "on": True}, "adopt": False}


def test_the_logical_name_is_the_key(wire: Wire) -> None:
    assert wire.check(VARIABLE, "region", {"value": "eu"}) == (TEXT, {})
    assert wire.check(VARIABLE, "limits", VALUES) == (VALUES, {})
    assert wire.check(VARIABLE, "region", {"value": UNKNOWN})[1] == {}


@pytest.mark.parametrize(
    ("change", "path", "reason"),
    [
        ({"value": None}, "value", "is missing"),
        ({"key": ""}, "key", "expected 1 to 250 characters"),
        ({"key": "x" * 251}, "key", "expected 1 to 250 characters"),
        ({"key": "a\nb"}, "key", "no line break"),
        ({"key": "."}, "key", "neither '.' nor '..', which"),
        ({"key": ".."}, "key", "neither '.' nor '..', which"),
        ({"value": "***"}, "value", "give the real value"),
        ({"value": {"a": {"token": "***"}}}, "value.a.token", "give the real value"),
        ({"vlaue": "x"}, "vlaue", "did you mean 'value'?"),
    ],
)
def test_a_mistake_is_named_with_its_place(wire: Wire, change: dict[str, Any], path: str, reason: str) -> None:
    _, failures = wire.check(VARIABLE, "region", {**TEXT, **change})
    assert list(failures) == [path]
    assert reason in failures[path]


@pytest.mark.parametrize(
    "inputs",
    [
        TEXT,
        VALUES,
        {**TEXT, "description": "where"},
        {**TEXT, "value": '{"a":   1}'},
        {**TEXT, "value": ""},
        {**TEXT, "key": "api_token", "value": Secret("hush-value")},
        {**TEXT, "value": Secret("hush-value")},
        {**VALUES, "value": {"token": Secret("hush"), "size": 1}},
        {**VALUES, "value": Secret({"token": "hush", "size": 1})},
        {**TEXT, "value": "5"},
        {**VALUES, "value": 5},
    ],
)
def test_what_was_written_is_read_back_without_drift(
    provider: Wire, airflow: AirflowDouble, inputs: dict[str, Any]
) -> None:
    resource_id, outputs = provider.create(VARIABLE, "v", inputs)
    assert outputs == {"key": inputs["key"]}
    assert provider.read(VARIABLE, "v", resource_id, inputs, **outputs) == (inputs["key"], inputs, outputs)
    provider.update(VARIABLE, "v", resource_id, inputs, inputs, **outputs)
    assert provider.read(VARIABLE, "v", resource_id, inputs, **outputs)[1] == inputs
    assert "***" not in str(airflow.variables)


def test_json_values_are_stored_as_json(provider: Wire, airflow: AirflowDouble) -> None:
    provider.create(VARIABLE, "limits", VALUES)
    assert json.loads(airflow.variables["limits"]["value"]) == VALUES["value"]
    assert airflow.variables["limits"]["description"].startswith("[airbrick: orders-dev-limits-")


@pytest.mark.parametrize(
    ("inputs", "edit", "changed"),
    [
        (TEXT, {"value": "us"}, ["value"]),
        (VALUES, {"value": '{"on": false}'}, ["value"]),
        ({**VALUES, "value": {"token": Secret("hush"), "size": 1}}, {"value": '{"token": "x", "size": 2}'}, ["value"]),
        (TEXT, {"description": "edited"}, ["description"]),
        ({**TEXT, "value": Secret("hush-value")}, {"value": "edited"}, ["value"]),
    ],
)
def test_an_edit_in_airflow_is_drift(
    provider: Wire, airflow: AirflowDouble, inputs: dict[str, Any], edit: dict[str, Any], changed: list[str]
) -> None:
    resource_id, outputs = provider.create(VARIABLE, "v", inputs)
    airflow.variables[resource_id] |= edit
    _, seen, _ = provider.read(VARIABLE, "v", resource_id, inputs, **outputs)
    assert sorted(provider.diff(VARIABLE, "v", seen, inputs).diffs) == changed
    if isinstance(inputs["value"], Secret):
        assert isinstance(seen["value"], Secret)


def test_another_key_is_another_variable(wire: Wire) -> None:
    assert list(wire.diff(VARIABLE, "v", TEXT, {**TEXT, "key": "other"}).replaces) == ["key"]


def test_a_variable_that_is_not_ours_needs_adopt(provider: Wire, airflow: AirflowDouble) -> None:
    airflow.variables["region"] = {"key": "region", "value": "theirs", "description": None}
    with pytest.raises(grpc.RpcError) as caught:
        provider.create(VARIABLE, "region", TEXT)
    code, message = refusal(caught.value)
    assert code is grpc.StatusCode.ALREADY_EXISTS
    assert "variable 'region'" in message
    provider.create(VARIABLE, "region", {**TEXT, "adopt": True})
    assert airflow.variables["region"]["value"] == "eu"


def test_a_variable_of_a_stack_of_the_same_name_in_another_state_needs_adopt(
    provider: Wire, later: Wire, airflow: AirflowDouble
) -> None:
    provider.create(VARIABLE, "region", TEXT)
    later.provider_id = "another"
    later.next_up()
    with pytest.raises(grpc.RpcError) as caught:
        later.create(VARIABLE, "region", {**TEXT, "value": "us"})
    assert "set adopt=True" in refusal(caught.value)[1]
    assert airflow.variables["region"]["value"] == "eu"


def test_a_lost_answer_ends_in_one_variable(provider: Wire, airflow: AirflowDouble) -> None:
    airflow.faults["POST"] = ["drop"]
    assert provider.create(VARIABLE, "region", TEXT)[0] == "region"
    assert airflow.writes() == ["POST", "POST", "PATCH"]


def test_one_that_was_deleted_by_hand_is_made_again_though_the_answer_is_lost(
    provider: Wire, airflow: AirflowDouble
) -> None:
    provider.create(VARIABLE, "region", TEXT)
    airflow.variables.clear()
    assert provider.read(VARIABLE, "region", "region", TEXT)[0] == ""
    airflow.faults["POST"] = ["drop"]
    assert provider.create(VARIABLE, "region", TEXT)[0] == "region"


def test_what_somebody_else_put_in_its_place_is_taken_over_if_asked(provider: Wire, airflow: AirflowDouble) -> None:
    provider.create(VARIABLE, "region", TEXT)
    airflow.variables["region"] = {"key": "region", "value": "theirs", "description": None}
    with pytest.raises(grpc.RpcError, match="this stack did not make it"):
        provider.create(VARIABLE, "region", TEXT)
    provider.create(VARIABLE, "region", {**TEXT, "adopt": True})
    assert airflow.variables["region"]["value"] == "eu"


def test_an_interrupted_change_of_the_key_is_completed(provider: Wire, later: Wire, airflow: AirflowDouble) -> None:
    provider.create(VARIABLE, "region", TEXT)
    new = {**TEXT, "key": "area"}
    provider.create(VARIABLE, "region", new)
    # Killed here: the state still holds the old key alone.
    later.read(VARIABLE, "region", "region", TEXT)
    later.check(VARIABLE, "region", new, TEXT)
    later.diff(VARIABLE, "region", TEXT, new, "region")
    assert later.create(VARIABLE, "region", new)[0] == "area"
    later.delete(VARIABLE, "region", "region", TEXT, same_up=True)
    assert set(airflow.variables) == {"area"}


def test_an_import_is_what_airflow_shows(provider: Wire, airflow: AirflowDouble) -> None:
    airflow.variables["region"] = {"key": "region", "value": "eu", "description": "where"}
    assert provider.read(VARIABLE, "region", "region")[1] == {**TEXT, "description": "where"}
    assert provider.read(VARIABLE, "region", "nope")[0] == ""
