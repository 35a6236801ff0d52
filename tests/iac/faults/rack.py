"""A rack: a workspace and a provider process for one resource of each kind of a group, and the faults they meet."""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import psutil
import requests
from tests.iac.faults.kinds import Kind, kinds_of
from tests.iac.faults.relay import Relay

from airbrick.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import ExitStack

    from tests.iac.real_airflow import RealAirflow

KILL = "kill -9"


class Met(NamedTuple):
    """The fault that a resource meets in a phase.

    :param call: index of the call that it meets.
    :param after: how many calls that it could have met come before.
    """

    fault: str
    call: int
    after: int


NOTHING = Met("", 0, 0)


@dataclass
class Rack:
    """One provider process under test.

    :param faults: by kind: the fault that its resource meets, and from which call of a phase on; none for the rack
        that shows what is wanted.
    :param relay: in front of Airflow, where the group has something in it.
    """

    name: str
    group: str
    folder: Path
    workspace: Emulator
    relay: Relay | None
    airflow: RealAirflow
    faults: Mapping[str, Mapping[str, Met]] = field(default_factory=dict)
    secret: str = field(default_factory=lambda: f"hush-{secrets.token_hex(8)}")
    place: dict[str, Any] = field(default_factory=dict)
    version: int = 0
    held: list[Kind] = field(default_factory=list)

    @property
    def kinds(self) -> Sequence[Kind]:
        return kinds_of(self.group)

    @property
    def secrets(self) -> list[str]:
        """What must show up nowhere."""
        return [self.secret, self.workspace.token, self.workspace.client_secret]

    def described(self) -> dict[str, Any]:
        """Give what the program needs to know."""
        workspace, airflow = self.workspace, self.airflow
        # A personal access token that ended could not be renewed.
        provider = {"host": workspace.host, "client_id": workspace.client_id, "client_secret": workspace.client_secret}
        if self.relay is not None:
            provider |= {"airflow_endpoint": self.relay.host, "airflow_username": airflow.username}
            provider |= {"airflow_password": airflow.password}
        kinds = list(dict.fromkeys(kind.made_by for kind in self.kinds))
        shown = {"name": self.name, "version": self.version, "secret": self.secret, "place": self.place}
        return {**shown, "kinds": kinds, "provider": provider}

    def presets(self, kind: Kind, phase: str) -> set[str]:
        """Give the faults that the resource of a kind meets: the kinds of one resource fail together."""
        kinds = [other.name for other in self.kinds if other.made_by == kind.made_by]
        return {self.faults[name][phase].fault for name in kinds if phase in self.faults.get(name, {})}

    def prepare(self) -> None:
        """Make what the resources need."""
        if self.group == "a":
            self.place["job_id"] = str(self.ask("/api/2.2/jobs/create", {"name": "existing"})["job_id"])
        if self.group == "b":
            self.place["scope"] = "shared"
            self.ask("/api/2.0/secrets/scopes/create", {"scope": "shared"})

    def ask(self, path: str, body: Any = None, /, **query: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.workspace.token}"}
        method, url = "GET" if body is None else "POST", f"{self.workspace.host}{path}"
        answer = requests.request(method, url, json=body, params=query, headers=headers, timeout=30)
        return answer.json() if answer.ok else {}

    def airflow_objects(self, collection: str) -> list[Any]:
        """List what this rack has in Airflow."""
        found = self.airflow.call("GET", f"/{collection}?limit=1000")[collection]
        return [item for item in found if f"{self.name}-" in str(item)]

    def files(self) -> Iterator[Path]:
        return (self.folder / "contracts").glob(f"{self.name}-*/*.json")

    def arm(self, phase: str, reads: Mapping[str, int]) -> None:
        """Put the faults of a phase in force; what came in before is forgotten.

        :param reads: how many calls of each kind come before those of the phase.
        """
        self.workspace.forget()
        if self.relay is not None:
            self.relay.forget()
        self.held.clear()
        for kind in self.kinds:
            met = self.faults.get(kind.name, {}).get(phase, NOTHING)
            if not met.fault:
                continue
            values: dict[str, Any] = {"path": kind.path, "skip": reads.get(kind.name, 0) + met.after, "times": 1}
            if met.fault == KILL:
                values |= {"name": KILL, "when": "after", "delay_s": 600.0}
                self.held.append(kind)
            server = self.workspace if kind.service == "databricks" else self.relay
            assert server is not None
            server.fault(None if met.fault == KILL else met.fault, **values)

    def calls(self, kind: Kind) -> list[Any]:
        """Give the requests of a kind since the last :meth:`arm`."""
        if kind.service == "databricks":
            return self.workspace.requests(path=kind.path)
        assert self.relay is not None
        return [call for call in self.relay.requests() if fnmatchcase(call.path, kind.path)]

    @property
    def asked(self) -> int:
        """Count the requests since the last :meth:`arm`."""
        return len(self.workspace.requests()) + (len(self.relay.requests()) if self.relay else 0)

    def is_held(self, *, all_of_them: bool = True) -> bool:
        """Tell whether resources have had the call done that their provider must not see answered."""
        held = (any(call.fault == KILL for call in self.calls(kind)) for kind in self.held)
        return bool(self.held) and (all(held) if all_of_them else any(held))

    def kill(self) -> bool:
        """Kill the provider process: the one with a connection to this rack's workspace."""
        ports = {int(self.workspace.host.rpartition(":")[2])} | ({self.relay.port} if self.relay else set())
        for process in psutil.process_iter(["cmdline"]):
            if "pulumi-resource-airbrick" not in " ".join(process.info["cmdline"] or []):
                continue
            with suppress(psutil.NoSuchProcess):
                if any(getattr(link.raddr, "port", 0) in ports for link in process.net_connections("tcp")):
                    process.kill()
                    return True
        return False


def new_rack(
    stack: ExitStack,
    name: str,
    group: str,
    *,
    folder: Path,
    airflow: RealAirflow,
    faults: Mapping[str, Mapping[str, Met]],
) -> Rack:
    """Start the servers of a rack; the stack ends them."""
    workspace = stack.enter_context(Emulator())
    relay = None
    if any(kind.service == "airflow" for kind in kinds_of(group)):
        relay = stack.enter_context(Relay(airflow.endpoint, workspace.clock.now))
    rack = Rack(name, group, folder, workspace, relay, airflow, faults)
    rack.prepare()
    return rack
