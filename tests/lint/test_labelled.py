"""How often the linter is right, on code that was labelled without it."""

from pathlib import Path

import pytest
from tools import score_lint

PAGE = Path(__file__).parents[2] / "docs" / "linting" / "accuracy.md"


@pytest.fixture(scope="module")
def score() -> score_lint.Score:
    return score_lint.compare(list(score_lint.labels()), list(score_lint.findings()))


def test_findings_are_right_and_few_are_missed(score: score_lint.Score) -> None:
    assert score.precision() >= 0.98, score.wrong
    assert score.recall() >= 0.95, score.missed


def test_the_documents_show_the_score_of_today(score: score_lint.Score) -> None:
    assert score_lint.page(score) == PAGE.read_text(encoding="utf-8"), "run `python tools/score_lint.py --write`"


def test_a_finding_answers_one_label_and_only_on_its_lines() -> None:
    label = score_lint.Site("a.py", 3, 5, "DBX401")
    inside, beside = score_lint.Site("a.py", 4, 4, "DBX401"), score_lint.Site("a.py", 6, 6, "DBX401")
    found = score_lint.compare([label], [inside, inside, beside])
    assert (found.right["DBX401"], len(found.wrong), found.missed) == (1, 2, [])
    assert score_lint.compare([label], []).missed == [label]
