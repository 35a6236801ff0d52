"""Selection of rules."""

import pytest

from airbrick.lint.errors import SelectorError
from airbrick.lint.registry import all_rules, listed, matching, selected
from airbrick.lint.rule import Preset

ALL_CODES = frozenset(rule.code for rule in all_rules())


@pytest.mark.parametrize(
    ("selector", "codes"),
    [
        ("DBX101", {"DBX101"}),
        ("dbx101", {"DBX101"}),
        ("hardcoded-cluster-spec", {"DBX101"}),
        ("DBX8", {code for code in ALL_CODES if code[3] == "8"}),
        ("DBX", ALL_CODES),
        ("ALL", ALL_CODES),
    ],
)
def test_selectors(selector: str, codes: set[str]) -> None:
    assert matching(selector, listed(), source="test") == codes


def test_presets() -> None:
    recommended = {rule.code for rule in all_rules() if rule.preset is Preset.RECOMMENDED}
    assert matching("recommended", listed(), source="test") == recommended
    strict = {rule.code for rule in all_rules() if rule.preset is not Preset.ALL}
    assert matching("strict", listed(), source="test") == strict
    assert "DBX101" in recommended


@pytest.mark.parametrize(
    ("selector", "hint"),
    [
        ("DBX101x", "did you mean DBX101?"),
        ("mising-deferrable", "did you mean missing-deferrable?"),
        ("all", "did you mean ALL?"),
        ("D", "airbrick rule --all"),
        ("", "airbrick rule --all"),
    ],
)
def test_selectors_that_match_nothing_are_refused(selector: str, hint: str) -> None:
    with pytest.raises(SelectorError) as caught:
        matching(selector, listed(), source="--select")
    assert str(caught.value).startswith("--select: ")
    assert hint in str(caught.value)


@pytest.mark.parametrize(
    ("select", "ignore", "expected"),
    [
        (["DBX1"], [], {code for code in ALL_CODES if code[3] == "1"}),
        (["ALL"], ["DBX2"], {code for code in ALL_CODES if code[3] != "2"}),
        (["DBX101", "DBX2"], ["DBX"], {"DBX101", *(code for code in ALL_CODES if code[3] == "2")}),
        (["DBX101"], ["DBX101"], set()),
        ([], [], set()),
    ],
)
def test_the_more_precise_selector_wins(select: list[str], ignore: list[str], expected: set[str]) -> None:
    assert selected(select, ignore, listed()) == expected
