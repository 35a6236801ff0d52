"""A folder of the workspace, made from a local folder."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import ClassVar, Final

import pulumi

from airbrick.iac.clients.databricks import Workspace
from airbrick.iac.errors import ConflictError, IacError, InvalidRequestError, NotFoundError, PartialError, PropertyError
from airbrick.iac.ownership import spared
from airbrick.iac.provider.handler import Checked, Context, Difference, Found, Identity, Made, Naming, Property
from airbrick.iac.provider.record import RecordHandler
from airbrick.iac.resources.workspace_content import (
    API,
    OBJECT,
    AnyContent,
    import_content,
    is_there,
    local_content,
    make_folder,
    place,
    placed,
    remote_hash,
)
from airbrick.iac.settings.validation import Finding
from airbrick.iac.values import Properties, is_unknown, reveal

TOKEN: Final = "airbrick:databricks:WorkspaceDirectory"  # noqa: S105 - Pulumi calls a type's name its token
SKIPPED: Final = frozenset({"__pycache__", ".git", ".venv", ".ipynb_checkpoints", ".DS_Store"})

_FOLDER: Final = "DIRECTORY"
_TEXTS: Final = {"type": "object", "additionalProperties": {"type": "string"}}


class WorkspaceDirectory(pulumi.CustomResource):
    """A folder of notebooks and files in the workspace, made from a local folder.

    A preview names each file that changes. Files of others in the same folder are left alone; caches and
    repositories (``__pycache__``, ``.git``, ``.venv``) are not uploaded. An import takes all that is in the folder for
    ours: a preview then shows what the local folder lacks as going.

    :param resource_name: the logical name, unique in the stack.
    :param path: absolute path in the workspace, such as ``/Workspace/Shared/orders/prod``.
    :param source: the local folder, from the program's folder.
    :param overwrite: whether objects that stand there already, and are not ours, may be replaced.
    :param opts: Pulumi's resource options.
    """

    path: pulumi.Output[str]
    """Path in the workspace."""

    files: pulumi.Output[Mapping[str, str]]
    """Hash of each file's content, by its path from the folder."""

    def __init__(
        self,
        resource_name: str,
        /,
        *,
        path: pulumi.Input[str],
        source: str | Path,
        overwrite: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        properties = {"path": path, "source": str(source), "overwrite": overwrite, "files": None}
        super().__init__(TOKEN, resource_name, properties, opts)


class WorkspaceDirectoryHandler(RecordHandler):
    """What the provider does for a folder."""

    token: ClassVar[str] = TOKEN
    description: ClassVar[str] = "A folder of the workspace, made from a local folder."
    wishes: ClassVar[frozenset[str]] = frozenset({"source", "overwrite"})
    replaced_by: ClassVar[frozenset[str]] = frozenset({"path"})
    inputs: ClassVar[Mapping[str, Property]] = {
        "path": Property("Absolute path in the workspace.", required=True),
        "source": Property("The local folder.", required=True),
        "overwrite": Property("Whether foreign objects may be replaced.", type={"type": "boolean"}),
        "files": Property("Hashes by path; filled in.", type=_TEXTS),
    }
    outputs: ClassVar[Mapping[str, Property]] = {
        "path": Property("Path in the workspace.", required=True),
        "files": Property("Hashes by path.", type=_TEXTS, required=True),
    }

    def defaults(self, identity: Identity, inputs: Properties) -> Properties:
        """Replace nothing of others."""
        del identity, inputs
        return {"overwrite": False}

    def mistakes(self, settings: Properties) -> Iterator[Finding]:
        """Find places that are none."""
        path = reveal(settings["path"])
        if isinstance(path, str) and (not path.startswith("/") or path.endswith("/")):
            yield Finding(("path",), "expected an absolute path such as /Workspace/Shared/orders")

    def check(
        self, context: Context, identity: Identity, inputs: Properties, old: Properties, naming: Naming
    ) -> Checked:
        """Read the local folder and fill in the hash of each file."""
        checked = super().check(context, identity, {**inputs, "files": None}, old, naming)
        source = reveal(checked.inputs.get("source"))
        if any(finding.fatal for finding in checked.findings) or not isinstance(source, str):
            return checked
        try:
            contents = _contents(context, source)
        except IacError as error:
            return Checked(checked.inputs, [Finding(("source",), str(error).removeprefix("source: "))])
        if not contents:
            return Checked(checked.inputs, [Finding(("source",), f"there are no files in {source!r}")])
        files = {name: content.sha256 for name, content in contents.items()}
        return Checked({**checked.inputs, "files": files}, checked.findings)

    def diff(self, identity: Identity, old: Properties, new: Properties) -> Difference:
        """Compare places and hashes."""
        return super().diff(identity, placed(old), placed(new))

    def create(self, context: Context, identity: Identity, inputs: Properties, *, preview: bool) -> Made:
        """Import the files; those that stand there already as they should be are taken over."""
        del identity
        plain = reveal(inputs)
        if preview:
            return Made("", _known(inputs))
        made = Made(str(plain["path"]), _known(inputs))
        contents = _planned(context, plain)
        there = {
            name: remote_hash(context.workspace, f"{made.resource_id}/{name}", content.sha256)
            for name, content in contents.items()
        }
        foreign = [name for name, sha256 in there.items() if sha256 not in (None, contents[name].sha256)]
        if foreign and not plain["overwrite"]:
            raise ConflictError(
                service="Databricks",
                request=f"import to {made.resource_id}",
                status=0,
                code="",
                message=f"other objects stand there already: {', '.join(foreign)}",
                fix="choose another path, or set overwrite=True",
            )
        _keep(context, made.resource_id, contents)
        wanted = {name: content for name, content in contents.items() if not is_there(there[name], content)}
        try:
            _write(context.workspace, made.resource_id, wanted)
        except IacError as error:
            raise PartialError(
                resource_id=made.resource_id, outputs=made.outputs, inputs=inputs, reason=error
            ) from error
        return made

    def read(
        self, context: Context, identity: Identity, resource_id: str, inputs: Properties | None, outputs: Properties
    ) -> Found | None:
        """Read each file of ours; what others put there is theirs."""
        del identity, outputs
        prior = inputs or {"source": "", "overwrite": False, "files": _foreign(context.workspace, resource_id)}
        found: dict[str, str] = {}
        for name, expected in reveal(prior["files"]).items():
            sha256 = remote_hash(context.workspace, f"{resource_id}/{name}", expected)
            if sha256 is not None:
                found[name] = sha256
        # Folders in which nothing is are ours, left by a deletion that was interrupted, or are what is imported.
        if not found and set(_objects(context.workspace, resource_id).values()) != {_FOLDER}:
            return None
        seen = {**prior, "path": resource_id, "files": found}
        return Found(resource_id, seen, _known(seen))

    def update(
        self, context: Context, identity: Identity, made: Made, old: Properties, new: Properties, *, preview: bool
    ) -> Properties:
        """Import what changed, and delete what is no longer in the local folder."""
        if preview:
            return _known(new)
        before, after = reveal(old["files"]), reveal(new["files"])
        contents = _planned(context, reveal(new))
        changed = {name: contents[name] for name in after if before.get(name) != after[name]}
        gone = before.keys() - after.keys()
        in_the_way = _in_the_way(gone, set(changed))
        _keep(context, made.resource_id, changed)
        _delete_files(context, identity, made.resource_id, in_the_way)
        for name, content in changed.items():
            _make_way(context.workspace, f"{made.resource_id}/{name}", content, ours=name in before)
        _write(context.workspace, made.resource_id, changed)
        _delete_files(context, identity, made.resource_id, gone - in_the_way)
        return _known(new)

    def delete(self, context: Context, identity: Identity, made: Made, inputs: Properties) -> None:
        """Delete our files, then the folders that hold nothing any more.

        Those that an interrupted deletion left empty are among them, so the workspace is asked which there are.
        """
        _delete_files(
            context, identity, made.resource_id, reveal(inputs.get("files") or made.outputs.get("files") or {})
        )
        _delete_empty_folders(context.workspace, made.resource_id)

    def stands_for(self, resource_id: str, inputs: Properties) -> Iterable[tuple[str, str]]:
        """Name our files."""
        return [] if is_unknown(inputs["files"]) else _places(resource_id, reveal(inputs["files"]))


def _in_the_way(gone: set[str], written: set[str]) -> set[str]:
    """Give the files that must go first: those whose place a folder takes, or whose folder's place a file takes."""
    folders = {folder for name in written for folder in _folders_of(name)}
    return {name for name in gone if name in folders or not written.isdisjoint(_folders_of(name))}


def _folders_of(name: str) -> set[str]:
    return {str(folder) for folder in PurePosixPath(name).parents}


def _objects(workspace: Workspace, root: str) -> dict[str, str]:
    """Give the types of the folder and of all in it, by their paths; nothing when it is gone."""
    try:
        listed = workspace.get(f"{API}/list", {"path": root}).get("objects") or []
    except NotFoundError:
        return {}
    objects = {root: _FOLDER}
    for item in listed:
        path = f"{root}/{PurePosixPath(item['path']).name}"
        objects |= _objects(workspace, path) if item["object_type"] == _FOLDER else {path: item["object_type"]}
    return objects


def _foreign(workspace: Workspace, root: str) -> dict[str, str]:
    """Give the notebooks and files of a folder that nothing is known of yet, without their hashes."""
    objects = _objects(workspace, root)
    return {path.removeprefix(f"{root}/"): "" for path, kind in sorted(objects.items()) if kind in ("NOTEBOOK", "FILE")}


def _contents(context: Context, source: str) -> dict[str, AnyContent]:
    """Read the local folder: contents by their paths in the workspace, where a notebook has no suffix.

    :raises PropertyError: a file cannot be read, or two would stand at one place.
    """
    root = Path(context.program_directory, source)
    contents: dict[str, AnyContent] = {}
    for file in sorted(path for path in root.rglob("*") if path.is_file()):
        place = PurePosixPath(file.relative_to(root).as_posix())
        if not SKIPPED.isdisjoint(place.parts):
            continue
        content = local_content(context, str(PurePosixPath(source, place)), None)
        name = str(place.with_suffix("") if content.object_type == "NOTEBOOK" else place)
        if name in contents:
            raise PropertyError("source", f"two files would stand at {name!r} in the workspace; rename one of them")
        contents[name] = content
    return contents


def _planned(context: Context, inputs: Properties) -> dict[str, AnyContent]:
    """Read the files of the folder as the preview showed them; what came into it since waits for the next ``up``.

    :raises PropertyError: a file is gone, or has changed.
    """
    contents, files = _contents(context, str(inputs["source"])), inputs["files"]
    other = sorted(name for name, sha256 in files.items() if name not in contents or contents[name].sha256 != sha256)
    if other:
        changed = f"in {inputs['source']!r} changed while it was deployed: {', '.join(other)}"
        raise PropertyError("source", f"{changed}; run `pulumi up` again")
    return {name: contents[name] for name in files}


def _write(workspace: Workspace, folder: str, contents: Mapping[str, AnyContent]) -> None:
    parents = {str(PurePosixPath(folder, name).parent) for name in contents}
    for parent in sorted(parents):
        make_folder(workspace, parent)
    for name, content in contents.items():
        import_content(workspace, f"{folder}/{name}", content, overwrite=True)


def _keep(context: Context, folder: str, names: Iterable[str]) -> None:
    for kind, key in _places(folder, names):
        context.keep(kind, key)


def _places(folder: str, names: Iterable[str]) -> Iterable[tuple[str, str]]:
    return [(OBJECT, place(f"{folder}/{name}")) for name in names]


def _delete_files(context: Context, identity: Identity, folder: str, names: Iterable[str]) -> None:
    for name in names:
        path = f"{folder}/{name}"
        if spared(context, identity, OBJECT, place(path)):
            continue
        try:
            _delete(context.workspace, path)
        except InvalidRequestError:
            # A folder in the file's place is not the file: an interrupted update has deleted that already.
            if _type_of(context.workspace, path) != _FOLDER:
                raise


def _make_way(workspace: Workspace, path: str, content: AnyContent, *, ours: bool) -> None:
    """Delete what cannot be overwritten: a folder that nothing is in, and an object of ours of another type.

    It is asked for: an interrupted update may have left the folder, and no hash says whether its file was a notebook.
    """
    found = _type_of(workspace, path)
    if found == _FOLDER:
        _delete_empty_folders(workspace, path)
    elif ours and found not in (None, content.object_type):
        _delete(workspace, path)


def _delete_empty_folders(workspace: Workspace, root: str) -> None:
    objects = _objects(workspace, root)
    for folder in sorted((path for path in objects if objects[path] == _FOLDER), key=len, reverse=True):
        try:
            _delete(workspace, folder)
        except InvalidRequestError:
            # Somebody else's files are in it.
            continue


def _type_of(workspace: Workspace, path: str) -> str | None:
    try:
        return str(workspace.get(f"{API}/get-status", {"path": path}).get("object_type"))
    except NotFoundError:
        return None


def _delete(workspace: Workspace, path: str) -> None:
    try:
        workspace.post(f"{API}/delete", {"path": path, "recursive": False}, repeatable=True)
    except NotFoundError:
        return


def _known(inputs: Properties) -> Properties:
    return {"path": inputs["path"], "files": inputs["files"]}
