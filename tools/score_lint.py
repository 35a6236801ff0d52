"""Judge the linter by the labelled call sites in tests/lint/labelled.

Precision is the share of findings that a label asks for, recall the share of asked-for findings that were made.
Prints a table, or writes docs/linting/accuracy.md with ``--write``; lists what differs with ``--differences``.
"""

import argparse
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
LABELLED = ROOT / "tests" / "lint" / "labelled"
PAGE = ROOT / "docs" / "linting" / "accuracy.md"
# The contract's rules and the engine's own judge nothing here.
OUTSIDE = ("DBX8", "DBX9")


@dataclass(frozen=True, order=True)
class Site:
    """A place and what is to be said of it.

    :param first: first line of the construct.
    :param last: last line on which the finding may stand.
    """

    file: str
    first: int
    last: int
    code: str


@dataclass(frozen=True)
class Score:
    """How the linter's findings and the labels agree."""

    right: Counter[str]
    wrong: list[Site]
    missed: list[Site]

    def precision(self) -> float:
        """Give the share of findings that are right."""
        return _share(sum(self.right.values()), len(self.wrong))

    def recall(self) -> float:
        """Give the share of labels that were found."""
        return _share(sum(self.right.values()), len(self.missed))


def labels() -> Iterator[Site]:
    """Read what has to be found."""
    for file, sites in json.loads((LABELLED / "labels.json").read_text(encoding="utf-8")).items():
        for site in sites:
            for code in site["codes"]:
                yield Site(file, site["line"], site.get("end", site["line"]), code)


def findings() -> Iterator[Site]:
    """Lint the labelled files with the settings the labels assume."""
    command = [sys.executable, "-m", "airbrick.cli", "lint", "dags", "--isolated", "--no-cache", "--exit-zero"]
    command += ["--config", 'target-airflow="3.3"', "--config", 'target-provider="7.23.0"']
    done = subprocess.run(
        [*command, "--output-format", "json"], cwd=LABELLED, capture_output=True, text=True, check=True
    )
    for found in json.loads(done.stdout):
        if not found["code"].startswith(OUTSIDE):
            line = found["range"]["start"]["line"]
            yield Site(Path(found["path"]).name, line, line, found["code"])


def compare(wanted: list[Site], found: list[Site]) -> Score:
    """Match findings with labels, each at most once."""
    open_labels = sorted(wanted)
    right: Counter[str] = Counter()
    wrong: list[Site] = []
    for site in sorted(found):
        match = next((label for label in open_labels if _fits(label, site)), None)
        if match is None:
            wrong.append(site)
        else:
            open_labels.remove(match)
            right[site.code] += 1
    return Score(right, wrong, open_labels)


def table(score: Score) -> str:
    """Write the score as a table in Markdown."""
    wrong, missed = (Counter(site.code for site in sites) for sites in (score.wrong, score.missed))
    rows = [
        f"| {code} | {score.right[code]} | {wrong[code]} | {missed[code]} |"
        for code in sorted({*score.right, *wrong, *missed})
    ]
    total = f"| **all** | {sum(score.right.values())} | {len(score.wrong)} | {len(score.missed)} |"
    return "\n".join(["| rule | right | wrong | missed |", "|---|---|---|---|", *rows, total])


def page(score: Score) -> str:
    """Write the page of the documentation."""
    sites = sum(map(len, json.loads((LABELLED / "labels.json").read_text(encoding="utf-8")).values()))
    files = len(list((LABELLED / "dags").glob("*.py")))
    return f"""# How often the linter is right

{files} files with {sites} labelled places, written after the shapes of real DAGs and labelled before the linter first
saw them (`tests/lint/labelled/`). After the first run DBX201 and DBX602 were changed to what the labels ask, so the
figures are those of a set that is known. `python tools/score_lint.py --write` writes this page.

Precision (findings that are right): **{score.precision():.3f}**. Recall (what has to be found and is):
**{score.recall():.3f}**.

{table(score)}
"""


def main() -> None:
    """Print or write the score."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the page of the documentation")
    parser.add_argument("--differences", action="store_true", help="list what is wrong and what is missed")
    asked = parser.parse_args()
    score = compare(list(labels()), list(findings()))
    if asked.write:
        PAGE.write_text(page(score), encoding="utf-8")
    print(table(score))
    print(f"precision {score.precision():.3f}, recall {score.recall():.3f}")
    if asked.differences:
        for kind, sites in (("wrong", score.wrong), ("missed", score.missed)):
            for site in sites:
                print(f"{kind}: {site.file}:{site.first} {site.code}")


def _fits(label: Site, found: Site) -> bool:
    return (label.file, label.code) == (found.file, found.code) and label.first <= found.first <= label.last


def _share(right: int, other: int) -> float:
    return right / (right + other) if right + other else 1.0


if __name__ == "__main__":
    main()
