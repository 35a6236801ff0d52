"""The Pulumi engine on one project, with its state in a folder."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tools.demo.errors import CommandError
from tools.demo.processes import explain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tools.demo.processes import Processes

_TIMEOUT_S = 300.0
_OPERATIONS = frozenset({"create", "update", "delete", "replace", "same", "read", "refresh"})
_UNCHANGED = frozenset({"same", "read", "refresh"})


@dataclass(frozen=True)
class Update:
    """What one `preview` or `up` did, or would do.

    :param changes: number of resources by operation, such as ``create`` or ``same``
    :param resources: operation, type and logical name of each resource, in order
    """

    changes: Mapping[str, int]
    resources: tuple[tuple[str, str, str], ...]

    @property
    def unchanged(self) -> bool:
        """Whether nothing was made, changed or deleted."""
        return set(self.changes) <= _UNCHANGED

    def __str__(self) -> str:
        return ", ".join(f"{count} {operation}" for operation, count in sorted(self.changes.items())) or "nothing"


@dataclass(frozen=True)
class Pulumi:
    """One stack of one project.

    :param engine: folder that holds the engine
    :param project: folder with Pulumi.yaml
    :param work: folder for state, plugins and settings of the engine
    :param environ: the programs' environment: credentials and the passphrase are in here
    """

    processes: Processes
    engine: Path
    project: Path
    work: Path
    environ: Mapping[str, str] = field(repr=False)

    def init(self, stack: str) -> None:
        """Make a stack and select it.

        :raises CommandError: when the engine refuses
        """
        (self.work / "state").mkdir(parents=True, exist_ok=True)
        self._run("stack", "init", stack)

    def set_config(self, key: str, value: str, *, secret: bool = False) -> None:
        """Set one value of the stack's configuration.

        :param secret: whether it is encrypted
        :raises CommandError: when the engine refuses
        """
        # Standard input, not an argument: every user of the machine sees arguments.
        self._run("config", "set", key, *(["--secret"] if secret else []), text=value)

    def up(self) -> Update:
        """Make the world match the program.

        :raises CommandError: when a resource or the program fails, with the engine's own explanation
        """
        return self._update("up", "--yes", "--skip-preview")

    def preview(self) -> Update:
        """Say what :meth:`up` would do.

        :raises CommandError: when a resource or the program fails
        """
        # The engine's plan as one document says nothing of the summary; the events do.
        return self._update("preview", environ={"PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true"})

    def export(self) -> dict[str, Any]:
        """Give the stack's state, with its secrets encrypted."""
        state: dict[str, Any] = json.loads(self._run("stack", "export"))
        return state

    def output(self, name: str) -> Any:  # noqa: ANN401 - whatever the program exports
        """Give one of the stack's outputs."""
        return json.loads(self._run("stack", "output", name, "--json"))

    def _update(self, *arguments: str, environ: Mapping[str, str] | None = None) -> Update:
        name = f"pulumi-{arguments[0]}"
        log = self.processes.logs / f"{name}.log"
        # Any exit code: the events explain a failure better than the code does.
        text = self._run(*arguments, "--json", environ=environ, accepted=range(-64, 256), name=name)
        events = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
        said = list(_messages(events))
        resources = tuple(_resources(events))
        with log.open("a", encoding="utf-8") as file:
            file.writelines(f"{operation} {kind} {name}\n" for operation, kind, name in resources)
            file.writelines(f"{severity}: {message}\n" for severity, message in said)
        errors = [message for severity, message in said if severity == "error"]
        summary = next((event["summaryEvent"] for event in events if "summaryEvent" in event), None)
        if errors or summary is None:
            detail = " ".join(errors) or explain(log.read_text(encoding="utf-8"))
            raise CommandError(f"pulumi {arguments[0]}", 1, detail, log)
        return Update(Counter(summary.get("resourceChanges") or {}), resources)

    def _run(
        self,
        *arguments: str,
        text: str = "",
        environ: Mapping[str, str] | None = None,
        accepted: range | tuple[int, ...] = (0,),
        name: str = "pulumi",
    ) -> str:
        return self.processes.run(
            name,
            [str(self.engine / "pulumi"), *arguments, "--non-interactive"],
            environ={**self.full_environ(), **(environ or {})},
            cwd=self.project,
            timeout_s=_TIMEOUT_S,
            text=text,
            accepted=accepted,
        )

    def full_environ(self) -> dict[str, str]:
        """Give the environment in which `pulumi`, and whatever calls it, works on this stack."""
        return {
            **self.environ,
            "PATH": f"{self.engine}{os.pathsep}{self.environ.get('PATH', '')}",
            "PULUMI_HOME": str(self.work / "home"),
            "PULUMI_BACKEND_URL": f"file://{self.work / 'state'}",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        }


def _messages(events: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for event in events:
        diagnostic = event.get("diagnosticEvent", {})
        message = diagnostic.get("message", "").strip()
        if message and diagnostic.get("severity") != "debug":
            yield diagnostic["severity"], message


def _resources(events: list[dict[str, Any]]) -> Iterator[tuple[str, str, str]]:
    for event in events:
        metadata = event.get("resourcePreEvent", {}).get("metadata", {})
        if metadata.get("op") in _OPERATIONS and metadata.get("type") != "pulumi:pulumi:Stack":
            yield metadata["op"], metadata["type"], metadata["urn"].rpartition("::")[2]
