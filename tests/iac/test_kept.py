"""What a create of an `up` stands for is not deleted by the same `up`, over the protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.iac.airflow.double import configure, running_airflow_double
from tests.iac.job_samples import JOB

from airbrick.iac.values import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.iac.airflow.double import AirflowDouble
    from tests.iac.wire import Wire

    from airbrick.emulator import Emulator

FILE, DIRECTORY, SCOPE, SECRET, ACL, POLICY, POOL = (
    f"airbrick:databricks:{name}"
    for name in (
        "WorkspaceFile", "WorkspaceDirectory", "SecretScope", "Secret", "SecretAcl", "ClusterPolicy", "InstancePool",
    )
)  # fmt: skip
VARIABLE, CONNECTION = "airbrick:airflow:Variable", "airbrick:airflow:Connection"
NIGHTLY: dict[str, Any] = {"name": "nightly", "tasks": [{"task_key": "a", "notebook_task": {"notebook_path": "/a"}}]}
POSTGRES: dict[str, Any] = {"connection_id": "db", "conn_type": "postgres", "host": "db.example"}
SAMPLES: dict[str, dict[str, Any]] = {
    FILE: {"path": "/Workspace/orders/limits.json", "content": "{}"},
    SCOPE: {"name": "empty"},
    SECRET: {"scope": "orders", "key": "password", "string_value": Secret("hush-hush")},
    ACL: {"scope": "orders", "principal": "analysts", "permission": "READ"},
    POLICY: {"name": "small", "definition": "{}"},
    POOL: {"instance_pool_name": "spot", "node_type_id": "m5.large"},
    VARIABLE: {"key": "region", "value": "eu"},
    CONNECTION: POSTGRES,
}
MARKED = (POLICY, POOL, VARIABLE, CONNECTION)


@pytest.fixture(autouse=True)
def airflow(wire: Wire, provider: Wire, later: Wire) -> Iterator[AirflowDouble]:
    with running_airflow_double() as double:
        for one in (provider, later):
            workspace = one.configuration or {}
            configure(one, double)
            one.configure(**workspace, **(one.configuration or {}))
        provider.create(SCOPE, "scope", {"name": "orders", "adopt": False})
        yield double


@pytest.fixture
def later(next_provider: Wire) -> Wire:
    return next_provider


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "src" / "lib").mkdir(parents=True)
    (tmp_path / "src" / "lib" / "a.txt").write_text("a", encoding="utf-8")
    return tmp_path / "src"


def checked(wire: Wire, token: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    found, failures = wire.check(token, name, inputs)
    assert failures == {}
    return found


def moved_out(provider: Wire, source: Path) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Deploy a folder, then give one of its files a resource of its own, and the folder another file.

    :returns: the folder before, the folder after, and the file.
    """
    folder = {"path": "/Workspace/orders", "source": str(source)}
    before = checked(provider, DIRECTORY, "src", folder)
    provider.create(DIRECTORY, "src", before)
    text = (source / "lib" / "a.txt").rename(source.parent / "a.txt")
    (source / "b.txt").write_text("b", encoding="utf-8")
    file = {"path": f"{folder['path']}/lib/a.txt", "source": str(text)}
    return before, checked(provider, DIRECTORY, "src", folder), checked(provider, FILE, "a", file)


def told_by(wire: Wire) -> list[str]:
    return [message for _, message in wire.engine.seen]


def stands(wire: Wire, token: str, resource_id: str, inputs: dict[str, Any]) -> bool:
    return wire.read(token, "any", resource_id, inputs)[0] != ""


@pytest.mark.parametrize("token", SAMPLES)
def test_what_is_renamed_stands(provider: Wire, later: Wire, token: str) -> None:
    old = checked(provider, token, "old", SAMPLES[token])
    resource_id, _ = provider.create(token, "old", old)
    new = {**old, "adopt": True} if token in MARKED else old
    assert later.create(token, "new", new)[0] == resource_id
    later.delete(token, "old", resource_id, old, same_up=True)
    assert stands(later, token, resource_id, new)
    assert any(f"{resource_id.removeprefix('/Workspace')}'" in told and "leaves the" in told for told in told_by(later))
    # A later `up` that wants it gone deletes it.
    later.delete(token, "new", resource_id, new)
    assert not stands(later, token, resource_id, new)


def test_what_is_replaced_under_an_alias_goes(provider: Wire, later: Wire) -> None:
    region = checked(provider, VARIABLE, "region", {"value": "eu"})
    provider.create(VARIABLE, "region", region)
    # The engine reads and deletes under the old name, and compares and makes under the new one.
    later.read(VARIABLE, "region", "region", region)
    area = checked(later, VARIABLE, "area", {"value": "eu"})
    assert list(later.diff(VARIABLE, "area", region, area, "region").replaces) == ["key"]
    later.create(VARIABLE, "area", area)
    later.delete(VARIABLE, "region", "region", region, same_up=True)
    assert not stands(later, VARIABLE, "region", region)
    assert stands(later, VARIABLE, "area", area)


@pytest.mark.parametrize("token", [*SAMPLES, JOB])
def test_what_is_replaced_by_itself_stands(provider: Wire, later: Wire, token: str) -> None:
    inputs = NIGHTLY if token == JOB else checked(provider, token, "x", SAMPLES[token])
    resource_id, _ = provider.create(token, "x", inputs)
    # `up --replace` without the read before it: nothing tells that the state holds the object.
    assert later.create(token, "x", inputs)[0] == resource_id
    later.delete(token, "x", resource_id, inputs, same_up=True)
    assert stands(later, token, resource_id, inputs)
    later.delete(token, "x", resource_id, inputs)
    assert not stands(later, token, resource_id, inputs)


def unchanged(wire: Wire, token: str, name: str, resource_id: str, inputs: dict[str, Any]) -> None:
    """Do what an `up` does with a resource that is as before."""
    assert wire.read(token, name, resource_id, inputs)[0] == resource_id
    assert checked(wire, token, name, inputs) == inputs
    assert list(wire.diff(token, name, inputs, inputs, resource_id).diffs) == []


@pytest.mark.parametrize("token", SAMPLES)
def test_what_an_up_took_over_that_then_failed_stands(provider: Wire, later: Wire, token: str) -> None:
    old = checked(provider, token, "old", SAMPLES[token])
    resource_id, _ = provider.create(token, "old", old)
    # Something else fails in this `up`: the engine deletes nothing, and the state has the object twice.
    new = {**old, "adopt": True} if token in (*MARKED, SCOPE) else old
    provider.next_up()
    provider.create(token, "new", new)
    unchanged(later, token, "new", resource_id, new)
    later.delete(token, "old", resource_id, old, same_up=True)
    assert stands(later, token, resource_id, new)
    assert any("is that of 'new' now" in told for told in told_by(later))
    later.delete(token, "new", resource_id, new)
    assert not stands(later, token, resource_id, new)


@pytest.mark.parametrize("token", SAMPLES)
def test_what_two_stood_for_goes_with_both(provider: Wire, later: Wire, token: str) -> None:
    old = checked(provider, token, "old", SAMPLES[token])
    resource_id, _ = provider.create(token, "old", old)
    provider.next_up()
    provider.create(token, "new", {**old, "adopt": True} if token in MARKED else old)
    later.read(token, "old", resource_id, old)
    later.read(token, "new", resource_id, old)
    later.delete(token, "old", resource_id, old, same_up=True)
    later.delete(token, "new", resource_id, old, same_up=True)
    assert not stands(later, token, resource_id, old)


def test_a_file_taken_over_from_a_folder_by_an_up_that_then_failed_stands(
    provider: Wire, later: Wire, source: Path
) -> None:
    before, after, file = moved_out(provider, source)
    provider.next_up()
    provider.create(FILE, "a", file)
    unchanged(later, FILE, "a", file["path"], file)
    later.update(DIRECTORY, "src", before["path"], before, after)
    assert stands(later, FILE, file["path"], file)


def test_a_connection_that_a_secrets_backend_holds_is_no_heir_of_airflows(
    provider: Wire, later: Wire, airflow: AirflowDouble
) -> None:
    inputs = checked(provider, CONNECTION, "db", POSTGRES)
    elsewhere = {**inputs, "in_airflow": False}
    provider.create(CONNECTION, "db", inputs)
    provider.create(CONNECTION, "backend", elsewhere)
    unchanged(later, CONNECTION, "backend", "db", elsewhere)
    later.delete(CONNECTION, "db", "db", inputs, same_up=True)
    assert airflow.connections == {}


def test_what_was_deleted_first_is_not_taken_for_what_its_replacement_left(
    provider: Wire, later: Wire, airflow: AirflowDouble
) -> None:
    region = checked(provider, VARIABLE, "region", {"value": "eu"})
    provider.create(VARIABLE, "region", region)
    later.read(VARIABLE, "region", "region", region)
    later.delete(VARIABLE, "region", "region", region, same_up=True)
    airflow.faults["POST"] = ["drop"]
    assert later.create(VARIABLE, "region", region)[0] == "region"
    assert stands(later, VARIABLE, "region", region)


@pytest.mark.parametrize("token", SAMPLES)
def test_what_was_gone_and_is_made_under_another_name_stands(provider: Wire, later: Wire, token: str) -> None:
    inputs = checked(provider, token, "old", SAMPLES[token])
    old, _ = provider.create(token, "old", inputs)
    provider.delete(token, "old", old, inputs)
    new, _ = later.create(token, "new", inputs)
    later.delete(token, "old", old, inputs, same_up=True)
    assert stands(later, token, new, inputs)


@pytest.mark.parametrize("token", SAMPLES)
def test_what_must_go_before_its_replacement_goes(provider: Wire, later: Wire, token: str) -> None:
    inputs = checked(provider, token, "x", SAMPLES[token])
    resource_id, _ = provider.create(token, "x", inputs)
    later.delete(token, "x", resource_id, inputs, same_up=True)
    assert not stands(later, token, resource_id, inputs)
    later.create(token, "x", inputs)


def test_files_may_become_a_folder_and_a_folder_files(provider: Wire, later: Wire, source: Path) -> None:
    path = "/Workspace/orders/lib"
    folder = checked(provider, DIRECTORY, "lib", {"path": path, "source": str(source / "lib")})
    file = checked(provider, FILE, "a", {"path": f"{path}/a.txt", "source": str(source / "lib" / "a.txt")})
    provider.create(DIRECTORY, "lib", folder)
    later.create(FILE, "a", file)
    later.delete(DIRECTORY, "lib", path, folder, same_up=True)
    assert stands(later, FILE, file["path"], file)
    provider.next_up()
    provider.create(DIRECTORY, "lib", folder)
    provider.delete(FILE, "a", file["path"], file, same_up=True)
    assert stands(provider, DIRECTORY, path, folder)


def test_a_file_that_leaves_a_folder_for_a_resource_of_its_own_stands(
    provider: Wire, later: Wire, source: Path
) -> None:
    before, after, file = moved_out(provider, source)
    later.create(FILE, "a", file)
    later.update(DIRECTORY, "src", before["path"], before, after)
    assert stands(later, FILE, file["path"], file)
    assert later.read(DIRECTORY, "src", before["path"], after)[1]["files"] == after["files"]


def test_a_connection_that_moves_to_a_secrets_backend_leaves_airflow(
    provider: Wire, later: Wire, airflow: AirflowDouble
) -> None:
    inputs = checked(provider, CONNECTION, "db", POSTGRES)
    provider.create(CONNECTION, "db", inputs)
    later.create(CONNECTION, "db", {**inputs, "in_airflow": False})
    later.delete(CONNECTION, "db", "db", inputs, same_up=True)
    assert airflow.connections == {}


def test_a_take_over_that_fails_half_way_is_left_too(provider: Wire, later: Wire, workspace: Emulator) -> None:
    resource_id, _ = provider.create(JOB, "nightly", NIGHTLY)
    workspace.fault("outage", path="/api/2.2/jobs/reset", times=1)
    with pytest.raises(Exception, match="jobs/reset"):
        later.create(JOB, "nightly", NIGHTLY)
    later.delete(JOB, "nightly", resource_id, NIGHTLY, same_up=True)
    assert stands(later, JOB, resource_id, NIGHTLY)


@pytest.mark.parametrize("token", [FILE, DIRECTORY])
def test_another_spelling_of_a_path_is_no_change(provider: Wire, token: str) -> None:
    old: dict[str, Any] = {"path": "/Shared/x", "content_sha256": "x", "files": {}}
    new: dict[str, Any] = {**old, "path": "/Workspace/Shared/x"}
    for before, after in ((old, new), (new, old)):
        assert list(provider.diff(token, "x", before, after).replaces) == []
        assert list(provider.diff(token, "x", before, {**after, "files": {"a": "1"}}).diffs) == ["files"]
    assert list(provider.diff(token, "x", old, {**new, "path": "/Workspace/Shared/y"}).replaces) == ["path"]
