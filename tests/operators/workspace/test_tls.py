from pathlib import Path

import certifi
import httpx
import pytest

from airbrick.operators.errors import ConnectionSettingsError
from airbrick.operators.workspace.tls import amounts, mounts, trusted


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


def test_requests_go_through_the_connection_s_proxy() -> None:
    context = trusted("c", {})
    assert set(mounts({"https": "http://proxy:3128"}, context)) == {"https://"}
    assert set(amounts({"http": "http://proxy:3128"}, context, httpx.Limits())) == {"http://"}
