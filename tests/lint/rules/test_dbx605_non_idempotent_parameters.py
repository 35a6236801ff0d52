"""DBX605: parameters that differ with every parse."""

import pytest
from tests.lint.workbench import Workbench, in_dag

CODE = "DBX605"
ONLY: dict[str, object] = {"select": [CODE]}
HEAD = """\
import json, uuid, time, random
from datetime import date
from company import today
NOW = datetime.now()
RUN_ID = str(uuid.uuid4())
"""
RUN = 'DatabricksRunNowOperator(task_id="t", job_name="x", '


def task(value: str) -> str:
    return f'{RUN}job_parameters={{"a": "b", "c": {value}}})'


@pytest.mark.parametrize(
    "value",
    [
        "datetime.now()",
        "str(datetime.now())",
        "NOW",
        "NOW.isoformat()",
        'NOW.strftime("%Y")',
        'f"{NOW:%Y-%m-%d}"',
        'f"run-{date.today()}"',
        '"run-" + RUN_ID',
        '"%s" % NOW',
        '"{}".format(NOW)',
        "RUN_ID",
        "int(time.time())",
        "random.randint(1, 9)",
        'json.dumps({"at": NOW.isoformat()})',
        "(NOW - timedelta(days=1)).strftime('%Y')",
        "[NOW]",
    ],
)
def test_reports_the_clock_and_chance(bench: Workbench, value: str) -> None:
    assert len(bench.findings(in_dag(task(value), head=HEAD), CODE)) == 1


@pytest.mark.parametrize(
    "value",
    ['"{{ ds }}"', "today()", "datetime(2026, 1, 1)", "Variable.get('x')", '"datetime.now()"', "timedelta(days=1)"],
)
def test_is_silent_about_templates_and_fixed_values(bench: Workbench, value: str) -> None:
    assert bench.findings(in_dag(task(value), head=HEAD), CODE) == []


@pytest.mark.parametrize(
    "call",
    [
        f"{RUN}idempotency_token=RUN_ID)",
        f"{RUN}json={{'job_parameters': {{'a': NOW}}}})",
        f"{RUN}notebook_params={{'a': NOW}})",
        f"{RUN}python_params=[NOW])",
        "DatabricksSubmitRunOperator(task_id='t', tasks=[{'notebook_task': {'base_parameters': {'a': NOW}}}])",
        "DatabricksSubmitRunOperator(task_id='t', notebook_task={'base_parameters': {'a': NOW}})",
        "DatabricksSqlOperator(task_id='t', sql=f'select {NOW}')",
        "DatabricksNotebookOperator(task_id='t', notebook_params={'a': NOW})",
    ],
)
def test_everything_that_is_handed_over_counts(bench: Workbench, call: str) -> None:
    assert len(bench.findings(in_dag(call, head=HEAD), CODE)) == 1


def test_labels_of_a_run_do_not_count(bench: Workbench) -> None:
    call = "DatabricksSubmitRunOperator(task_id='t', run_name=f'{NOW}', json={'run_name': RUN_ID})"
    assert bench.findings(in_dag(call, head=HEAD), CODE) == []


def test_default_args_count_and_are_shown(bench: Workbench) -> None:
    arguments = ', default_args={"notebook_params": {"a": NOW}}'
    (finding,) = bench.findings(in_dag(f"{RUN})".replace(", )", ")"), arguments, HEAD), CODE)
    assert finding.notes
    assert "datetime.now()" in finding.message


def test_the_clock_inside_a_task_is_no_matter(bench: Workbench) -> None:
    call = f"@task\n    def t():\n        {task('NOW')}.execute({{}})\n    t()"
    assert bench.findings(in_dag(call, head=HEAD), CODE) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('datetime.now().strftime("%Y-%m-%d")', '"{{ ds }}"'),
        ("date.today().isoformat()", '"{{ ds }}"'),
        ('datetime.utcnow().strftime("%Y%m%d")', '"{{ ds_nodash }}"'),
    ],
)
def test_the_unsafe_fix_takes_the_date_of_the_dag_run(bench: Workbench, before: str, after: str) -> None:
    assert not bench.fix(in_dag(task(before), head=HEAD), unsafe=False, config=ONLY).changed
    result = bench.fix(in_dag(task(before), head=HEAD), config=ONLY)
    assert result.after == in_dag(task(after), head=HEAD)
    assert not bench.fix(result.after, config=ONLY).changed


def test_other_times_have_no_fix(bench: Workbench) -> None:
    assert not bench.fix(in_dag(task("NOW"), head=HEAD), config=ONLY).changed


TODAY = 'datetime.now().strftime("%Y-%m-%d")'


def test_a_name_that_only_the_task_reads_is_mended_where_it_is_bound(bench: Workbench) -> None:
    for before in (f"TODAY = {TODAY}\n", f'TODAY: str = {TODAY}\nNAME = "today"\n'):
        result = bench.fix(in_dag(task("TODAY"), head=HEAD + before), config=ONLY)
        assert result.after == in_dag(task("TODAY"), head=HEAD + before.replace(TODAY, '"{{ ds }}"'))


def test_a_dict_that_only_the_task_reads_is_mended_too(bench: Workbench) -> None:
    head = f'{HEAD}PARAMS = {{"a": {TODAY}}}\n'
    result = bench.fix(in_dag(f"{RUN}job_parameters=PARAMS)", head=head), config=ONLY)
    assert result.after == in_dag(f"{RUN}job_parameters=PARAMS)", head=head.replace(TODAY, '"{{ ds }}"'))


@pytest.mark.parametrize(
    ("value", "head"),
    [
        ("TODAY", f"TODAY = {TODAY}\nYEAR = int(TODAY[:4])\n"),
        ("TODAY", f"TODAY = {TODAY}\ndef year():\n    return int(TODAY[:4])\n"),
        ("TODAY, 'd': TODAY[:4]", f"TODAY = {TODAY}\n"),
        ("TODAY, 'd': int(TODAY[:4])", f"TODAY = {TODAY}\n"),
        ("TODAY", f"if True:\n    TODAY = {TODAY}\nelse:\n    TODAY = '2026-01-01'\n"),
        ("TODAY", f"FIRST = TODAY = {TODAY}\nYEAR = int(FIRST[:4])\n"),
        ("PARAMS['a']", f"PARAMS = {{'a': {TODAY}}}\nYEAR = int(PARAMS['a'][:4])\n"),
        (f"of({TODAY})", "def of(today):\n    print(int(today[:4]))\n    return today\n"),
    ],
)
def test_a_date_that_others_read_has_no_fix(bench: Workbench, value: str, head: str) -> None:
    text = in_dag(task(value), head=HEAD + head)
    assert len(bench.findings(text, CODE)) == 1
    assert not bench.fix(text, config=ONLY).changed


def test_suppressed(bench: Workbench) -> None:
    assert bench.codes(in_dag(f"{task('NOW')}  # airbrick: ignore[DBX605]", head=HEAD), ONLY) == []
