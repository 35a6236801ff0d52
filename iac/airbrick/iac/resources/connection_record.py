"""What every kind of Airflow connection has in common."""

import json
import re
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, Final

from airbrick.contract import OWNER_TAG
from airbrick.iac.clients.airflow import Collection, Json
from airbrick.iac.provider.handler import Context, Found, Identity, Made, Property
from airbrick.iac.provider.record import ADOPT
from airbrick.iac.resources.airflow_record import DOTS, MASK, MASKED, NO_DOTS, AirflowRecordHandler
from airbrick.iac.resources.connection_forms import as_json, as_uri
from airbrick.iac.settings.validation import Finding
from airbrick.iac.values import UNKNOWN, Properties, Secret, is_unknown, reveal, walk

_CONNECTION_ID: Final = re.compile(r"[\w.-]{1,200}")
ANY_OBJECT: Final = {"type": "object", "additionalProperties": {"$ref": "pulumi.json#/Any"}}

COMMON: Final[Mapping[str, Property]] = {
    "connection_id": Property("The connection's id.", required=True),
    "description": Property("Shown in Airflow."),
    "extra": Property("Further extras.", type=ANY_OBJECT),
    "in_airflow": Property("Whether Airflow's database gets the connection.", type={"type": "boolean"}),
    **ADOPT,
}
FORMS: Final[Mapping[str, Property]] = {
    "connection_id": Property("The connection's id.", required=True),
    "conn_type": Property("Airflow's connection type.", required=True),
    "uri": Property("The connection as a URI, for a secrets backend.", required=True, secret=True),
    "json": Property("The connection as JSON, for a secrets backend.", required=True, secret=True),
}


class ConnectionRecordHandler(AirflowRecordHandler):
    """A connection: fields of its own kind, and extras with the owner's mark among them."""

    collection: ClassVar[Collection] = "connections"
    key: ClassVar[str] = "connection_id"
    replaced_by: ClassVar[frozenset[str]] = frozenset({"connection_id", "in_airflow"})
    secrets: ClassVar[tuple[str, ...]]
    managed_extra: ClassVar[tuple[str, ...]] = ()
    """Extras that follow from other inputs."""

    @abstractmethod
    def fields(self, plain: Properties) -> Json:
        """Give the fields of Airflow's REST API, ``extra`` as a mapping and without the mark."""

    def mistakes(self, settings: Properties) -> Iterator[Finding]:
        """Find ids Airflow would not take, masks in the place of secrets, and extras that are set elsewhere."""
        connection_id = reveal(settings["connection_id"])
        if isinstance(connection_id, str) and (connection_id in DOTS or not _CONNECTION_ID.fullmatch(connection_id)):
            yield Finding(("connection_id",), f"expected up to 200 letters, digits, '_', '.' and '-', and {NO_DOTS}")
        guarded = {key: settings[key] for key in (*self.secrets, "extra") if key in settings}
        yield from (Finding(path, MASKED) for path, value in walk(reveal(guarded)) if value == MASK)
        extra = reveal(settings.get("extra"))
        for key in (*self.managed_extra, OWNER_TAG):
            if isinstance(extra, Mapping) and key in extra:
                yield Finding(("extra", key), "is set by airbrick; leave it out")

    def known(self, inputs: Properties) -> Properties:
        """Give the forms that secrets backends keep; all of one is secret, whatever stands in it."""
        if is_unknown(inputs):
            forms: Properties = {"uri": Secret(UNKNOWN), "json": Secret(UNKNOWN)}
        else:
            fields = self.fields(reveal(inputs))
            forms = {"uri": Secret(as_uri(fields)), "json": Secret(as_json(fields))}
        return {"connection_id": inputs["connection_id"], "conn_type": self.conn_type(inputs), **forms}

    @abstractmethod
    def conn_type(self, inputs: Properties) -> Any:  # noqa: ANN401 - a property value
        """Give the connection's type."""

    def body(self, mark: str, inputs: Properties) -> Json:
        """Give all fields, so that those which are not given are emptied."""
        plain = reveal(inputs)
        fields = self.fields(plain)
        extra = {**fields["extra"], OWNER_TAG: mark}
        return {**fields, "connection_id": plain["connection_id"], "extra": json.dumps(extra, sort_keys=True)}

    def mark_of(self, remote: Json) -> str:
        """Read the mark among the extras."""
        return str(extra_of(remote).get(OWNER_TAG, ""))

    def create(self, context: Context, identity: Identity, inputs: Properties, *, preview: bool) -> Made:
        """Make the connection, unless a secrets backend holds it."""
        away = _is_elsewhere(inputs)
        return super().create(context, identity, inputs, preview=preview or away)

    def read(
        self, context: Context, identity: Identity, resource_id: str, inputs: Properties | None, outputs: Properties
    ) -> Found | None:
        """Read the connection; one that Airflow's database does not hold is what it was."""
        if inputs is not None and _is_elsewhere(inputs):
            return Found(resource_id, inputs, outputs)
        return super().read(context, identity, resource_id, inputs, outputs)

    def update(
        self, context: Context, identity: Identity, made: Made, old: Properties, new: Properties, *, preview: bool
    ) -> Properties:
        """Write all fields again, unless a secrets backend holds them."""
        away = _is_elsewhere(new)
        return super().update(context, identity, made, old, new, preview=preview or away)

    def delete(self, context: Context, identity: Identity, made: Made, inputs: Properties) -> None:
        """Delete the connection where it was made."""
        if not _is_elsewhere(inputs):
            super().delete(context, identity, made, inputs)

    def stands_for(self, resource_id: str, inputs: Properties) -> Iterable[tuple[str, str]]:
        """Name the connection, unless a secrets backend holds it."""
        return [] if _is_elsewhere(inputs) else super().stands_for(resource_id, inputs)


def _is_elsewhere(inputs: Properties) -> bool:
    """Tell whether a secrets backend holds the connection; by default Airflow's database does."""
    return reveal(inputs.get("in_airflow")) is False


def extra_of(remote: Json) -> dict[str, Any]:
    """Read the extras; what is no JSON object counts as none."""
    try:
        extra = json.loads(remote.get("extra") or "{}")
    except ValueError:
        return {}
    return extra if isinstance(extra, dict) else {}
