"""The contract as a resource, over the protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pulumi.runtime.proto import provider_pb2

from airbrick.contract import dumps, from_document
from airbrick.iac.resources.contract import whole_numbers
from airbrick.iac.values import UNKNOWN, Secret

if TYPE_CHECKING:
    from tests.iac.wire import Wire

    from airbrick.emulator import Emulator

CONTRACT = "airbrick:index:Contract"
SETTINGS: dict[str, Any] = {
    "name": "[dev] nightly",
    "parameters": {"run_date": {"default": ""}},
    "tasks": {"load": {"type": "notebook_task", "depends_on": []}},
    "max_concurrent_runs": 1,
    "queue_enabled": True,
    "timeout_seconds": 60,
    "has_schedule": False,
    "run_as": {},
    "tags": {"team": "data"},
}
MADE: dict[str, Any] = {"job_id": "1", "url": "https://w/jobs/1", "fingerprint": "sha256:00", "settings": SETTINGS}
INPUTS: dict[str, Any] = {
    "project": "orders",
    "stack": "dev",
    "jobs": {"nightly": MADE},
    "connections": {"databricks_default": {"conn_type": "databricks", "auth": "service_principal_oauth"}},
}


def checked(wire: Wire, inputs: dict[str, Any] = INPUTS, old: dict[str, Any] | None = None) -> dict[str, Any]:
    result, failures = wire.check(CONTRACT, "contract", inputs, old)
    assert failures == {}
    return result


def test_the_document_is_a_contract(provider: Wire, workspace: Emulator) -> None:
    resource_id, outputs = provider.create(CONTRACT, "contract", checked(provider))
    assert resource_id == "contract"
    contract = from_document(outputs["document"], source="test")
    assert contract.workspace.host == workspace.host
    assert contract.workspace.workspace_id == workspace.workspace_id
    assert contract.jobs["nightly"].job_id == "1"
    assert contract.connections["databricks_default"].auth == "service_principal_oauth"


def test_what_failed_before_is_named(provider: Wire) -> None:
    # As an `up` that goes on after an error tells it: with nothing in the place of outputs.
    nothing = {"job_id": None, "url": None, "fingerprint": None, "settings": None}
    jobs = {"nightly": MADE, "größe": nothing, "weekly": {}}
    connections = {**INPUTS["connections"], "other": {"conn_type": None, "auth": None}}
    _, failures = provider.check(CONTRACT, "contract", {**INPUTS, "jobs": jobs, "connections": connections})
    assert set(failures) == {"jobs.größe", "jobs.weekly", "connections.other"}
    assert set(failures.values()) == {"failed in this `up`, so that the contract stays as it was; mend it first"}


def test_checking_twice_changes_nothing(provider: Wire) -> None:
    once = checked(provider)
    assert checked(provider, once) == once


def test_a_preview_leaves_open_only_what_it_cannot_know(provider: Wire) -> None:
    coming = {**MADE, "job_id": UNKNOWN, "url": UNKNOWN}
    inputs = checked(provider, {**INPUTS, "jobs": {"nightly": coming}})
    _, outputs = provider.create(CONTRACT, "contract", inputs, preview=True)
    nightly = outputs["document"]["jobs"]["nightly"]
    assert (nightly.pop("job_id"), nightly.pop("url"), nightly.pop("fingerprint")) == (UNKNOWN, UNKNOWN, "sha256:00")
    assert nightly == SETTINGS


def test_a_changed_job_is_a_change_of_the_contract(provider: Wire) -> None:
    old = checked(provider)
    new = checked(provider, {**INPUTS, "jobs": {"nightly": {**MADE, "fingerprint": "sha256:11"}}})
    answer = provider.diff(CONTRACT, "contract", old, new)
    assert list(answer.detailedDiff) == ["jobs.nightly.fingerprint"]
    assert provider.update(CONTRACT, "contract", "contract", old, new)["document"]["jobs"]["nightly"][
        "fingerprint"
    ] == ("sha256:11")
    assert provider.diff(CONTRACT, "contract", new, new).changes == provider_pb2.DiffResponse.DIFF_NONE


def test_a_workspace_that_does_not_tell_its_id_keeps_the_one_it_told(provider: Wire, workspace: Emulator) -> None:
    old = {"workspace": {"host": workspace.host, "workspace_id": "7"}}
    workspace.fault(path="/.well-known/databricks-config", status=404, times=99)
    assert checked(provider, old=old)["workspace"] == old["workspace"]
    elsewhere = {"workspace": {"host": "https://other", "workspace_id": "7"}}
    assert checked(provider, old=elsewhere)["workspace"] == {"host": workspace.host}


@pytest.mark.parametrize(
    ("entry", "path", "place"),
    [
        (
            {**MADE, "settings": {**SETTINGS, "secrets": ["parameters[0].default"]}},
            "jobs.nightly",
            "parameters[0].default",
        ),
        ({**MADE, "url": Secret("hush-hush")}, "jobs.nightly.url", "is secret"),
        (Secret(MADE), "jobs.nightly", "is secret"),
    ],
)
def test_a_secret_is_refused_with_its_place(wire: Wire, entry: Any, path: str, place: str) -> None:
    _, failures = wire.check(CONTRACT, "contract", {**INPUTS, "workspace": {"host": "h"}, "jobs": {"nightly": entry}})
    assert list(failures) == [path]
    assert place in failures[path]
    assert "hush" not in str(failures)


def test_a_whole_secret_part_is_refused_too(wire: Wire) -> None:
    _, failures = wire.check(CONTRACT, "contract", {**INPUTS, "jobs": Secret({"nightly": MADE})})
    assert "a contract holds no secrets" in failures["jobs"]


def test_nothing_outside_changes_a_contract(provider: Wire) -> None:
    inputs = checked(provider)
    _, outputs = provider.create(CONTRACT, "contract", inputs)
    assert provider.read(CONTRACT, "contract", "contract", inputs, **outputs) == ("contract", inputs, outputs)
    provider.delete(CONTRACT, "contract", "contract")


def test_a_contract_cannot_be_imported(provider: Wire) -> None:
    assert provider.read(CONTRACT, "contract", "contract")[0] == ""


def test_numbers_of_a_program_are_whole_again(provider: Wire) -> None:
    _, outputs = provider.create(CONTRACT, "contract", checked(provider))
    floats = {**outputs["document"]["jobs"]["nightly"], "timeout_seconds": 60.0, "max_concurrent_runs": 1.0}
    document = {**outputs["document"], "contract": 1.0, "jobs": {"nightly": floats}}
    expected = dumps(from_document(outputs["document"], source="test"))
    assert dumps(from_document(whole_numbers(document), source="test")) == expected
    assert whole_numbers([1.5, 2.0, True, "x"]) == [1.5, 2, True, "x"]


def test_what_no_reader_would_accept_is_refused_with_its_place(provider: Wire) -> None:
    wrong = {**MADE, "job_id": UNKNOWN, "settings": {**SETTINGS, "max_concurrent_runs": 1.5}}
    _, failures = provider.check(CONTRACT, "contract", {**INPUTS, "jobs": {"nightly": wrong}})
    assert failures == {"jobs.nightly.max_concurrent_runs": "expected a whole number of at least 0, found a number"}
    assert checked(provider, {**INPUTS, "jobs": UNKNOWN})["jobs"] is UNKNOWN
