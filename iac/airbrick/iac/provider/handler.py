"""What a resource does when the engine asks: the interface between the protocol and the resources."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, runtime_checkable

from airbrick.iac.settings.difference import Change
from airbrick.iac.settings.validation import Finding
from airbrick.iac.values import Properties

if TYPE_CHECKING:
    from airbrick.iac.clients.airflow import Airflow
    from airbrick.iac.clients.databricks import Workspace


@dataclass(frozen=True, slots=True)
class Identity:
    """Which resource a request is about.

    :param urn: Pulumi's name for it, unique in the stack.
    :param stack: the stack.
    :param project: the project.
    :param name: the logical name.
    :param provider_id: the id of its provider in the state, which tells two states with the same URNs apart.
    """

    urn: str
    stack: str
    project: str
    name: str
    provider_id: str = ""

    @classmethod
    def from_urn(cls, urn: str, provider_id: str = "") -> "Identity":
        """Read the parts of a URN.

        Source: https://www.pulumi.com/docs/iac/concepts/resources/names/#urns
        """
        stack, project, _type, name = urn.removeprefix("urn:pulumi:").split("::", 3)
        return cls(urn, stack, project, name, provider_id)


@dataclass(frozen=True, slots=True)
class Naming:
    """How the stack wants a missing physical name to be chosen.

    :param proposed: the name the stack's ``pulumi:autonaming`` proposes, if any.
    :param mode: ``propose``, ``enforce`` or ``disable``.
    """

    proposed: str = ""
    mode: Literal["propose", "enforce", "disable"] = "propose"


class Context(Protocol):
    """What a handler may use of the running provider."""

    @property
    def workspace(self) -> "Workspace":
        """The Databricks workspace of the provider's configuration."""

    @property
    def airflow(self) -> "Airflow":
        """The Airflow of the provider's configuration."""

    @property
    def program_directory(self) -> str:
        """The folder relative paths of the program start in."""

    def setting(self, key: str) -> str:
        """Name a key of the provider's configuration with the place where it is set."""

    def now_s(self) -> float:
        """Give a time that only grows."""

    def wait(self, seconds: float) -> bool:
        """Wait, and tell whether the work should go on: it should not when the engine cancels or time is over."""

    def is_in_state(self, identity: Identity, resource_id: str) -> bool:
        """Tell whether the stack's state holds this id already, so that it must not be adopted."""

    def keep(self, kind: str, key: str) -> None:
        """Remember what a create of this ``up`` stands for: what stood for it before must not delete it.

        :param kind: what messages call the object.
        :param key: its id, or its place.
        """

    def is_kept(self, kind: str, key: str) -> bool:
        """Tell whether a create of this ``up`` stands for an object."""

    def heir(self, identity: Identity, kind: str, key: str) -> str:
        """Name another resource that goes on to stand for an object; empty where there is none.

        An ``up`` that failed after one resource took an object over, and before the other was dropped, leaves the state
        with both; so does a program that says the same thing twice.
        """

    def warn(self, identity: Identity, message: str) -> None:
        """Show a warning to the user."""

    def tell(self, identity: Identity, message: str) -> None:
        """Show a message to the user."""


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of a check.

    :param inputs: the inputs with defaults filled in.
    :param findings: mistakes (fatal) and warnings.
    """

    inputs: Properties
    findings: Sequence[Finding] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """The outcome of a diff.

    :param changes: what changed.
    :param replaces: properties whose change needs a new object.
    :param delete_before_replace: whether the old object must go first.
    """

    changes: Sequence[Change] = ()
    replaces: frozenset[str] = frozenset()
    delete_before_replace: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """An object that exists now.

    :param resource_id: its id.
    :param outputs: its outputs.
    """

    resource_id: str
    outputs: Properties


@dataclass(frozen=True, slots=True)
class Found:
    """An object as it was read.

    :param resource_id: its id, in the canonical spelling.
    :param inputs: the inputs that would make it as it is.
    :param outputs: its outputs.
    """

    resource_id: str
    inputs: Properties
    outputs: Properties


@dataclass(frozen=True, slots=True)
class Property:
    """A property in the package schema.

    :param type: a Pulumi schema type, such as ``{"type": "string"}``.
    :param required: whether an input must be given; whether an output is always there.
    """

    description: str
    type: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    required: bool = False
    secret: bool = False


class Handler(Protocol):
    """One resource type. Inputs and outputs are property values; errors are ``IacError``.

    ``preview=True`` means that nothing may be called or changed, and that values may be unknown.
    """

    token: ClassVar[str]
    """The resource's type token."""

    description: ClassVar[str]
    inputs: ClassVar[Mapping[str, Property]]
    outputs: ClassVar[Mapping[str, Property]]

    refresh_before_update: ClassVar[bool]
    """Whether the object can drift, so that each ``up`` reads it first."""

    def check(
        self, context: Context, identity: Identity, inputs: Properties, old: Properties, naming: Naming
    ) -> Checked:
        """Validate inputs and fill in defaults. Checking a result again changes nothing.

        :param old: the inputs of the last deployment; empty for a new resource.
        """

    def diff(self, identity: Identity, old: Properties, new: Properties) -> Difference:
        """Compare checked inputs."""

    def create(self, context: Context, identity: Identity, inputs: Properties, *, preview: bool) -> Made:
        """Make the object, or complete what an interrupted attempt left."""

    def read(
        self, context: Context, identity: Identity, resource_id: str, inputs: Properties | None, outputs: Properties
    ) -> Found | None:
        """Read the object; ``None`` when it is gone. ``inputs=None`` is an import."""

    def update(
        self,
        context: Context,
        identity: Identity,
        made: Made,
        old: Properties,
        new: Properties,
        *,
        preview: bool,
    ) -> Properties:
        """Change the object in place and give its outputs."""

    def delete(self, context: Context, identity: Identity, made: Made, inputs: Properties) -> None:
        """Delete the object; being gone already is success."""


@runtime_checkable
class Heritable(Protocol):
    """A handler whose objects another resource may take over."""

    def stands_for(self, resource_id: str, inputs: Properties) -> Iterable[tuple[str, str]]:
        """Name the objects that a resource stands for, by kind and key as in :meth:`Context.keep`."""
