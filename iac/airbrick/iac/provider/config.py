"""The provider's configuration: where the workspace and Airflow are, and who we are there."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Final, Literal, cast, get_args

from airbrick.contract import suggest
from airbrick.iac.provider.handler import Property
from airbrick.iac.settings.validation import Finding
from airbrick.iac.values import UNKNOWN, Properties, Secret, Value, as_secret, reveal

DetectDrift = Literal["always", "refresh"]

CONFIG: Final[Mapping[str, Property]] = {
    "host": Property("Address of the Databricks workspace, such as https://adb-1.2.azuredatabricks.net."),
    "auth_type": Property("databricks-sdk's authentication type, such as oauth-m2m or pat; pins the choice."),
    "token": Property("Databricks personal access token.", secret=True),
    "client_id": Property("Application id of the Databricks service principal."),
    "client_secret": Property("OAuth secret of the Databricks service principal.", secret=True),
    "airflow_endpoint": Property("Address of Airflow's web server, such as https://airflow.example.com."),
    "airflow_username": Property("Airflow user."),
    "airflow_password": Property("Password of the Airflow user.", secret=True),
    "airflow_token": Property("Bearer token for Airflow, in place of user and password.", secret=True),
    "airflow_token_command": Property("Command that prints a bearer token for Airflow; run again when it ran out."),
    "detect_drift": Property("always (each up reads every object first) or refresh (only pulumi refresh does)."),
}
"""Every key of the provider; the stack's configuration has them as ``airbrick:<key>``."""

# Keys of the same namespace that the program reads, not the provider.
PROGRAM_KEYS: Final = frozenset({"environment", "version", "pluginDownloadURL"})
SECRET_VARIABLES: Final = (
    "DATABRICKS_TOKEN",
    "DATABRICKS_CLIENT_SECRET",
    "AIRBRICK_AIRFLOW_PASSWORD",
    "AIRBRICK_AIRFLOW_TOKEN",
)
SECRET_KEYS: Final = frozenset(key for key, described in CONFIG.items() if described.secret)


@dataclass(frozen=True, slots=True, repr=False)
class ProviderConfig:
    """The configuration as the clients use it; what is empty is left to the clients' environment variables.

    :param host: the workspace's address.
    :param airflow_endpoint: Airflow's address.
    :param detect_drift: when remote changes are looked for.
    """

    host: str = ""
    auth_type: str = ""
    token: str = ""
    client_id: str = ""
    client_secret: str = ""
    airflow_endpoint: str = ""
    airflow_username: str = ""
    airflow_password: str = ""
    airflow_token: str = ""
    airflow_token_command: str = ""
    detect_drift: DetectDrift = "always"

    def __repr__(self) -> str:
        return f"ProviderConfig(host={self.host!r}, airflow_endpoint={self.airflow_endpoint!r}, …)"

    @classmethod
    def from_properties(cls, properties: Properties) -> "ProviderConfig":
        """Read the configuration the engine sends; unknown keys have been reported by :func:`check_config`."""
        plain = {key: value for key, value in reveal(properties).items() if isinstance(value, str)}
        names = {field.name for field in fields(cls)}
        values = {key: value for key, value in plain.items() if key in names}
        detect_drift = values.pop("detect_drift", "always")
        return cls(**values, detect_drift=cast("DetectDrift", detect_drift))

    def secrets(self) -> frozenset[str]:
        """Give the secrets, those the clients take from the environment too, to keep them out of messages."""
        given = {cast("str", getattr(self, key)) for key in SECRET_KEYS}
        return frozenset(given | {os.environ.get(name, "") for name in SECRET_VARIABLES}) - {""}


def check_config(inputs: Properties) -> tuple[Properties, list[Finding]]:
    """Validate the configuration and mark its secrets."""
    checked: Properties = {}
    findings: list[Finding] = []
    for key, value in inputs.items():
        if key in PROGRAM_KEYS:
            continue
        findings.extend(_check_value(key, value))
        if value is not None:
            checked[key] = as_secret(value) if key in SECRET_KEYS else value
    return checked, findings


HOLDS_CREDENTIALS: Final = "holds credentials, and addresses are shown and kept; give them with the other keys"


def has_scheme(address: str) -> bool:
    """Tell whether an address begins with https:// or http://, in whatever case."""
    return address.lower().startswith(("https://", "http://"))


def _check_value(key: str, value: Value) -> Iterator[Finding]:
    plain = value.value if isinstance(value, Secret) else value
    if key not in CONFIG:
        near = suggest(key, CONFIG)
        hint = f"did you mean airbrick:{near}?" if near else f"the keys are: {', '.join(CONFIG)}"
        yield Finding((key,), f"airbrick has no such configuration; {hint}", fatal=False)
    elif plain is UNKNOWN or plain is None:
        return
    elif not isinstance(plain, str):
        yield Finding((key,), "expected text; write it in quotes")
    elif key in ("host", "airflow_endpoint") and "@" in plain:
        yield Finding((key,), HOLDS_CREDENTIALS)
    elif key in ("host", "airflow_endpoint") and plain and not has_scheme(plain):
        said = "begins with neither https:// nor http://; correct it"
        yield Finding((key,), f"{plain!r} {said if '://' in plain else f'has no scheme; write it as https://{plain}'}")
    elif key == "detect_drift" and plain not in get_args(DetectDrift):
        yield Finding((key,), f"expected one of {', '.join(get_args(DetectDrift))}, found {plain!r}")
