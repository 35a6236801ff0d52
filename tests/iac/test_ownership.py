"""The owner's mark behind a description."""

from hypothesis import given
from hypothesis import strategies as st

from airbrick.iac.ownership import marked, split_mark

MARKS = st.text("abcz019_-", min_size=1, max_size=63)


@given(st.text() | st.sampled_from([" a", "a ", "\n", "[airbrick: x]", " [airbrick: x] "]), MARKS)
def test_a_description_comes_back_as_it_was(description: str, mark: str) -> None:
    assert split_mark(marked(description, mark)) == (description, mark)


@given(MARKS)
def test_no_description_is_an_empty_one(mark: str) -> None:
    assert split_mark(marked(None, mark)) == ("", mark)
    assert split_mark(None) == ("", "")
    assert split_mark(mark) == (mark, "")
