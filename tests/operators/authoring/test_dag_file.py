import sys
from pathlib import Path
from types import ModuleType

import pytest

from airbrick.operators.authoring.dag_file import places_beside

HERE = Path(__file__)


def module_in(path: Path, name: str, source: str) -> ModuleType:
    module = ModuleType(name)
    exec(compile(source, str(path), "exec"), module.__dict__)
    return module


def test_the_caller_counts_when_nothing_else_is_known() -> None:
    assert places_beside(None)[-1] == HERE


def test_the_dags_own_file_goes_before_the_caller(tmp_path: Path) -> None:
    assert places_beside(str(tmp_path / "dag.py")) == (tmp_path / "dag.py", HERE)


def test_the_file_airflow_is_loading_goes_first_even_through_a_helper(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper = module_in(
        tmp_path / "lib" / "helper.py",
        "helper",
        "from airbrick.operators.authoring.dag_file import places_beside\ndef make(): return places_beside(None)",
    )
    monkeypatch.setitem(sys.modules, "helper", helper)
    dag_file = tmp_path / "dags" / "dag.py"
    loaded = module_in(dag_file, "unusual_prefix_0123_dag", "import helper\nPLACES = helper.make()")
    assert loaded.PLACES[:2] == (dag_file, tmp_path / "lib" / "helper.py")


def test_code_without_a_file_has_no_place() -> None:
    scope: dict[str, object] = {"__name__": "console"}
    source = "from airbrick.operators.authoring.dag_file import places_beside\nPLACES = places_beside(None)"
    exec(compile(source, "<stdin>", "exec"), scope)
    assert "<stdin>" not in [str(place) for place in scope["PLACES"]]  # type: ignore[attr-defined]
