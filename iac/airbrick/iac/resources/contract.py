"""The contract as a resource: its document is in the state, its file is a copy."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

import pulumi

from airbrick.contract import VERSION, ContractShapeError, dumps, file_name, from_document, write
from airbrick.iac.errors import ProgramError
from airbrick.iac.provider.handler import Checked, Context, Difference, Found, Identity, Made, Naming, Property
from airbrick.iac.resources.airflow_variable import Variable
from airbrick.iac.resources.databricks_connection import DatabricksConnection
from airbrick.iac.resources.job import Job
from airbrick.iac.resources.workspace_directory import WorkspaceDirectory
from airbrick.iac.resources.workspace_file import WorkspaceFile
from airbrick.iac.settings.difference import difference
from airbrick.iac.settings.shape import ANYTHING
from airbrick.iac.settings.validation import Finding
from airbrick.iac.values import UNKNOWN, Properties, Secret, Value, conceal, is_unknown, walk

TOKEN: Final = "airbrick:index:Contract"  # noqa: S105 - Pulumi calls a type's name its token
OUTPUT: Final = "contract"
_KNOWN_LATER: Final = ("job_id", "url", "fingerprint")
_OBJECT: Final = {"type": "object", "additionalProperties": {"$ref": "pulumi.json#/Any"}}


class Contract(pulumi.CustomResource):
    """What this stack provisions for DAGs, exported as the stack output ``contract``.

    Each ``up`` also writes it to ``airbrick.contract.<stack>.json``. The file is a copy: when it is missing or old,
    nothing about the stack has changed, and ``airbrick contract pull`` writes it again.

    :param resource_name: the logical name; a stack has one contract.
    :param jobs: the jobs DAGs may name, by their logical names.
    :param connections: the Airflow connections DAGs may name.
    :param files: notebooks, files and folders the stack deploys; the linter then knows paths that lead nowhere.
    :param path: folder for the file, from the program's folder; ``None`` writes no file.
    :param variable: key of an Airflow Variable that gets the contract; operators look for ``airbrick_contract``.
    :param workspace_folder: folder in the workspace that gets the file too.
    :param opts: Pulumi's resource options.
    :raises ProgramError: the folder does not exist, or two jobs or two connections have the same key.
    """

    document: pulumi.Output[Mapping[str, Any]]
    """The contract, as JSON values."""

    def __init__(
        self,
        resource_name: str = "contract",
        /,
        *,
        jobs: Sequence[Job] = (),
        connections: Sequence[DatabricksConnection] = (),
        files: Sequence[WorkspaceFile | WorkspaceDirectory] = (),
        path: str | Path | None = None,
        variable: str | None = None,
        workspace_folder: str | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        if path is not None and not Path(path).is_dir():
            place = f"Contract(path={str(path)!r})"
            raise ProgramError(place, problem="there is no such folder beside the program", fix="make it")
        entries = {job.logical_name: _job_entry(job) for job in jobs}
        links = {connection.logical_name: _connection_entry(connection) for connection in connections}
        if len(entries) != len(jobs) or len(links) != len(connections):
            problem = "two jobs or two connections have the same logical name"
            raise ProgramError("Contract", problem=problem, fix="rename one of them")
        stack = pulumi.get_stack()
        project = pulumi.get_project()
        properties: dict[str, Any] = {"project": project, "stack": stack, "jobs": entries, "connections": links}
        if files:
            paths = pulumi.Output.all(*map(_paths, files))
            properties["files"] = paths.apply(lambda found: sorted(itertools.chain.from_iterable(found)))
        super().__init__(TOKEN, resource_name, {**properties, "workspace": None, "document": None}, opts)
        pulumi.export(OUTPUT, self.document)
        contract = self.document.apply(lambda document: from_document(whole_numbers(document), source=OUTPUT))
        if path is not None and not pulumi.runtime.is_dry_run():
            target = Path(path) / file_name(stack)
            contract.apply(lambda known: write(target, known))
        inside = pulumi.ResourceOptions(parent=self)
        if variable is not None:
            Variable(resource_name, key=variable, value=contract.apply(dumps), opts=inside)
        if workspace_folder is not None:
            place = f"{workspace_folder.rstrip('/')}/{file_name(stack)}"
            WorkspaceFile(resource_name, path=place, content=contract.apply(dumps), opts=inside)


def whole_numbers(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Give JSON values with whole numbers as integers: a program gets every number as a float."""
    if isinstance(value, Mapping):
        return {key: whole_numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [whole_numbers(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _job_entry(job: Job) -> dict[str, pulumi.Input[Any]]:
    # Each in its own output: in a preview one unknown value would make a whole output unknown.
    return {
        "job_id": job.job_id,
        "url": job.url,
        "fingerprint": job.fingerprint,
        "settings": job.contract_entry,
    }


def _paths(deployed: WorkspaceFile | WorkspaceDirectory) -> pulumi.Output[list[str]]:
    if isinstance(deployed, WorkspaceFile):
        return deployed.path.apply(lambda path: [path])
    return pulumi.Output.all(deployed.path, deployed.files).apply(
        lambda found: [f"{found[0]}/{name}" for name in found[1]]
    )


def _connection_entry(connection: DatabricksConnection) -> dict[str, pulumi.Input[Any]]:
    return {"conn_type": connection.conn_type, "auth": connection.auth}


class ContractHandler:
    """What the provider does for a contract: check it and keep it."""

    token: ClassVar[str] = TOKEN
    description: ClassVar[str] = "The contract between this stack, the linter and the operators."
    refresh_before_update: ClassVar[bool] = False
    inputs: ClassVar[Mapping[str, Property]] = {
        "project": Property("The Pulumi project.", required=True),
        "stack": Property("The stack.", required=True),
        "workspace": Property("The workspace; filled in from the provider.", type=_OBJECT),
        "jobs": Property("Jobs by key.", type=_OBJECT, required=True),
        "connections": Property("Airflow connections by id.", type=_OBJECT, required=True),
        "files": Property("Paths of what the stack deploys.", type={"type": "array", "items": {"type": "string"}}),
    }
    outputs: ClassVar[Mapping[str, Property]] = {
        "document": Property("The contract, as JSON values.", type=_OBJECT, required=True)
    }

    def check(
        self, context: Context, identity: Identity, inputs: Properties, old: Properties, naming: Naming
    ) -> Checked:
        """Complete the document and keep secrets out of it."""
        del identity, naming
        findings = list(_find_secrets(inputs))
        if findings:
            return Checked(conceal(inputs, mask=""), findings)
        jobs, connections = inputs.get("jobs", {}), inputs.get("connections", {})
        if isinstance(jobs, Mapping):
            jobs = {key: _flat(entry) for key, entry in jobs.items()}
        workspace = inputs.get("workspace") or _workspace(context, old)
        checked = {**inputs, "jobs": jobs, "connections": connections, "workspace": workspace}
        return Checked(checked, list(_find_failed(checked)) or list(_find_misfits(checked)))

    def diff(self, identity: Identity, old: Properties, new: Properties) -> Difference:
        """Compare documents."""
        del identity
        return Difference(difference(old, new, ANYTHING))

    def create(self, context: Context, identity: Identity, inputs: Properties, *, preview: bool) -> Made:
        """Keep the document."""
        del preview
        return Made(identity.name, _kept(context, inputs))

    def read(
        self, context: Context, identity: Identity, resource_id: str, inputs: Properties | None, outputs: Properties
    ) -> Found | None:
        """Give back what the state has: nothing outside it can change a contract."""
        del context, identity
        return Found(resource_id, inputs, outputs) if inputs is not None else None

    def update(
        self, context: Context, identity: Identity, made: Made, old: Properties, new: Properties, *, preview: bool
    ) -> Properties:
        """Keep the new document."""
        del identity, made, old, preview
        return _kept(context, new)

    def delete(self, context: Context, identity: Identity, made: Made, inputs: Properties) -> None:
        """Forget the document; the file stays, for a person to delete."""
        del context, identity, made, inputs


def _kept(context: Context, inputs: Properties) -> Properties:
    # Asked for alone, so that its place is noted: ids of jobs must not come to stand beside another workspace.
    _ = context.workspace
    return {"document": document(inputs)}


def document(inputs: Properties) -> Properties:
    """Give the contract's document, with every key the format has."""
    workspace = {"workspace_id": None, **inputs["workspace"]}
    return {"contract": VERSION, **inputs, "workspace": workspace}


def _flat(entry: Value) -> Value:
    if not isinstance(entry, Mapping):
        return entry
    settings = entry.get("settings")
    rest = {key: value for key, value in entry.items() if key != "settings"}
    return {**rest, **settings} if isinstance(settings, Mapping) else entry


def _workspace(context: Context, old: Properties) -> Properties:
    workspace = context.workspace
    host, workspace_id = workspace.host, workspace.workspace_id
    before = old.get("workspace") or {}
    if workspace_id is None and before.get("host") == host:
        # The workspace does not always tell its id; what it told once still holds.
        workspace_id = before.get("workspace_id")
    return {"host": host, "workspace_id": workspace_id} if workspace_id else {"host": host}


def _find_failed(inputs: Properties) -> Iterator[Finding]:
    """Find what ``up --continue-on-error`` went on without: nothing is known of it, not even that it is not known."""
    for part, told in (("jobs", _KNOWN_LATER), ("connections", ("conn_type", "auth"))):
        held = inputs[part]
        for key, entry in held.items() if isinstance(held, Mapping) else ():
            if isinstance(entry, Mapping) and all(entry.get(name) is None for name in told):
                yield Finding((part, key), "failed in this `up`, so that the contract stays as it was; mend it first")


def _find_misfits(inputs: Properties) -> Iterator[Finding]:
    """Find what no reader of the contract would accept, before it is written."""
    known = {key: _without_ids(entry) for key, entry in inputs["jobs"].items()} if inputs["jobs"] is not UNKNOWN else {}
    plain = {**document(inputs), "jobs": known}
    if is_unknown(plain):
        return
    try:
        from_document(plain, source=OUTPUT)
    except ContractShapeError as error:
        place = [part.replace("~1", "/").replace("~0", "~") for part in error.pointer.split("/")[1:]]
        yield Finding(tuple(place), f"expected {error.expected}, found {error.found}")


def _without_ids(entry: Value) -> Value:
    if not isinstance(entry, Mapping):
        return entry
    return {key: None if value is UNKNOWN and key in _KNOWN_LATER else value for key, value in entry.items()}


def _find_secrets(inputs: Properties) -> Iterator[Finding]:
    refusal = "is secret, and a contract holds no secrets: it is read by everyone who reads DAGs"
    for path, value in walk(inputs):
        if isinstance(value, Secret):
            yield Finding(path, f"{refusal}; leave it out of what DAGs need")
    jobs = inputs.get("jobs")
    for key, entry in jobs.items() if isinstance(jobs, Mapping) else ():
        settings = entry.get("settings") if isinstance(entry, Mapping) else None
        for place in settings.get("secrets", ()) if isinstance(settings, Mapping) else ():
            yield Finding(("jobs", key), f"{place} {refusal}; read it from a secret scope in the job instead")
