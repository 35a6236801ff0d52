from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from airbrick.operators.submission.token import TaskKey, token

KEY = TaskKey("", "https://w", 123, "dag", "manual__1", "etl", -1, 2)

KEYS = st.builds(
    TaskKey,
    salt=st.text(max_size=4),
    host=st.text(max_size=4),
    job_id=st.integers(0, 2**63),
    dag_id=st.text(max_size=4),
    run_id=st.text(max_size=4),
    task_id=st.text(max_size=4),
    map_index=st.integers(-1, 3),
    max_tries=st.integers(0, 3),
)


def test_the_token_is_stable_over_releases() -> None:
    # Changing this value starts a second run for every attempt that is in flight during an upgrade.
    assert token(KEY, 0) == "579807663788f20236f8468f0bed8eecfdba808fc8fabe180c1098024b6bf632"


@given(KEYS, KEYS, st.integers(0, 3), st.integers(0, 3))
def test_two_questions_share_a_token_only_if_they_are_the_same(one: TaskKey, other: TaskKey, k: int, j: int) -> None:
    assert (token(one, k) == token(other, j)) == ((one, k) == (other, j))


@given(KEYS, st.integers(0, 1000))
def test_a_token_fits_what_databricks_takes(key: TaskKey, k: int) -> None:
    text = token(key, k)
    assert len(text) == 64
    assert text.isascii()
    assert text == token(replace(key), k)


def test_fields_do_not_run_into_each_other() -> None:
    assert token(replace(KEY, dag_id="a", run_id="bc"), 0) != token(replace(KEY, dag_id="ab", run_id="c"), 0)
