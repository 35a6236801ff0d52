import asyncio
import gc
import subprocess
import sys
import weakref
from collections.abc import Iterator

import pytest
from tests.operators.poller.simulated import (
    EPOCH_S,
    InMemoryClient,
    SimulatedRun,
    SimulatedServer,
    clock,
    run_simulated,
)

from airbrick.operators.poller.budget import RateBudget
from airbrick.operators.poller.garbage import GROWTH_MAX, THAW_EVERY_S, ShortCollections
from airbrick.operators.poller.poller import LINGER_S, Poller


class Thing:
    """May refer to itself, which is when only the collector can free it."""

    def __init__(self, *, cyclic: bool = True) -> None:
        self.other = self if cyclic else None


class Process:
    """What is told of it: its time and its memory."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.blocks = 1000
        self.short = ShortCollections(monotonic=lambda: self.now_s, allocated=lambda: self.blocks)


@pytest.fixture
def process() -> Process:
    return Process()


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


def is_gone_through(thing: object) -> bool:
    return any(tracked is thing for tracked in gc.get_objects())


def frozen_garbage() -> "weakref.ref[Thing]":
    thing = Thing()
    gc.collect()
    assert not is_gone_through(thing)
    return weakref.ref(thing)


def test_what_a_full_collection_leaves_is_not_gone_through_again(
    process: Process, loop: asyncio.AbstractEventLoop
) -> None:
    with process.short.for_loop(loop):
        thing = Thing()
        gc.collect(1)
        assert is_gone_through(thing), "not all was gone through"
        gc.collect()
        assert not is_gone_through(thing)


def test_what_is_frozen_is_freed_once_nothing_refers_to_it(process: Process, loop: asyncio.AbstractEventLoop) -> None:
    with process.short.for_loop(loop):
        thing = Thing(cyclic=False)
        gc.collect()
        lives = weakref.ref(thing)
        del thing
        assert lives() is None


def test_garbage_made_meanwhile_is_collected(process: Process, loop: asyncio.AbstractEventLoop) -> None:
    with process.short.for_loop(loop):
        lives = weakref.ref(Thing())
        gc.collect()
        assert lives() is None


def test_what_was_frozen_and_is_garbage_is_collected_within_a_day(
    process: Process, loop: asyncio.AbstractEventLoop
) -> None:
    with process.short.for_loop(loop):
        for _ in range(2):
            lives = frozen_garbage()
            process.now_s += THAW_EVERY_S - 1
            gc.collect()
            gc.collect()
            assert lives() is not None
            process.now_s += 1
            gc.collect()
            gc.collect()
            assert lives() is None


def test_what_was_frozen_and_is_garbage_is_collected_when_memory_has_grown(
    process: Process, loop: asyncio.AbstractEventLoop
) -> None:
    with process.short.for_loop(loop):
        for _ in range(2):
            lives = frozen_garbage()
            process.blocks *= GROWTH_MAX
            gc.collect()
            gc.collect()
            assert lives() is not None
            process.blocks += 1
            gc.collect()
            gc.collect()
            assert lives() is None


def test_the_last_end_leaves_all_to_the_collector_again(process: Process, loop: asyncio.AbstractEventLoop) -> None:
    before = list(gc.callbacks)
    with process.short.for_loop(loop):
        with process.short.for_loop(loop):
            thing = Thing()
            gc.collect()
        assert not is_gone_through(thing)
        assert len(gc.callbacks) == len(before) + 1
    assert is_gone_through(thing)
    assert gc.callbacks == before


def test_a_loop_that_was_closed_with_its_runs_watched_counts_no_more(process: Process) -> None:
    other, closed = asyncio.new_event_loop(), asyncio.new_event_loop()
    left = process.short.for_loop(closed)
    left.__enter__()
    with process.short.for_loop(other):
        closed.close()
        thing = Thing()
        gc.collect()
        assert not is_gone_through(thing), "the other loop goes on"
    assert is_gone_through(thing)
    left.__exit__(None, None, None)
    other.close()


def test_where_all_loops_were_closed_with_their_runs_watched_all_is_left_to_the_collector(process: Process) -> None:
    before = list(gc.callbacks)
    loop, again = asyncio.new_event_loop(), asyncio.new_event_loop()
    left = process.short.for_loop(loop)
    left.__enter__()
    thing = Thing()
    gc.collect()
    assert not is_gone_through(thing)
    loop.close()
    gc.collect()
    assert is_gone_through(thing)
    with process.short.for_loop(again):
        gc.collect()
        assert not is_gone_through(thing)
    again.close()
    assert gc.callbacks == before
    left.__exit__(None, None, None)


def test_beginning_again_and_again_keeps_no_garbage(process: Process, loop: asyncio.AbstractEventLoop) -> None:
    made: list[weakref.ref[Thing]] = []
    for _ in range(1000):
        with process.short.for_loop(loop):
            made += [weakref.ref(Thing()) for _ in range(20)]
    assert sum(lives() is not None for lives in made) < len(made) / 10


def test_what_was_imported_is_not_gone_through_from_the_beginning_on() -> None:
    program = (
        "import asyncio, gc\n"
        "from airbrick.operators.poller.garbage import SHORT_COLLECTIONS\n"
        "with SHORT_COLLECTIONS.for_loop(asyncio.new_event_loop()):\n"
        "    assert len(gc.get_objects()) < gc.get_freeze_count() / 10\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_poller_has_short_collections_from_its_first_run_until_it_idles() -> None:
    async def work() -> list[bool]:
        server = SimulatedServer({7: SimulatedRun(7, 1, 0.0, 60.0)})
        client = InMemoryClient(server, RateBudget(), clock())
        poller = Poller(client, clock=clock(), on_idle=lambda: None)
        things = [Thing()]
        gc.collect()
        found = [is_gone_through(things[0])]
        with poller.watching(7, 1, poll_interval_s=5.0, submitted_at=EPOCH_S):
            await asyncio.sleep(10.0)
            gc.collect()
            found.append(is_gone_through(things[0]))
        await asyncio.sleep(LINGER_S + 10.0)
        return [*found, is_gone_through(things[0])]

    assert run_simulated(work()) == [True, False, True]


def test_a_poller_that_is_cancelled_while_it_watches_leaves_all_to_the_collector_again() -> None:
    before = list(gc.callbacks)
    things = [Thing()]

    async def watch() -> None:
        server = SimulatedServer({7: SimulatedRun(7, 1, 0.0, 60.0)})
        poller = Poller(InMemoryClient(server, RateBudget(), clock()), clock=clock(), on_idle=lambda: None)
        with poller.watching(7, 1, poll_interval_s=5.0, submitted_at=EPOCH_S):
            await asyncio.Event().wait()

    async def work() -> bool:
        watching = asyncio.create_task(watch())
        await asyncio.sleep(10.0)
        gc.collect()
        return is_gone_through(things[0]) or watching.done()

    assert not run_simulated(work())
    assert is_gone_through(things[0])
    assert gc.callbacks == before
