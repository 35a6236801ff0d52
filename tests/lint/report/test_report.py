"""How findings are shown."""

import json
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.lint.workbench import Workbench, dag_file

from airbrick.lint.finding import Finding, Severity
from airbrick.lint.registry import all_rules
from airbrick.lint.report.colours import DEFAULT_WIDTH as WIDTH
from airbrick.lint.report.colours import Palette, palette_for
from airbrick.lint.report.frames import frame, width_of
from airbrick.lint.report.lines import statistics, summary
from airbrick.lint.report.report import Report, render
from airbrick.lint.report.rules import rules_as_json, rules_as_text
from airbrick.lint.result import FileResult
from airbrick.lint.source import SourceFile, Span

PATH = Path("dag.py")


def finding(code: str = "DBX101", line: int = 1) -> Finding:
    return Finding(code, "a-name", Severity.ERROR, PATH, Span(line, 1, line, 2), "it is wrong")


FOUND = FileResult(PATH, (finding(),))
CLEAN = FileResult(PATH)


def drawn(text: str, span: Span) -> list[str]:
    return list(frame(SourceFile(PATH, text), span, Palette()))


def test_a_frame_shows_the_lines_around_and_marks_the_place() -> None:
    assert drawn("a = 1\nbcd = ef(2)\ng = 3\n", Span(2, 7, 2, 9)) == [
        " 1 | a = 1",
        " 2 | bcd = ef(2)",
        "   |       ^^",
        " 3 | g = 3",
    ]


@pytest.mark.parametrize(
    ("text", "span", "marker"),
    [
        ("\tx = 1", Span(1, 2, 1, 3), "   |     ^"),
        ("'日本' + x", Span(1, 8, 1, 9), "   |          ^"),
        ("x(\n1)", Span(1, 1, 2, 3), "   | ^^"),
        ("", Span(1, 1, 1, 1), "   | ^"),
        ("x", Span(1, 2, 1, 3), "   |  ^"),
    ],
)
def test_marks_stand_below_what_they_mark(text: str, span: Span, marker: str) -> None:
    assert drawn(text, span)[1] == marker


@pytest.mark.parametrize("before", ["x" * 100, "日" * 100, "\t" * 100])
def test_a_line_that_is_cut_on_both_sides_says_so(before: str) -> None:
    line, marker = drawn(f"{before}HERE{'y' * 100}", Span(1, 101, 1, 105))
    shown = line.removeprefix(" 1 | ")
    assert shown[0] == shown[-1] == "…"
    assert width_of(line[: line.index("HERE")]) == marker.index("^")


def test_control_characters_do_not_reach_the_terminal() -> None:
    assert "\x1b" not in "".join(drawn("x = '\x1b[31m'", Span(1, 1, 1, 2)))


@given(
    st.lists(st.text(alphabet="ab é日\t'", max_size=200), min_size=1, max_size=4),
    st.integers(1, 4),
    st.integers(1, 200),
    st.integers(0, 50),
)
def test_frames_fit_the_width(lines: list[str], line: int, column: int, length: int) -> None:
    line = min(line, len(lines))
    for text in drawn("\n".join(lines), Span(line, column, line, column + length)):
        assert width_of(text) <= WIDTH


def test_full_output_fits_80_columns_and_names_the_fix(bench: Workbench) -> None:
    bench.add_contract({"nightly_orders_of_all_regions": ("run_date",)})
    body = f"""\
CLUSTER = {{"num_workers": 4, "spark_version": "13.3.x-scala2.12", "spark_conf": {{"spark.speculation": "true"}}}}
with DAG("a_dag_with_a_rather_long_name", schedule="@daily", description="{"long " * 20}"):
    DatabricksSubmitRunOperator(task_id="t", new_cluster=CLUSTER, run_name="{"long " * 20}")
    RunNowOperator(task_id="u", job="nightly_orders_of_all_region", job_parameters={{"run_dt": "{{{{ ds }}}}"}})
"""
    result = bench.lint(dag_file(body))
    assert result.source is not None
    lines = render(Report([result]), "full").splitlines()
    # Paths are given whole, so that editors can open them.
    assert [line for line in lines if width_of(line) > WIDTH and str(bench.folder) not in line] == []
    text = "\n".join(lines)
    assert "fix: Add deferrable=True (--fix --unsafe-fixes)" in text
    assert "note: the cluster is spelled out here" in text
    assert "help: did you mean" in text


def test_concise_output_is_one_line_a_finding() -> None:
    assert render(Report([FOUND]), "concise").splitlines()[0] == "dag.py:1:1: DBX101 it is wrong"


def test_colours_are_kept_from_pipes_and_from_who_does_not_want_them() -> None:
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    assert palette_for(Terminal(), {}).on
    assert not palette_for(Terminal(), {"NO_COLOR": "1"}).on
    assert not palette_for(Terminal(), {"TERM": "dumb"}).on
    assert not palette_for(StringIO(), {}).on
    assert palette_for(StringIO(), {"FORCE_COLOR": "1"}).on
    assert not palette_for(Terminal(), {"NO_COLOR": "1", "FORCE_COLOR": "1"}).on
    assert "\x1b[" in render(Report([FOUND], palette=Palette(on=True)), "concise")


def test_json_output_holds_everything(bench: Workbench) -> None:
    result = bench.lint(dag_file('with DAG("d"):\n    é = DatabricksRunNowOperator(task_id="ü", job_id=1)\n'))
    assert result.source is not None
    (document,) = json.loads(render(Report([result]), "json"))
    assert document["code"] == "DBX201"
    assert document["name"] == "missing-deferrable"
    assert document["severity"] == "warning"
    assert document["path"] == str(bench.path)
    lines = result.source.text.splitlines()
    start, end = document["range"]["start"], document["range"]["end"]
    assert lines[start["line"] - 1][start["column"] - 1 : end["column"] - 1] == "DatabricksRunNowOperator"
    (edit,) = document["fix"]["edits"]
    assert edit["text"] == ", deferrable=True"
    at = edit["range"]["start"]
    assert lines[at["line"] - 1][at["column"] - 1 :] == ")"
    assert document["fix"]["safety"] == "unsafe"


def test_statistics_count_by_rule() -> None:
    found = [finding("DBX101"), *[finding("DBX201")] * 10]
    assert list(statistics(found)) == ["10  DBX201  a-name", " 1  DBX101  a-name"]
    assert list(statistics([])) == []


def test_the_summary_says_what_was_done() -> None:
    assert summary(Report([CLEAN])) == "No findings (1 file checked)."
    assert summary(Report([CLEAN] * 2, fixed=3)) == "No findings, 3 fixed (2 files checked)."
    assert summary(Report([FOUND, CLEAN])) == "1 finding (2 files checked)."
    assert summary(Report([CLEAN], known=4)) == "No findings (1 file checked, 4 known left out)."


def test_rules_are_shown_for_people_and_programs() -> None:
    rules = all_rules()
    text = "\n".join(rules_as_text(rules, listing=False))
    assert all(rule.code in text for rule in rules)
    # Code is shown as it is written; everything else fits.
    assert [line for line in text.splitlines() if len(line) > WIDTH and not line.startswith("    ")] == []
    listing = list(rules_as_text(rules, listing=True))
    assert len(listing) == len(rules)
    documents = json.loads(rules_as_json(rules))
    assert [document["code"] for document in documents] == [rule.code for rule in rules]
    assert documents[0]["bad"][0]["code"]
