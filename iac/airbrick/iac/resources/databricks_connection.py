"""An Airflow connection to a Databricks workspace."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final, Literal

import pulumi

from airbrick.contract import OWNER_TAG
from airbrick.iac.clients.airflow import Json
from airbrick.iac.provider.config import HOLDS_CREDENTIALS, has_scheme
from airbrick.iac.provider.handler import Checked, Context, Identity, Naming, Property
from airbrick.iac.resources.airflow_record import MASK, keep, unmask
from airbrick.iac.resources.connection_record import COMMON, FORMS, ConnectionRecordHandler, extra_of
from airbrick.iac.settings.validation import Finding
from airbrick.iac.values import UNKNOWN, Properties, Secret, reveal

TOKEN: Final = "airbrick:airflow:DatabricksConnection"  # noqa: S105 - Pulumi calls a type's name its token
CONN_TYPE: Final = "databricks"
OAUTH: Final = "service_principal_oauth"
PAT: Final = "personal_access_token"
FEDERATED: Final = "federated"

_FEDERATIONS: Final = {"kubernetes": "federated_k8s", "aws": "federated_aws"}
_PROVIDER: Final = "federated_token_provider"

Federation = Literal["kubernetes", "aws"]


class DatabricksConnection(pulumi.CustomResource):
    """An Airflow connection of type ``databricks``, made through Airflow's REST API.

    One of three ways to authenticate:

    - ``client_id`` with ``client_secret``: OAuth of a service principal;
    - ``federation`` or ``token_provider``: Airflow's own identity is exchanged for a token, and no secret is kept
      anywhere. ``client_id`` names the service principal;
    - ``token``: a personal access token, discouraged: it belongs to a person and lives long.

    An environment variable ``AIRFLOW_CONN_<ID>`` and a secrets backend win over a connection made here.

    :param resource_name: the logical name: the connection's id and its key in the contract.
    :param host: the workspace's address, with scheme and, for a local one, port.
    :param client_id: application id of the service principal.
    :param client_secret: its OAuth secret; always kept as a Pulumi secret.
    :param token: personal access token; always kept as a Pulumi secret.
    :param federation: where Airflow's identity comes from: ``kubernetes`` or ``aws``.
    :param token_provider: dotted path of a function in Airflow that returns an identity token.
    :param description: shown in Airflow.
    :param extra: further extras the official provider reads, such as ``{"http_timeout_seconds": 30}``.
    :param adopt: whether a connection of this id that exists already is taken over.
    :param in_airflow: whether Airflow's database gets the connection; where a secrets backend holds it, the outputs
        ``uri`` and ``json`` are all there is.
    :param opts: Pulumi's resource options.
    """

    connection_id: pulumi.Output[str]
    """The connection's id, for ``databricks_conn_id``."""

    conn_type: pulumi.Output[str]
    """``databricks``."""

    auth: pulumi.Output[str]
    """How it authenticates: ``service_principal_oauth``, ``federated`` or ``personal_access_token``."""

    uri: pulumi.Output[str]
    """The connection as a URI, secret: for ``AIRFLOW_CONN_<ID>`` and secrets backends."""

    json: pulumi.Output[str]
    """The connection as JSON, secret: for secrets backends."""

    def __init__(
        self,
        resource_name: str,
        /,
        *,
        host: pulumi.Input[str],
        client_id: pulumi.Input[str] | None = None,
        client_secret: pulumi.Input[str] | None = None,
        token: pulumi.Input[str] | None = None,
        federation: Federation | None = None,
        token_provider: pulumi.Input[str] | None = None,
        description: pulumi.Input[str] | None = None,
        extra: pulumi.Input[Mapping[str, Any]] | None = None,
        adopt: bool = False,
        in_airflow: bool = True,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        self.logical_name = resource_name
        properties: dict[str, Any] = {
            "connection_id": resource_name,
            "host": host,
            "client_id": client_id,
            "client_secret": None if client_secret is None else pulumi.Output.secret(client_secret),
            "token": None if token is None else pulumi.Output.secret(token),
            "federation": federation,
            "token_provider": token_provider,
            "description": description,
            "extra": extra,
            "adopt": adopt,
            "in_airflow": None if in_airflow else False,
        }
        outputs = dict.fromkeys(DatabricksConnectionHandler.outputs.keys() - properties.keys())
        super().__init__(TOKEN, resource_name, {**properties, **outputs}, opts)


class DatabricksConnectionHandler(ConnectionRecordHandler):
    """What the provider does for an Airflow connection to a workspace."""

    token: ClassVar[str] = TOKEN
    description: ClassVar[str] = "An Airflow connection to a Databricks workspace."
    secrets: ClassVar[tuple[str, ...]] = ("client_secret", "token")
    managed_extra: ClassVar[tuple[str, ...]] = (OAUTH, *_FEDERATIONS.values(), _PROVIDER)
    inputs: ClassVar[Mapping[str, Property]] = {
        "host": Property("The workspace's address.", required=True),
        "client_id": Property("Application id of the service principal."),
        "client_secret": Property("OAuth secret of the service principal.", secret=True),
        "token": Property("Personal access token.", secret=True),
        "federation": Property("Where Airflow's identity comes from: kubernetes or aws."),
        "token_provider": Property("Dotted path of a function that returns an identity token."),
        **COMMON,
    }
    outputs: ClassVar[Mapping[str, Property]] = {**FORMS, "auth": Property("How it authenticates.", required=True)}

    def check(
        self, context: Context, identity: Identity, inputs: Properties, old: Properties, naming: Naming
    ) -> Checked:
        """Write addresses in one way."""
        checked = super().check(context, identity, inputs, old, naming)
        if isinstance(host := checked.inputs.get("host"), str):
            checked.inputs["host"] = host.rstrip("/")
        return checked

    def mistakes(self, settings: Properties) -> Iterator[Finding]:
        """Find addresses that are none, and more or less than one way to authenticate."""
        yield from super().mistakes(settings)
        host = reveal(settings["host"])
        if not host:
            yield Finding(("host",), "is missing; give the workspace's address, such as env.host")
        elif isinstance(host, str) and "@" in host:
            yield Finding(("host",), HOLDS_CREDENTIALS)
        elif isinstance(host, str) and not has_scheme(host):
            yield Finding(("host",), f"has no scheme; write it as https://{host}")
        for key in ("client_id", "client_secret", "token", "token_provider"):
            if reveal(settings.get(key)) == "":
                yield Finding((key,), "is empty")
        yield from _authentication(settings)

    def conn_type(self, inputs: Properties) -> str:
        """Give the type that the official provider registers."""
        del inputs
        return CONN_TYPE

    def known(self, inputs: Properties) -> Properties:
        """Say how the connection authenticates, besides its forms."""
        return {**super().known(inputs), "auth": _auth(inputs)}

    def fields(self, plain: Properties) -> Json:
        """Give the fields as the official provider reads them: a federated client's id is an extra."""
        auth = _auth(plain)
        extra = dict(plain.get("extra") or {})
        if auth == OAUTH:
            extra[OAUTH] = True
        if auth == FEDERATED and plain.get("federation"):
            extra[_FEDERATIONS[plain["federation"]]] = True
        if plain.get("token_provider"):
            extra[_PROVIDER] = plain["token_provider"]
        if auth == FEDERATED and plain.get("client_id"):
            extra["client_id"] = plain["client_id"]
        return {
            "conn_type": CONN_TYPE,
            "description": plain.get("description"),
            "host": plain["host"],
            "login": plain.get("client_id") if auth == OAUTH else None,
            "password": plain.get("client_secret") or plain.get("token"),
            "schema": None,
            "port": None,
            "extra": extra,
        }

    def said(self, prior: Properties, remote: Json) -> Properties:
        """Read the connection.

        A conn_type, schema or port of another's making has no input of its own; it shows as a host that differs.
        """
        extra = extra_of(remote)
        federation = next((name for name, key in _FEDERATIONS.items() if extra.get(key) is True), None)
        federated = federation is not None or _PROVIDER in extra
        is_oauth = extra.get(OAUTH) is True
        found: Properties = {"host": keep(prior.get("host"), _location(remote))}
        if federated:
            # Airflow takes its name for that of a secret, and masks it.
            provider = unmask(prior.get("token_provider"), extra.get(_PROVIDER))
            found |= {"federation": federation, "token_provider": provider}
            found["client_id"] = keep(prior.get("client_id"), extra.pop("client_id", None))
        elif is_oauth:
            found["client_id"] = keep(prior.get("client_id"), remote.get("login"))
        if remote.get("password") is not None:
            secret = "client_secret" if is_oauth else "token"
            found[secret] = prior.get(secret) or Secret(MASK)
        found["description"] = keep(prior.get("description"), remote.get("description"))
        managed = (*self.managed_extra, OWNER_TAG)
        found["extra"] = unmask(prior.get("extra"), {key: value for key, value in extra.items() if key not in managed})
        return found


def _authentication(settings: Properties) -> Iterator[Finding]:
    given = {key for key, value in settings.items() if value is not None}
    federated = sorted(given & {"federation", "token_provider"})
    if federated:
        for key in sorted(given & {"client_secret", "token"}):
            yield Finding((key,), f"excludes {federated[0]}; keep one way to authenticate")
        federation = settings.get("federation")
        if federation not in (None, UNKNOWN, *_FEDERATIONS):
            yield Finding(("federation",), f"expected one of {', '.join(_FEDERATIONS)}")
        if federation == "kubernetes" and "client_id" not in given:
            yield Finding(("client_id",), "is missing; a pod's identity is exchanged for a service principal's token")
        return
    oauth = [key for key in ("client_id", "client_secret") if key in given]
    if "token" in given:
        if oauth:
            yield Finding(("token",), f"excludes {oauth[0]}; keep one way to authenticate")
        message = "a personal access token belongs to a person and lives long; prefer client_id with client_secret"
        yield Finding(("token",), message, fatal=False)
    elif len(oauth) != len(("client_id", "client_secret")):
        missing = "client_secret" if oauth == ["client_id"] else "client_id"
        yield Finding((missing,), "is missing; give client_id and client_secret, federation, or token")


def _auth(inputs: Properties) -> str:
    if inputs.get("federation") is not None or inputs.get("token_provider") is not None:
        return FEDERATED
    return PAT if inputs.get("token") is not None else OAUTH


def _location(remote: Json) -> str:
    host = str(remote.get("host") or "")
    foreign = [
        f"{key} {remote[key]}"
        for key in ("conn_type", "schema", "port")
        if remote.get(key) not in (None, "", CONN_TYPE)
    ]
    return " ".join([host, *foreign])
