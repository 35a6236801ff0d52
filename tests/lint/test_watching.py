"""``--watch`` with no clock and no terminal."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.lint.workbench import dag_file

from airbrick.cli import main
from airbrick.lint.watching import INTERVAL_S, watch


def watched(
    changes: Iterator[None],
    places: list[Path],
    meanwhile: Callable[[int], None] = lambda _done: None,
    further: tuple[Path, ...] = (),
) -> int:
    """Count how often something is done while changes happen, one in each pause.

    :param meanwhile: is called while it is done, with how often it was.
    """
    done = 0
    over = False

    def once() -> tuple[Path, ...]:
        nonlocal done
        done += 1
        meanwhile(done)
        return further

    def pause(seconds: float) -> None:
        nonlocal over
        assert seconds == INTERVAL_S
        over = next(changes, True) is True

    watch(places, once, pause=pause, more=lambda: not over)
    return done


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "dags" / "a.py"
    path.parent.mkdir()
    path.write_text("")
    return path


@pytest.mark.parametrize("named", ["dags", "dags/a.py"])
def test_only_a_change_lets_it_be_done_again(path: Path, named: str) -> None:
    def changes() -> Iterator[None]:
        yield
        path.write_text("longer")
        yield
        (path.parent / "notes.txt").write_text("")
        (path.parent / ".hidden").mkdir()
        (path.parent / "__pycache__").mkdir()
        (path.parent / "__pycache__" / "b.py").write_text("")
        yield
        path.unlink()
        yield
        path.write_text("back again")
        yield
        yield

    assert watched(changes(), [path.parent.parent / named]) == 4


def test_everything_that_decides_counts(path: Path, tmp_path: Path) -> None:
    named = [
        path.parent / "b.py",
        path.parent / "deep" / "er" / "c.py",
        path.parent / "deep" / "airbrick.toml",
        path.parent / ".airflowignore",
        tmp_path / "pyproject.toml",
        tmp_path / "airbrick.baseline.json",
        tmp_path / "airbrick.contract.prod.json",
        tmp_path / "elsewhere" / "known.json",
    ]

    def changes() -> Iterator[None]:
        for file in named:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("")
            yield
            file.write_text("longer")
            yield

    assert watched(changes(), [path.parent], further=(named[-1],)) == 1 + 2 * len(named)


def test_what_changes_while_it_is_done_is_not_lost(path: Path) -> None:
    def edit(done: int) -> None:
        if done == 1:
            path.write_text("saved while it was linted")

    assert watched(iter([None, None]), [path.parent], edit) == 2


def test_links_that_lead_in_circles_end(path: Path) -> None:
    (path.parent / "self").symlink_to(path.parent)
    assert watched(iter([None]), [path.parent]) == 1


def test_an_empty_folder_is_looked_at_again_when_something_comes(tmp_path: Path) -> None:
    def changes() -> Iterator[None]:
        yield
        (tmp_path / "a.py").write_text("")
        yield
        yield

    assert watched(changes(), [tmp_path]) == 2


def test_a_place_that_comes_later_is_found(tmp_path: Path) -> None:
    def changes() -> Iterator[None]:
        yield
        (tmp_path / "dags").mkdir()
        (tmp_path / "dags" / "a.py").write_text("")
        yield
        yield

    assert watched(changes(), [tmp_path / "dags"]) == 2


def test_a_broken_configuration_is_told_and_watched_until_it_is_mended(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command, as it is called: broken at the start, mended, broken again by what it extends, and mended."""
    monkeypatch.chdir(tmp_path)
    path.write_text(dag_file('with DAG("d"):\n    DatabricksRunNowOperator(task_id="t", job_id=1)\n'))
    config, base = tmp_path / "dags" / "airbrick.toml", tmp_path / "shared" / "base.toml"
    base.parent.mkdir()
    base.write_text("")
    config.write_text('select = "DBX201"')
    steps = [
        (config, f'extend = "{base}"\nselect = ["DBX201"]\n'),
        (config, f'extend = "{base}"\nselect = ["DBX201"]\nignore = []\n'),
        (base, "nonsense = 1\n"),
        (base, 'select = ["DBX201"]\n'),
    ]

    def pause(_seconds: float) -> None:
        if not steps:
            raise KeyboardInterrupt
        file, text = steps.pop(0)
        file.write_text(text)

    monkeypatch.setattr("airbrick.lint.watching.watch", partial(watch, pause=pause))
    result = CliRunner().invoke(main, ["lint", "dags", "--watch", "--output-format", "concise"])
    told = [line for line in result.output.splitlines() if "DBX201" in line or line.startswith("error")]
    assert ["error" if line.startswith("error") else "found" for line in told] == [
        "error", "found", "found", "error", "found",
    ]  # fmt: skip
