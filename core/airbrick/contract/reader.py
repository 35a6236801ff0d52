"""Reading a contract: strict about what it knows, deaf to what it does not."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from airbrick.contract.errors import (
    ContractNotFoundError,
    ContractReadError,
    ContractShapeError,
    ContractSyntaxError,
    ContractVersionError,
)
from airbrick.contract.model import VERSION, Connection, Contract, Job, Parameter, Task, Workspace

T = TypeVar("T")

_TYPE_NAMES: Mapping[type, str] = {
    dict: "an object",
    list: "a list",
    str: "text",
    bool: "a boolean",
    int: "a whole number",
    float: "a number",
    type(None): "null",
}


@dataclass(frozen=True, slots=True)
class _Node:
    """A JSON value and where it stands, so that every complaint can name its place."""

    source: str
    pointer: str
    value: object

    def wrong(self, expected: str) -> ContractShapeError:
        found = _TYPE_NAMES.get(type(self.value), type(self.value).__name__)
        return ContractShapeError(self.source, pointer=self.pointer, expected=expected, found=found)

    def members(self) -> Mapping[str, "_Node"]:
        if not isinstance(self.value, dict):
            raise self.wrong("an object")
        return {key: _Node(self.source, f"{self.pointer}/{_escape(key)}", value) for key, value in self.value.items()}

    def member(self, key: str) -> "_Node":
        members = self.members()
        if key not in members:
            pointer = f"{self.pointer}/{_escape(key)}"
            raise ContractShapeError(self.source, pointer=pointer, expected="a value", found="nothing")
        return members[key]

    def text(self) -> str:
        if not isinstance(self.value, str):
            raise self.wrong("text")
        return self.value

    def optional_text(self) -> str | None:
        return None if self.value is None else self.text()

    def job_id(self) -> str | None:
        text = self.optional_text()
        if text is not None and not (text.isascii() and text.isdigit()):
            raise self.wrong("a job id: digits as text, or null in a preview")
        return text

    def count(self) -> int:
        if not isinstance(self.value, int) or isinstance(self.value, bool) or self.value < 0:
            raise self.wrong("a whole number of at least 0")
        return self.value

    def boolean(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.wrong("true or false")
        return self.value

    def texts(self) -> tuple[str, ...]:
        if not isinstance(self.value, list) or not all(isinstance(item, str) for item in self.value):
            raise self.wrong("a list of text")
        return tuple(self.value)

    def mapping(self, read: Callable[["_Node"], T]) -> dict[str, T]:
        return {key: read(node) for key, node in self.members().items()}


def parse(text: str, *, source: str) -> Contract:
    """Read a contract from JSON text.

    Keys that this version does not know are ignored, so that a contract may grow.

    :param text: the JSON document.
    :param source: what errors call the document, such as its path.
    :raises ContractSyntaxError: the text is not JSON.
    :raises ContractVersionError: the contract has another version.
    :raises ContractShapeError: a value is missing or has the wrong type.
    """
    try:
        document = json.loads(text, object_pairs_hook=_refuse_duplicates, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise ContractSyntaxError(source, line=error.lineno, column=error.colno, reason=error.msg) from error
    except (ValueError, RecursionError) as error:
        raise ContractSyntaxError(source, line=1, column=1, reason=str(error)) from error
    return from_document(document, source=source)


def from_document(document: object, *, source: str) -> Contract:
    """Read a contract from parsed JSON, such as a stack output.

    :raises ContractVersionError: the contract has another version.
    :raises ContractShapeError: a value is missing or has the wrong type.
    """
    root = _Node(source, "", document)
    version = root.member("contract").value
    if version != VERSION or isinstance(version, bool):
        raise ContractVersionError(source, found=version, supported=VERSION)
    return Contract(
        project=root.member("project").text(),
        stack=root.member("stack").text(),
        workspace=_workspace(root.member("workspace")),
        connections=root.member("connections").mapping(_connection),
        jobs=root.member("jobs").mapping(_job),
        files=root.member("files").texts() if "files" in root.members() else (),
    )


def load(path: Path) -> Contract:
    """Read a contract file.

    :raises ContractNotFoundError: there is no such file.
    :raises ContractReadError: the file cannot be read, or is not UTF-8.
    :raises ContractError: as :func:`parse` raises it.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise ContractNotFoundError([str(path)]) from error
    except UnicodeDecodeError as error:
        raise ContractReadError(str(path), reason="it is not UTF-8 text") from error
    except OSError as error:
        raise ContractReadError(str(path), reason=error.strerror or type(error).__name__) from error
    return parse(text, source=str(path))


def _workspace(node: _Node) -> Workspace:
    return Workspace(host=node.member("host").text(), workspace_id=node.member("workspace_id").optional_text())


def _connection(node: _Node) -> Connection:
    return Connection(conn_type=node.member("conn_type").text(), auth=node.member("auth").text())


def _parameter(node: _Node) -> Parameter:
    return Parameter(default=node.member("default").text())


def _task(node: _Node) -> Task:
    members = node.members()
    return Task(
        type=node.member("type").text(),
        depends_on=node.member("depends_on").texts(),
        # Contracts written before this key was known have none.
        code=members["code"].text() if "code" in members else "",
    )


def _job(node: _Node) -> Job:
    return Job(
        job_id=node.member("job_id").job_id(),
        name=node.member("name").text(),
        url=node.member("url").optional_text(),
        fingerprint=node.member("fingerprint").optional_text(),
        parameters=node.member("parameters").mapping(_parameter),
        tasks=node.member("tasks").mapping(_task),
        max_concurrent_runs=node.member("max_concurrent_runs").count(),
        queue_enabled=node.member("queue_enabled").boolean(),
        timeout_seconds=node.member("timeout_seconds").count(),
        has_schedule=node.member("has_schedule").boolean(),
        run_as=node.member("run_as").mapping(_Node.text),
        tags=node.member("tags").mapping(_Node.text),
    )


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _refuse_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return members


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
