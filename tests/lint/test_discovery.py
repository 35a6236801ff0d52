"""Which files are linted."""

import os
from pathlib import Path

import pytest

from airbrick.lint.config_finder import ConfigFinder
from airbrick.lint.discovery import discover
from airbrick.lint.errors import PathError
from airbrick.lint.settings import Settings


def tree(root: Path, *names: str, **contents: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(contents.get(name, ""), encoding="utf-8")


def found(root: Path, *paths: Path, force_exclude: bool = False) -> list[str]:
    settings_for = ConfigFinder().settings_for
    files = discover(paths or (root,), settings_for, force_exclude=force_exclude)
    return [path.relative_to(root).as_posix() for path in files]


def test_searches_folders_for_python_files_in_a_stable_order(tmp_path: Path) -> None:
    tree(tmp_path, "b.py", "a.py", "sub/c.py", "sub/deep/d.py", "note.txt", "other.pyi")
    assert found(tmp_path) == ["a.py", "b.py", "sub/c.py", "sub/deep/d.py"]


def test_files_that_are_named_need_no_suffix_and_come_once(tmp_path: Path) -> None:
    tree(tmp_path, "script", "a.py")
    assert found(tmp_path, tmp_path / "script", tmp_path / "a.py", tmp_path) == ["script", "a.py"]


def test_folders_of_tools_are_passed_over(tmp_path: Path) -> None:
    tree(
        tmp_path, ".venv/a.py", "node_modules/a.py", "__pycache__/a.py", ".git/a.py", "lib/site-packages/a.py", "ok.py"
    )
    assert found(tmp_path) == ["ok.py"]


def test_gitignore_files_are_honoured_level_by_level(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    tree(tmp_path, "a.py", "gen/x.py", "dags/a_test.py", "dags/keep_test.py", "dags/deep/b_test.py")
    (tmp_path / ".gitignore").write_text("gen/\n*_test.py\n")
    (tmp_path / "dags" / ".gitignore").write_text("!keep_test.py\n")
    assert found(tmp_path) == ["a.py", "dags/keep_test.py"]
    assert found(tmp_path, tmp_path / "dags") == ["dags/keep_test.py"]


def test_patterns_above_the_repository_do_not_count(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*.py\n")
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    tree(tmp_path, "repo/a.py")
    assert found(tmp_path, tmp_path / "repo") == ["repo/a.py"]


def test_airflowignore_files_are_honoured(tmp_path: Path) -> None:
    tree(tmp_path, "dags/a.py", "dags/helpers/b.py", "dags/scratch.py")
    (tmp_path / "dags" / ".airflowignore").write_text("# comment\nhelpers/\nscratch.py\n")
    assert found(tmp_path) == ["dags/a.py"]


def test_who_names_an_ignored_folder_wants_it_linted(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("gen/\n")
    tree(tmp_path, "gen/a.py")
    assert found(tmp_path, tmp_path / "gen") == ["gen/a.py"]


def test_exclude_of_the_configuration(tmp_path: Path) -> None:
    tree(tmp_path, "a.py", "old/b.py", "old/deep/c.py")
    (tmp_path / "airbrick.toml").write_text('exclude = ["old/"]\n')
    assert found(tmp_path) == ["a.py"]
    named = (tmp_path / "old" / "b.py",)
    assert found(tmp_path, *named) == ["old/b.py"]
    assert found(tmp_path, *named, force_exclude=True) == []


def test_symbolic_links_that_lead_in_circles_end(tmp_path: Path) -> None:
    tree(tmp_path, "sub/a.py")
    (tmp_path / "sub" / "up").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "broken.py").symlink_to(tmp_path / "nowhere.py")
    (tmp_path / "self").symlink_to(tmp_path / "self")
    assert [name for name in found(tmp_path) if name != "broken.py"] == ["sub/a.py"]


def test_linked_files_come_once(tmp_path: Path) -> None:
    tree(tmp_path, "a.py")
    (tmp_path / "b.py").symlink_to(tmp_path / "a.py")
    assert found(tmp_path) == ["a.py"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_folders_that_cannot_be_read_are_passed_over(tmp_path: Path) -> None:
    tree(tmp_path, "a.py", "closed/b.py")
    (tmp_path / "closed").chmod(0)
    try:
        assert found(tmp_path) == ["a.py"]
    finally:
        (tmp_path / "closed").chmod(0o700)


def test_a_path_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PathError, match=r"nope\.py: no such file or folder"):
        list(discover([tmp_path / "nope.py"], lambda _: Settings()))


def test_airflowignore_is_read_as_airflow_reads_it(tmp_path: Path) -> None:
    tree(tmp_path, "dags/a_test.py", "dags/b.py", "dags/old/c.py", "dags/new/d_tests.py", "dags/new/e.py")
    (tmp_path / "dags" / ".airflowignore").write_text("_test  # comment\nold/c\n(\n")
    assert len(found(tmp_path)) == 5
    for config in ('target-airflow = "2.10"', 'dag-ignore-file-syntax = "regexp"'):
        (tmp_path / "airbrick.toml").write_text(config)
        assert found(tmp_path) == ["dags/b.py", "dags/new/e.py"]
    (tmp_path / "airbrick.toml").write_text('target-airflow = "2.10"\ndag-ignore-file-syntax = "glob"')
    assert len(found(tmp_path)) == 5


def test_expressions_of_inner_folders_speak_of_the_path_below_the_outermost(tmp_path: Path) -> None:
    tree(tmp_path, "dags/a/x.py", "dags/a/y.py")
    (tmp_path / "airbrick.toml").write_text('dag-ignore-file-syntax = "regexp"')
    (tmp_path / "dags" / ".airflowignore").write_text("nothing\n")
    (tmp_path / "dags" / "a" / ".airflowignore").write_text("^a/x\n")
    assert found(tmp_path) == ["dags/a/y.py"]
