"""Who may do what with an object of the workspace."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final, Literal, TypedDict

import pulumi

from airbrick.iac.clients.databricks import Json, Workspace
from airbrick.iac.errors import NotFoundError
from airbrick.iac.provider.handler import Context, Found, Identity, Made, Property
from airbrick.iac.provider.record import RecordHandler
from airbrick.iac.settings.canonical import Keyed
from airbrick.iac.settings.validation import Finding
from airbrick.iac.values import UNKNOWN, Properties, Value, is_unknown, reveal

TOKEN: Final = "airbrick:databricks:Permissions"  # noqa: S105 - Pulumi calls a type's name its token
OWNER: Final = "IS_OWNER"
PRINCIPALS: Final = ("user_name", "group_name", "service_principal_name")

# Objects that have exactly one owner.
OWNED: Final = frozenset({"jobs", "pipelines", "warehouses", "sql/warehouses"})

_LIST: Final = "access_control_list"
_ENTRY: Final = {"type": "object", "additionalProperties": {"$ref": "pulumi.json#/Any"}}


class AccessControl(TypedDict, total=False):
    """One entry: exactly one principal, and what it may do."""

    user_name: pulumi.Input[str]
    group_name: pulumi.Input[str]
    service_principal_name: pulumi.Input[str]
    permission_level: pulumi.Input[
        Literal["CAN_VIEW", "CAN_MANAGE_RUN", "CAN_MANAGE", "IS_OWNER", "CAN_USE", "CAN_ATTACH_TO", "CAN_RESTART"] | str  # noqa: PYI051 - editors offer the usual values
    ]


class Permissions(pulumi.CustomResource):
    """All permissions that are set on one object; what it inherits is not touched.

    The list is the whole list: an entry that somebody adds by hand is taken away by the next ``up``. Without an entry
    ``IS_OWNER`` the object keeps the owner it has. Deleting this resource leaves the permissions as they are.

    :param resource_name: the logical name, unique in the stack.
    :param object_type: the object's type in the Permissions API's paths, such as ``jobs`` or ``cluster-policies``.
    :param object_id: the object's id, such as ``job.job_id``.
    :param access_control_list: one entry for each principal.
    :param opts: Pulumi's resource options.
    """

    object_type: pulumi.Output[str]
    """The object's type."""

    object_id: pulumi.Output[str]
    """The object's id."""

    def __init__(
        self,
        resource_name: str,
        /,
        *,
        object_type: pulumi.Input[str],
        object_id: pulumi.Input[str],
        access_control_list: pulumi.Input[list[AccessControl]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        properties = {"object_type": object_type, "object_id": object_id, _LIST: access_control_list}
        super().__init__(TOKEN, resource_name, properties, opts)


class PermissionsHandler(RecordHandler):
    """What the provider does for permissions."""

    token: ClassVar[str] = TOKEN
    description: ClassVar[str] = "All permissions that are set on one object of the workspace."
    replaced_by: ClassVar[frozenset[str]] = frozenset({"object_type", "object_id"})
    inputs: ClassVar[Mapping[str, Property]] = {
        "object_type": Property("The object's type in the Permissions API's paths.", required=True),
        "object_id": Property("The object's id.", required=True),
        _LIST: Property("One entry for each principal.", type={"type": "array", "items": _ENTRY}, required=True),
    }
    outputs: ClassVar[Mapping[str, Property]] = {
        "object_type": Property("The object's type.", required=True),
        "object_id": Property("The object's id.", required=True),
    }

    def mistakes(self, settings: Properties) -> Iterator[Finding]:
        """Find entries that name no principal or several, principals that stand twice, and wrong owners."""
        entries = reveal(settings[_LIST])
        seen: set[tuple[str, str]] = set()
        owners: list[int] = []
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            if not isinstance(entry, Mapping):
                continue
            path = (_LIST, index)
            named = [name for name in PRINCIPALS if entry.get(name) is not None]
            if len(named) != 1:
                found = f"found {' and '.join(named)}" if named else "found none"
                yield Finding(path, f"expected exactly one of {', '.join(PRINCIPALS)}; {found}")
                continue
            if entry.get("permission_level") is None:
                yield Finding((*path, "permission_level"), "is missing")
            if entry.get("permission_level") == OWNER:
                owners.append(index)
                if named[0] == "group_name":
                    yield Finding((*path, "group_name"), "a group cannot own an object; name a user or a principal")
            principal, name = _principal(entry), entry[named[0]]
            if name is not UNKNOWN and principal in seen:
                yield Finding((*path, named[0]), f"{name!r} stands twice, and the API would keep the last alone")
            seen.add(principal)
        for index in owners[1:]:
            yield Finding((_LIST, index, "permission_level"), "is a second IS_OWNER; an object has exactly one owner")
        object_type = reveal(settings["object_type"])
        if owners and isinstance(object_type, str) and object_type not in OWNED:
            yield Finding((_LIST, owners[0], "permission_level"), f"is IS_OWNER, which {object_type} do not have")

    def diff(self, identity: Identity, old: Properties, new: Properties) -> Any:  # noqa: ANN401 - as declared above
        """Compare lists by principal: their order means nothing."""
        return super().diff(identity, _by_principal(old), _by_principal(new))

    def create(self, context: Context, identity: Identity, inputs: Properties, *, preview: bool) -> Made:
        """Set the permissions."""
        del identity
        if preview:
            return Made("", _known(inputs))
        _write(context.workspace, inputs)
        return Made(f"/{reveal(inputs['object_type'])}/{reveal(inputs['object_id'])}", _known(inputs))

    def read(
        self, context: Context, identity: Identity, resource_id: str, inputs: Properties | None, outputs: Properties
    ) -> Found | None:
        """Read the permissions that are set; those that are inherited are no part of them."""
        del identity, outputs
        object_type, _, object_id = resource_id.strip("/").rpartition("/")
        place = {"object_type": object_type, "object_id": object_id}
        try:
            entries = _direct(_read(context.workspace, place))
        except NotFoundError:
            return None
        prior = [entry for entry in reveal((inputs or {}).get(_LIST)) or [] if isinstance(entry, Mapping)]
        if inputs is not None and not any(entry.get("permission_level") == OWNER for entry in prior):
            # The owner can do all that the level which the list gives it would allow.
            named = {_principal(entry): dict(entry) for entry in prior}
            seen = [entry if entry["permission_level"] != OWNER else named.get(_principal(entry)) for entry in entries]
            entries = [entry for entry in seen if entry is not None]
        order = [_principal(entry) for entry in prior]
        spelled = {_principal(entry): entry for entry in prior}
        entries = [_spelled_as(spelled.get(_principal(entry), entry), entry) for entry in entries]
        entries.sort(key=lambda entry: order.index(_principal(entry)) if _principal(entry) in order else len(order))
        same = inputs is not None and sorted(entries, key=_principal) == sorted(prior, key=_principal)
        found = {**place, _LIST: inputs[_LIST] if same and inputs is not None else entries}
        return Found(f"/{object_type}/{object_id}", found, _known(found))

    def update(
        self, context: Context, identity: Identity, made: Made, old: Properties, new: Properties, *, preview: bool
    ) -> Properties:
        """Set the permissions anew."""
        del identity, made, old
        if not preview:
            _write(context.workspace, new)
        return _known(new)

    def delete(self, context: Context, identity: Identity, made: Made, inputs: Properties) -> None:
        """Leave the permissions as they are: taking them away could shut everybody out."""
        del inputs
        context.tell(identity, f"leaves the permissions of {made.resource_id} as they are")


def _known(inputs: Properties) -> Properties:
    return {"object_type": inputs["object_type"], "object_id": inputs["object_id"]}


def _path(inputs: Properties) -> str:
    plain = reveal(inputs)
    return f"/api/2.0/permissions/{plain['object_type']}/{plain['object_id']}"


def _read(workspace: Workspace, place: Properties) -> Json:
    return workspace.get(_path(place))


def _write(workspace: Workspace, inputs: Properties) -> None:
    entries = list(reveal(inputs[_LIST]))
    owned = reveal(inputs["object_type"]) in OWNED
    if owned and not any(entry.get("permission_level") == OWNER for entry in entries):
        owner = [entry for entry in _direct(_read(workspace, inputs)) if entry["permission_level"] == OWNER]
        named = {_principal(entry) for entry in owner}
        # The owner can do all that another level of its own would allow.
        entries = [*owner, *(entry for entry in entries if _principal(entry) not in named)]
    workspace.put(_path(inputs), {_LIST: entries})


def _direct(answer: Json) -> list[Json]:
    """Give the entries that are set on the object itself."""
    entries: list[Json] = []
    for entry in answer.get(_LIST) or []:
        levels = [item for item in entry.get("all_permissions") or [] if not item.get("inherited")]
        named = next((name for name in PRINCIPALS if entry.get(name)), None)
        if levels and named is not None:
            entries.append({named: entry[named], "permission_level": levels[0].get("permission_level")})
    return entries


def _principal(entry: Mapping[str, Value]) -> tuple[str, str]:
    """Give what tells entries apart: the workspace keeps the names of all but groups in lower case.

    Source: https://github.com/databricks/terraform-provider-databricks/pull/5757
    """
    kind = next((name for name in PRINCIPALS if entry.get(name) is not None), "")
    name = str(entry.get(kind, ""))
    return kind, name if kind == "group_name" else name.casefold()


def _spelled_as(written: Mapping[str, Value], entry: Json) -> Json:
    """Give an entry with its principal as it is written elsewhere."""
    return {**entry, **{name: written[name] for name in PRINCIPALS if entry.get(name) is not None}}


def _by_principal(inputs: Properties) -> Properties:
    entries = reveal(inputs.get(_LIST))
    if not isinstance(entries, list) or is_unknown(entries) or not all(isinstance(item, Mapping) for item in entries):
        return inputs
    keys = ["/".join(_principal(entry)) for entry in entries]
    folded = [_spelled_as(dict([_principal(entry)]), dict(entry)) for entry in entries]
    positions = {key: index for index, key in enumerate(keys)}
    return {**inputs, _LIST: Keyed(dict(zip(keys, folded, strict=True)), positions)}
