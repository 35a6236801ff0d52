import fcntl
import io
import threading
from pathlib import Path

import pytest
from tests.engine.helpers import write_engine
from tools.engine.machine import Machine
from tools.engine.progress import Progress
from tools.engine.store import Store


def publish(store: Store, *, built: bool = True, version: str = "3.259.0") -> Path:
    with store.workshop() as workshop:
        return store.publish(write_engine(workshop / "engine", version), built=built)


@pytest.fixture(autouse=True)
def cache_root(machine: Machine) -> Path:
    machine.cache_root.mkdir()
    return machine.cache_root


def test_finds_what_was_published(store: Store) -> None:
    assert store.find() is None
    assert publish(store) == store.folder(built=True)
    assert store.find() == store.folder(built=True)
    assert store.folder(built=True).name == "3.259.0-linux-x64-recipe-1"


def test_an_engine_built_from_other_sources_is_not_found(store: Store, machine: Machine) -> None:
    publish(store)
    assert Store(machine=machine, recipe="recipe-2").find() is None


def test_an_official_engine_does_not_depend_on_our_sources(store: Store, machine: Machine) -> None:
    publish(store, built=False)
    assert Store(machine=machine, recipe="recipe-2").find() == store.folder(built=False)


def test_engines_of_two_checkouts_live_side_by_side(store: Store, machine: Machine) -> None:
    other = Store(machine=machine, recipe="recipe-2")
    assert publish(store) != publish(other)
    assert store.find() == store.folder(built=True)
    assert other.find() == other.folder(built=True)


def test_an_engine_that_lost_a_file_is_not_found(store: Store) -> None:
    (publish(store) / "pulumi-language-python").unlink()
    assert store.find() is None


def test_an_engine_that_does_not_run_is_not_found(store: Store) -> None:
    (publish(store) / "pulumi").write_text("not a program", encoding="utf-8")
    assert store.find() is None


def test_publishing_replaces_a_broken_engine(store: Store, cache_root: Path) -> None:
    (publish(store) / "pulumi-language-python").unlink()
    publish(store)
    assert store.find() == store.folder(built=True)
    assert [path.name for path in cache_root.iterdir()] == [store.folder(built=True).name]


def test_an_interrupted_build_leaves_nothing(store: Store, cache_root: Path) -> None:
    def interrupted() -> None:
        with store.workshop() as workshop:
            write_engine(workshop / "engine")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(cache_root.iterdir()) == []


def test_a_killed_build_is_swept_by_the_next(store: Store, cache_root: Path) -> None:
    write_engine(cache_root / ".unfinished-killed")
    publish(store)
    assert [path.name for path in cache_root.iterdir()] == [store.folder(built=True).name]


def test_a_second_builder_waits_for_the_first(store: Store, progress: Progress, said: io.StringIO) -> None:
    entered = threading.Event()

    def second() -> None:
        with store.lock(progress):
            entered.set()

    thread = threading.Thread(target=second, daemon=True)
    with (store.machine.cache_root / ".lock").open("w", encoding="utf-8") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        thread.start()
        assert not entered.wait(timeout=0.2)
    assert entered.wait(timeout=10)
    thread.join(timeout=10)
    assert "another process is getting the engine" in said.getvalue()
