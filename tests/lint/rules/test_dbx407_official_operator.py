"""DBX407: moving to airbrick's operator."""

import pytest
from tests.lint.workbench import Workbench

CODE = "DBX407"
ONLY = {"select": [CODE]}
IMPORT = "from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator\n"
OURS = "from airbrick.operators import RunNowOperator\n"
HEAD = "from airflow.sdk import DAG\n"


def dag(call: str, imports: str = IMPORT, more: str = "") -> str:
    return f'{HEAD}{imports}{more}with DAG("d"):\n    {call}\n'


def test_it_speaks_only_when_asked(bench: Workbench) -> None:
    text = dag('DatabricksRunNowOperator(task_id="t", job_id=1)')
    assert CODE not in bench.codes(text)
    assert bench.codes(text, ONLY) == [CODE]
    assert bench.codes(dag('RunNowOperator(task_id="t", job="a")', OURS), ONLY) == []
    assert bench.codes(dag("Op(**ARGS)", "from company import ARGS, Op\n"), ONLY) == []


@pytest.mark.parametrize(
    ("call", "after"),
    [
        ('DatabricksRunNowOperator(task_id="t", job_id=1)', 'RunNowOperator(task_id="t", job_id=1)'),
        (
            'DatabricksRunNowOperator(task_id="t", job_id=1, polling_period_seconds = 5, retries=2)',
            'RunNowOperator(task_id="t", job_id=1, poll_interval = 5, retries=2)',
        ),
        (
            'DatabricksRunNowOperator(task_id="t", job_id=1, notebook_params={"a": "b"}, jar_params=["c"])',
            'RunNowOperator(task_id="t", job_id=1, notebook_params={"a": "b"}, jar_params=["c"])',
        ),
        (
            'DatabricksRunNowOperator(\n        task_id="t",  # ünï\n        job_name=("etl job"),\n    )',
            'RunNowOperator(\n        task_id="t",  # ünï\n        job="etl",\n    )',
        ),
        (
            'for i in (1, 2):\n        DatabricksRunNowOperator(task_id=f"t{i}", job_id=i)',
            'for i in (1, 2):\n        RunNowOperator(task_id=f"t{i}", job_id=i)',
        ),
    ],
)
def test_the_fix_renames_class_import_and_parameters(bench: Workbench, call: str, after: str) -> None:
    bench.add_contract({"etl": ()})
    fixed = bench.fix(dag(call), config=ONLY)
    assert fixed.after == dag(after, OURS)
    assert not bench.fix(fixed.after, config=ONLY).changed
    assert not bench.fix(dag(call), unsafe=False, config=ONLY).changed


@pytest.mark.parametrize("select", [["DBX407", "DBX802"], ["DBX802", "DBX407"]])
def test_an_id_that_another_fix_names_moves_as_well(bench: Workbench, select: list[str]) -> None:
    bench.add_contract({"etl": ()}, job_ids={"etl": "1"})
    calls = '{0}(task_id="a", job_name="etl job")\n    {0}(task_id="b", {1})'
    before = dag(calls.format("DatabricksRunNowOperator", "job_id=1"))
    after = dag(calls.format("RunNowOperator", 'job="etl"').replace('job_name="etl job"', 'job="etl"'), OURS)
    assert bench.fix(before, config={"select": select}).after == after


def test_all_uses_of_a_file_move_together(bench: Workbench) -> None:
    calls = '{0}(task_id="a", job_id=1) >> {0}(task_id="b", job_id=2)'
    imports = "from airflow.providers.databricks.operators.databricks import {}DatabricksSubmitRunOperator\n"
    before = dag(calls.format("DatabricksRunNowOperator"), imports.format("DatabricksRunNowOperator, "))
    after = dag(calls.format("RunNowOperator"), OURS + imports.format(""))
    assert bench.fix(before, config=ONLY).after == after


@pytest.mark.parametrize(
    "text",
    [
        dag('DatabricksRunNowOperator(task_id="t", job_name="etl job")'),
        dag('DatabricksRunNowOperator(task_id="t", job_id=1, repair_run=True)'),
        dag('DatabricksRunNowOperator(task_id="t", json={"job_id": 1})'),
        dag('DatabricksRunNowOperator(task_id="t", **ARGS)', more='ARGS = {"job_id": 1}\n'),
        dag('DatabricksRunNowOperator(task_id="t", **ARGS)', more="from company import ARGS\n"),
        dag('DatabricksRunNowOperator.partial(task_id="t").expand(job_id=[1])'),
        dag('Mine(task_id="t", job_id=1)', more="class Mine(DatabricksRunNowOperator): pass\n"),
        dag('DatabricksRunNowOperator(task_id="a")\n    DatabricksRunNowOperator(task_id="b", dbt_commands=[])'),
        dag('DatabricksRunNowOperator(task_id="a", job_id=1)', more="RunNowOperator = None\n"),
        dag('DatabricksRunNowOperator(task_id="a", job_id=1)', more="print(DatabricksRunNowOperator)\n"),
    ],
)
def test_what_has_no_counterpart_is_left(bench: Workbench, text: str) -> None:
    assert bench.findings(text, CODE, ONLY)
    assert not bench.fix(text, config=ONLY).changed


def test_it_names_what_has_no_counterpart(bench: Workbench) -> None:
    text = dag('DatabricksRunNowOperator(task_id="t", job_id=1, dbt_commands=[], durable=True)')
    (finding,) = bench.findings(text, CODE, ONLY)
    assert finding.help.startswith("dbt_commands, durable")


def test_stacks_that_disagree_about_the_key_stop_the_move(bench: Workbench) -> None:
    bench.add_contract({"etl": ()})
    bench.add_contract({"other": ()}, stack="prod")
    text = dag('DatabricksRunNowOperator(task_id="t", job_name="etl job")')
    assert not bench.fix(text, config=ONLY).changed


def test_default_args_stay_where_they_are(bench: Workbench) -> None:
    text = dag('DatabricksRunNowOperator(task_id="t", job_id=1)').replace(
        '"d")', '"d", default_args={"deferrable": True})'
    )
    assert 'default_args={"deferrable": True}' in bench.fix(text, config=ONLY).after


def test_suppressed(bench: Workbench) -> None:
    text = dag('DatabricksRunNowOperator(task_id="t", job_id=1)  # airbrick: ignore[DBX407]')
    assert bench.codes(text, ONLY) == []
