"""DBX802: job ids written into DAGs."""

import pytest
from tests.lint.workbench import Workbench, in_dag

CODE = "DBX802"
ONLY: dict[str, object] = {"select": [CODE]}
RUN = 'DatabricksRunNowOperator(task_id="t", '
HEAD = 'import os\nfrom company import JOB, *\nID = 91\nP = {"job_id": "91"}\n'.replace("JOB, *", "JOB")


@pytest.mark.parametrize(
    "task",
    [
        f"{RUN}job_id=91)",
        f'{RUN}job_id="91")',
        f"{RUN}job_id=ID)",
        f"{RUN}job_id=str(ID))",
        f"{RUN}**P)",
        f"{RUN}json=P)",
        f'{RUN}json={{"job_id": ID}})',
        f"{RUN}job_id=91 if os.getenv('PROD') else 92)",
        'DatabricksRunNowOperator.partial(task_id="t").expand(job_id=[91, 92])',
        'RunNowOperator(task_id="t", job_id=91)',
    ],
)
def test_reports_ids_that_are_literals(bench: Workbench, task: str) -> None:
    (finding,) = bench.findings(in_dag(task, head=HEAD), CODE)
    assert "91" in finding.message


@pytest.mark.parametrize(
    "task",
    [
        f'{RUN}job_id="{{{{ params.job }}}}")',
        f'{RUN}job_id="<job id>")',
        f"{RUN}job_id=Variable.get('job'))",
        f"{RUN}job_id=int(os.getenv('JOB', 91)))",
        f"{RUN}job_id=JOB)",
        f"{RUN}job_id=JOB if os.getenv('PROD') else 92)",
        f"{RUN}job_id=True)",
        f'{RUN}job_name="91")',
        f"{RUN}**JOB)",
        'RunNowOperator(task_id="t", job="91")',
        'DatabricksSubmitRunOperator(task_id="t", json={"job_id": 91})',
        "print(91)  # job_id=91",
    ],
)
def test_is_silent_about_names_templates_and_what_is_read_from_elsewhere(bench: Workbench, task: str) -> None:
    assert bench.findings(in_dag(task, head=HEAD), CODE) == []


def test_default_args_count_and_are_shown(bench: Workbench) -> None:
    (finding,) = bench.findings(in_dag(f"{RUN})", ", default_args=P", HEAD), CODE)
    (note,) = finding.notes
    assert note.span is not None
    assert note.span.line < finding.span.line


def test_a_helper_for_several_jobs_is_one_finding(bench: Workbench) -> None:
    head = f"def run(n):\n    return {RUN}job_id=n)\n"
    (finding,) = bench.findings(in_dag("run(7)\n    run(8)\n    run(Variable.get('job'))", head=head), CODE)
    assert "7, 8" in finding.message
    assert len(finding.notes) == 2


def test_a_star_import_that_is_not_found_is_not_guessed(bench: Workbench) -> None:
    assert bench.findings(in_dag(f"{RUN}job_id=JOB_ID)", head="from company.ids import *\n"), CODE) == []
    bench.add_file("ids.py", "JOB_ID = 91\n")
    assert len(bench.findings(in_dag(f"{RUN}job_id=JOB_ID)", head="from ids import *\n"), CODE)) == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"{RUN}job_id=7)", f'{RUN}job_name="orders job")'),
        (f'{RUN}job_id="7", retries=1,)', f'{RUN}job_name="orders job", retries=1,)'),
        ('RunNowOperator(task_id="t", job_id = 7)', 'RunNowOperator(task_id="t", job="orders")'),
    ],
)
def test_the_safe_fix_writes_what_the_contract_calls_the_job(bench: Workbench, before: str, after: str) -> None:
    bench.add_contract({"orders": ()}, job_ids={"orders": "7"})
    result = bench.fix(in_dag(before), unsafe=False, config=ONLY)
    assert result.after == in_dag(after)
    assert not bench.fix(result.after, config=ONLY).changed


def test_only_what_the_contract_tells_is_fixed(bench: Workbench) -> None:
    bench.add_contract({"orders": ()}, job_ids={"orders": "7"})
    helper = in_dag("run(7)\n    run(Variable.get('job'))", head=f"def run(n):\n    {RUN}job_id=n)\n")
    assert not bench.fix(helper, config=ONLY).changed
    for task in (f"{RUN}job_id=8)", f"{RUN}json={{'job_id': 7}})", f"{RUN}**{{'job_id': 7}})"):
        assert not bench.fix(in_dag(task), config=ONLY).changed


@pytest.mark.parametrize("elsewhere", [{"orders": "8"}, {"orders": None}, {"report": "7"}, {"report": "8"}])
def test_the_fix_is_unsafe_unless_every_stack_calls_the_job_the_same(
    bench: Workbench, elsewhere: dict[str, str | None]
) -> None:
    bench.add_contract({"orders": ()}, "dev", job_ids={"orders": "7"})
    bench.add_contract({"orders": ()}, "test", job_ids={"orders": "7"})
    code = in_dag('RunNowOperator(task_id="t", job_id=7)')
    assert bench.fix(code, unsafe=False, config=ONLY).after == in_dag('RunNowOperator(task_id="t", job="orders")')
    bench.add_contract(dict.fromkeys(elsewhere, ()), "prod", job_ids=elsewhere)
    assert not bench.fix(code, unsafe=False, config=ONLY).changed
    # Two names for one id leave nothing to choose.
    assert bench.fix(code, config=ONLY).changed is (elsewhere != {"report": "7"})


def test_a_name_that_two_jobs_bear_is_not_written(bench: Workbench) -> None:
    bench.add_contract({"orders": (), "report": ()}, job_ids={"orders": "7", "report": "8"}, settings={"name": "same"})
    assert not bench.fix(in_dag(f"{RUN}job_id=7)"), config=ONLY).changed
    assert bench.fix(in_dag('RunNowOperator(task_id="t", job_id=7)'), unsafe=False, config=ONLY).changed


def test_suppressed(bench: Workbench) -> None:
    assert bench.codes(in_dag(f"{RUN}job_id=7)  # airbrick: ignore[DBX802] one workspace"), ONLY) == []
