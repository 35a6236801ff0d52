"""Writing contracts."""

import json
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from airbrick.contract import (
    Connection,
    Contract,
    ContractError,
    Job,
    Parameter,
    Task,
    Workspace,
    dumps,
    fingerprint,
    fingerprint_tag,
    from_document,
    load,
    parse,
    to_document,
    write,
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
dependencies = st.sets(texts, max_size=3).map(lambda keys: tuple(sorted(keys)))
jobs = st.builds(
    Job,
    job_id=st.none() | st.integers(0, 2**63).map(str),
    name=texts,
    url=st.none() | texts,
    fingerprint=st.none() | texts,
    parameters=st.dictionaries(texts, st.builds(Parameter, default=texts), max_size=3),
    tasks=st.dictionaries(texts, st.builds(Task, type=texts, depends_on=dependencies, code=texts), max_size=3),
    max_concurrent_runs=st.integers(0, 1000),
    queue_enabled=st.booleans(),
    timeout_seconds=st.integers(0, 10**9),
    has_schedule=st.booleans(),
    run_as=st.dictionaries(texts, texts, max_size=1),
    tags=st.dictionaries(texts, texts, max_size=3),
)
contracts = st.builds(
    Contract,
    project=texts,
    stack=texts,
    workspace=st.builds(Workspace, host=texts, workspace_id=st.none() | texts),
    connections=st.dictionaries(texts, st.builds(Connection, conn_type=texts, auth=texts), max_size=3),
    jobs=st.dictionaries(texts, jobs, max_size=3),
    files=dependencies,
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=4,
)
SCHEMA = json.loads(resources.files("airbrick.contract").joinpath("schema.json").read_text())


@given(contracts)
def test_what_is_written_is_read_back_equal(contract: Contract) -> None:
    assert parse(dumps(contract), source="x") == contract


@given(contracts)
def test_what_is_written_fits_the_published_schema(contract: Contract) -> None:
    jsonschema.validate(to_document(contract), SCHEMA)


@given(contracts.filter(lambda contract: bool(contract.jobs)), st.data())
def test_the_schema_and_the_reader_agree_on_what_is_wrong(contract: Contract, data: st.DataObject) -> None:
    document: dict[str, Any] = to_document(contract)
    job = document["jobs"][min(document["jobs"])]
    job[data.draw(st.sampled_from(sorted(job)))] = data.draw(json_values)
    fits = jsonschema.Draft202012Validator(SCHEMA).is_valid(document)
    try:
        from_document(document, source="x")
    except ContractError:
        assert not fits
    else:
        assert fits


def test_the_bytes_do_not_depend_on_the_order_of_making() -> None:
    one = Contract("p", "s", Workspace("h"), jobs={"a": Job("1", "a", tags={"x": "1", "y": "2"}), "b": Job("2", "b")})
    two = Contract("p", "s", Workspace("h"), jobs={"b": Job("2", "b"), "a": Job("1", "a", tags={"y": "2", "x": "1"})})
    assert dumps(one) == dumps(two)


def test_text_is_readable_by_people(tmp_path: Path) -> None:
    contract = Contract("orders", "dev", Workspace("https://w"), jobs={"b": Job("2", "Zürich 夜"), "a": Job("1", "a")})
    path = tmp_path / "airbrick.contract.dev.json"
    write(path, contract)
    text = path.read_text(encoding="utf-8")
    assert "Zürich 夜" in text
    assert text.endswith("}\n")
    assert text.index('"a"') < text.index('"b"')
    assert load(path) == contract
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "airbrick.contract.dev.json"
    old = Contract("orders", "dev", Workspace("https://w"))
    write(path, old)

    def full_disk(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(OSError, match="No space"):
        write(path, Contract("orders", "other", Workspace("https://w")))
    assert load(path) == old
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_a_fingerprint_ignores_the_order_of_keys_and_sees_values() -> None:
    assert fingerprint({"a": 1, "b": [1, 2]}) == fingerprint({"b": [1, 2], "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": 2})
    assert fingerprint({"b": [1, 2]}) != fingerprint({"b": [2, 1]})
    assert fingerprint({}).startswith("sha256:")


def test_the_fingerprint_tag_is_a_legal_label_on_every_cloud() -> None:
    tag = fingerprint_tag(fingerprint({"a": 1}))
    assert fingerprint({"a": 1}).removeprefix("sha256:").startswith(tag)
    assert len(tag) == 32
    assert set(tag) <= set("0123456789abcdef")
