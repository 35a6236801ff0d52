"""Doing the same with many things on all processors."""

import gc
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

WORTHWHILE: Final = 50
"""Things from which on starting processes takes less time than they save."""

_CHUNK: Final = 4
_work: Callable[[Any], Any] | None = None


def processors() -> int:
    """Count the processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run(
    work: Callable[[Item], Result],
    items: Sequence[Item],
    *,
    jobs: int,
    lost: Callable[[Item], Result],
) -> Iterator[Result]:
    """Give the results of a function for all items, in their order.

    Processes are forked where the system can: the function is any, and what it refers to is shared as it
    stands. Elsewhere, and for few items, everything happens in this process.

    :param jobs: the most processes to use.
    :param lost: gives the result for an item whose process ended, as when memory runs out.
    """
    if jobs < 2 or len(items) <= WORTHWHILE or sys.platform != "linux":  # noqa: PLR2004 - one process is this one
        yield from map(work, items)
        return
    from concurrent.futures.process import BrokenProcessPool

    done = 0
    try:
        for result in _forked(work, items, jobs, _CHUNK):
            yield result
            done += 1
    except BrokenProcessPool:
        # One item ended its process; alone, it ends no other's.
        for item in items[done:]:
            try:
                yield from _forked(work, [item], 1, 1)
            except BrokenProcessPool:
                yield lost(item)


def _forked(work: Callable[[Item], Result], items: Sequence[Item], jobs: int, chunk: int) -> Iterator[Result]:
    # Few runs need processes; every run would pay for the import.
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    # What exists now is shared with the processes for as long as nobody touches it, the collector included.
    gc.freeze()
    try:
        with ProcessPoolExecutor(jobs, get_context("fork"), initializer=_start, initargs=(work,)) as pool:
            yield from pool.map(_apply, items, chunksize=chunk)
    finally:
        gc.unfreeze()


def _start(work: Callable[[Any], Any]) -> None:
    global _work  # noqa: PLW0603 - a worker process has one thing to do
    _work = work


def _apply(item: Any) -> Any:  # noqa: ANN401 - as the function takes and gives
    if _work is None:
        raise RuntimeError("the worker was not started")
    return _work(item)
