"""Keeping the garbage collector out of the way while one file is linted."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused() -> Iterator[None]:
    """Pause the garbage collector.

    The tree of a file is thousands of objects that are made together, live as long as the file is
    linted, and then go together. Each collection in between would walk through all of them in vain,
    which takes as long as following the file does.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
