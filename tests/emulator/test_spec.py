from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import databricks.sdk.version
import pytest

from airbrick.emulator.errors import ApiError
from airbrick.emulator.graph import RUN_IFS
from airbrick.emulator.results import Result
from airbrick.emulator.run_state import _TERMINATION
from airbrick.emulator.spec import check, spec

ROOT = Path(__file__).parents[2]


def generator() -> Any:
    location = importlib.util.spec_from_file_location("generate", ROOT / "tools/generate_emulator_spec.py")
    assert location is not None
    assert location.loader is not None
    module = importlib.util.module_from_spec(location)
    location.loader.exec_module(module)
    return module


def test_the_checked_in_spec_is_what_the_installed_sdk_says() -> None:
    made = generator()
    text = (ROOT / "emulator/airbrick/emulator/spec.json").read_text(encoding="utf-8")
    checked_in = json.loads(text)
    if checked_in["databricks_sdk"] == databricks.sdk.version.__version__:
        assert text == made.render(made.build()), "run: python tools/generate_emulator_spec.py"
    else:
        # Another version is installed than the one that is locked: what we know must still be there.
        assert set(checked_in["types"]) <= set(made.build()["types"])


def test_every_type_that_the_spec_names_is_known() -> None:
    known = set(spec()["types"]) | set(spec()["enums"]) | {"string", "boolean", "integer", "number", "any"}
    for fields in spec()["types"].values():
        for kind in fields.values():
            assert kind.rpartition(" ")[2] in known


def test_our_own_tables_speak_the_spec() -> None:
    assert set(RUN_IFS) == set(spec()["enums"]["RunIf"])


def test_results_and_termination_codes_are_those_of_the_sdk() -> None:
    from databricks.sdk.service.jobs import RunResultState, TerminationCodeCode, TerminationTypeType

    assert {result.value for result in Result} == {result.value for result in RunResultState}
    assert set(_TERMINATION) == set(Result)
    assert {code for code, _ in _TERMINATION.values()} <= {code.value for code in TerminationCodeCode}
    assert {kind for _, kind in _TERMINATION.values()} <= {kind.value for kind in TerminationTypeType}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"job_id": "1e3"}, "job_id must be an integer; it is the string '1e3'"),
        ({"job_id": "9" * 20}, "job_id must be an integer"),
        ({"only": "a"}, "only must be a list"),
        ({"only": [None]}, r"only\[0\] must be a string; it is null"),
        ({"queue": []}, "queue must be an object; it is a list"),
    ],
)
def test_wrong_types_are_named(value: dict[str, Any], message: str) -> None:
    with pytest.raises(ApiError, match=message):
        check("RunNow", value)


def test_a_check_returns_a_copy() -> None:
    given = {"job_id": 5, "job_parameters": {"a": "b"}, "unknown": {"x": None}}
    checked = check("RunNow", given)
    assert checked == given
    assert checked["job_parameters"] is not given["job_parameters"]
