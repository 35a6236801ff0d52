"""Secrets by their shape, and hiding them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airbrick.lint.knowledge.secret_shapes import find, is_placeholder, mask, may_hold

HEX = "0123456789abcdef" * 2
SECRETS = {
    "a Databricks personal access token": f"dapi{HEX}",
    "a Databricks OAuth secret": f"dose{HEX}",
    "an AWS access key": "AKIA" + "IOSFODNN7EXAMPLE",
    "a JSON web token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVPmB92",
    "a private key": "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
    "a GitHub token": "ghp_" + "a1B2c3D4e5F6" * 3,
    "a Slack token": "xoxb-123456789012-abcdef",
    "the address of a Slack webhook": "hooks.slack.com/services/T0000001/B0000001/abcdef",
    "a Google API key": "AIza" + "a1B2c" * 7,
    "an Azure storage key": "AccountKey=" + "abCD12+/" * 10 + "==",
    "a shared access signature": "?sv=2024&sig=" + "abCD12%2B" * 5,
    "a bearer token": "Bearer " + "abCD1234" * 4,
    "a password in an address": "postgresql://airflow:tiger@db:5432/orders",
}


@pytest.mark.parametrize(("kind", "text"), SECRETS.items())
def test_secrets_are_found_and_hidden(kind: str, text: str) -> None:
    (secret,) = find(f"x = '{text}'")
    assert secret.kind == kind
    value = f"x = '{text}'"[secret.start : secret.end]
    assert may_hold(text)
    hidden = mask(f"x = '{text}' # note")
    assert value not in hidden
    assert len(hidden) == len(f"x = '{text}' # note")
    assert hidden.endswith("# note")


@pytest.mark.parametrize(
    "text",
    [
        "dapi" + "0" * 32,
        "dapi<token>",
        "postgresql://user:<password>@host/db",
        "postgresql://user:xxxx@host/db",
        "postgresql://user:***@host/db",
        "postgresql://user:${PASSWORD}@host/db",
        "postgresql://user:{{ conn.db.password }}@host/db",
        "postgresql://user:%s@host/db",
        "https://example.com:8080/path@2",
        "s3://bucket/key",
        "Bearer {{ var.value.token }}",
        "secrets://scope/key",
    ],
)
def test_placeholders_and_addresses_are_no_secrets(text: str) -> None:
    assert list(find(text)) == []


@pytest.mark.parametrize(
    "line",
    [
        'password="hunter2"',
        "\"db_password\": 'hunter2'",
        "API_KEY: str = 'hunter2'",
        "env['X_TOKEN'] = 'hunter2'",
        "connect('user=etl password=hunter2')",
    ],
)
def test_values_behind_telling_names_are_hidden(line: str) -> None:
    assert "hunter2" not in mask(line)


def test_code_is_not_hidden() -> None:
    line = "connect(password=settings.password, url='x')"
    assert mask(line) == line


@pytest.mark.parametrize("name", ["idempotency_token", "next_page_token", "continuation_token"])
def test_tokens_that_open_nothing_are_not_hidden(name: str) -> None:
    line = f'call({name}="{{{{ run_id }}}}", api_token="hunter2")'
    assert mask(line) == line.replace("hunter2", "*******")


def test_placeholders() -> None:
    assert is_placeholder("<token>")
    assert is_placeholder("changeme")
    assert not is_placeholder("hunter2")


@given(st.text())
def test_hiding_keeps_the_length(text: str) -> None:
    assert len(mask(text)) == len(text)


@pytest.mark.parametrize(
    "name",
    [
        "pa\N{LATIN SMALL LETTER LONG S}\N{LATIN SMALL LETTER LONG S}word",
        "to\N{KELVIN SIGN}en",
        "PASSWORD",
        "Secret_Access_Key",
    ],
)
def test_a_name_that_folds_to_a_known_one_hides_its_value_too(name: str) -> None:
    assert "hunter22" not in mask(f'{name} = "hunter22"')
