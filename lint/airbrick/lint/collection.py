"""Keeping the garbage collector out of the way where it would walk through all there is in vain."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused(*, lasting: bool = False) -> Iterator[None]:
    """Pause the garbage collector.

    The tree of a file is thousands of objects that are made together, live as long as the file is
    linted, and then go together. Each collection in between would walk through all of them in vain,
    which takes as long as following the file does. What modules and the cache hold stays, too.

    :param lasting: whether what is made meanwhile lasts: then no later collection walks through it either, nor the
        one at the end of the process. Reference counts still free it, but not a cycle.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        if lasting:
            gc.freeze()
        gc.enable()


def thaw() -> None:
    """Let the collector walk again through what was to last: for a process that goes on after its run."""
    gc.unfreeze()
