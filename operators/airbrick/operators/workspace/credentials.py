"""How a connection signs in: one table of the ways that databricks-sdk knows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from airbrick.operators.errors import ConnectionSettingsError

_FIX: Final = (
    "put a personal access token into the password, or the service principal's client id and secret into login "
    'and password with {"service_principal_oauth": true} in the extra'
)


class AuthKind(StrEnum):
    """How a connection signs in; the values are databricks-sdk's ``auth_type``."""

    PAT = "pat"
    OAUTH_M2M = "oauth-m2m"
    AZURE_CLIENT_SECRET = "azure-client-secret"  # noqa: S105 -- a name
    AZURE_CLI = "azure-cli"
    FILE_OIDC = "file-oidc"
    ENV_OIDC = "env-oidc"
    GITHUB_OIDC = "github-oidc"
    AZURE_DEVOPS_OIDC = "azure-devops-oidc"
    GITHUB_OIDC_AZURE = "github-oidc-azure"
    GOOGLE_CREDENTIALS = "google-credentials"
    GOOGLE_ID = "google-id"
    METADATA_SERVICE = "metadata-service"


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to sign in.

    :param login: databricks-sdk's setting that the connection's login is.
    :param password: databricks-sdk's setting that the connection's password is.
    :param extras: settings that the extra may hold, under databricks-sdk's own names.
    :param needs: settings without which nobody is signed in.
    """

    login: str = ""
    password: str = ""
    extras: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


_OIDC: Final = ("client_id", "token_audience")
_AZURE: Final = ("azure_tenant_id", "azure_environment", "azure_workspace_resource_id")

# Source: databricks-sdk 0.156, credentials_provider.py and Config.
_WAYS: Final[Mapping[AuthKind, _Way]] = {
    AuthKind.PAT: _Way(password="token", needs=("token",)),  # noqa: S106 -- a setting's name
    AuthKind.OAUTH_M2M: _Way("client_id", "client_secret", needs=("client_id", "client_secret")),
    AuthKind.AZURE_CLIENT_SECRET: _Way(
        "azure_client_id",
        "azure_client_secret",
        _AZURE,
        ("azure_client_id", "azure_client_secret", "azure_tenant_id"),
    ),
    AuthKind.AZURE_CLI: _Way(extras=_AZURE),
    AuthKind.FILE_OIDC: _Way("client_id", extras=(*_OIDC, "oidc_token_filepath"), needs=("oidc_token_filepath",)),
    AuthKind.ENV_OIDC: _Way("client_id", extras=(*_OIDC, "oidc_token_env")),
    AuthKind.GITHUB_OIDC: _Way("client_id", extras=_OIDC, needs=("client_id",)),
    AuthKind.AZURE_DEVOPS_OIDC: _Way("client_id", extras=_OIDC, needs=("client_id",)),
    AuthKind.GITHUB_OIDC_AZURE: _Way(
        "azure_client_id", extras=("azure_client_id", *_AZURE), needs=("azure_client_id",)
    ),
    AuthKind.GOOGLE_CREDENTIALS: _Way(
        password="google_credentials",  # noqa: S106 -- a setting's name
        extras=("google_credentials",),
        needs=("google_credentials",),
    ),
    AuthKind.GOOGLE_ID: _Way(
        "google_service_account", extras=("google_service_account",), needs=("google_service_account",)
    ),
    AuthKind.METADATA_SERVICE: _Way(extras=("metadata_service_url",), needs=("metadata_service_url",)),
}

# Extras of the official provider for which databricks-sdk has no way.
_UNSUPPORTED: Final = {
    "use_azure_managed_identity": "databricks-sdk for Python has no managed identity: federate it "
    '({"auth_type": "file-oidc", "oidc_token_filepath": …}), or use a service principal\'s secret',
    "use_default_azure_credential": 'name the way: {"auth_type": "azure-cli"}, or a service principal\'s secret',
    "federated_k8s": 'mount the token and name its file: {"auth_type": "file-oidc", "oidc_token_filepath": …}',
    "federated_aws": 'keep the token in a file and name it: {"auth_type": "file-oidc", "oidc_token_filepath": …}',
    "federated_token_provider": "keep its token in a file or a variable and name that: "
    '{"auth_type": "file-oidc", "oidc_token_filepath": …} or {"auth_type": "env-oidc", "oidc_token_env": …}',
}

# Extras of the official provider under other names than databricks-sdk's.
_RENAMED: Final = {"azure_resource_id": "azure_workspace_resource_id"}


@dataclass(frozen=True, slots=True)
class Credentials:
    """What signs in.

    :param options: databricks-sdk's settings by their name, secrets among them.
    """

    auth: AuthKind
    options: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def principal(self) -> str:
        """Name who signs in; empty where the settings do not tell."""
        names = ("client_id", "azure_client_id", "google_service_account")
        return next((self.options[name] for name in names if self.options.get(name)), "")


def read_credentials(conn_id: str, login: str | None, password: str | None, extra: Mapping[str, Any]) -> Credentials:
    """Choose the way to sign in, and check that nothing is missing.

    ``auth_type`` in the extra names it; else it is told from the official provider's extras.

    :raises ConnectionSettingsError: it is unknown, not supported, or something is missing.
    """
    for name, fix in _UNSUPPORTED.items():
        # The official provider takes some of them as the login.
        for place, named in ((f"extra {name!r}", extra.get(name)), (f"login {name!r}", login == name)):
            if named:
                raise ConnectionSettingsError(conn_id, place, "is not supported", fix=fix)
    kind = _kind(conn_id, extra)
    if kind is AuthKind.PAT:
        return Credentials(kind, {"token": _token(conn_id, login, password, extra)})
    way = _WAYS[kind]
    given = {_RENAMED.get(name, name): value for name, value in extra.items()}
    options = {name: str(given[name]) for name in way.extras if given.get(name)}
    options |= {way.login: login} if way.login and login else {}
    options |= {way.password: password} if way.password and password else {}
    for name in way.needs:
        if not options.get(name):
            place, fix = _place(way, name)
            raise ConnectionSettingsError(conn_id, place, f"is missing for {kind}", fix=fix)
    return Credentials(kind, options)


def _kind(conn_id: str, extra: Mapping[str, Any]) -> AuthKind:
    if named := extra.get("auth_type"):
        if named not in set(AuthKind):
            known = ", ".join(AuthKind)
            raise ConnectionSettingsError(conn_id, f"extra auth_type={named!r}", "is not known", fix=f"use {known}")
        return AuthKind(named)
    if extra.get("service_principal_oauth"):
        return AuthKind.OAUTH_M2M
    return AuthKind.AZURE_CLIENT_SECRET if extra.get("azure_tenant_id") else AuthKind.PAT


def _token(conn_id: str, login: str | None, password: str | None, extra: Mapping[str, Any]) -> str:
    token = extra.get("token") or ("" if login and login != "token" else password)
    if not token:
        problem = "signs in with name and password, which Databricks no longer accepts" if login else "is missing"
        raise ConnectionSettingsError(conn_id, "credentials", problem, fix=_FIX)
    return str(token)


def _place(way: _Way, name: str) -> tuple[str, str]:
    if name == way.login:
        return "login", f"set it to the {name}"
    if name == way.password:
        return "password", f"set it to the {name}"
    return f"extra {name!r}", "set it"
