"""The order in which an engine is looked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.engine.errors import EngineUnavailableError, OriginError
from tools.engine.probe import find_on_path

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tools.engine.machine import Machine
    from tools.engine.progress import Progress
    from tools.engine.store import Store

    # Makes an engine in an empty folder and gives the folder in it that holds the finished one, or raises OriginError.
    Origin = Callable[[Path], Path]


def ensure(machine: Machine, store: Store, progress: Progress, *, release: Origin, modules: Origin) -> Path:
    """Find an engine, or get one.

    :param machine: whose PATH is searched first
    :param store: the cache, searched next
    :param progress: told what happens when it takes longer
    :param release: downloads Pulumi's release
    :param modules: builds from Go modules
    :return: the folder that holds ``pulumi`` and ``pulumi-language-python``
    :raises EngineUnavailableError: when nothing works
    """
    try:
        return find_on_path(machine)
    except OriginError as error:
        not_on_path = error
    if found := store.find():
        return found
    progress.say(f"{not_on_path}; none in {store.machine.cache_root}")
    with store.lock(progress):
        # Whoever held the lock before may have made it.
        return store.find() or _make(store, progress, not_on_path, ((release, False), (modules, True)))


def _make(store: Store, progress: Progress, not_on_path: OriginError, ways: Sequence[tuple[Origin, bool]]) -> Path:
    attempts = [not_on_path]
    for way, built in ways:
        with store.workshop() as workshop:
            try:
                return store.publish(way(workshop), built=built)
            except OriginError as error:
                progress.say(str(error))
                attempts.append(error)
    raise EngineUnavailableError(attempts)
