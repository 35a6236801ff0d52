"""Where an object was made. Its record keeps that, so that a changed address is not taken for a place where it is gone.

An object of a workspace is looked for in that workspace alone. An Airflow may move with its database: what carries our
mark at the new address is the same object, or a copy of it.
"""

import re
from types import TracebackType
from typing import TYPE_CHECKING, Final, Protocol, Self, runtime_checkable

from airbrick.iac.errors import ConfigError, PartialError
from airbrick.iac.provider.handler import Context, Handler, Identity, Made
from airbrick.iac.values import Properties, reveal

if TYPE_CHECKING:
    from airbrick.iac.clients.airflow import Airflow
    from airbrick.iac.clients.databricks import Workspace

HOME: Final = "__home"
"""The output that holds the addresses, under the names they have in the configuration.

The engine keeps a property whose name begins like this, and neither shows nor compares it.

Source: https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/properties_diff.go (IsInternalPropertyKey)
"""

_ADDRESS: Final = re.compile(r"((?:[^:/?#]+:)?//)?(?:[^/?#]*@)?([^/?#]*)([^?#]*).*", re.DOTALL)


@runtime_checkable
class Marked(Protocol):
    """A handler whose objects in Airflow say whose they are."""

    def is_ours(self, airflow: "Airflow", identity: Identity, key: str) -> bool:
        """Tell whether there is an object of this key that carries the owner's mark of this resource."""


class Home:
    """The context of one call about one object.

    It notes which services the handler uses. Entered, it makes sure that those used before are still the same ones; no
    other is asked for, so that a stack without Airflow needs no address of one.

    :param context: the running provider.
    :param made: the object as the state has it; ``None`` where it is to be made.
    """

    def __init__(self, context: Context, handler: Handler, identity: Identity, made: Made | None = None) -> None:
        self._context = context
        self._handler = handler
        self._identity = identity
        self._made = made or Made("", {})
        self._before: Properties = reveal(self._made.outputs.get(HOME)) or {}
        self._now: Properties = {}
        self.program_directory, self.setting = context.program_directory, context.setting
        self.now_s, self.wait = context.now_s, context.wait
        self.is_in_state, self.keep = context.is_in_state, context.keep
        self.is_kept, self.heir = context.is_kept, context.heir
        self.warn, self.tell = context.warn, context.tell

    def __enter__(self) -> Self:
        """Look for the object nowhere but where it was made.

        :raises ConfigError: the configuration names another place.
        """
        if "host" in self._before:
            _ = self.workspace
        if "airflow_endpoint" in self._before:
            _ = self.airflow
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Note the place of what is made but not complete, too."""
        if isinstance(error, PartialError):
            error.outputs = self.noted(dict(error.outputs))

    @property
    def workspace(self) -> "Workspace":
        """The workspace of the provider's configuration.

        :raises ConfigError: it is not the one in which the object was made.
        """
        workspace = self._context.workspace
        here = {"host": bare(workspace.host), "workspace_id": workspace.workspace_id}
        if "host" in self._before and not _same_workspace(here, self._before):
            raise ConfigError(
                self.setting("host"),
                problem=f"names {_named(here)}, but {self._what} was made in {_named(self._before)}",
                fix=f"{_ways_back('DATABRICKS_HOST', 'workspace')}; "
                "`pulumi state delete` gives the object up without deleting it",
            )
        self._now |= {name: value for name, value in here.items() if value}
        return workspace

    @property
    def airflow(self) -> "Airflow":
        """The Airflow of the provider's configuration.

        :raises ConfigError: it is at another address than the one where the object was made, and has not got it.
        """
        airflow = self._context.airflow
        here = bare(airflow.endpoint)
        before = self._now.get("airflow_endpoint") or self._before.get("airflow_endpoint", here)
        if here != before and not self._has_moved_to(airflow):
            raise ConfigError(
                self.setting("airflow_endpoint"),
                problem=f"names {here}, which has no {self._what} with this resource's mark; it was made in {before}",
                fix=f"{_ways_back('AIRBRICK_AIRFLOW_ENDPOINT', 'Airflow')}; "
                "where this one has moved, `pulumi state delete` gives the object up, and the next `up` makes it "
                "anew, or takes over what is there with adopt=True",
            )
        self._now["airflow_endpoint"] = here
        return airflow

    def noted(self, outputs: Properties) -> Properties:
        """Give the outputs with the place of the object."""
        home = {**self._before, **self._now}
        return {**outputs, HOME: home} if home else outputs

    def _has_moved_to(self, airflow: "Airflow") -> bool:
        marked = self._handler if isinstance(self._handler, Marked) else None
        return marked is not None and marked.is_ours(airflow, self._identity, self._made.resource_id)

    @property
    def _what(self) -> str:
        return f"{self._handler.token.rpartition(':')[2]} {self._made.resource_id!r}"


def _ways_back(variable: str, place: str) -> str:
    return (
        f"set it (or {variable}) back and run `pulumi up --refresh --run-program` once, for a plain `up` begins at the "
        f"address of the last, even of one that failed; another {place} needs a stack or an iac.Provider of its own; "
        "a resource that got another provider needs its former one, or another logical name as well"
    )


def bare(address: str) -> str:
    """Give an address as it may be kept: without credentials and query, its server in one spelling."""
    return _ADDRESS.sub(lambda found: f"{found[1] or ''}{found[2]}".casefold() + found[3].rstrip("/"), address, count=1)


def _same_workspace(one: Properties, other: Properties) -> bool:
    """Tell workspaces apart: by their ids where both are known, since one workspace may have several addresses."""
    ids = {one.get("workspace_id"), other.get("workspace_id")}
    if None not in ids:
        return len(ids) == 1
    return _server(one) == _server(other)


def _server(workspace: Properties) -> str:
    return str(workspace.get("host")).rpartition("//")[2]


def _named(workspace: Properties) -> str:
    number = workspace.get("workspace_id")
    return f"{workspace.get('host')} (workspace {number})" if number else str(workspace.get("host"))
