"""An Airflow pool."""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Final

import pulumi

from airbrick.iac.clients.airflow import Collection, Json
from airbrick.iac.ownership import marked, split_mark
from airbrick.iac.provider.handler import Identity, Property
from airbrick.iac.provider.record import ADOPT
from airbrick.iac.resources.airflow_record import AirflowRecordHandler, check_key, keep
from airbrick.iac.settings.validation import Finding
from airbrick.iac.values import Properties, reveal

TOKEN: Final = "airbrick:airflow:Pool"  # noqa: S105 - Pulumi calls a type's name its token
DEFAULT_POOL: Final = "default_pool"
MAX_NAME_CHARACTERS: Final = 256
UNLIMITED: Final = -1


class Pool(pulumi.CustomResource):
    """An Airflow pool, made through Airflow's REST API: it limits how many tasks run at once.

    Its description in Airflow ends with a mark that says which stack manages it.

    :param resource_name: the logical name: the pool's name unless ``name`` gives another.
    :param slots: how many slots the pool has; -1 for no limit.
    :param name: the pool's name.
    :param include_deferred: whether a deferred task holds its slots, as an operator that waits for a run does.
    :param description: shown in Airflow.
    :param adopt: whether a pool of this name that exists already is taken over.
    :param opts: Pulumi's resource options.
    """

    name: pulumi.Output[str]
    """The pool's name, for an operator's ``pool``."""

    def __init__(
        self,
        resource_name: str,
        /,
        *,
        slots: pulumi.Input[int],
        name: pulumi.Input[str] | None = None,
        include_deferred: pulumi.Input[bool] = False,
        description: pulumi.Input[str] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        properties = {
            "name": name or resource_name,
            "slots": slots,
            "include_deferred": include_deferred,
            "description": description,
            "adopt": adopt,
        }
        super().__init__(TOKEN, resource_name, properties, opts)


class PoolHandler(AirflowRecordHandler):
    """What the provider does for an Airflow pool."""

    token: ClassVar[str] = TOKEN
    description: ClassVar[str] = "An Airflow pool."
    collection: ClassVar[Collection] = "pools"
    key: ClassVar[str] = "name"
    replaced_by: ClassVar[frozenset[str]] = frozenset({"name"})
    inputs: ClassVar[Mapping[str, Property]] = {
        "name": Property("The pool's name.", required=True),
        "slots": Property("How many slots it has; -1 for no limit.", type={"type": "integer"}, required=True),
        "include_deferred": Property("Whether a deferred task holds its slots.", type={"type": "boolean"}),
        "description": Property("Shown in Airflow."),
        **ADOPT,
    }
    outputs: ClassVar[Mapping[str, Property]] = {"name": Property("The pool's name.", required=True)}

    def defaults(self, identity: Identity, inputs: Properties) -> Properties:
        """Say what a deferred task does, as Airflow's API wants it said."""
        return {**super().defaults(identity, inputs), "include_deferred": False}

    def mistakes(self, settings: Properties) -> Iterator[Finding]:
        """Find names and sizes Airflow would not take."""
        name, slots = reveal(settings["name"]), reveal(settings["slots"])
        if wrong := check_key(name, MAX_NAME_CHARACTERS):
            yield Finding(("name",), wrong)
        if name == DEFAULT_POOL:
            yield Finding(("name",), "is Airflow's own pool, which can be neither made nor deleted; choose another")
        if isinstance(slots, int) and slots < UNLIMITED:
            yield Finding(("slots",), "expected -1 for no limit, or 0 or more")

    def known(self, inputs: Properties) -> Properties:
        """Give the name."""
        return {"name": inputs["name"]}

    def body(self, mark: str, inputs: Properties) -> Json:
        """Give all fields; a PATCH takes them too."""
        plain = reveal(inputs)
        fields = {key: plain[key] for key in ("name", "slots", "include_deferred")}
        return {**fields, "description": marked(plain.get("description"), mark)}

    def mark_of(self, remote: Json) -> str:
        """Read the mark behind the description."""
        return split_mark(remote.get("description"))[1]

    def said(self, prior: Properties, remote: Json) -> Properties:
        """Read the pool."""
        description, _ = split_mark(remote.get("description"))
        fields = {key: keep(prior.get(key), remote.get(key)) for key in ("slots", "include_deferred")}
        return {**fields, "description": keep(prior.get("description"), description)}
