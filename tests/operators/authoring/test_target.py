import os
from pathlib import Path

import pytest

from airbrick.contract import (
    Contract,
    ContractAmbiguousError,
    ContractNotFoundError,
    ContractSyntaxError,
    Job,
    Parameter,
    Workspace,
    dumps,
    load,
    write,
)
from airbrick.operators.authoring import target as target_module
from airbrick.operators.authoring.target import find_contract, load_cached, target_in, target_in_text
from airbrick.operators.errors import NotProvisionedError, UnknownJobError, UsageError


def contract(stack: str = "dev", *, job_id: str | None = "123") -> Contract:
    jobs = {"nightly_etl": Job(job_id, "Nightly", fingerprint="sha256:f", parameters={"run_date": Parameter("")})}
    return Contract("orders", stack, Workspace("https://w", "7"), jobs=jobs)


def write_in(folder: Path, stack: str = "dev") -> Path:
    path = folder / f"airbrick.contract.{stack}.json"
    folder.mkdir(parents=True, exist_ok=True)
    write(path, contract(stack))
    return path


def test_a_job_is_found_with_all_that_later_checks_need() -> None:
    found = target_in(contract(job_id="9007199254740993"), "nightly_etl", source="c.json")
    assert (found.job_id, found.host, found.workspace_id) == (9007199254740993, "https://w", "7")
    assert (found.fingerprint, found.parameters) == ("sha256:f", frozenset({"run_date"}))


def test_an_unknown_key_gets_the_nearest_known_one() -> None:
    with pytest.raises(UnknownJobError, match=r"^job='nighty_etl': not in c\.json: did you mean 'nightly_etl'\?$"):
        target_in(contract(), "nighty_etl", source="c.json")


def test_a_job_that_is_only_previewed_is_refused() -> None:
    with pytest.raises(NotProvisionedError, match="comes from a preview: run `pulumi up`"):
        target_in(contract(job_id=None), "nightly_etl", source="c.json")


def test_an_id_that_is_no_number_is_refused() -> None:
    with pytest.raises(UsageError, match="is not a number"):
        target_in(contract(job_id="abc"), "nightly_etl", source="c.json")


def test_a_contract_may_be_text() -> None:
    assert target_in_text(dumps(contract()), "nightly_etl", source="variable").job_id == 123
    with pytest.raises(ContractSyntaxError, match=r"^variable:1:1"):
        target_in_text("nonsense", "nightly_etl", source="variable")


class TestFinding:
    def test_a_path_in_the_dag_goes_first_and_is_relative_to_the_dag_file(self, tmp_path: Path) -> None:
        expected = write_in(tmp_path / "contracts")
        write_in(tmp_path)
        named = "contracts/airbrick.contract.dev.json"
        assert find_contract(contract=named, places=(tmp_path / "dag.py",), environ={}) == expected
        assert find_contract(contract=str(expected), places=(), environ={}) == expected

    def test_a_path_that_does_not_exist_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(ContractNotFoundError, match=r"nowhere\.json"):
            find_contract(contract="nowhere.json", places=(tmp_path / "dag.py",), environ={})

    def test_the_environment_goes_before_the_dags_folder(self, tmp_path: Path) -> None:
        expected = write_in(tmp_path / "elsewhere", "prod")
        write_in(tmp_path)
        environ = {"AIRBRICK_CONTRACT": str(expected)}
        assert find_contract(contract=None, places=(tmp_path / "dag.py",), environ=environ) == expected

    def test_the_nearest_folder_above_counts(self, tmp_path: Path) -> None:
        write_in(tmp_path)
        near = write_in(tmp_path / "team")
        assert find_contract(contract=None, places=(tmp_path / "team" / "a" / "dag.py",), environ={}) == near

    def test_the_first_place_that_has_one_wins(self, tmp_path: Path) -> None:
        near = write_in(tmp_path / "b")
        places = (tmp_path / "a" / "dag.py", tmp_path / "b" / "helper.py")
        assert find_contract(contract=None, places=places, environ={}) == near

    def test_of_several_stacks_the_environment_chooses(self, tmp_path: Path) -> None:
        write_in(tmp_path, "dev")
        prod = write_in(tmp_path, "prod")
        place = (tmp_path / "dag.py",)
        assert find_contract(contract=None, places=place, environ={"AIRBRICK_STACK": "prod"}) == prod
        with pytest.raises(ContractAmbiguousError, match="set AIRBRICK_STACK"):
            find_contract(contract=None, places=place, environ={})

    def test_none_is_no_error_yet(self, tmp_path: Path) -> None:
        assert find_contract(contract=None, places=(tmp_path / "dag.py",), environ={}) is None


class TestCache:
    def test_a_file_is_read_once_and_again_when_it_changes(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = write_in(tmp_path)
        reads = 0
        read = load

        def counting(path: Path) -> Contract:
            nonlocal reads
            reads += 1
            return read(path)

        monkeypatch.setattr(target_module, "load", counting)
        assert load_cached(path) is load_cached(path)
        assert reads == 1
        changed = contract(job_id="456")
        write(path, changed)
        os.utime(path, ns=(1, 1))
        assert load_cached(path) == changed
        assert reads == 2

    def test_a_file_that_vanished_is_told_as_the_reader_tells_it(self, tmp_path: Path) -> None:
        with pytest.raises(ContractNotFoundError, match=r"gone\.json"):
            load_cached(tmp_path / "gone.json")
