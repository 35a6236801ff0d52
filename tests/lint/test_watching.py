"""``--watch`` with no clock and no terminal."""

from collections.abc import Iterator
from pathlib import Path

from airbrick.lint.watching import INTERVAL_S, watch


def watched(changes: Iterator[None], paths: list[Path]) -> int:
    """Count how often something is done while changes happen, one in each pause."""
    done = 0
    over = False

    def once() -> list[Path]:
        nonlocal done
        done += 1
        return paths

    def pause(seconds: float) -> None:
        nonlocal over
        assert seconds == INTERVAL_S
        over = next(changes, True) is True

    watch(once, pause=pause, more=lambda: not over)
    return done


def test_only_a_change_lets_it_be_done_again(tmp_path: Path) -> None:
    path = tmp_path / "dags" / "a.py"
    path.parent.mkdir()
    path.write_text("")

    def changes() -> Iterator[None]:
        yield
        path.write_text("longer")
        yield
        yield
        path.unlink()
        yield
        path.write_text("back again")
        yield
        yield

    assert watched(changes(), [path]) == 4


def test_new_files_and_configurations_count(tmp_path: Path) -> None:
    path = tmp_path / "dags" / "a.py"
    path.parent.mkdir()
    path.write_text("")

    def changes() -> Iterator[None]:
        (path.parent / "b.py").write_text("")
        yield
        (tmp_path / "airbrick.toml").write_text("select = []")
        yield
        (tmp_path / "airbrick.toml").write_text("select = ['DBX1']")
        yield
        yield

    assert watched(changes(), [path]) == 4


def test_nothing_to_look_at_is_looked_at_again(tmp_path: Path) -> None:
    assert watched(iter([None, None]), []) == 1
