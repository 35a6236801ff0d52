from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airbrick.operators.errors import ConnectionSettingsError
from airbrick.operators.workspace.connection import RawConnection, normal_host, read_settings

SECRET = "dapi0123456789abcdef"


def raw(**fields: Any) -> RawConnection:
    return RawConnection(**({"conn_id": "c", "conn_type": "databricks", "host": "w", "password": SECRET} | fields))


@pytest.mark.parametrize(
    ("fields", "host"),
    [
        ({"host": "https://adb-1.azuredatabricks.net"}, "https://adb-1.azuredatabricks.net"),
        ({"host": "https://adb-1.azuredatabricks.net/?o=1"}, "https://adb-1.azuredatabricks.net"),
        ({"host": "ADB-1.azuredatabricks.net"}, "https://adb-1.azuredatabricks.net"),
        ({"host": "w", "schema": "http", "port": 8447}, "http://w:8447"),
        ({"host": "w", "port": 443}, "https://w"),
        ({"host": "w:8447"}, "https://w:8447"),
        ({"host": "http://127.0.0.1:5000"}, "http://127.0.0.1:5000"),
        ({"host": "http://127.0.0.1", "port": 5000}, "http://127.0.0.1:5000"),
        ({"host": "http://127.0.0.1:5000/", "port": 5000}, "http://127.0.0.1:5000"),
        ({"host": "http://[::1]:5000"}, "http://[::1]:5000"),
        ({"host": " https://w/ "}, "https://w"),
        # Where the official provider's documentation puts them.
        ({"host": None, "password": None, "extra": {"host": "w", "token": "t"}}, "https://w"),
        ({"host": "v", "extra": {"host": "https://w/"}}, "https://w"),
    ],
)
def test_the_host_may_be_a_url_or_a_name_with_schema_and_port(fields: dict[str, Any], host: str) -> None:
    assert read_settings(raw(**fields)).host == host


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"conn_type": "http"}, "conn_type"),
        ({"conn_type": None}, "conn_type"),
        ({"host": None}, "host"),
        ({"host": "   "}, "host"),
        ({"host": "w ?o=1"}, "host"),
        ({"host": "my workspace"}, "host"),
        ({"host": "https://"}, "host"),
        ({"host": "w:notaport"}, "host"),
        ({"host": "ftp://w"}, "schema"),
        ({"password": None}, "credentials"),
        ({"login": "me@example.com"}, "credentials"),
        ({"login": None, "extra": {"service_principal_oauth": True}}, "login"),
        ({"login": "id", "password": "", "extra": {"service_principal_oauth": True}}, "password"),
        ({"extra": {"azure_tenant_id": "t"}}, "login"),
        ({"extra": {"proxies": "http://proxy"}}, "extra 'proxies'"),
        ({"extra": {"proxies": {"ftp": "http://proxy"}}}, "extra 'proxies'"),
        (
            {"login": "id", "extra": {"service_principal_oauth": True, "proxies": {"https": "http://p"}}},
            "extra 'proxies'",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line_without_the_secret(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(ConnectionSettingsError) as caught:
        read_settings(raw(**fields))
    text = str(caught.value)
    assert text.startswith(f"connection 'c': {field}: ")
    assert caught.value.field == field
    assert SECRET not in text
    assert "\n" not in text


def test_identity_and_text_hold_no_secret_and_a_rotated_token_keeps_the_identity() -> None:
    one, other = read_settings(raw()), read_settings(raw(password="rotated"))
    assert one.identity == other.identity
    assert SECRET not in one.identity + repr(one) + repr(raw())


def test_two_connections_of_one_service_principal_share_an_identity() -> None:
    oauth = {"login": "id", "extra": {"service_principal_oauth": True}}
    assert read_settings(raw(**oauth)).identity == read_settings(raw(conn_id="d", **oauth)).identity


def test_the_deployment_comes_from_the_extra() -> None:
    assert read_settings(raw(extra={"airbrick_deployment": "prod"})).salt == "prod"


@given(st.text(max_size=20))
def test_any_host_is_normal_after_once_or_refused(text: str) -> None:
    try:
        once = normal_host(text)
    except ValueError:
        pytest.fail("an address must be refused, not crash")
    assert normal_host(once) == once or not once


@pytest.mark.parametrize("secret", ["hush\n", "hush\r", " hush", "hüsh"])
@pytest.mark.parametrize("extra", [{}, {"service_principal_oauth": True}])
def test_credentials_that_no_header_can_carry_are_refused_without_showing_them(
    extra: dict[str, bool], secret: str
) -> None:
    login = "client" if extra else None
    raw = RawConnection("c", conn_type="databricks", host="https://h", login=login, password=secret, extra=extra)
    with pytest.raises(ConnectionSettingsError, match="hold a blank, a line break") as caught:
        read_settings(raw)
    assert secret.strip() not in str(caught.value)


def test_proxies_are_those_of_the_extra_and_are_not_shown() -> None:
    settings = read_settings(raw(extra={"proxies": {"https": "http://me:hush@proxy:3128"}}))
    assert settings.proxies == {"https": "http://me:hush@proxy:3128"}
    assert "hush" not in repr(settings)
