"""An Airflow Variable."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

import pulumi

from airbrick.iac.clients.airflow import Collection, Json
from airbrick.iac.ownership import marked, split_mark
from airbrick.iac.provider.handler import Property
from airbrick.iac.provider.record import ADOPT
from airbrick.iac.resources.airflow_record import (
    MASK,
    MASKED,
    AirflowRecordHandler,
    check_key,
    keep,
    unmask,
)
from airbrick.iac.settings.validation import Finding
from airbrick.iac.values import Properties, Secret, Value, is_secret, reveal, walk

TOKEN: Final = "airbrick:airflow:Variable"  # noqa: S105 - Pulumi calls a type's name its token
MAX_KEY_CHARACTERS: Final = 250
"""Source: ``ID_LEN`` in airflow/models/base.py"""


class Variable(pulumi.CustomResource):
    """An Airflow Variable, made through Airflow's REST API.

    Its description in Airflow ends with a mark that says which stack manages it. An environment variable
    ``AIRFLOW_VAR_<KEY>`` and a secrets backend win over a Variable made here.

    :param resource_name: the logical name: the Variable's key unless ``key`` names another.
    :param value: text, or JSON values, which are stored as JSON. A secret must be marked with ``pulumi.Output.secret``.
    :param key: the Variable's key.
    :param description: shown in Airflow.
    :param adopt: whether a Variable of this key that exists already is taken over.
    :param opts: Pulumi's resource options.
    """

    key: pulumi.Output[str]
    """The Variable's key."""

    def __init__(
        self,
        resource_name: str,
        /,
        *,
        value: pulumi.Input[Any],
        key: pulumi.Input[str] | None = None,
        description: pulumi.Input[str] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        properties = {"key": key or resource_name, "value": value, "description": description, "adopt": adopt}
        super().__init__(TOKEN, resource_name, properties, opts)


class VariableHandler(AirflowRecordHandler):
    """What the provider does for an Airflow Variable."""

    token: ClassVar[str] = TOKEN
    description: ClassVar[str] = "An Airflow Variable."
    collection: ClassVar[Collection] = "variables"
    key: ClassVar[str] = "key"
    replaced_by: ClassVar[frozenset[str]] = frozenset({"key"})
    inputs: ClassVar[Mapping[str, Property]] = {
        "key": Property("The Variable's key.", required=True),
        "value": Property("Text or JSON values.", type={"$ref": "pulumi.json#/Any"}, required=True),
        "description": Property("Shown in Airflow."),
        **ADOPT,
    }
    outputs: ClassVar[Mapping[str, Property]] = {"key": Property("The Variable's key.", required=True)}

    def mistakes(self, settings: Properties) -> Iterator[Finding]:
        """Find keys Airflow would not take, and masks in the place of values."""
        if wrong := check_key(reveal(settings["key"]), MAX_KEY_CHARACTERS):
            yield Finding(("key",), wrong)
        yield from (
            Finding(("value", *path), MASKED) for path, value in walk(reveal(settings["value"])) if value == MASK
        )

    def known(self, inputs: Properties) -> Properties:
        """Give the key alone: a value may be a secret."""
        return {"key": inputs["key"]}

    def body(self, mark: str, inputs: Properties) -> Json:
        """Write JSON values as JSON, the way Airflow's own deserialisation reads them."""
        plain = reveal(inputs)
        value = plain["value"]
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
        return {"key": plain["key"], "value": text, "description": marked(plain.get("description"), mark)}

    def mark_of(self, remote: Json) -> str:
        """Read the mark behind the description."""
        return split_mark(remote.get("description"))[1]

    def said(self, prior: Properties, remote: Json) -> Properties:
        """Read the Variable; where Airflow masks it, what was written stands."""
        description, _ = split_mark(remote.get("description"))
        value = _said_value(prior.get("value"), remote.get("value"))
        return {"value": value, "description": keep(prior.get("description"), description)}


def _said_value(prior: Value, remote: Value) -> Value:
    """Give the value in the prior one's form: text, or the JSON values behind the text."""
    before = reveal(prior)
    text = isinstance(before, str) or before is None
    if text and remote == before:
        return prior
    shown, wanted = _parsed(remote), _parsed(before)
    if not any(value == MASK for _, value in walk(shown)):
        # Airflow writes JSON in its own way, so texts that mean the same are the same.
        if shown == wanted:
            return prior
        found = remote if text else shown
        return Secret(found) if is_secret(prior) else found
    if prior is not None and reveal(unmask(wanted, shown)) == wanted:
        return prior
    return Secret(remote if text else shown)


def _parsed(text: Value) -> Value:
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text
