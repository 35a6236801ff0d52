"""The garbage collector stays out of the way, and comes back."""

import gc
from collections.abc import Iterator

import pytest

from airbrick.lint.collection import paused, thaw


@pytest.fixture(autouse=True)
def _thawed() -> Iterator[None]:
    thaw()
    yield
    thaw()


def fail_while_paused() -> None:
    assert not gc.isenabled()
    raise ZeroDivisionError


@pytest.mark.parametrize("lasting", [False, True])
def test_a_pause_ends_even_when_its_block_fails(*, lasting: bool) -> None:
    with pytest.raises(ZeroDivisionError), paused(lasting=lasting):
        fail_while_paused()
    assert gc.isenabled()


def test_what_lasts_is_walked_through_no_more_until_it_is_thawed() -> None:
    with paused(lasting=True):
        made = [[object()]]
    assert all(tracked is not made for tracked in gc.get_objects())
    thaw()
    assert any(tracked is made for tracked in gc.get_objects())


def test_other_pauses_leave_everything_to_the_collector() -> None:
    with paused():
        made = [[object()]]
    assert any(tracked is made for tracked in gc.get_objects())


def test_only_the_outermost_pause_ends_it() -> None:
    with paused():
        with paused(lasting=True):
            pass
        assert not gc.isenabled()
        assert gc.get_freeze_count() == 0
