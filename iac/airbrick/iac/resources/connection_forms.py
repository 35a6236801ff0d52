"""A connection as secrets backends keep it: as a URI and as JSON.

Source: https://airflow.apache.org/docs/apache-airflow/stable/howto/connection.html
"""

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode

Json = Mapping[str, Any]

_EXTRA: Final = "__extra__"


def as_json(connection: Json) -> str:
    """Write a connection in the JSON form, without what is empty.

    :param connection: the fields of Airflow's REST API; ``extra`` as a mapping.
    """
    kept = {key: value for key, value in connection.items() if value not in (None, "", {})}
    return json.dumps({key: value for key, value in kept.items() if key != "connection_id"}, sort_keys=True)


def as_uri(connection: Json) -> str:
    """Write a connection in the URI form; a description has no place in it."""
    kind = str(connection["conn_type"]).lower().replace("_", "-")
    scheme, separator, host = str(connection.get("host") or "").rpartition("://")
    # A scheme of the host's own stands in front of the credentials.
    uri = f"{kind}://{scheme}{separator}"
    if connection.get("login") or connection.get("password"):
        uri += _quoted(connection.get("login"))
        if connection.get("password"):
            uri += f":{_quoted(connection['password'])}"
        uri += "@"
    uri += _quoted(host)
    if connection.get("port"):
        uri += f":{connection['port']}" if host or uri.endswith("@") else f"@:{connection['port']}"
    if connection.get("schema"):
        uri += f"/{_quoted(connection['schema'])}"
    return f"{uri}{_query(connection.get('extra') or {}, slash=not connection.get('schema'))}"


def _query(extra: Json, *, slash: bool) -> str:
    if not extra:
        return ""
    # In one order: Airflow and the engine keep none.
    plain = urlencode(sorted(extra.items()))
    whole = urlencode({_EXTRA: json.dumps(extra, sort_keys=True)})
    query = plain if dict(parse_qsl(plain, keep_blank_values=True)) == extra else whole
    return f"{'/' if slash else ''}?{query}"


def _quoted(value: Any) -> str:  # noqa: ANN401 - JSON
    return quote(str(value or ""), safe="")
