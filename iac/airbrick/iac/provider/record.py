"""What resources whose inputs are one flat record have in common: their check and their diff."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, ClassVar, Final

from airbrick.contract import suggest
from airbrick.iac.provider.handler import Checked, Context, Difference, Identity, Naming, Property
from airbrick.iac.settings.difference import difference
from airbrick.iac.settings.shape import ANYTHING, Kind, Shape, struct
from airbrick.iac.settings.validation import Finding, validate
from airbrick.iac.values import Properties, as_secret

_KINDS: Final[Mapping[str, Kind]] = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "object": "map",
    "array": "list",
}


ADOPT: Final[Mapping[str, Property]] = {
    "adopt": Property("Whether an existing object of this key is taken over.", type={"type": "boolean"})
}


class RecordHandler(ABC):
    """A resource whose inputs are a record. What it declares of its inputs is what is checked.

    The rest of :class:`airbrick.iac.provider.handler.Handler` is the resource's own.
    """

    token: ClassVar[str]
    description: ClassVar[str]
    inputs: ClassVar[Mapping[str, Property]]
    outputs: ClassVar[Mapping[str, Property]]
    refresh_before_update: ClassVar[bool] = True

    replaced_by: ClassVar[frozenset[str]] = frozenset()
    """Inputs whose change needs a new object."""

    wishes: ClassVar[frozenset[str]] = frozenset()
    """Inputs that say how to make or end the object, and nothing about what it is."""

    unique: ClassVar[str] = ""
    """The input whose value no two objects share, if any: where it stays, an old object must go before a new one is."""

    struct: ClassVar[str] = ""
    """The structure of the API whose fields are inputs too, where there is one."""

    @cached_property
    def shape(self) -> Shape:
        """What is known of the inputs."""
        if self.struct:
            known = struct(self.struct)
            own = {name: _shape(described.type) for name, described in self.inputs.items() if name not in known.fields}
            return Shape("struct", name=self.struct, members={**known.fields, **own}, needed=known.required)
        members = {name: _shape(described.type) for name, described in self.inputs.items()}
        needed = tuple(name for name, described in self.inputs.items() if described.required)
        return Shape("struct", name=self.token.rpartition(":")[2], members=members, needed=needed)

    def defaults(self, identity: Identity, inputs: Properties) -> Properties:
        """Give the values of inputs that are not given."""
        del identity, inputs
        return {}

    @abstractmethod
    def mistakes(self, settings: Properties) -> Iterable[Finding]:
        """Find what the types of the inputs do not tell; the settings have the right types."""

    def check(
        self, context: Context, identity: Identity, inputs: Properties, old: Properties, naming: Naming
    ) -> Checked:
        """Fill in defaults, mark what is secret whoever wrote it, and find mistakes."""
        del context, old, naming
        settings = {key: value for key, value in inputs.items() if value is not None}
        settings = {**self.defaults(identity, settings), **settings}
        for name in settings.keys() & {name for name, described in self.inputs.items() if described.secret}:
            settings[name] = as_secret(settings[name])
        findings = [self._unknown(name) for name in settings if name not in self.inputs and not self.struct]
        findings += validate(
            {name: settings[name] for name in settings if name in self.inputs or self.struct}, self.shape
        )
        if not any(finding.fatal for finding in findings):
            findings += self.mistakes(settings)
        return Checked(settings, findings)

    def diff(self, identity: Identity, old: Properties, new: Properties) -> Difference:
        """Compare inputs: a secret can be compared nowhere else."""
        del identity
        changes = [change for change in difference(old, new, self.shape) if change.path[0] not in self.wishes]
        changed = frozenset(str(change.path[0]) for change in changes)
        first = bool(self.unique) and self.unique not in changed
        return Difference(changes, changed & self.replaced_by, delete_before_replace=first)

    def _unknown(self, name: str) -> Finding:
        near = suggest(name, self.inputs)
        hint = f"did you mean {near!r}?" if near else f"it has: {', '.join(self.inputs)}"
        return Finding((name,), f"a {self.shape.name} has no {name!r}; {hint}")


def fields_of(name: str) -> Mapping[str, Property]:
    """Describe the fields of a structure of the API as inputs."""
    shape = struct(name)
    return {
        field: Property(f"The API's `{field}`.", type=schema_type(inner), required=field in shape.required)
        for field, inner in shape.fields.items()
    }


def schema_type(shape: Shape) -> Mapping[str, Any]:
    """Give the schema type of a place in settings; below the first level anything goes."""
    return _TYPES[shape.kind]


_ANY: Final = {"$ref": "pulumi.json#/Any"}
_TYPES: Final[Mapping[str, Mapping[str, Any]]] = {
    "str": {"type": "string"},
    "enum": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "map": {"type": "object", "additionalProperties": {"type": "string"}},
    "struct": {"type": "object", "additionalProperties": _ANY},
    "list": {"type": "array", "items": {"type": "object", "additionalProperties": _ANY}},
    "any": _ANY,
}


def _shape(described: Mapping[str, Any]) -> Shape:
    kind = _KINDS.get(described.get("type", ""))
    if kind is None:
        return ANYTHING
    inner = described.get("items" if kind == "list" else "additionalProperties", {})
    return Shape(kind, element=_shape(inner) if kind in ("list", "map") else None)
