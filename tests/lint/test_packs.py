"""Files of the cache: what was written comes back whole, or not at all."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from airbrick.lint.packs import read, write

TEXTS = st.lists(st.text(st.characters(exclude_characters="\n")))
ENTRIES = st.dictionaries(st.text(), st.fixed_dictionaries({"key": st.text(), "documents": TEXTS}))


@given(ENTRIES)
def test_what_is_written_comes_back(entries: dict[str, Any]) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "new" / "a.pack"
        write(file, entries)
        assert read(file) == entries
        assert sorted(path.name for path in file.parent.iterdir()) == [".gitignore", "CACHEDIR.TAG", "a.pack"]


def test_surrogates_and_other_newlines_come_back(tmp_path: Path) -> None:
    entries: dict[str, dict[str, Any]] = {
        "d\udcff.py": {"documents": ["\ud800 \x85 \u2028 \r", ""]},
        "b.py": {"documents": []},
    }
    write(tmp_path / "a.pack", entries)
    assert read(tmp_path / "a.pack") == entries


def test_a_file_that_is_not_there_has_no_entries(tmp_path: Path) -> None:
    assert read(tmp_path / "a.pack") == {}
