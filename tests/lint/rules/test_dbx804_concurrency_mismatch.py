"""DBX804: more runs at once than a job takes."""

import pytest
from tests.lint.workbench import Workbench, dag_file, in_dag

CODE = "DBX804"
ONLY: dict[str, object] = {"select": [CODE]}
RUN = 'RunNowOperator(task_id="t", job="orders")'
MAPPED = 'RunNowOperator.partial(task_id="t", job="orders"{more}).expand(job_parameters={items})'


@pytest.fixture
def stocked(bench: Workbench) -> Workbench:
    bench.add_contract({"orders": ()}, settings={"max_concurrent_runs": 2})
    return bench


@pytest.mark.parametrize(
    ("task", "arguments"),
    [
        (RUN, ', schedule="@daily"'),
        (RUN, ", max_active_runs=3"),
        (RUN, ", max_active_runs=N"),
        ('DatabricksRunNowOperator(task_id="t", job_name="orders job")', ", max_active_runs=3"),
        (MAPPED.format(more="", items="[{}, {}, {}]"), ", max_active_runs=1"),
        (MAPPED.format(more="", items="computed()"), ", max_active_runs=1"),
        (MAPPED.format(more=", max_active_tis_per_dagrun=3", items="computed()"), ", max_active_runs=1"),
        (f"for n in range(3):\n        {RUN}", ", max_active_runs=1"),
        (f"for n in range(99):\n        {RUN}", ", max_active_runs=1"),
    ],
)
def test_reports_more_than_the_job_takes(stocked: Workbench, task: str, arguments: str) -> None:
    (finding,) = stocked.findings(in_dag(task, arguments, "N = 3\n"), CODE)
    (note,) = finding.notes
    assert note.path == stocked.contracts[0]
    assert note.span is not None
    assert '"max_concurrent_runs"' in note.path.read_text(encoding="utf-8").splitlines()[note.span.line - 1]


@pytest.mark.parametrize(
    ("task", "arguments"),
    [
        (RUN, ""),
        (RUN, ", schedule=None"),
        (RUN, ", max_active_runs=2"),
        (RUN, ", max_active_runs=computed()"),
        (RUN, ", **computed()"),
        (RUN.replace("orders", "unknown"), ", max_active_runs=9"),
        (RUN.replace('"orders"', "computed()"), ", max_active_runs=9"),
        (RUN.replace('"orders"', '"orders", pool="p"'), ", max_active_runs=9"),
        (MAPPED.format(more="", items="[{}, {}]"), ", max_active_runs=1"),
        (MAPPED.format(more=", max_active_tis_per_dag=2", items="computed()"), ", max_active_runs=9"),
        ("for n in ('orders', 'x', 'y'):\n        RunNowOperator(task_id=n, job=n)", ", max_active_runs=1"),
    ],
)
def test_is_silent_where_it_fits_or_is_not_known(stocked: Workbench, task: str, arguments: str) -> None:
    assert stocked.findings(in_dag(task, arguments), CODE) == []


def test_a_job_that_queues_takes_any_number(bench: Workbench) -> None:
    bench.add_contract({"orders": ()}, settings={"queue_enabled": True})
    assert bench.findings(in_dag(RUN, ", max_active_runs=9"), CODE) == []


def test_chained_tasks_run_one_after_the_other(stocked: Workbench) -> None:
    body = f'with DAG("d", max_active_runs=1):\n    ops = [{RUN} for n in range(5)]\n    chain(*ops)\n'
    assert stocked.findings(dag_file(body), CODE) == []


def test_names_the_stacks_in_which_it_holds(bench: Workbench) -> None:
    bench.add_contract({"orders": ()}, "dev")
    bench.add_contract({"orders": ()}, "prod", settings={"max_concurrent_runs": 9})
    (finding,) = bench.findings(in_dag(RUN, ", max_active_runs=4"), CODE)
    assert finding.stacks == ("dev",)


def test_suppressed(stocked: Workbench) -> None:
    assert stocked.codes(in_dag(f"{RUN}  # airbrick: ignore[DBX804]", ", max_active_runs=9"), ONLY) == []
