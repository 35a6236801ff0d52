"""Work on many runs, spread over turns of the event loop."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Final, TypeVar

AT_ONCE: Final = 25
"""Whoever is told something wakes in the next turn and writes to a log, which takes Airflow half a millisecond."""

_T = TypeVar("_T")


async def in_turns(items: Iterable[_T]) -> AsyncIterator[_T]:
    """Give items, a few in each turn of the event loop; the turn is over after the last."""
    for number, item in enumerate(tuple(items), 1):
        yield item
        if number % AT_ONCE == 0:
            await asyncio.sleep(0)
    await asyncio.sleep(0)
