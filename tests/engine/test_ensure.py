import io
from pathlib import Path

import pytest
from tests.engine.helpers import write_engine
from tools.engine.ensure import ensure
from tools.engine.errors import EngineUnavailableError, OriginError
from tools.engine.machine import Machine
from tools.engine.progress import Progress
from tools.engine.store import Store


def refuse(origin: str) -> OriginError:
    return OriginError(origin, "not reachable")


def no_release(_workshop: Path) -> Path:
    raise refuse("official release")


def no_modules(_workshop: Path) -> Path:
    raise refuse("build from Go modules")


def make(workshop: Path) -> Path:
    return write_engine(workshop / "engine")


def test_path_comes_first(machine: Machine, store: Store, progress: Progress, said: io.StringIO) -> None:
    folder = write_engine(Path(machine.search_path.split(":")[0]))
    assert ensure(machine, store, progress, release=no_release, modules=no_modules) == folder
    assert said.getvalue() == ""
    assert not machine.cache_root.exists()


def test_the_cache_comes_second(machine: Machine, store: Store, progress: Progress, said: io.StringIO) -> None:
    ensure(machine, store, progress, release=make, modules=no_modules)
    said.truncate(0)
    assert ensure(machine, store, progress, release=no_release, modules=no_modules) == store.folder(built=False)
    assert said.getvalue() == ""


def test_the_build_comes_when_the_release_cannot_be_had(machine: Machine, store: Store, progress: Progress) -> None:
    assert ensure(machine, store, progress, release=no_release, modules=make) == store.folder(built=True)


def test_what_another_process_made_meanwhile_is_used(
    machine: Machine, store: Store, progress: Progress, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([None, store.folder(built=True)])
    monkeypatch.setattr(Store, "find", lambda _self: next(answers))
    assert ensure(machine, store, progress, release=no_release, modules=no_modules) == store.folder(built=True)


def test_when_nothing_works_all_three_ways_are_named(machine: Machine, store: Store, progress: Progress) -> None:
    with pytest.raises(EngineUnavailableError) as caught:
        ensure(machine, store, progress, release=no_release, modules=no_modules)
    message = str(caught.value)
    assert "1. PATH: no pulumi" in message
    assert "2. official release: not reachable" in message
    assert "3. build from Go modules: not reachable" in message
    assert "https://www.pulumi.com/docs/install/" in message
    assert [path.name for path in machine.cache_root.iterdir()] == [".lock"]
