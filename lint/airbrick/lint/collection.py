"""Keeping the garbage collector out of the way where it would walk through all there is in vain."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused() -> Iterator[None]:
    """Pause the garbage collector.

    The tree of a file is thousands of objects that are made together, live as long as the file is
    linted, and then go together. Each collection in between would walk through all of them in vain,
    which takes as long as following the file does. What modules and the cache hold stays, too.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
