"""Reading contracts for the rules."""

from pathlib import Path

import pytest
from tests.lint.workbench import Workbench, contract_of

from airbrick.contract import dumps, write
from airbrick.lint.contracts import ContractStore, line_of


def test_contracts_beside_the_file_are_found_and_sorted_by_stack(bench: Workbench) -> None:
    bench.add_contract({}, "prod")
    bench.add_contract({}, "dev")
    store = ContractStore(environ={})
    assert [contract.stack for contract in store.beside(bench.folder / "sub" / "dag.py", ())] == ["dev", "prod"]


def test_explicit_then_environment_then_configured(tmp_path: Path) -> None:
    paths = {name: tmp_path / name / f"airbrick.contract.{name}.json" for name in ("a", "b", "c", "d")}
    for name, path in paths.items():
        path.parent.mkdir()
        write(path, contract_of({}, name))
    environ = {"AIRBRICK_CONTRACT": str(paths["b"])}
    beside = paths["d"].parent / "dag.py"

    def stacks(store: ContractStore, *configured: Path) -> list[str]:
        return [contract.stack for contract in store.beside(beside, configured)]

    assert stacks(ContractStore([paths["a"]], environ), paths["c"]) == ["a"]
    assert stacks(ContractStore((), environ), paths["c"]) == ["b"]
    assert stacks(ContractStore((), {}), paths["c"]) == ["c"]
    assert stacks(ContractStore((), {})) == ["d"]


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ("{", ":1:2: not a contract"),
        ('{"contract": 99}', "version 99"),
        ('{"contract": 1}', "expected"),
        ("\udcff", "cannot be read"),
    ],
)
def test_a_broken_contract_is_one_error_with_its_place(tmp_path: Path, content: str, part: str) -> None:
    path = tmp_path / "airbrick.contract.dev.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    store = ContractStore(environ={})
    for name in ("a.py", "b.py", "sub/c.py"):
        assert store.beside(tmp_path / name, ()) == ()
    (error,) = store.errors
    assert str(error).startswith(str(path))
    assert part in str(error)


def test_a_contract_that_is_named_but_missing_is_one_error(tmp_path: Path) -> None:
    store = ContractStore([tmp_path / "nope.json"], environ={})
    assert store.beside(tmp_path / "a.py", ()) == ()
    assert store.beside(tmp_path / "b.py", ()) == ()
    assert len(store.errors) == 1


def test_lines_of_keys_are_found_in_contracts_as_they_are_written() -> None:
    text = dumps(contract_of({"größe": ("a", "b"), "jobs": ("parameters",)}))
    lines = text.splitlines()
    for keys in (
        ("jobs",),
        ("jobs", "größe"),
        ("jobs", "größe", "parameters"),
        ("jobs", "jobs", "parameters", "parameters"),
    ):
        line = line_of(text, keys)
        assert line is not None
        assert keys[-1] in lines[line - 1]
        assert lines[line - 1].startswith("  " * len(keys) + '"')
    assert line_of(text, ("jobs", "nope")) is None
    assert line_of(text.replace("\n", " "), ("jobs",)) is None
    assert line_of("", ("jobs",)) is None


def test_each_file_is_checked_against_the_nearest_contracts_above_it(tmp_path: Path) -> None:
    for name, stack in ((".", "dev"), ("team", "prod")):
        (tmp_path / name / "deep" / "deeper").mkdir(parents=True)
        write(tmp_path / name / f"airbrick.contract.{stack}.json", contract_of({}, stack))
    store = ContractStore(environ={})
    near = {
        folder: [contract.stack for contract in store.beside(tmp_path / folder / "dag.py", ())]
        for folder in ("deep/deeper", "team/deep/deeper", "team", "team/deep", ".", "deep")
    }
    assert near == {
        "deep/deeper": ["dev"],
        "team/deep/deeper": ["prod"],
        "team": ["prod"],
        "team/deep": ["prod"],
        ".": ["dev"],
        "deep": ["dev"],
    }
