from pathlib import Path

import certifi
import pytest

from airbrick.operators.errors import ConnectionSettingsError
from airbrick.operators.workspace.connection import ConnectionSettings
from airbrick.operators.workspace.credentials import AuthKind, Credentials
from airbrick.operators.workspace.tls import mounts, proxy_for, trusted


def test_the_environment_s_certificates_are_trusted_in_the_order_of_requests(tmp_path: Path) -> None:
    one = tmp_path / "one.pem"
    text = Path(certifi.where()).read_text()
    end = "-----END CERTIFICATE-----"
    one.write_text(text[: text.index(end) + len(end)] + "\n")
    context = trusted("c", {"REQUESTS_CA_BUNDLE": str(one), "SSL_CERT_FILE": certifi.where()})
    assert len(context.get_ca_certs()) == 1
    assert len(trusted("c", {"SSL_CERT_FILE": certifi.where()}).get_ca_certs()) > 1
    assert len(trusted("c", {}).get_ca_certs()) > 1


@pytest.mark.parametrize("text", [None, "no certificate"])
def test_a_file_that_cannot_be_used_is_named_with_its_variable(text: str | None, tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ConnectionSettingsError, match="connection 'c': REQUESTS_CA_BUNDLE: names certificates in"):
        trusted("c", {"REQUESTS_CA_BUNDLE": str(path)})


def test_a_worker_s_requests_go_through_the_connection_s_proxy() -> None:
    assert set(mounts({"https": "http://proxy:3128"}, trusted("c", {}))) == {"https://"}


ENVIRONMENT = {"HTTPS_PROXY": "proxy:1", "ALL_PROXY": "http://all:2", "NO_PROXY": "inside.example"}


@pytest.mark.parametrize(
    ("host", "environment", "extra", "found"),
    [
        ("https://w.example", {}, {}, None),
        ("https://w.example", ENVIRONMENT, {}, "http://proxy:1"),
        ("http://w.example", ENVIRONMENT, {}, "http://all:2"),
        ("https://w.inside.example", ENVIRONMENT, {}, None),
        ("https://w.example", ENVIRONMENT, {"https": "https://user:word@extra:3"}, "https://user:word@extra:3"),
        ("http://w.example", {}, {"https": "http://extra:3"}, None),
    ],
)
def test_a_triggerer_s_proxy_is_the_connection_s_or_the_environment_s(
    host: str, environment: dict[str, str], extra: dict[str, str], found: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", *ENVIRONMENT):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(settings(host, extra)) == found


def test_a_proxy_of_another_kind_is_refused() -> None:
    with pytest.raises(ConnectionSettingsError, match=r"connection 'c': proxy: is of the kind socks5, .*HTTP proxy"):
        proxy_for(settings("https://w.example", {"https": "socks5://user:word@proxy:1080"}))


def settings(host: str, proxies: dict[str, str]) -> ConnectionSettings:
    return ConnectionSettings("c", host, Credentials(AuthKind.PAT, {"token": "t"}), "pat", proxies=proxies)
