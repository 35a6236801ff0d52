"""Workspace files and notebooks, kept in memory."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from airbrick.emulator.errors import ApiError, invalid_parameter, not_found

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airbrick.emulator.clock import Clock
    from airbrick.emulator.ids import IdSource

ObjectType = Literal["NOTEBOOK", "FILE", "DIRECTORY"]
_PREFIX = "/Workspace"
_PROTECTED = ("/Shared", "/Users")


@dataclass(frozen=True, slots=True)
class WorkspaceObject:
    """A notebook, file or directory.

    :param content: source of a notebook, with its header line; bytes of a file
    :param language: of a notebook: PYTHON, SQL, SCALA or R
    """

    path: str
    object_type: ObjectType
    object_id: int
    created_s: float
    modified_s: float
    content: bytes = b""
    language: str | None = None


class FileTree:
    """The workspace's tree.

    :param directories: directories that exist from the start
    """

    def __init__(self, ids: IdSource, clock: Clock, directories: Iterable[str]) -> None:
        self._ids = ids
        self._clock = clock
        self._objects: dict[str, WorkspaceObject] = {}
        self._children: dict[str, set[str]] = {}
        self._objects["/"] = self._new("/", "DIRECTORY", b"", None)
        for path in directories:
            self.make_directory(path)

    def find(self, path: str) -> WorkspaceObject | None:
        """Return the object at a path, or None."""
        return self._objects.get(clean_path(path))

    def get(self, path: str) -> WorkspaceObject:
        """Return the object at a path.

        :raises ApiError: 404, there is none
        """
        found = self.find(path)
        if found is None:
            raise not_found(f"Path ({path}) doesn't exist.")
        return found

    def children(self, path: str) -> list[WorkspaceObject]:
        """Return what a directory holds, by name; for a file or notebook, itself.

        :raises ApiError: 404, the path does not exist
        """
        parent = self.get(path)
        if parent.object_type != "DIRECTORY":
            return [parent]
        return [self._objects[child] for child in sorted(self._children.get(parent.path, ()))]

    def below(self, path: str) -> list[WorkspaceObject]:
        """Return all objects below a directory, each directory before what it holds."""
        found: list[WorkspaceObject] = []
        for item in self.children(path):
            found.append(item)
            if item.object_type == "DIRECTORY":
                found += self.below(item.path)
        return found

    def walk(self) -> list[WorkspaceObject]:
        """Return all objects by path."""
        return [self._objects[path] for path in sorted(self._objects)]

    def make_directory(self, path: str) -> None:
        """Make a directory and those above it.

        :raises ApiError: a file or notebook is in the way
        """
        path = clean_path(path)
        present = self._objects.get(path)
        if present is not None:
            if present.object_type != "DIRECTORY":
                raise ApiError(400, "RESOURCE_ALREADY_EXISTS", f"Path ({path}) already exists and is no directory.")
            return
        parent = _parent(path)
        self.make_directory(parent)
        self._put(self._new(path, "DIRECTORY", b"", None))

    def write(self, path: str, content: bytes, *, language: str | None, overwrite: bool) -> None:
        """Write a notebook, or without a language a file.

        :raises ApiError: the folder does not exist, or the path is taken
        """
        path = clean_path(path)
        object_type: ObjectType = "FILE" if language is None else "NOTEBOOK"
        parent = self._objects.get(_parent(path))
        if path == "/" or parent is None or parent.object_type != "DIRECTORY":
            raise not_found(f"The parent folder ({_parent(path)}) does not exist.")
        present = self._objects.get(path)
        if present is None:
            self._put(self._new(path, object_type, content, language))
            return
        if not overwrite:
            raise ApiError(
                400, "RESOURCE_ALREADY_EXISTS", f"Path ({path}) already exists. Set overwrite to true to replace it."
            )
        if present.object_type != object_type:
            raise invalid_parameter(
                f"Cannot overwrite the asset at {path} due to type mismatch "
                f"(asked: {object_type}, actual: {present.object_type})"
            )
        self._put(replace(present, content=content, language=language, modified_s=self._clock.now()))

    def delete(self, path: str, *, recursive: bool) -> None:
        """Delete an object.

        :raises ApiError: it does not exist, or is a directory that is not empty
        """
        target = self.get(path)
        if target.path == "/":
            raise invalid_parameter("The root folder cannot be deleted.")
        below = self._children.get(target.path, set())
        if below and not recursive:
            raise ApiError(400, "DIRECTORY_NOT_EMPTY", f"Folder ({target.path}) is not empty. Set recursive to true.")
        if target.path in _PROTECTED:
            raise ApiError(400, "DIRECTORY_PROTECTED", f"Folder {target.path[1:]} is protected")
        for child in list(below):
            self.delete(child, recursive=True)
        del self._objects[target.path]
        self._children.pop(target.path, None)
        self._children[_parent(target.path)].discard(target.path)

    def _new(self, path: str, object_type: ObjectType, content: bytes, language: str | None) -> WorkspaceObject:
        now = self._clock.now()
        return WorkspaceObject(path, object_type, self._ids.next(), now, now, content, language)

    def _put(self, item: WorkspaceObject) -> None:
        self._objects[item.path] = item
        self._children.setdefault(_parent(item.path), set()).add(item.path)


def clean_path(path: str) -> str:
    """Return an absolute path without ``/Workspace`` in front and without a slash at the end.

    :raises ApiError: the path is not absolute, or has empty, ``.`` or ``..`` parts
    """
    if not path.startswith("/"):
        raise invalid_parameter(f"Path ({path}) doesn't start with '/'")
    if path == _PREFIX or path.startswith(_PREFIX + "/"):
        path = path[len(_PREFIX) :]
    path = "/" + path.strip("/")
    if any(part in ("", ".", "..") for part in path[1:].split("/")) and path != "/":
        raise invalid_parameter(f"Path ({path}) has an empty, '.' or '..' part")
    return path


def _parent(path: str) -> str:
    return path.rpartition("/")[0] or "/"
