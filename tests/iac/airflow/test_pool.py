"""Airflow pools, over the protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import pytest
from tests.iac.wire import refusal

from airbrick.iac.values import UNKNOWN

if TYPE_CHECKING:
    from tests.iac.airflow.double import AirflowDouble
    from tests.iac.wire import Wire

POOL = "airbrick:airflow:Pool"
DATABRICKS: dict[str, Any] = {"name": "databricks", "slots": 8, "include_deferred": False, "adopt": False}


def test_the_logical_name_is_the_name(wire: Wire) -> None:
    assert wire.check(POOL, "databricks", {"slots": 8}) == (DATABRICKS, {})
    assert wire.check(POOL, "databricks", {**DATABRICKS, "slots": UNKNOWN})[1] == {}


@pytest.mark.parametrize(
    ("change", "path", "reason"),
    [
        ({"slots": None}, "slots", "is missing"),
        ({"slots": "8"}, "slots", "expected a whole number, found text"),
        ({"slots": -2}, "slots", "expected -1 for no limit"),
        ({"include_deferred": 1}, "include_deferred", "expected true or false"),
        ({"name": "default_pool"}, "name", "Airflow's own pool"),
        ({"name": "a\n"}, "name", "no line break"),
        ({"name": ".."}, "name", "neither '.' nor '..', which"),
        ({"name": "x" * 257}, "name", "expected 1 to 256 characters"),
        ({"slot": 1}, "slot", "did you mean 'slots'?"),
    ],
)
def test_a_mistake_is_named_with_its_place(wire: Wire, change: dict[str, Any], path: str, reason: str) -> None:
    _, failures = wire.check(POOL, "databricks", {**DATABRICKS, **change})
    assert list(failures) == [path]
    assert reason in failures[path]


def test_the_life_of_a_pool(provider: Wire, airflow: AirflowDouble) -> None:
    inputs = {**DATABRICKS, "description": "runs at once"}
    resource_id, outputs = provider.create(POOL, "databricks", inputs)
    assert outputs == {"name": "databricks"}
    assert airflow.pools["databricks"]["description"].startswith("runs at once [airbrick: orders-dev-databricks-")
    assert provider.read(POOL, "databricks", resource_id, inputs, **outputs) == ("databricks", inputs, outputs)
    airflow.pools["databricks"] |= {"slots": 1, "include_deferred": True}
    seen = provider.read(POOL, "databricks", resource_id, inputs, **outputs)[1]
    assert sorted(provider.diff(POOL, "databricks", seen, inputs).diffs) == ["include_deferred", "slots"]
    provider.update(POOL, "databricks", resource_id, seen, inputs, **outputs)
    assert airflow.pools["databricks"]["slots"] == 8
    assert list(provider.diff(POOL, "databricks", inputs, {**inputs, "name": "other"}).replaces) == ["name"]
    provider.delete(POOL, "databricks", resource_id)
    provider.delete(POOL, "databricks", resource_id)
    assert airflow.pools == {}
    assert provider.read(POOL, "databricks", resource_id, inputs)[0] == ""


def test_a_pool_that_is_not_ours_needs_adopt(provider: Wire, later: Wire, airflow: AirflowDouble) -> None:
    airflow.pools["databricks"] = {"name": "databricks", "slots": 2, "description": "theirs", "include_deferred": False}
    with pytest.raises(grpc.RpcError) as caught:
        provider.create(POOL, "databricks", DATABRICKS)
    assert refusal(caught.value)[0] is grpc.StatusCode.ALREADY_EXISTS
    provider.create(POOL, "databricks", {**DATABRICKS, "adopt": True})
    # What an interrupted `up` made is completed.
    later.create(POOL, "databricks", {**DATABRICKS, "slots": 3})
    assert airflow.pools["databricks"]["slots"] == 3
