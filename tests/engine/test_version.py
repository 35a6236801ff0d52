import pytest
from tools.engine.version import Version


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("v3.259.0\n", Version(3, 259, 0)),
        ("3.260.1-alpha.xyz+dirty", Version(3, 260, 1)),
        ("go version go1.26 linux/amd64", Version(1, 26, 0)),
        ("go version go1.26.8 linux/amd64", Version(1, 26, 8)),
    ],
)
def test_reads_what_programs_print(text: str, expected: Version) -> None:
    assert Version.parse(text) == expected


@pytest.mark.parametrize("text", ["", "unknown", "v3"])
def test_a_text_without_version_is_none(text: str) -> None:
    assert Version.parse(text) is None


def test_orders_by_number_not_by_text() -> None:
    assert Version(3, 1000, 0) > Version(3, 259, 0)
    assert str(Version(3, 259, 0)) == "3.259.0"
