"""The life of many racks at once under the real engine: each phase goes wrong, and the next ``up`` must mend it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING, Any

from tests.iac.faults.contents import alike, contents, difference, left
from tests.iac.faults.rack import NOTHING, Rack
from tests.iac.faults.watch import Watch

if TYPE_CHECKING:
    from pathlib import Path

    from tests.iac.faults.kinds import Kind
    from tests.iac.project import Project

# The version each phase wants. The engine reads everything before it runs the program: that is a phase of its own.
PHASES: Mapping[str, int] = {"create": 1, "update": 2, "refresh": 2, "replace": 3, "delete": 0}
AFTER_READING = ("update", "replace", "delete")
QUIET = frozenset({"same", "refresh", "read"})
# What must come right in the same `up`: nothing was done, and the answer says how to go on.
MENDED_AT_ONCE = frozenset({"throttle", "token_expired", "slow", "stale_read"})


@dataclass(frozen=True, slots=True)
class Cell:
    """One fault at one call.

    :param call: index among the calls of the kind in this phase.
    """

    kind: str
    phase: str
    call: int
    fault: str


@dataclass
class Outcome:
    """How a cell ended.

    :param passed: whether the ``up`` with the fault went through.
    :param wrong: what the next ``up`` did not mend.
    """

    passed: bool
    wrong: list[str] = field(default_factory=list)


@dataclass
class Life:
    """What happened to the racks of one stack.

    :param wanted: what the racks without faults held after each phase, by phase and group.
    :param calls: the calls of a clean phase, by kind and phase.
    :param wrong: what went wrong where there was no fault.
    :param reads: how many calls the engine's reading before the program makes, by kind.
    :param hunted: the files that were looked through for secrets, with the time of their last change.
    """

    project: Project
    racks: Sequence[Rack]
    hunted: dict[Path, int] = field(default_factory=dict)
    outcomes: dict[Cell, Outcome] = field(default_factory=dict)
    wanted: dict[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)
    calls: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    reads: dict[str, int] = field(default_factory=dict)

    def run(self) -> None:
        """Create, update, refresh, replace and delete everything, each with its fault and then without.

        What is deleted leaves nothing behind, and no replacement did: else all racks would have the same orphans.
        """
        empty = {rack.name: left(rack) for rack in self.racks}
        for phase, version in PHASES.items():
            for rack in self.racks:
                rack.version = version
            self._with_faults(phase)
            self._without_faults(phase)
        for rack in self.racks:
            for kind in rack.kinds:
                orphans = difference(left(rack), empty[rack.name]) if left(rack) != empty[rack.name] else ""
                self._blame(rack, kind, "delete", [f"left behind: {orphans}"] if orphans else [])

    def _with_faults(self, phase: str) -> None:
        for rack in self.racks:
            rack.arm(phase, self.reads if phase in AFTER_READING else {})
        failed, changed = self._up(phase)
        for rack in self.racks:
            for kind in rack.kinds:
                calls = rack.calls(kind)
                if not rack.faults:
                    self._note(kind, phase, [f"{call.method} {call.path}" for call in calls])
                elif any(call.fault for call in calls):
                    met = rack.faults[kind.name][phase]
                    outcome = Outcome(_name(rack, kind) not in failed)
                    self.outcomes[Cell(kind.name, phase, met.call, met.fault)] = outcome
                    if rack.presets(kind, phase) <= MENDED_AT_ONCE and not outcome.passed:
                        outcome.wrong.append(f"not mended at once: {failed[_name(rack, kind)]}")
                    outcome.wrong += _hasty(calls, met.fault)
        if phase == "refresh":
            self._expect_quiet(changed)

    def _note(self, kind: Kind, phase: str, calls: list[str]) -> None:
        own = calls[self.reads.get(kind.name, 0) :] if phase in AFTER_READING else calls
        # A refresh that fails ends the `up` before its other calls.
        self.calls[kind.name, phase] = max(own, self.calls.get((kind.name, phase), []), key=len)

    def _without_faults(self, phase: str) -> None:
        for rack in self.racks:
            rack.arm("", {})
        failed, changed = self._up()
        assert failed.keys() != {""}, f"{phase}: {failed}"
        clean = [rack for rack in self.racks if not rack.faults]
        if phase == "create":
            self.reads = {kind.name: len(rack.calls(kind)) for rack in clean for kind in rack.kinds}
        asked = {
            rack.name: "".join(f"{call.path}{call.query}" for call in rack.workspace.requests()) for rack in self.racks
        }
        found = {rack.name: contents(rack) for rack in self.racks}
        for rack in clean:
            self.wanted[phase, rack.group] = {place: alike(text, rack) for place, text in found[rack.name].items()}
        kept = self._resources()
        for rack in self.racks:
            wanted = self.wanted[phase, rack.group]
            wrong = [
                f"{place}: {difference(alike(text, rack), wanted[place])}"
                for place, text in found[rack.name].items()
                if alike(text, rack) != wanted[place]
            ]
            for kind in rack.kinds:
                name = _name(rack, kind)
                mine = [failed[name]] if name in failed else []
                mine += _misplaced(kept.get(name, []), kept.get(self._reference(rack, kind), []), found[rack.name])
                self._blame(rack, kind, phase, [*mine, *wrong])
        if phase == "refresh":
            self._expect_quiet(changed)
        self._hunt(phase, asked)

    def _expect_quiet(self, changed: Mapping[str, set[str]]) -> None:
        for rack in self.racks:
            for kind in rack.kinds:
                if steps := changed.get(_name(rack, kind), set()) - QUIET:
                    self._blame(rack, kind, "refresh", [f"an up without a change made it {', '.join(sorted(steps))}"])

    def _reference(self, rack: Rack, kind: Kind) -> str:
        clean = next(other for other in self.racks if not other.faults and other.group == rack.group)
        return _name(clean, kind)

    def _blame(self, rack: Rack, kind: Kind, phase: str, wrong: list[str]) -> None:
        met = rack.faults.get(kind.name, {}).get(phase, NOTHING)
        outcome = self.outcomes.get(Cell(kind.name, phase, met.call, met.fault))
        if outcome is not None:
            outcome.wrong += wrong
        elif wrong and not rack.faults:
            self.wrong.append(f"{kind.name}, {phase}, without a fault: {'; '.join(wrong)}")

    def _up(self, phase: str = "") -> tuple[dict[str, str], dict[str, set[str]]]:
        """Deploy; give what failed, with its reason, and the steps of each resource, by logical name."""
        described = [rack.described() for rack in self.racks]
        (self.project.folder / "racks.json").write_text(json.dumps(described), encoding="utf-8")
        arguments = ("up", "--yes", "--skip-preview", "--json", "--continue-on-error", "--parallel", "256")
        with self.project.started(*arguments) as (engine, log):
            Watch(phase, self.racks, engine, log).until_end()
        failed: dict[str, str] = {}
        steps: dict[str, set[str]] = {}
        lines = [line for line in log.read_text(encoding="utf-8").splitlines() if line.startswith("{")]
        # After its summary the engine speaks of the plugins that it ends.
        for event in takewhile(lambda event: "summaryEvent" not in event, map(json.loads, lines)):
            said = event.get("diagnosticEvent") or {}
            if said.get("severity") == "error":
                failed[said.get("urn", "").rpartition("::")[2]] = said["message"]
            step = (event.get("resourcePreEvent") or {}).get("metadata")
            if step:
                steps.setdefault(step["urn"].rpartition("::")[2], set()).add(step["op"])
        return failed, steps

    def _resources(self) -> dict[str, list[Any]]:
        """Read the state: resources by logical name."""
        (stored,) = self.project.folder.parent.glob("state/.pulumi/stacks/orders/dev.json")
        deployment = json.loads(stored.read_text(encoding="utf-8"))["checkpoint"]["latest"] or {}
        kept: dict[str, list[Any]] = {}
        for item in deployment.get("resources", []):
            kept.setdefault(item["urn"].rpartition("::")[2], []).append(item)
        for pending in deployment.get("pending_operations", []):
            kept.setdefault(pending["resource"]["urn"].rpartition("::")[2], []).append({"type": "pending operation"})
        return kept

    def _hunt(self, phase: str, asked: Mapping[str, str]) -> None:
        """Look for secrets in everything that was printed and stored, and in the addresses that were asked for."""
        texts = [*self.project.logs]
        for file in self.project.folder.parent.rglob("*"):
            if file.is_file() and file.name != "racks.json":
                changed = file.stat().st_mtime_ns
                if self.hunted.get(file) != changed:
                    self.hunted[file] = changed
                    texts.append(file.read_bytes().decode("utf-8", "replace"))
        kept = "".join(texts)
        for rack in self.racks:
            if any(secret in kept or secret in asked[rack.name] for secret in rack.secrets):
                for kind in rack.kinds:
                    self._blame(rack, kind, phase, ["a secret was stored, printed or asked for"])


def _name(rack: Rack, kind: Kind) -> str:
    return f"{rack.name}-{kind.made_by.replace('.', '_')}"


def _misplaced(kept: list[Any], wanted: list[Any], found: Mapping[str, str]) -> list[str]:
    """Compare what the state holds of a resource with what it should, and its ids with what exists."""
    types, expected = (sorted(item["type"] for item in items) for items in (kept, wanted))
    wrong = [] if types == expected else [f"the state has {types} in place of {expected}"]
    everything = "".join(found.values())
    for item in kept:
        if item.get("initErrors") or item.get("delete"):
            wrong.append("the state says that it is unfinished")
        if item["type"].endswith((":Job", ":ClusterPolicy", ":InstancePool")) and item["id"] not in everything:
            wrong.append(f"the state has {item['type']} {item['id']}, which does not exist")
    return wrong


def _hasty(calls: Sequence[Any], preset: str) -> list[str]:
    """Find a request that came again before the time that a 429 named."""
    for first, then in pairwise(calls):
        if preset == "throttle" and first.fault == preset and then.at_s - first.at_s < 1.0:
            return [f"asked again after {then.at_s - first.at_s:.2f} s, and not after Retry-After: 1"]
    return []
