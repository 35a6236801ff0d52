"""What the smaller objects of a workspace have in common: each is a record with a name."""

from abc import abstractmethod
from collections.abc import Iterable
from typing import ClassVar

from airbrick.iac.clients.databricks import Json, Workspace
from airbrick.iac.errors import ConflictError, IacError, NotFoundError, UnclearError, UnreachableError
from airbrick.iac.ownership import owner, spared, taken
from airbrick.iac.provider.handler import Context, Found, Identity, Made
from airbrick.iac.provider.record import RecordHandler
from airbrick.iac.settings.projection import project
from airbrick.iac.values import Properties


class WorkspaceRecordHandler(RecordHandler):
    """An object of a workspace.

    Before it is made it is looked for: one that carries our mark was made by an interrupted ``up`` and is completed.
    """

    noun: ClassVar[str]
    """What messages call the object."""

    @abstractmethod
    def name_of(self, inputs: Properties) -> str:
        """Give what the object is looked for by, and called in messages."""

    @abstractmethod
    def find(self, workspace: Workspace, inputs: Properties) -> tuple[str, Json] | None:
        """Look for an object of this name; give its id and what the API shows of it."""

    def find_named(self, workspace: Workspace, name: str) -> tuple[str, Json] | None:
        """Look for an object by its name alone, for an import; where the id is no name."""
        del workspace, name
        return None

    @abstractmethod
    def may_take_over(self, workspace: Workspace, mark: str, inputs: Properties, remote: Json) -> bool:
        """Tell whether an object that exists already is ours, or means no loss to anybody."""

    @abstractmethod
    def make(self, workspace: Workspace, mark: str, inputs: Properties) -> str:
        """Make the object, and give its id."""

    @abstractmethod
    def fetch(self, workspace: Workspace, resource_id: str) -> Json:
        """Read the object.

        :raises NotFoundError: there is none.
        """

    @abstractmethod
    def write(self, workspace: Workspace, mark: str, resource_id: str, inputs: Properties) -> None:
        """Write all that can be changed in place."""

    @abstractmethod
    def remove(self, workspace: Workspace, resource_id: str, inputs: Properties) -> None:
        """Delete the object.

        :raises NotFoundError: it is gone already.
        """

    def known(self, resource_id: str, inputs: Properties) -> Properties:
        """Give the outputs: the inputs of the same names, and what :meth:`identified` adds."""
        return {name: inputs[name] for name in self.outputs if name in inputs} | self.identified(resource_id)

    def identified(self, resource_id: str) -> Properties:
        """Give the outputs that follow from the id."""
        del resource_id
        return {}

    def said(self, prior: Properties | None, remote: Json) -> Properties:
        """Give the inputs that would make the object as the API shows it, worded as ``prior`` words them.

        Of a setting that airbrick does not know nobody can tell whether the API gives it back: one it does not give
        back stands as it was written.
        """
        ours = self.inputs.keys() | (prior or {}).keys()
        shown = {name: value for name, value in remote.items() if name in ours}
        unseen = {name: (prior or {})[name] for name in ours - self.inputs.keys() - shown.keys()}
        return {**project(prior, shown, self.shape), **unseen}

    def create(self, context: Context, identity: Identity, inputs: Properties, *, preview: bool) -> Made:
        """Make the object, or complete what an interrupted attempt left."""
        if preview:
            return Made("", self.planned(inputs))
        workspace, mark = context.workspace, owner(identity)
        found = self.find(workspace, inputs)
        if found is None:
            made = self._make(workspace, mark, inputs)
            context.keep(self.noun, made)
            return Made(made, self.known(made, inputs))
        resource_id, remote = found
        free = not context.is_in_state(identity, resource_id)
        adopted = inputs.get("adopt") is True
        if not (free and (adopted or self.may_take_over(workspace, mark, inputs, remote))):
            raise taken("Databricks", f"{self.noun} {self.name_of(inputs)!r}", identity, own=not free)
        self._check_fixed(identity, inputs, remote)
        context.keep(self.noun, resource_id)
        self.write(workspace, mark, resource_id, inputs)
        context.tell(identity, f"takes over the {self.noun} {self.name_of(inputs)!r}, which exists already")
        return Made(resource_id, self.known(resource_id, inputs))

    def read(
        self, context: Context, identity: Identity, resource_id: str, inputs: Properties | None, outputs: Properties
    ) -> Found | None:
        """Read the object."""
        del identity, outputs
        try:
            remote = self.fetch(context.workspace, resource_id)
        except NotFoundError:
            named = self.find_named(context.workspace, resource_id) if inputs is None else None
            if named is None:
                return None
            resource_id, remote = named
        found = self.said(inputs, remote)
        if "adopt" in self.inputs:
            found["adopt"] = (inputs or {}).get("adopt", False)
        return Found(resource_id, found, self.known(resource_id, found))

    def update(
        self, context: Context, identity: Identity, made: Made, old: Properties, new: Properties, *, preview: bool
    ) -> Properties:
        """Change the object in place."""
        del old
        if not preview:
            self.write(context.workspace, owner(identity), made.resource_id, new)
        return self.known(made.resource_id, new)

    def delete(self, context: Context, identity: Identity, made: Made, inputs: Properties) -> None:
        """Delete the object; one that is gone already is as wanted."""
        if spared(context, identity, self.noun, made.resource_id):
            return
        try:
            self.remove(context.workspace, made.resource_id, inputs)
        except NotFoundError:
            return

    def stands_for(self, resource_id: str, inputs: Properties) -> Iterable[tuple[str, str]]:
        """Name the object."""
        del inputs
        return [(self.noun, resource_id)]

    def planned(self, inputs: Properties) -> Properties:
        """Give the outputs that a preview can know."""
        return {name: inputs[name] for name in self.outputs if name in inputs}

    def defaults(self, identity: Identity, inputs: Properties) -> Properties:
        """Take over nothing."""
        del identity, inputs
        return {"adopt": False} if "adopt" in self.inputs else {}

    def _check_fixed(self, identity: Identity, inputs: Properties, remote: Json) -> None:
        """Refuse what only a new object can give: the next ``up`` would delete the one taken over."""
        fixed = sorted(self.diff(identity, self.said(inputs, remote), inputs).replaces)
        if fixed:
            names = ", ".join(fixed)
            raise ConflictError(
                service="Databricks",
                request=f"{self.noun} {self.name_of(inputs)!r}",
                status=0,
                code="",
                message=f"exists already with another {names}, which cannot be changed in place",
                fix=f"give {names} as it is there, choose another name, or delete what is there",
            )

    def _make(self, workspace: Workspace, mark: str, inputs: Properties) -> str:
        try:
            return self.make(workspace, mark, inputs)
        except UnreachableError:
            raise
        except UnclearError as error:
            # It was not there before, so what is there now is what this request made.
            try:
                found = self.find(workspace, inputs)
            except IacError:
                raise error from None
            if found is None:
                raise
            return found[0]
