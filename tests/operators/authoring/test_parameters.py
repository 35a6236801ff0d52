import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airbrick.operators.authoring.parameters import PARAMETERS_MAX_BYTES, as_text, check_names
from airbrick.operators.errors import ParameterValueError, UnknownParameterError


@pytest.mark.parametrize(
    ("value", "text"),
    [("x", "x"), ("", ""), (5, "5"), (2**60, "1152921504606846976"), (1.5, "1.5"), (True, "true"), (False, "false")],
)
def test_values_are_written_as_text(value: object, text: str) -> None:
    assert as_text({"a": value}) == {"a": text}


@pytest.mark.parametrize("value", [None, [1], {"a": 1}, b"x", object()])
def test_values_that_are_no_text_are_refused_with_what_to_do(value: object) -> None:
    with pytest.raises(ParameterValueError, match=r"^job_parameters\['secret'\]: is ") as caught:
        as_text({"secret": value})
    assert caught.value.fix
    assert "\n" not in str(caught.value)


def test_all_together_must_fit_what_databricks_takes() -> None:
    room = PARAMETERS_MAX_BYTES - len(json.dumps({"a": ""}))
    assert as_text({"a": "x" * room})
    with pytest.raises(ParameterValueError, match=r"^job_parameters: 10001 bytes as JSON, more than the 10000"):
        as_text({"a": "x" * (room + 1)})


def test_an_unknown_name_gets_the_nearest_known_one() -> None:
    with pytest.raises(UnknownParameterError, match=r"did you mean 'run_date'\?") as caught:
        check_names("nightly", ["rundate"], known={"run_date", "region"}, source="c.json")
    assert (caught.value.job, caught.value.parameter, caught.value.suggestion) == ("nightly", "rundate", "run_date")


def test_a_name_nothing_is_near_to_gets_the_known_ones() -> None:
    with pytest.raises(UnknownParameterError, match=r"its parameters are 'region', 'run_date'$"):
        check_names("nightly", ["zzz"], known={"run_date", "region"}, source="c.json")
    with pytest.raises(UnknownParameterError, match=r"it has no parameters$"):
        check_names("nightly", ["zzz"], known=set(), source="c.json")


def test_a_name_that_is_no_text_is_refused() -> None:
    with pytest.raises(ParameterValueError, match="its name is not text"):
        check_names("nightly", [5], known={"5"}, source="c.json")


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=20) | st.integers() | st.booleans(), max_size=5))
def test_whatever_passes_is_text_that_fits(values: dict[str, object]) -> None:
    texts = as_text(values)
    assert all(isinstance(text, str) for text in texts.values())
    assert len(json.dumps(texts).encode()) <= PARAMETERS_MAX_BYTES
