"""A policy: its name, its level, its options, and the function that finds what goes against it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from airbrick.iac.values import Path, Properties, render_path

JOB: Final = "airbrick:databricks:Job"
PERMISSIONS: Final = "airbrick:databricks:Permissions"
CONNECTION: Final = "airbrick:airflow:DatabricksConnection"
CONTRACT: Final = "airbrick:index:Contract"

Level = Literal["advisory", "mandatory"]
Options: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Option:
    """A value that a policy reads from the pack's configuration.

    :param name: the option's name in the configuration file.
    :param schema: JSON Schema of its value.
    :param default: the value where the configuration has none.
    """

    name: str
    schema: Mapping[str, Any]
    default: Any


@dataclass(frozen=True, slots=True)
class Violation:
    """A place that goes against a policy.

    :param path: the place in the resource's properties.
    :param problem: what is wrong there and what to write in its place; never a secret.
    """

    path: Path
    problem: str

    def __str__(self) -> str:
        place = render_path(self.path)
        return f"{place}: {self.problem}" if place else self.problem


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of a stack, as a policy of the whole stack sees it.

    :param urn: Pulumi's name for it.
    :param token: its type.
    :param name: its logical name.
    :param properties: its inputs and, where they are known, its outputs.
    """

    urn: str
    token: str
    name: str
    properties: Properties


@dataclass(frozen=True, slots=True)
class ResourcePolicy:
    """A policy that looks at one resource of the types in ``tokens``.

    :param remedy: gives the properties with the violations mended; they are not checked again, so it writes
        what the provider's check would have written.
    """

    name: str
    summary: str
    level: Level
    tokens: tuple[str, ...]
    check: Callable[[Properties, Options], Iterable[Violation]]
    options: tuple[Option, ...] = ()
    remedy: Callable[[Properties, Options], Properties] | None = None


@dataclass(frozen=True, slots=True)
class StackPolicy:
    """A policy that looks at all resources of a stack; a violation names the resource by its URN."""

    name: str
    summary: str
    level: Level
    check: Callable[[Sequence[Resource], Options], Iterable[tuple[str, Violation]]]
    options: tuple[Option, ...] = field(default=())


Policy: TypeAlias = ResourcePolicy | StackPolicy


def number(name: str, default: int, description: str) -> Option:
    """Describe an option that is a whole number, 0 or more."""
    return Option(name, {"type": "integer", "minimum": 0, "default": default, "description": description}, default)


def names(name: str, description: str, default: Sequence[str] = ()) -> Option:
    """Describe an option that is a list of texts."""
    schema = {"type": "array", "items": {"type": "string"}, "default": list(default), "description": description}
    return Option(name, schema, tuple(default))


def with_defaults(policy: Policy, configured: Options) -> dict[str, Any]:
    """Give a value for each of the policy's options."""
    return {option.name: configured.get(option.name, option.default) for option in policy.options}
