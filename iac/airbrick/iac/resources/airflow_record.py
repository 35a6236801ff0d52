"""What Airflow's connections, variables and pools have in common: one key each, and a mark that says whose they are."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Final

from airbrick.iac.clients.airflow import Airflow, Collection, Json
from airbrick.iac.errors import ConflictError, IacError, NotFoundError, PartialError, UnclearError, UnreachableError
from airbrick.iac.ownership import owner, spared, taken
from airbrick.iac.provider.handler import Context, Found, Identity, Made
from airbrick.iac.provider.record import RecordHandler
from airbrick.iac.values import Properties, Secret, Value, conceal_known, reveal

MASK: Final = "***"
"""What Airflow shows in place of a secret. Written, it means: keep the secret you have."""

MASKED: Final = f"is '{MASK}', which Airflow shows in place of a secret; give the real value"


DOTS: Final = (".", "..")
NO_DOTS: Final = "neither '.' nor '..', which clients take out of an address, so that it would never be found again"
"""Source: RFC 3986, 5.2.4, as urllib3 applies it; quoting does not help, for a dot needs none."""


def check_key(key: Value, longest: int) -> str:
    """Tell what is wrong with a key; empty where nothing is. A key with a line break has no address in Airflow's API.

    Source: https://www.starlette.io/routing/#path-parameters (the ``path`` convertor is ``.*``, which stops at one)
    """
    if not isinstance(key, str) or (0 < len(key) <= longest and "\n" not in key and key not in DOTS):
        return ""
    return f"expected 1 to {longest} characters, no line break, and {NO_DOTS}"


class AirflowRecordHandler(RecordHandler):
    """An object of Airflow's database. One that exists already is taken over only if asked, or if it is ours."""

    collection: ClassVar[Collection]

    key: ClassVar[str]
    """The input that is the object's key."""

    wishes: ClassVar[frozenset[str]] = frozenset({"adopt"})

    @property
    def noun(self) -> str:
        """What messages call the object."""
        return f"Airflow {self.collection.removesuffix('s')}"

    @abstractmethod
    def body(self, mark: str, inputs: Properties) -> Json:
        """Give what Airflow is sent.

        :param mark: the owner's mark, to be kept in the object.
        """

    @abstractmethod
    def mark_of(self, remote: Json) -> str:
        """Give the owner's mark in an object; empty where there is none."""

    @abstractmethod
    def said(self, prior: Properties, remote: Json) -> Properties:
        """Give the inputs that would make the object as Airflow shows it, worded as ``prior`` words them."""

    @abstractmethod
    def known(self, inputs: Properties) -> Properties:
        """Give the outputs."""

    def defaults(self, identity: Identity, inputs: Properties) -> Properties:
        """Take the logical name for the key."""
        del inputs
        return {self.key: identity.name, "adopt": False}

    def create(self, context: Context, identity: Identity, inputs: Properties, *, preview: bool) -> Made:
        """Make the object, or complete what an interrupted attempt of ours left."""
        made = Made(str(reveal(inputs[self.key])), self.known(inputs))
        if preview:
            return made
        airflow = context.airflow
        try:
            airflow.create(self.collection, self.body(owner(identity), inputs))
        except UnreachableError:
            raise
        except ConflictError as error:
            self._take_over(context, identity, inputs, made, error)
        except UnclearError as error:
            if not self._is_ours(airflow, identity, made.resource_id, error):
                raise
            self._write(context, identity, inputs, made)
        else:
            context.keep(self.noun, made.resource_id)
        return made

    def read(
        self, context: Context, identity: Identity, resource_id: str, inputs: Properties | None, outputs: Properties
    ) -> Found | None:
        """Read what Airflow shows; its secrets are masked, so the known ones stand."""
        del identity, outputs
        try:
            remote = context.airflow.get(self.collection, resource_id)
        except NotFoundError:
            return None
        prior = inputs or {}
        said = {self.key: resource_id, **self.said(prior, remote), "adopt": prior.get("adopt", False)}
        kept = {key: value for key, value in said.items() if value not in (None, {})}
        found: Properties = dict(conceal_known(kept, prior=prior))
        return Found(resource_id, found, self.known(found))

    def update(
        self, context: Context, identity: Identity, made: Made, old: Properties, new: Properties, *, preview: bool
    ) -> Properties:
        """Write all fields again, secrets included."""
        del old
        if not preview:
            context.airflow.update(self.collection, made.resource_id, self.body(owner(identity), new))
        return self.known(new)

    def delete(self, context: Context, identity: Identity, made: Made, inputs: Properties) -> None:
        """Delete the object; one that is gone already is as wanted."""
        del inputs
        if spared(context, identity, self.noun, made.resource_id):
            return
        try:
            context.airflow.delete(self.collection, made.resource_id)
        except NotFoundError:
            return

    def stands_for(self, resource_id: str, inputs: Properties) -> Iterable[tuple[str, str]]:
        """Name the object."""
        del inputs
        return [(self.noun, resource_id)]

    def is_ours(self, airflow: Airflow, identity: Identity, key: str) -> bool:
        """Tell whether there is an object of this key that carries our mark."""
        try:
            remote = airflow.get(self.collection, key)
        except NotFoundError:
            return False
        return self.mark_of(remote) == owner(identity)

    def _take_over(
        self, context: Context, identity: Identity, inputs: Properties, made: Made, error: ConflictError
    ) -> None:
        airflow = context.airflow
        ours = self._is_ours(airflow, identity, made.resource_id, error)
        own = ours and context.is_in_state(identity, made.resource_id)
        if own or not (ours or reveal(inputs.get("adopt"))):
            what = f"{self.collection.removesuffix('s')} {made.resource_id!r}"
            raise taken("Airflow", what, identity, own=own, status=error.status) from error
        self._write(context, identity, inputs, made)
        context.tell(identity, f"takes over the {self.noun} {made.resource_id!r}, which exists already")

    def _write(self, context: Context, identity: Identity, inputs: Properties, made: Made) -> None:
        context.keep(self.noun, made.resource_id)
        try:
            context.airflow.update(self.collection, made.resource_id, self.body(owner(identity), inputs))
        except IacError as error:
            raise PartialError(
                resource_id=made.resource_id, outputs=made.outputs, inputs=inputs, reason=error
            ) from error

    def _is_ours(self, airflow: Airflow, identity: Identity, key: str, error: IacError) -> bool:
        try:
            return self.is_ours(airflow, identity, key)
        except IacError:
            raise error from None


def keep(prior: Value, remote: Value) -> Value:
    """Give the remote value; the prior one where both say the same."""
    if isinstance(prior, Secret):
        return Secret(keep(prior.value, remote))
    same = prior == remote or (prior in (None, "") and remote in (None, ""))
    return prior if same else remote


def unmask(prior: Value, remote: Value) -> Value:
    """Put known values in the place of masks, and secret marks where they were."""
    if isinstance(prior, Secret):
        return Secret(unmask(prior.value, remote))
    if remote == MASK:
        return Secret(MASK) if prior is None else prior
    if isinstance(remote, Mapping):
        known: Mapping[str, Any] = prior if isinstance(prior, Mapping) else {}
        return {key: unmask(known.get(key), value) for key, value in remote.items()}
    if isinstance(remote, list) and isinstance(prior, list) and len(prior) == len(remote):
        return [unmask(before, after) for before, after in zip(prior, remote, strict=True)]
    return remote
