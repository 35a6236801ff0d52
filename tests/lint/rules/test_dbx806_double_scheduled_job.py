"""DBX806: jobs with two clocks."""

import pytest
from tests.lint.workbench import Workbench, in_dag

CODE = "DBX806"
ONLY: dict[str, object] = {"select": [CODE]}
RUN = 'RunNowOperator(task_id="t", job="orders")'
DAILY = ', schedule="@daily"'


@pytest.fixture
def stocked(bench: Workbench) -> Workbench:
    bench.add_contract({"orders": ()}, settings={"has_schedule": True})
    return bench


@pytest.mark.parametrize(
    "task", [RUN, 'DatabricksRunNowOperator(task_id="t", job_name="orders job")', RUN.replace("t", "t", 1)]
)
def test_reports_both_places(stocked: Workbench, task: str) -> None:
    (finding,) = stocked.findings(in_dag(task, DAILY), CODE)
    (note,) = finding.notes
    assert note.span is not None
    assert '"has_schedule"' in note.path.read_text(encoding="utf-8").splitlines()[note.span.line - 1]


@pytest.mark.parametrize(
    ("task", "arguments"),
    [
        (RUN, ""),
        (RUN, ", schedule=None"),
        (RUN, ", schedule=computed()"),
        (RUN, ", **computed()"),
        (RUN.replace("orders", "unknown"), DAILY),
        (RUN.replace('"orders"', "computed()"), DAILY),
    ],
)
def test_is_silent_without_a_second_clock(stocked: Workbench, task: str, arguments: str) -> None:
    assert stocked.findings(in_dag(task, arguments), CODE) == []


def test_names_the_stacks_in_which_it_holds(stocked: Workbench) -> None:
    stocked.add_contract({"orders": ()}, "prod")
    (finding,) = stocked.findings(in_dag(RUN, DAILY), CODE)
    assert finding.stacks == ("dev",)


def test_no_contract_no_finding(bench: Workbench) -> None:
    assert bench.findings(in_dag(RUN, DAILY), CODE) == []


def test_suppressed(stocked: Workbench) -> None:
    assert stocked.codes(in_dag(f"{RUN}  # airbrick: ignore[DBX806]", DAILY), ONLY) == []
