"""A Databricks job."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, ClassVar, Final, Unpack, cast

import pulumi

from airbrick.contract import FINGERPRINT_TAG, OWNER_TAG, fingerprint_tag
from airbrick.iac.environment import Environment
from airbrick.iac.errors import (
    AmbiguousOwnerError,
    IacError,
    NotFoundError,
    PartialError,
    UnclearError,
    UnreachableError,
)
from airbrick.iac.ownership import owner, spared, taken
from airbrick.iac.provider.handler import Checked, Context, Difference, Found, Identity, Made, Naming, Property
from airbrick.iac.resources import job_outputs
from airbrick.iac.resources.job_api import JobApi
from airbrick.iac.resources.job_import import imported
from airbrick.iac.resources.job_presence import read_surely
from airbrick.iac.resources.job_runs import CHOICES, OnActiveRuns, settle
from airbrick.iac.resources.permissions import AccessControl, Permissions
from airbrick.iac.settings.consistency import check_consistency
from airbrick.iac.settings.difference import Change, difference
from airbrick.iac.settings.projection import project
from airbrick.iac.settings.shape import job_settings
from airbrick.iac.settings.source import without_usual_sources
from airbrick.iac.settings.validation import Finding, validate
from airbrick.iac.types import JobSettings
from airbrick.iac.values import UNKNOWN, Properties, Secret, identical, reveal

TOKEN: Final = "airbrick:databricks:Job"  # noqa: S105 - Pulumi calls a type's name its token
MAX_TAGS: Final = 25
"""Source: https://docs.databricks.com/api/workspace/jobs/create (``tags``)"""

_OWN_TAGS: Final = (OWNER_TAG, FINGERPRINT_TAG)
_ON_ACTIVE_RUNS: Final = "on_active_runs"


class Job(pulumi.CustomResource):
    """A Databricks job; its logical name is its key in the contract.

    Settings go to the Jobs API as they are; :mod:`airbrick.iac.types` has their types. A setting that airbrick does
    not know yet goes through with a warning: give it in ``extra_settings``, or with ``# type: ignore``.

    :param resource_name: the logical name, unique in the stack.
    :param env: presets of the stack; its permissions become a resource beside the job.
    :param on_active_runs: what an update or the deletion does with runs that have not ended: ``ignore`` them, ``fail``,
        or ``cancel`` them and wait for their end.
    :param extra_settings: settings that this version of airbrick has no name for.
    :param opts: Pulumi's resource options.
    :param settings: the job's settings, in the Jobs API's own names.
    """

    job_id: pulumi.Output[str]
    """The job's id, as text: ids pass 2^53."""

    url: pulumi.Output[str]
    """The job's page."""

    job_name: pulumi.Output[str]
    """The job's name in the workspace, with the prefix of the stack's environment."""

    fingerprint: pulumi.Output[str]
    """Hash of the canonical settings."""

    contract_entry: pulumi.Output[Mapping[str, Any]]
    """What DAGs and the linter need to know of the settings."""

    def __init__(
        self,
        resource_name: str,
        /,
        *,
        env: Environment | None = None,
        on_active_runs: OnActiveRuns = "ignore",
        extra_settings: Mapping[str, Any] | None = None,
        opts: pulumi.ResourceOptions | None = None,
        **settings: Unpack[JobSettings],
    ) -> None:
        given: dict[str, Any] = {**settings, **(extra_settings or {})}
        preset = env.job_settings(resource_name, given) if env else given
        self.logical_name = resource_name
        own = {} if on_active_runs == "ignore" else {_ON_ACTIVE_RUNS: on_active_runs}
        super().__init__(TOKEN, resource_name, {**preset, **own, **dict.fromkeys(JobHandler.outputs)}, opts)
        if env is not None and env.permissions:
            Permissions(
                resource_name,
                object_type="jobs",
                object_id=self.job_id,
                access_control_list=[cast("AccessControl", entry) for entry in env.permissions],
                opts=pulumi.ResourceOptions(parent=self),
            )


class JobHandler:
    """What the provider does for a job."""

    token: ClassVar[str] = TOKEN
    description: ClassVar[str] = "A Databricks job (Jobs API 2.2). Settings keep the API's own names."
    refresh_before_update: ClassVar[bool] = True
    inputs: ClassVar[Mapping[str, Property]] = {
        **job_outputs.INPUTS,
        _ON_ACTIVE_RUNS: Property(
            "What becomes of active runs before an update or the deletion: ignore, fail, cancel."
        ),
    }
    outputs: ClassVar[Mapping[str, Property]] = job_outputs.OUTPUTS

    def check(
        self, context: Context, identity: Identity, inputs: Properties, old: Properties, naming: Naming
    ) -> Checked:
        """Fill in what airbrick always says explicitly, and find mistakes."""
        del context
        own, settings = _parted({key: value for key, value in inputs.items() if value is not None})
        findings: list[Finding] = []
        if own.get(_ON_ACTIVE_RUNS, "ignore") not in (*CHOICES, UNKNOWN):
            findings.append(Finding((_ON_ACTIVE_RUNS,), f"expected one of {', '.join(CHOICES)}"))
        if "name" not in settings:
            if naming.mode == "disable":
                findings.append(Finding(("name",), "is missing, and the stack disables automatic names"))
            # What is proposed may be random, and another in each operation: a job keeps the name it has.
            settings["name"] = old.get("name", naming.proposed) if naming.mode == "enforce" else identity.name
        settings.setdefault("max_concurrent_runs", 1)
        settings.setdefault("queue", {"enabled": True})
        found = list(validate(settings, job_settings()))
        findings += found
        if not any(finding.fatal for finding in found):
            findings += check_consistency(settings)
        findings += _check_tags(settings)
        return Checked({**settings, **own}, findings)

    def diff(self, identity: Identity, old: Properties, new: Properties) -> Difference:
        """Compare settings; every change is made in place."""
        del identity
        return Difference(_changes(_parted(old)[1], _parted(new)[1]))

    def create(self, context: Context, identity: Identity, inputs: Properties, *, preview: bool) -> Made:
        """Make the job, or take over the one an interrupted attempt of this resource made."""
        inputs = _parted(inputs)[1]
        if preview:
            return Made("", job_outputs.planned(inputs))
        api = JobApi(context.workspace)
        body = tagged(identity, inputs)
        name, mark = str(body["name"]), owner(identity)
        before = api.owned(name, mark)
        orphans = [job_id for job_id in before if not context.is_in_state(identity, job_id)]
        ours = [job_id for job_id in orphans if before[job_id] == mark]
        if len(ours) > 1:
            raise AmbiguousOwnerError(kind="job", name=name, ids=ours)
        if orphans and not ours:
            raise taken("Databricks", f"job {name!r}", identity, elsewhere=(TOKEN, orphans[0]))
        if ours:
            context.keep("job", ours[0])
            context.tell(identity, f"takes over job {ours[0]}, made by an interrupted `up` of this stack")
            return _complete(context, api, ours[0], body, inputs)
        try:
            job_id = api.create(body)
        except UnreachableError:
            raise
        except UnclearError as error:
            job_id = _made_after_all(api, name, mark, before, error)
        return Made(job_id, job_outputs.known(context, job_id, inputs))

    def read(
        self, context: Context, identity: Identity, resource_id: str, inputs: Properties | None, outputs: Properties
    ) -> Found | None:
        """Read the job; its own tags and what the server fills in are no part of the settings."""
        del identity
        api = JobApi(context.workspace)
        if inputs is None and not resource_id.isdecimal():
            resource_id = api.id_of(resource_id)
        wishes, inputs = (None, None) if inputs is None else _parted(inputs)
        remote = read_surely(context, api, resource_id, inputs)
        if remote is None:
            return None
        own = untagged(remote.settings)
        settings = imported(own, remote.creator) if inputs is None else project(inputs, own, job_settings())
        # The fingerprint on the job is the one it was last written with, whichever airbrick did that.
        written = None if inputs is None or _changes(inputs, settings) else outputs.get("fingerprint")
        known = job_outputs.known(context, resource_id, settings, written_with=written)
        return Found(resource_id, {**settings, **(wishes or {})}, known)

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
        """Replace the settings as a whole."""
        wishes, new = _parted(new)
        if preview:
            return {**job_outputs.planned(new), **job_outputs.stable(made.outputs)}
        api = JobApi(context.workspace)
        body = tagged(identity, new)
        if old.get("run_as") is not None and new.get("run_as") is None:
            # A reset without run_as keeps the old one.
            body["run_as"] = api.caller()
        settle(context, identity, made.resource_id, wishes.get(_ON_ACTIVE_RUNS, "ignore"))
        api.reset(made.resource_id, body)
        return job_outputs.known(context, made.resource_id, new)

    def delete(self, context: Context, identity: Identity, made: Made, inputs: Properties) -> None:
        """Delete the job; one that is gone already is as wanted."""
        if spared(context, identity, "job", made.resource_id):
            return
        try:
            settle(context, identity, made.resource_id, inputs.get(_ON_ACTIVE_RUNS, "ignore"))
            JobApi(context.workspace).delete(made.resource_id)
        except NotFoundError:
            return


def tagged(identity: Identity, inputs: Properties) -> dict[str, Any]:
    """Give the settings as they are sent: plain, with the owner and fingerprint tags."""
    settings: dict[str, Any] = reveal(inputs)
    tags = {**(settings.get("tags") or {}), OWNER_TAG: owner(identity)}
    tags[FINGERPRINT_TAG] = fingerprint_tag(job_outputs.fingerprint_of(inputs))
    return {**settings, "tags": tags}


def untagged(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Give remote settings without airbrick's own tags."""
    tags = {key: value for key, value in settings.get("tags", {}).items() if key not in _OWN_TAGS}
    rest = {key: value for key, value in settings.items() if key != "tags"}
    return {**rest, "tags": tags} if tags else rest


def _changes(old: Properties, new: Properties) -> list[Change]:
    if identical(old, new):
        return []
    return difference(without_usual_sources(old), without_usual_sources(new), job_settings())


def _parted(inputs: Properties) -> tuple[Properties, Properties]:
    """Part what is said to airbrick from the settings of the job."""
    own = {name: inputs[name] for name in (_ON_ACTIVE_RUNS,) if name in inputs}
    return own, {name: value for name, value in inputs.items() if name not in own}


def _check_tags(settings: Properties) -> Iterator[Finding]:
    tags = settings.get("tags")
    tags = tags.value if isinstance(tags, Secret) else tags
    if not isinstance(tags, Mapping):
        return
    for tag in _OWN_TAGS:
        if tag in tags:
            yield Finding(("tags", tag), "is airbrick's own tag; leave it out")
    left = MAX_TAGS - len(_OWN_TAGS)
    if len(tags) > left:
        yield Finding(("tags",), f"has {len(tags)} tags; a job takes {left} beside the two that airbrick sets")


def _complete(context: Context, api: JobApi, job_id: str, body: dict[str, Any], inputs: Properties) -> Made:
    outputs = job_outputs.known(context, job_id, inputs)
    try:
        api.reset(job_id, body)
    except IacError as error:
        raise PartialError(resource_id=job_id, outputs=outputs, inputs=inputs, reason=error) from error
    return Made(job_id, outputs)


def _made_after_all(api: JobApi, name: str, mark: str, before: Collection[str], error: UnclearError) -> str:
    """Find the job an unclear create has made.

    :raises UnclearError: it made none, as far as can be seen now; the next ``up`` looks again.
    """
    try:
        made = [job_id for job_id, found in api.owned(name, mark).items() if found == mark and job_id not in before]
    except IacError:
        raise error from None
    if len(made) > 1:
        raise AmbiguousOwnerError(kind="job", name=name, ids=made)
    if not made:
        raise error
    return made[0]
