"""Property values on the wire."""

from typing import Any

import pytest
from google.protobuf.struct_pb2 import Struct
from hypothesis import given
from hypothesis import strategies as st

from airbrick.iac.errors import PropertyError
from airbrick.iac.provider.codec import (
    MAX_EXACT_INTEGER,
    OUTPUT,
    RESOURCE,
    SECRET,
    SIGNATURE_KEY,
    UNKNOWN_MARKERS,
    decode,
    decode_one,
    encode,
    encode_over,
    same,
)
from airbrick.iac.values import UNKNOWN, Secret, identical, is_unknown, reveal, secret_texts

keys = st.text(max_size=8).filter(lambda key: key != SIGNATURE_KEY)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(1 - MAX_EXACT_INTEGER, MAX_EXACT_INTEGER - 1)
    | st.floats(allow_nan=False, allow_infinity=False, width=32).filter(lambda number: abs(number) < 2**52)
    | st.text(max_size=12)
    | st.just(UNKNOWN)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3) | inner.map(Secret),
    max_leaves=12,
)
properties = st.dictionaries(keys, values, max_size=4)


def struct(**fields: Any) -> Struct:
    result = Struct()
    result.update(fields)
    return result


@given(properties)
def test_what_is_written_is_read_back(given_properties: dict[str, object]) -> None:
    assert decode(encode(given_properties)) == given_properties


@given(properties, keys)
def test_one_property_is_read_as_all_are(given_properties: dict[str, object], key: str) -> None:
    written = encode(given_properties)
    assert {name: decode_one(written, name) for name in given_properties} == decode(written)
    assert decode_one(written, key) == decode(written).get(key)


@given(properties)
def test_secrets_stay_marked_on_the_wire(given_properties: dict[str, object]) -> None:
    assert secret_texts(decode(encode(given_properties))) == secret_texts(given_properties)


@given(properties, properties, st.sets(keys, max_size=2))
def test_what_is_written_over_a_request_says_what_is_to_be_said(
    given_properties: dict[str, object], changed: dict[str, object], dropped: set[str]
) -> None:
    request = encode(given_properties)
    before = decode(request)
    after = {key: value for key, value in {**before, **changed}.items() if key not in dropped}
    written = decode(encode_over(request, before, after))
    assert encode(written) == encode(decode(encode(after)))
    assert request == encode(given_properties)


def test_what_is_written_over_a_mapping_keeps_none_of_its_members() -> None:
    request = encode({"tags": {"team": "a", "kept": "no"}, "name": "n", "gone": 1})
    written = encode_over(request, decode(request), {"tags": {"team": True}, "name": "n"})
    assert decode(written) == {"tags": {"team": True}, "name": "n"}


@given(properties, properties)
def test_the_same_is_what_is_equal_and_known(left: dict[str, object], right: dict[str, object]) -> None:
    assert same(encode(left), encode(left)) is not is_unknown(left)
    assert identical(decode(encode(left)), decode(encode(right))) or not same(encode(left), encode(right))


def test_true_is_not_the_same_as_one() -> None:
    assert not same(encode({"a": {"b": 1}}), encode({"a": {"b": True}}))


def test_whole_numbers_come_back_as_integers() -> None:
    assert decode(struct(a=3, b=2.5)) == {"a": 3, "b": 2.5}
    assert isinstance(decode(struct(a=3))["a"], int)


@pytest.mark.parametrize("marker", sorted(UNKNOWN_MARKERS))
def test_every_marker_of_the_engine_is_unknown(marker: str) -> None:
    assert decode(struct(a={"b": [marker]})) == {"a": {"b": [UNKNOWN]}}


@pytest.mark.parametrize("number", [2**53, -(2**53), 2**60])
def test_a_number_that_a_double_cannot_hold_is_refused_with_its_place(number: int) -> None:
    with pytest.raises(PropertyError, match="write an id as text") as caught:
        decode(struct(tasks=[{"run_job_task": {"job_id": number}}]))
    assert caught.value.path == "tasks[0].run_job_task.job_id"
    with pytest.raises(PropertyError, match="not exact"):
        encode({"a": number})


def test_what_is_no_json_number_is_refused() -> None:
    with pytest.raises(PropertyError, match="not a JSON number"):
        decode(struct(a=float("inf")))
    with pytest.raises(PropertyError, match="not a JSON number"):
        encode({"a": float("nan")})


def test_an_object_of_another_kind_is_refused_with_its_type() -> None:
    with pytest.raises(PropertyError, match="bytes is not a property value"):
        encode({"a": [b"x"]})


def test_outputs_are_read_whatever_they_hold() -> None:
    signature = {SIGNATURE_KEY: OUTPUT}
    assert decode(struct(a=signature)) == {"a": UNKNOWN}
    assert decode(struct(a={**signature, "value": "x"})) == {"a": "x"}
    assert decode(struct(a={**signature, "value": "x", "secret": True})) == {"a": Secret("x")}


def test_a_resource_stands_for_its_id() -> None:
    assert decode(struct(a={SIGNATURE_KEY: RESOURCE, "urn": "u", "id": "7"})) == {"a": "7"}
    assert decode(struct(a={SIGNATURE_KEY: RESOURCE, "urn": "u"})) == {"a": UNKNOWN}


def test_assets_are_refused_by_name() -> None:
    with pytest.raises(PropertyError, match="an asset is not supported"):
        decode(struct(source={SIGNATURE_KEY: "c44067f5952c0a294b673a41bacd8c17", "path": "x"}))
    with pytest.raises(PropertyError, match="unknown kind"):
        decode(struct(source={SIGNATURE_KEY: "new", "path": "x"}))


def test_a_secret_is_written_in_the_protocols_form() -> None:
    wire = encode({"a": Secret({"b": 1})})
    written = wire.fields["a"].struct_value.fields
    assert written[SIGNATURE_KEY].string_value == SECRET
    assert written["value"].struct_value.fields["b"].number_value == 1
    assert reveal(decode(wire)) == {"a": {"b": 1}}


def test_an_empty_mapping_and_an_empty_list_stay_what_they_are() -> None:
    assert decode(encode({"a": {}, "b": []})) == {"a": {}, "b": []}


def test_a_secret_does_not_show_itself() -> None:
    assert "hush" not in repr({"a": Secret("hush")})
