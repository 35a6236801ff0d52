"""Whose an object is."""

import re

from hypothesis import given
from hypothesis import strategies as st

from airbrick.iac.ownership import MAX_TAG_VALUE, marked, owner, same_resource, split_mark
from airbrick.iac.provider.handler import Identity

MARKS = st.text("abcz019_-", min_size=1, max_size=63)


@given(st.text() | st.sampled_from([" a", "a ", "\n", "[airbrick: x]", " [airbrick: x] "]), MARKS)
def test_a_description_comes_back_as_it_was(description: str, mark: str) -> None:
    assert split_mark(marked(description, mark)) == (description, mark)


@given(MARKS)
def test_no_description_is_an_empty_one(mark: str) -> None:
    assert split_mark(marked(None, mark)) == ("", mark)
    assert split_mark(None) == ("", "")
    assert split_mark(mark) == (mark, "")


@given(*[st.text(max_size=90)] * 3, *[st.uuids().map(str)] * 2)
def test_a_mark_is_a_tag_that_tells_resource_and_state(
    project: str, stack: str, name: str, state: str, other: str
) -> None:
    urn = f"urn:pulumi:{stack}::{project}::airbrick:databricks:Job::{name}"
    mark = owner(Identity(urn, stack, project, name, state))
    elsewhere = owner(Identity(urn, stack, project, name, other))
    renamed = owner(Identity(urn + "x", stack, project, name + "x", state))
    assert re.fullmatch(r"[a-z0-9_-]+", mark)
    assert len(mark) <= MAX_TAG_VALUE
    assert (mark == elsewhere) is (state == other)
    assert same_resource(mark, elsewhere)
    assert not same_resource(mark, renamed)
    assert not same_resource(mark, "")
