"""A notebook or file in the workspace, made from a local file."""

from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import ClassVar, Final

import pulumi

from airbrick.iac.errors import ConflictError, NotFoundError, PropertyError
from airbrick.iac.ownership import spared
from airbrick.iac.provider.handler import Checked, Context, Difference, Found, Identity, Made, Naming, Property
from airbrick.iac.resources.workspace_content import (
    API,
    OBJECT,
    AnyContent,
    ObjectType,
    import_content,
    is_there,
    local_content,
    make_folder,
    place,
    placed,
    remote_hash,
    text_content,
)
from airbrick.iac.settings.difference import difference
from airbrick.iac.settings.shape import ANYTHING
from airbrick.iac.settings.validation import Finding
from airbrick.iac.values import UNKNOWN, Properties, Secret, Value, is_secret, reveal

TOKEN: Final = "airbrick:databricks:WorkspaceFile"  # noqa: S105 - Pulumi calls a type's name its token
# Where content comes from means nothing, its hash does.
_SAID: Final = ("source", "content", "overwrite")


class WorkspaceFile(pulumi.CustomResource):
    """A notebook or file in the workspace.

    Its content comes from a local file, of which the state holds a hash alone, or is given as text. A notebook may have
    10 MiB, a file 500 MiB; of one above 10 MiB, which the workspace does not export, a change made there shows when
    its size has changed.

    :param resource_name: the logical name, unique in the stack.
    :param path: absolute path in the workspace, such as ``/Workspace/orders/dev/load``; a notebook's has no suffix.
    :param source: the local file, from the program's folder.
    :param content: text in place of a local file; the state holds it, encrypted with its hash if it is a secret.
    :param object_type: ``NOTEBOOK`` or ``FILE``; by default a file whose first line says ``Databricks notebook source``
        is a notebook.
    :param overwrite: whether an object that stands at the path already, and is not ours, may be replaced.
    :param opts: Pulumi's resource options.
    """

    path: pulumi.Output[str]
    """Path in the workspace, for ``notebook_path`` and ``python_file``."""

    object_type: pulumi.Output[str]
    """``NOTEBOOK`` or ``FILE``."""

    content_sha256: pulumi.Output[str]
    """Hash of the content, in the form the workspace keeps it."""

    def __init__(
        self,
        resource_name: str,
        /,
        *,
        path: pulumi.Input[str],
        source: str | Path | None = None,
        content: pulumi.Input[str] | None = None,
        object_type: ObjectType | None = None,
        overwrite: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        properties = {
            "path": path,
            "source": None if source is None else str(source),
            "content": content,
            "object_type": object_type,
            "overwrite": overwrite,
            "content_sha256": None,
        }
        super().__init__(TOKEN, resource_name, properties, opts)


class WorkspaceFileHandler:
    """What the provider does for a workspace file."""

    token: ClassVar[str] = TOKEN
    description: ClassVar[str] = "A notebook or file in the Databricks workspace, made from a local file."
    refresh_before_update: ClassVar[bool] = True
    inputs: ClassVar[Mapping[str, Property]] = {
        "path": Property("Absolute path in the workspace.", required=True),
        "source": Property("The local file."),
        "content": Property("Text in place of a local file."),
        "object_type": Property("NOTEBOOK or FILE."),
        "overwrite": Property("Whether a foreign object at the path may be replaced.", type={"type": "boolean"}),
        "content_sha256": Property("Hash of the content; filled in."),
    }
    outputs: ClassVar[Mapping[str, Property]] = {
        "path": Property("Path in the workspace.", required=True),
        "object_type": Property("NOTEBOOK or FILE.", required=True),
        "content_sha256": Property("Hash of the content.", required=True),
    }

    def check(
        self, context: Context, identity: Identity, inputs: Properties, old: Properties, naming: Naming
    ) -> Checked:
        """Read the local file and fill in its hash."""
        del identity, naming
        settings = {key: value for key, value in inputs.items() if value is not None}
        findings = [Finding(("path",), "is missing")] if "path" not in settings else []
        given = [key for key in ("source", "content") if key in settings]
        if not given:
            findings.append(Finding(("source",), "is missing; give a local file, or the content as text"))
        findings += [Finding((key,), "excludes 'source'; keep one of them") for key in given[1:]]
        path = reveal(settings.get("path"))
        if isinstance(path, str) and (not path.startswith("/") or path.endswith("/")):
            findings.append(Finding(("path",), "expected an absolute path such as /Workspace/orders/load"))
        if settings.get("object_type") not in (None, "NOTEBOOK", "FILE", UNKNOWN):
            findings.append(Finding(("object_type",), "expected NOTEBOOK or FILE"))
        if findings:
            return Checked(settings, findings)
        if reveal(settings[given[0]]) is UNKNOWN:
            # Another type would be a replacement, which an unknown content is no reason for.
            kept = {"object_type": old["object_type"]} if "object_type" in old else {}
            return Checked({"overwrite": False, **kept, **settings, "content_sha256": UNKNOWN})
        if not isinstance(reveal(settings[given[0]]), str):
            return Checked(settings, [Finding((given[0],), "expected text")])
        try:
            content = _load(context, settings)
        except PropertyError as error:
            return Checked(settings, [Finding((error.path,), error.reason)])
        shown = {"object_type": content.object_type, "content_sha256": _hidden_with(settings, content.sha256)}
        return Checked({"overwrite": False, **settings, **shown})

    def diff(self, identity: Identity, old: Properties, new: Properties) -> Difference:
        """Compare places and hashes."""
        del identity
        changes = [change for change in difference(placed(old), placed(new), ANYTHING) if change.path[0] not in _SAID]
        replaces = frozenset(str(change.path[0]) for change in changes) & {"path", "object_type"}
        return Difference(changes, replaces, delete_before_replace=replaces == {"object_type"})

    def create(self, context: Context, identity: Identity, inputs: Properties, *, preview: bool) -> Made:
        """Import the file; an interrupted attempt of ours is completed."""
        plain = reveal(inputs)
        if preview:
            return Made("", _outputs(inputs))
        content = _load(context, inputs)
        path = str(plain["path"])
        there = remote_hash(context.workspace, path, content.sha256)
        if there is not None and there != content.sha256 and not plain["overwrite"]:
            raise ConflictError(
                service="Databricks",
                request=f"import to {path}",
                status=0,
                code="",
                message="another object stands there already",
                fix="choose another path, set overwrite=True, or import it with `pulumi import`",
            )
        context.keep(OBJECT, place(path))
        if not is_there(there, content):
            make_folder(context.workspace, str(PurePosixPath(path).parent))
            import_content(context.workspace, path, content, overwrite=bool(plain["overwrite"]))
        else:
            context.tell(identity, f"takes over {path}, which has this content already")
        return Made(path, _outputs(inputs))

    def read(
        self, context: Context, identity: Identity, resource_id: str, inputs: Properties | None, outputs: Properties
    ) -> Found | None:
        """Read the object; a change made there shows as another hash."""
        del identity, outputs
        try:
            status = context.workspace.get(f"{API}/get-status", {"path": resource_id})
        except NotFoundError:
            return None
        object_type = str(status.get("object_type"))
        prior = inputs if inputs is not None else {"path": resource_id, "source": "", "overwrite": False}
        expected = str(reveal(prior.get("content_sha256", "")))
        sha256 = remote_hash(context.workspace, resource_id, expected) or ""
        found = {**prior, "object_type": object_type, "content_sha256": _hidden_with(prior, sha256)}
        return Found(resource_id, found, _outputs(found))

    def update(
        self, context: Context, identity: Identity, made: Made, old: Properties, new: Properties, *, preview: bool
    ) -> Properties:
        """Import the new content over the old."""
        del identity, old
        if not preview:
            import_content(context.workspace, made.resource_id, _load(context, new), overwrite=True)
        return _outputs(new)

    def delete(self, context: Context, identity: Identity, made: Made, inputs: Properties) -> None:
        """Delete the object; its folders stay."""
        del inputs
        if spared(context, identity, OBJECT, place(made.resource_id)):
            return
        try:
            context.workspace.post(f"{API}/delete", {"path": made.resource_id, "recursive": False})
        except NotFoundError:
            return

    def stands_for(self, resource_id: str, inputs: Properties) -> Iterable[tuple[str, str]]:
        """Name the file."""
        del inputs
        return [(OBJECT, place(resource_id))]


def _outputs(inputs: Properties) -> Properties:
    return {key: inputs.get(key, UNKNOWN) for key in WorkspaceFileHandler.outputs}


def _hidden_with(inputs: Properties, sha256: str) -> Value:
    """Give a hash; a secret one of a secret content, which could be guessed from it."""
    return Secret(sha256) if is_secret(inputs.get("content")) else sha256


def _load(context: Context, inputs: Properties) -> AnyContent:
    object_type = reveal(inputs.get("object_type"))
    if inputs.get("source") is not None:
        source = str(reveal(inputs["source"]))
        content: AnyContent = local_content(context, source, object_type)
    else:
        source = str(reveal(inputs["path"]))
        content = text_content(str(reveal(inputs["content"])), source, object_type)
    expected = reveal(inputs.get("content_sha256"))
    if isinstance(expected, str) and expected != content.sha256:
        raise PropertyError("source", f"{source!r} changed while it was deployed; run `pulumi up` again")
    return content
