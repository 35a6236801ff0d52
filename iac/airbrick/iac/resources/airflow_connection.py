"""An Airflow connection of any type."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

import pulumi

from airbrick.contract import OWNER_TAG
from airbrick.iac.clients.airflow import Json
from airbrick.iac.provider.handler import Property
from airbrick.iac.resources.airflow_record import MASK, keep, unmask
from airbrick.iac.resources.connection_record import COMMON, FORMS, ConnectionRecordHandler, extra_of
from airbrick.iac.settings.validation import Finding
from airbrick.iac.values import Properties, Secret, Value, reveal

TOKEN: Final = "airbrick:airflow:Connection"  # noqa: S105 - Pulumi calls a type's name its token
_MAX_PORT: Final = 65535
_FIELDS: Final = ("conn_type", "host", "login", "schema", "port", "description")


class Connection(pulumi.CustomResource):
    """An Airflow connection of any type, made through Airflow's REST API.

    An environment variable ``AIRFLOW_CONN_<ID>`` and a secrets backend win over a connection made here.

    :param resource_name: the logical name: the connection's id.
    :param conn_type: Airflow's connection type, such as ``postgres``.
    :param host: host name or address.
    :param login: user name.
    :param password: password; always kept as a Pulumi secret.
    :param schema: database or schema.
    :param port: port.
    :param description: shown in Airflow.
    :param extra: what the type's hook reads besides. A part that is secret must be marked with
        ``pulumi.Output.secret``.
    :param adopt: whether a connection of this id that exists already is taken over.
    :param in_airflow: whether Airflow's database gets the connection; where a secrets backend holds it, the outputs
        ``uri`` and ``json`` are all there is.
    :param opts: Pulumi's resource options.
    """

    connection_id: pulumi.Output[str]
    """The connection's id."""

    conn_type: pulumi.Output[str]
    """Airflow's connection type."""

    uri: pulumi.Output[str]
    """The connection as a URI, secret."""

    json: pulumi.Output[str]
    """The connection as JSON, secret."""

    def __init__(
        self,
        resource_name: str,
        /,
        *,
        conn_type: pulumi.Input[str],
        host: pulumi.Input[str] | None = None,
        login: pulumi.Input[str] | None = None,
        password: pulumi.Input[str] | None = None,
        schema: pulumi.Input[str] | None = None,
        port: pulumi.Input[int] | None = None,
        description: pulumi.Input[str] | None = None,
        extra: pulumi.Input[Mapping[str, Any]] | None = None,
        adopt: bool = False,
        in_airflow: bool = True,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        properties: dict[str, Any] = {
            "connection_id": resource_name,
            "conn_type": conn_type,
            "host": host,
            "login": login,
            "password": None if password is None else pulumi.Output.secret(password),
            "schema": schema,
            "port": port,
            "description": description,
            "extra": extra,
            "adopt": adopt,
            "in_airflow": None if in_airflow else False,
            "uri": None,
            "json": None,
        }
        super().__init__(TOKEN, resource_name, properties, opts)


class ConnectionHandler(ConnectionRecordHandler):
    """What the provider does for an Airflow connection of any type."""

    token: ClassVar[str] = TOKEN
    description: ClassVar[str] = "An Airflow connection of any type."
    secrets: ClassVar[tuple[str, ...]] = ("password",)
    inputs: ClassVar[Mapping[str, Property]] = {
        "conn_type": Property("Airflow's connection type.", required=True),
        "host": Property("Host name or address."),
        "login": Property("User name."),
        "password": Property("Password.", secret=True),
        "schema": Property("Database or schema."),
        "port": Property("Port.", type={"type": "integer"}),
        **COMMON,
    }
    outputs: ClassVar[Mapping[str, Property]] = FORMS

    def mistakes(self, settings: Properties) -> Iterator[Finding]:
        """Find a type that is none and a port that is none."""
        yield from super().mistakes(settings)
        if reveal(settings["conn_type"]) == "":
            yield Finding(("conn_type",), "is empty; give a type that Airflow lists, such as postgres")
        port = reveal(settings.get("port"))
        if isinstance(port, int) and not 0 < port <= _MAX_PORT:
            yield Finding(("port",), f"expected 1 to {_MAX_PORT}")

    def conn_type(self, inputs: Properties) -> Value:
        """Give the type as it was given."""
        return inputs["conn_type"]

    def fields(self, plain: Properties) -> Json:
        """Give the fields under Airflow's own names, which are the inputs' names."""
        named = {name: plain.get(name) for name in (*_FIELDS, "password")}
        return {**named, "extra": dict(plain.get("extra") or {})}

    def said(self, prior: Properties, remote: Json) -> Properties:
        """Read the connection; a password that is there stands, since it is not shown."""
        found: Properties = {name: keep(prior.get(name), remote.get(name)) for name in _FIELDS}
        if remote.get("password") is not None:
            found["password"] = prior.get("password") or Secret(MASK)
        own = {key: value for key, value in extra_of(remote).items() if key != OWNER_TAG}
        return {**found, "extra": unmask(prior.get("extra"), own)}
