from __future__ import annotations

import copy
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


def news(known: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """Name the fields and enum values of an SDK that a spec does not know."""
    fields = [
        f"{name}.{field}"
        for name, kinds in found["types"].items()
        for field in kinds
        if field not in known["types"].get(name, {})
    ]
    values = [
        f"{name} {value}"
        for name, choices in found["enums"].items()
        for value in choices
        if value not in known["enums"].get(name, [])
    ]
    return sorted(fields + values)


def test_the_checked_in_spec_is_what_the_installed_sdk_says() -> None:
    made = generator()
    text = (ROOT / "emulator/airbrick/emulator/spec.json").read_text(encoding="utf-8")
    checked_in = json.loads(text)
    advice = "run: python tools/generate_emulator_spec.py, and teach the emulator what is new"
    if checked_in["databricks_sdk"] == databricks.sdk.version.__version__:
        assert text == made.render(made.build()), advice
    else:
        # Another version is installed than the one that is locked. An older one knows less, a newer one more.
        assert news(checked_in, made.build()) == [], advice


def test_a_field_and_an_enum_value_that_an_sdk_adds_are_named() -> None:
    newer = copy.deepcopy(spec())
    newer["types"]["Task"]["brand_new"] = "string"
    newer["types"]["Run"]["mood"] = "Mood"
    newer["enums"]["RunIf"].append("SOMETIMES")
    assert news(spec(), newer) == ["Run.mood", "RunIf SOMETIMES", "Task.brand_new"]
    assert news(newer, spec()) == []


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
