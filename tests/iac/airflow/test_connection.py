"""Airflow connections of any type, and the forms that secrets backends keep, over the protocol."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pulumi.runtime.proto import provider_pb2

from airbrick.iac.resources.connection_forms import as_json, as_uri
from airbrick.iac.values import UNKNOWN, Secret

if TYPE_CHECKING:
    from tests.iac.airflow.double import AirflowDouble
    from tests.iac.wire import Wire

CONNECTION = "airbrick:airflow:Connection"
WAREHOUSE: dict[str, Any] = {
    "connection_id": "warehouse",
    "conn_type": "postgres",
    "host": "db.example",
    "login": "etl",
    "password": Secret("hush-word"),
    "schema": "orders",
    "port": 5432,
    "extra": {"sslmode": "require", "aws": {"secret_key": Secret("hush-key")}},
    "adopt": False,
}


def test_the_logical_name_is_the_id(wire: Wire) -> None:
    checked, _ = wire.check(CONNECTION, "warehouse", {"conn_type": "postgres", "password": "x"})
    assert checked == {"connection_id": "warehouse", "conn_type": "postgres", "password": Secret("x"), "adopt": False}
    assert wire.check(CONNECTION, "warehouse", WAREHOUSE) == (WAREHOUSE, {})


@pytest.mark.parametrize(
    ("change", "path", "reason"),
    [
        ({"conn_type": None}, "conn_type", "is missing"),
        ({"conn_type": ""}, "conn_type", "is empty"),
        ({"port": "5432"}, "port", "expected a whole number, found text"),
        ({"port": 70000}, "port", "expected 1 to 65535"),
        ({"password": Secret("***")}, "password", "give the real value"),
        ({"extra": {"a": [{"token": "***"}]}}, "extra.a[0].token", "give the real value"),
        ({"extra": {"airbrick_owner": "me"}}, "extra.airbrick_owner", "is set by airbrick"),
        ({"connection_id": "a b"}, "connection_id", "expected up to 200 letters"),
        ({"connection_id": "."}, "connection_id", "neither '.' nor '..', which"),
        ({"connection_id": ".."}, "connection_id", "neither '.' nor '..', which"),
        ({"conn_typ": "x"}, "conn_typ", "did you mean 'conn_type'?"),
    ],
)
def test_a_mistake_is_named_with_its_place(wire: Wire, change: dict[str, Any], path: str, reason: str) -> None:
    _, failures = wire.check(CONNECTION, "warehouse", {**WAREHOUSE, **change})
    assert list(failures) == [path]
    assert reason in failures[path]


@pytest.mark.parametrize("connection_id", ["...", ".a", "a..b"])
def test_an_id_may_hold_dots(wire: Wire, connection_id: str) -> None:
    assert wire.check(CONNECTION, "warehouse", {**WAREHOUSE, "connection_id": connection_id})[1] == {}


def test_the_life_of_a_connection(provider: Wire, airflow: AirflowDouble) -> None:
    resource_id, outputs = provider.create(CONNECTION, "warehouse", WAREHOUSE)
    made = airflow.connections["warehouse"]
    assert (made["host"], made["password"], made["port"], made["schema"]) == ("db.example", "hush-word", 5432, "orders")
    assert json.loads(made["extra"])["aws"] == {"secret_key": "hush-key"}
    # Masks are no drift.
    assert provider.read(CONNECTION, "warehouse", resource_id, WAREHOUSE, **outputs) == (
        "warehouse", WAREHOUSE, outputs,
    )  # fmt: skip
    # What is left out is emptied.
    less = {key: value for key, value in WAREHOUSE.items() if key not in ("port", "extra")}
    provider.update(CONNECTION, "warehouse", resource_id, WAREHOUSE, less, **outputs)
    assert airflow.connections["warehouse"]["port"] is None
    assert provider.read(CONNECTION, "warehouse", resource_id, less)[1] == less
    # An edit in Airflow shows as exactly that, and a secret that was edited away does too.
    airflow.connections["warehouse"] |= {"host": "elsewhere", "password": None}
    seen = provider.read(CONNECTION, "warehouse", resource_id, less)[1]
    assert sorted(provider.diff(CONNECTION, "warehouse", seen, less).diffs) == ["host", "password"]
    provider.delete(CONNECTION, "warehouse", resource_id)
    provider.delete(CONNECTION, "warehouse", resource_id)
    assert airflow.connections == {}


def test_the_forms_of_a_connection_are_secret_and_wait_for_what_is_unknown(provider: Wire) -> None:
    _, outputs = provider.create(CONNECTION, "warehouse", WAREHOUSE)
    assert isinstance(outputs["uri"], Secret)
    assert outputs["uri"].value.startswith("postgres://etl:hush-word@db.example:5432/orders?")
    assert json.loads(outputs["json"].value)["extra"]["aws"] == {"secret_key": "hush-key"}
    _, planned = provider.create(CONNECTION, "warehouse", {**WAREHOUSE, "host": UNKNOWN}, preview=True)
    assert planned["uri"] == planned["json"] == Secret(UNKNOWN)


def test_another_type_is_a_change_in_place(wire: Wire) -> None:
    answer = wire.diff(CONNECTION, "warehouse", WAREHOUSE, {**WAREHOUSE, "conn_type": "mysql"})
    assert answer.changes == provider_pb2.DiffResponse.DIFF_SOME
    assert list(answer.replaces) == []


texts = st.text(min_size=1, max_size=8).filter(str.strip)
hosts = st.from_regex(r"[a-z][a-z0-9.-]{0,10}[a-z0-9]", fullmatch=True)


@settings(deadline=None)
@given(
    st.fixed_dictionaries(
        {"conn_type": st.sampled_from(["postgres", "databricks"]), "host": hosts},
        optional={
            "login": texts,
            "password": texts,
            "schema": st.text("abz/ ü%", min_size=1, max_size=6),
            "port": st.integers(1, 65535),
            "extra": st.dictionaries(texts, st.one_of(texts, st.integers(), st.booleans()), min_size=1, max_size=3),
        },
    )
)
def test_airflow_reads_both_forms_as_they_were_meant(fields: dict[str, Any]) -> None:
    from airflow.sdk import Connection

    for read in (
        Connection.from_uri(as_uri(fields), conn_id="c"),
        Connection.from_json(as_json(fields), conn_id="c"),
    ):
        shown = {name: getattr(read, name) for name in fields if name != "extra"}
        assert shown == {name: value for name, value in fields.items() if name != "extra"}
        if fields.get("extra") and all(isinstance(value, str) for value in fields["extra"].values()):
            assert read.extra_dejson == fields["extra"]


@pytest.mark.parametrize("extra", [{"a": "1", "b": "2"}, {"a": 1, "b": {"c": 2, "d": 3}}])
def test_the_order_of_extras_means_nothing(extra: dict[str, Any]) -> None:
    turned = {key: dict(reversed(extra[key].items())) if key == "b" and key in extra and isinstance(extra[key], dict)
              else extra[key] for key in reversed(extra)}  # fmt: skip
    for form in (as_uri, as_json):
        assert form({"conn_type": "x", "extra": extra}) == form({"conn_type": "x", "extra": turned})


def test_airflow_reads_the_address_of_a_workspace() -> None:
    from airflow.sdk import Connection

    fields: dict[str, Any] = {
        "conn_type": "databricks",
        "host": "https://w.example",
        "login": "app",
        "password": "p/w@:",
    }
    fields |= {"extra": {"service_principal_oauth": True}}
    by_uri = Connection.from_uri(as_uri(fields), conn_id="c")
    assert (by_uri.host, by_uri.login, by_uri.password) == ("https://w.example", "app", "p/w@:")
    assert Connection.from_json(as_json(fields), conn_id="c").extra_dejson == {"service_principal_oauth": True}
