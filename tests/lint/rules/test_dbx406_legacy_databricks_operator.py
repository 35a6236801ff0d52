"""DBX406: which packages are left behind, and moving away from them."""

import pytest
from tests.lint.workbench import Workbench

CODE = "DBX406"
ONLY = {"select": [CODE]}
CONTRIB = "airflow.contrib.operators.databricks_operator"
PROVIDER = "airflow.providers.databricks.operators.databricks"
ASTRONOMER = "astronomer.providers.databricks.operators.databricks"


def count(bench: Workbench, text: str) -> int:
    return len(bench.findings(text, CODE))


def dag(imports: str, call: str = 'Op(task_id="t")') -> str:
    return f'from airflow import DAG\n{imports}\nwith DAG("d"):\n    {call}\n'


@pytest.mark.parametrize(
    "imports",
    [
        f"from {CONTRIB} import DatabricksRunNowOperator as Op",
        f"from {PROVIDER} import DatabricksSubmitRunDeferrableOperator as Op",
        f"from {ASTRONOMER} import DatabricksRunNowOperatorAsync as Op",
        "from astro_databricks import DatabricksNotebookOperator as Op",
        "from astro_databricks.operators.notebook import DatabricksNotebookOperator as Op",
        f"from {CONTRIB} import DatabricksRunNowOperator\nclass Op(DatabricksRunNowOperator): pass",
        f"import {CONTRIB} as old\nOp = old.DatabricksRunNowOperator",
    ],
)
def test_reports_classes_that_are_left_behind(bench: Workbench, imports: str) -> None:
    assert count(bench, dag(imports)) == 1
    assert count(bench, dag(f"{imports}\nARGS = {{'task_id': 't'}}", "Op(**ARGS)")) == 1


@pytest.mark.parametrize(
    "imports",
    [
        f"from {PROVIDER} import DatabricksRunNowOperator as Op",
        "from airbrick.operators import RunNowOperator as Op",
        "from company.contrib import DatabricksRunNowOperator as Op",
        (
            f"try:\n    from {CONTRIB} import DatabricksRunNowOperator as Op\n"
            f"except ImportError:\n    from {PROVIDER} import DatabricksRunNowOperator as Op"
        ),
    ],
)
def test_is_silent_about_others(bench: Workbench, imports: str) -> None:
    assert count(bench, dag(imports)) == 0
    assert count(bench, dag("from company import Op, ARGS", "Op(**ARGS)")) == 0


def test_an_import_alone_is_no_finding(bench: Workbench) -> None:
    assert count(bench, dag(f"from {CONTRIB} import DatabricksRunNowOperator", "pass")) == 0


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            (
                f"from {CONTRIB} import DatabricksRunNowOperator  # old\n"
                'with DAG("d"):\n    DatabricksRunNowOperator(task_id="t")\n'
            ),
            (
                f"from {PROVIDER} import DatabricksRunNowOperator  # old\n"
                'with DAG("d"):\n    DatabricksRunNowOperator(task_id="t")\n'
            ),
        ),
        (
            (
                f"from {PROVIDER} import DatabricksRunNowDeferrableOperator\r\n"
                'with DAG("ünï"):\r\n    DatabricksRunNowDeferrableOperator(\r\n        task_id="t",\r\n    )\r\n'
                '    DatabricksRunNowDeferrableOperator.partial(task_id="u").expand(job_id=[1, 2])\r\n'
            ),
            (
                f"from {PROVIDER} import DatabricksRunNowOperator\r\n"
                'with DAG("ünï"):\r\n    DatabricksRunNowOperator(\r\n        task_id="t",\r\n'
                "        deferrable=True,\r\n    )\r\n"
                '    DatabricksRunNowOperator.partial(task_id="u", deferrable=True).expand(job_id=[1, 2])\r\n'
            ),
        ),
        (
            f'from {ASTRONOMER} import DatabricksRunNowOperatorAsync as Op\nwith DAG("d"):\n    Op(task_id="t")\n',
            (
                f"from {PROVIDER} import DatabricksRunNowOperator as Op\n"
                'with DAG("d"):\n    Op(task_id="t", deferrable=True)\n'
            ),
        ),
        (
            (
                f"from {CONTRIB} import DatabricksRunNowOperator, something\n"
                'with DAG("d"):\n    DatabricksRunNowOperator(task_id="t")\n'
            ),
            (
                f"from {PROVIDER} import DatabricksRunNowOperator\nfrom {CONTRIB} import something\n"
                'with DAG("d"):\n    DatabricksRunNowOperator(task_id="t")\n'
            ),
        ),
        (
            (
                "from astro_databricks import DatabricksNotebookOperator, DatabricksWorkflowTaskGroup\n"
                'with DAG("d"):\n    with DatabricksWorkflowTaskGroup(group_id="g"):\n'
                '        DatabricksNotebookOperator(task_id="t")\n'
            ),
            (
                f"from {PROVIDER}_workflow import DatabricksWorkflowTaskGroup\n"
                f"from {PROVIDER} import DatabricksNotebookOperator\n"
                'with DAG("d"):\n    with DatabricksWorkflowTaskGroup(group_id="g"):\n'
                '        DatabricksNotebookOperator(task_id="t")\n'
            ),
        ),
    ],
)
def test_the_fix_moves_the_class(bench: Workbench, before: str, after: str) -> None:
    head = "from airflow import DAG\n"
    fixed = bench.fix(head + before, config=ONLY)
    assert fixed.after == head + after
    assert not bench.fix(fixed.after, config=ONLY).changed
    assert not bench.fix(head + before, unsafe=False, config=ONLY).changed


@pytest.mark.parametrize(
    "text",
    [
        dag(f"import {CONTRIB} as old", 'old.DatabricksRunNowOperator(task_id="t")'),
        dag(
            f"from {CONTRIB} import (\n    DatabricksRunNowOperator,  # why\n)", 'DatabricksRunNowOperator(task_id="t")'
        ),
        dag(
            f"from {PROVIDER} import DatabricksRunNowDeferrableOperator\nDatabricksRunNowOperator = 1",
            'DatabricksRunNowDeferrableOperator(task_id="t")',
        ),
    ],
)
def test_what_cannot_be_moved_surely_is_left(bench: Workbench, text: str) -> None:
    assert count(bench, text) == 1
    assert not bench.fix(text, config=ONLY).changed


def test_default_args_decide_about_deferrable_as_before(bench: Workbench) -> None:
    text = dag(f"from {PROVIDER} import DatabricksRunNowDeferrableOperator as Op", 'Op(task_id="t", deferrable=False)')
    text = text.replace('DAG("d")', 'DAG("d", default_args={"deferrable": True})')
    assert "deferrable=False)" in bench.fix(text, config=ONLY).after


def test_suppressed(bench: Workbench) -> None:
    text = dag(f"from {CONTRIB} import DatabricksRunNowOperator as Op", 'Op(task_id="t")  # noqa: DBX406')
    assert count(bench, text) == 0
