"""Reading contracts."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from airbrick.contract import (
    ContractNotFoundError,
    ContractReadError,
    ContractShapeError,
    ContractSyntaxError,
    ContractVersionError,
    load,
    parse,
)

DOCUMENT: dict[str, Any] = {
    "contract": 1,
    "project": "orders",
    "stack": "prod",
    "workspace": {"host": "https://dbc.example", "workspace_id": "42"},
    "connections": {"databricks_default": {"conn_type": "databricks", "auth": "service_principal_oauth"}},
    "jobs": {
        "nightly/etl": {
            "job_id": "9007199254740993",
            "name": "Nächtlich 夜",
            "url": None,
            "fingerprint": None,
            "parameters": {"run_date": {"default": ""}},
            "tasks": {"load": {"type": "notebook_task", "depends_on": []}},
            "max_concurrent_runs": 1,
            "queue_enabled": True,
            "timeout_seconds": 3600,
            "has_schedule": False,
            "run_as": {"service_principal_name": "etl"},
            "tags": {},
        }
    },
}
JOB = ("jobs", "nightly/etl")


def changed(path: tuple[str, ...], value: object) -> str:
    document: dict[str, Any] = copy.deepcopy(DOCUMENT)
    node: Any = document
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    return json.dumps(document)


def test_ids_above_2_to_the_53_are_exact() -> None:
    assert parse(json.dumps(DOCUMENT), source="x").jobs["nightly/etl"].job_id == "9007199254740993"


def test_unknown_keys_inside_a_known_version_are_ignored() -> None:
    assert parse(changed((*JOB, "colour"), {"new": [1]}), source="x").stack == "prod"


@pytest.mark.parametrize("version", [2, 0, "1", None, True, 1.5])
def test_another_version_is_refused_by_name(version: object) -> None:
    with pytest.raises(ContractVersionError) as caught:
        parse(changed(("contract",), version), source="dags/c.json")
    assert caught.value.found == version
    assert f"dags/c.json: contract version {version!r}" in str(caught.value)


def test_a_newer_version_asks_for_an_upgrade() -> None:
    with pytest.raises(ContractVersionError, match="upgrade airbrick"):
        parse(changed(("contract",), 2), source="x")


@pytest.mark.parametrize(
    ("path", "value", "pointer"),
    [
        ((*JOB, "job_id"), 123, "/jobs/nightly~1etl/job_id"),
        ((*JOB, "job_id"), "12a", "/jobs/nightly~1etl/job_id"),
        ((*JOB, "job_id"), "\u0661\u0662", "/jobs/nightly~1etl/job_id"),
        ((*JOB, "max_concurrent_runs"), True, "/jobs/nightly~1etl/max_concurrent_runs"),
        ((*JOB, "timeout_seconds"), -1, "/jobs/nightly~1etl/timeout_seconds"),
        ((*JOB, "queue_enabled"), "yes", "/jobs/nightly~1etl/queue_enabled"),
        ((*JOB, "tasks", "load", "depends_on"), [1], "/jobs/nightly~1etl/tasks/load/depends_on"),
        ((*JOB, "tasks", "load", "code"), None, "/jobs/nightly~1etl/tasks/load/code"),
        (("jobs",), [], "/jobs"),
        (("files",), "all", "/files"),
        (("workspace", "host"), None, "/workspace/host"),
        (("connections", "databricks_default"), "secret-value", "/connections/databricks_default"),
    ],
)
def test_a_wrong_value_is_named_by_its_place_and_not_shown(path: tuple[str, ...], value: object, pointer: str) -> None:
    with pytest.raises(ContractShapeError) as caught:
        parse(changed(path, value), source="c.json")
    assert caught.value.pointer == pointer
    assert f"c.json: {pointer}: expected" in str(caught.value)
    assert "secret-value" not in str(caught.value)


def test_a_missing_value_is_named_by_its_place() -> None:
    document = copy.deepcopy(DOCUMENT)
    del document["jobs"]["nightly/etl"]["name"]
    with pytest.raises(ContractShapeError, match="/jobs/nightly~1etl/name: expected a value, found nothing"):
        parse(json.dumps(document), source="c.json")


def test_a_contract_that_is_no_object_is_refused() -> None:
    with pytest.raises(ContractShapeError, match="expected an object, found a list"):
        parse("[]", source="c.json")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "c.json:1:1"),
        ('{"contract": 1,\n "jobs": }', "c.json:2:10"),
        ('{"contract": NaN}', "NaN is not JSON"),
        ('{"a": 1, "a": 2}', "'a' stands twice"),
        ("[" * 100_000, "not a contract"),
        ("<<<<<<< HEAD\n", "c.json:1:1"),
    ],
)
def test_broken_text_is_refused_with_its_place(text: str, place: str) -> None:
    with pytest.raises(ContractSyntaxError) as caught:
        parse(text, source="c.json")
    assert place in str(caught.value)
    assert "airbrick contract pull" in str(caught.value)


def test_a_file_with_byte_order_mark_and_crlf_is_read(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(DOCUMENT, indent=1).replace("\n", "\r\n").encode())
    assert load(path).stack == "prod"


def test_a_missing_file_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(ContractNotFoundError, match="airbrick contract pull"):
        load(tmp_path / "none.json")


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ContractReadError, match="not UTF-8"):
        load(path)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContractReadError, match="cannot be read"):
        load(tmp_path)
