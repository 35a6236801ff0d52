from typing import Any

import pytest
from databricks.sdk.core import Config

from airbrick.operators.errors import ConnectionSettingsError
from airbrick.operators.workspace.credentials import _WAYS, AuthKind, read_credentials

SECRET = "dapi0123456789abcdef"


@pytest.mark.parametrize(
    ("login", "password", "extra", "kind", "options"),
    [
        (None, SECRET, {}, AuthKind.PAT, {"token": SECRET}),
        ("token", SECRET, {}, AuthKind.PAT, {"token": SECRET}),
        (None, None, {"token": SECRET}, AuthKind.PAT, {"token": SECRET}),
        (
            "id",
            SECRET,
            {"service_principal_oauth": True},
            AuthKind.OAUTH_M2M,
            {"client_id": "id", "client_secret": SECRET},
        ),
        (
            "id",
            SECRET,
            {"azure_tenant_id": "t", "azure_resource_id": "/subscriptions/1"},
            AuthKind.AZURE_CLIENT_SECRET,
            {
                "azure_client_id": "id",
                "azure_client_secret": SECRET,
                "azure_tenant_id": "t",
                "azure_workspace_resource_id": "/subscriptions/1",
            },
        ),
        (
            "id",
            None,
            {"auth_type": "file-oidc", "oidc_token_filepath": "/var/run/token"},
            AuthKind.FILE_OIDC,
            {"client_id": "id", "oidc_token_filepath": "/var/run/token"},
        ),
        (None, None, {"auth_type": "env-oidc", "client_id": "i"}, AuthKind.ENV_OIDC, {"client_id": "i"}),
        (None, "{}", {"auth_type": "google-credentials"}, AuthKind.GOOGLE_CREDENTIALS, {"google_credentials": "{}"}),
        (None, None, {"auth_type": "azure-cli"}, AuthKind.AZURE_CLI, {}),
        # What belongs to another way to sign in, or to the official provider alone, does not travel.
        (None, SECRET, {"auth_type": "pat", "http_path": "/sql", "client_id": "x"}, AuthKind.PAT, {"token": SECRET}),
    ],
)
def test_the_ways_to_sign_in(
    login: str | None, password: str | None, extra: dict[str, Any], kind: AuthKind, options: dict[str, str]
) -> None:
    credentials = read_credentials("c", login, password, extra)
    assert (credentials.auth, credentials.options) == (kind, options)
    assert SECRET not in repr(credentials) + credentials.principal


@pytest.mark.parametrize(
    ("login", "password", "extra", "says"),
    [
        (None, SECRET, {"auth_type": "magic"}, "extra auth_type='magic': is not known: use pat, oauth-m2m"),
        (None, SECRET, {"service_principal_oauth": True}, "login: is missing for oauth-m2m: set it to the client_id"),
        ("id", None, {"azure_tenant_id": "t"}, "password: is missing for azure-client-secret"),
        ("id", None, {"auth_type": "file-oidc"}, "extra 'oidc_token_filepath': is missing for file-oidc: set it"),
        (None, None, {"use_azure_managed_identity": True}, "extra 'use_azure_managed_identity': is not supported"),
        (None, None, {"federated_k8s": True}, "extra 'federated_k8s': is not supported: mount the token"),
        ("federated_k8s", None, {}, "login 'federated_k8s': is not supported: mount the token"),
        ("federated_aws", None, {}, "login 'federated_aws': is not supported: keep the token in a file"),
        (None, None, {"federated_token_provider": "a.b"}, "extra 'federated_token_provider': is not supported: keep"),
        ("me@example.com", SECRET, {}, "credentials: signs in with name and password"),
    ],
)
def test_what_is_missing_or_unknown_is_named_with_the_way_out(
    login: str | None, password: str | None, extra: dict[str, Any], says: str
) -> None:
    with pytest.raises(ConnectionSettingsError) as caught:
        read_credentials("c", login, password, extra)
    assert str(caught.value).startswith(f"connection 'c': {says}")
    assert SECRET not in str(caught.value)


def test_every_setting_is_one_that_databricks_sdk_has() -> None:
    known = {attribute.name for attribute in Config.attributes()}
    for kind, way in _WAYS.items():
        used = {way.login, way.password, *way.extras, *way.needs} - {""}
        assert used <= known, kind
