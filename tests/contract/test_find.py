"""Finding contracts."""

from pathlib import Path

import pytest

from airbrick.contract import ContractAmbiguousError, ContractNotFoundError, find, resolve_one, suggest


def contract_file(folder: Path, stack: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"airbrick.contract.{stack}.json"
    path.write_text("{}")
    return path


def test_an_explicit_path_wins_over_everything(tmp_path: Path) -> None:
    explicit = contract_file(tmp_path / "a", "a")
    other = contract_file(tmp_path / "b", "b")
    environ = {"AIRBRICK_CONTRACT": str(other)}
    assert find(explicit=[explicit], environ=environ, configured=[other], beside=other.parent) == (explicit,)


def test_the_environment_wins_over_the_configuration(tmp_path: Path) -> None:
    named = contract_file(tmp_path / "a", "a")
    other = contract_file(tmp_path / "b", "b")
    assert find(environ={"AIRBRICK_CONTRACT": str(named)}, configured=[other]) == (named,)


def test_the_configuration_wins_over_the_search(tmp_path: Path) -> None:
    configured = contract_file(tmp_path / "a", "a")
    beside = contract_file(tmp_path / "b", "b")
    assert find(environ={}, configured=[configured], beside=beside.parent / "dag.py") == (configured,)


def test_the_nearest_folder_above_the_dag_is_taken(tmp_path: Path) -> None:
    contract_file(tmp_path, "far")
    near = contract_file(tmp_path / "dags", "near")
    dag = tmp_path / "dags" / "team" / "dag.py"
    dag.parent.mkdir()
    dag.touch()
    assert find(environ={}, beside=dag) == (near,)


def test_a_relative_path_is_found_by_a_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    contract_file(tmp_path / "dags", "dev")
    monkeypatch.chdir(tmp_path)
    assert find(environ={}, beside=Path("dags/dag.py")) == (Path("dags/airbrick.contract.dev.json"),)
    assert find(environ={}, beside=Path("dags/../dags")) == (tmp_path / "dags/../dags/airbrick.contract.dev.json",)


def test_the_folders_above_a_relative_path_are_searched_to_the_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    above = contract_file(tmp_path, "dev")
    (tmp_path / "project" / "dags").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "project")
    assert find(environ={}, beside=Path("dags")) == (above,)
    assert find(environ={}, beside=Path()) == (above,)


def test_a_folder_stands_for_the_contracts_in_it(tmp_path: Path) -> None:
    dev, prod = contract_file(tmp_path, "dev"), contract_file(tmp_path, "prod")
    assert find(explicit=[tmp_path], environ={}) == (dev, prod)


def test_a_named_path_that_is_missing_is_an_error_and_not_searched_around(tmp_path: Path) -> None:
    contract_file(tmp_path, "dev")
    with pytest.raises(ContractNotFoundError, match=r"gone\.json"):
        find(environ={"AIRBRICK_CONTRACT": str(tmp_path / "gone.json")}, beside=tmp_path)


def test_a_named_folder_without_contracts_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ContractNotFoundError):
        find(explicit=[tmp_path], environ={})


def test_a_search_may_find_nothing() -> None:
    assert find(environ={"AIRBRICK_CONTRACT": ""}) == ()


def test_one_of_several_is_chosen_by_the_stack(tmp_path: Path) -> None:
    dev, prod = contract_file(tmp_path, "dev"), contract_file(tmp_path, "prod")
    assert resolve_one([dev, prod], stack="prod") == prod


def test_several_without_a_stack_are_listed(tmp_path: Path) -> None:
    dev, prod = contract_file(tmp_path, "dev"), contract_file(tmp_path, "prod")
    with pytest.raises(ContractAmbiguousError, match="AIRBRICK_STACK") as caught:
        resolve_one([dev, prod], stack=None)
    assert caught.value.paths == (dev, prod)


def test_a_stack_that_no_contract_has_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ContractAmbiguousError, match="AIRBRICK_STACK=prod matches none"):
        resolve_one([contract_file(tmp_path, "dev")], stack="prod")


def test_one_file_of_another_name_is_taken_for_any_stack(tmp_path: Path) -> None:
    path = tmp_path / "contract.json"
    path.write_text("{}")
    assert resolve_one([path], stack="prod") == path


def test_nothing_to_choose_from_is_an_error() -> None:
    with pytest.raises(ContractNotFoundError):
        resolve_one([], stack=None)


@pytest.mark.parametrize(
    ("name", "meant"),
    [("daily-etI", "daily-etl"), ("RUN_DATE", "run_date"), ("run_dt", "run_date"), ("zzz", None), ("", None)],
)
def test_near_names_are_suggested(name: str, meant: str | None) -> None:
    assert suggest(name, ["daily-etl", "run_date", "weekly"]) == meant
