"""DBX302: mapped tasks without a bound."""

import pytest
from tests.lint.workbench import Workbench, in_dag

CODE = "DBX302"
ONLY: dict[str, object] = {"select": [CODE]}
HEAD = """\
from company import ITEMS
@task
def items():
    return [1, 2]
MANY = [{"n": str(n)} for n in range(20)]
PAIR = [1, 2]
"""
PARTIAL = 'DatabricksRunNowOperator.partial(task_id="t", job_id=1'


@pytest.mark.parametrize(
    "task",
    [
        f"{PARTIAL}).expand(notebook_params=items())",
        f"{PARTIAL}).expand(notebook_params=ITEMS)",
        f"{PARTIAL}).expand(notebook_params=MANY)",
        f"{PARTIAL}).expand(notebook_params=[{{}}] * 3)",
        f"{PARTIAL}).expand_kwargs(items())",
        f"{PARTIAL}).expand(notebook_params=range(200))",
        'RunNowOperator.partial(task_id="t", job="x").expand(job_parameters=items())',
        "@task_group\n    def g(x):\n        RunNowOperator(task_id='t', job='x')\n    g.expand(x=items())",
    ],
)
def test_reports_fan_out_that_nothing_bounds(bench: Workbench, task: str) -> None:
    assert len(bench.findings(in_dag(task, head=HEAD), CODE)) == 1


@pytest.mark.parametrize(
    "task",
    [
        f"{PARTIAL}).expand(notebook_params=[{{}}, {{}}])",
        f"{PARTIAL}).expand(notebook_params=[{{}}, {{}}], python_params=PAIR)",
        f"{PARTIAL}).expand_kwargs([{{}}, {{}}])",
        f"{PARTIAL}, max_active_tis_per_dagrun=4).expand(notebook_params=items())",
        f"{PARTIAL}, max_active_tis_per_dag=4).expand(notebook_params=items())",
        f'{PARTIAL}, pool="databricks").expand(notebook_params=items())',
        f"{PARTIAL}, **ITEMS).expand(notebook_params=items())",
        'DatabricksRunNowOperator(task_id="t", job_id=1)',
        'PythonOperator.partial(task_id="t").expand(op_args=items())',
        "@task_group\n    def g(x):\n        RunNowOperator(task_id='t', job='x')\n    g.expand(x=[1, 2])",
    ],
)
def test_is_silent_about_bounded_fan_out(bench: Workbench, task: str) -> None:
    assert bench.findings(in_dag(task, head=HEAD), CODE) == []


def test_the_product_of_lists_counts_and_the_limit_is_an_option(bench: Workbench) -> None:
    task = f"{PARTIAL}).expand(notebook_params=[1, 2, 3], python_params=[1, 2, 3])"
    assert bench.findings(in_dag(task), CODE) == []
    (finding,) = bench.findings(in_dag(task), CODE, {"rules": {CODE: {"maximum-mapped-runs": 8}}})
    assert "9 runs" in finding.message


@pytest.mark.parametrize(
    "arguments", [", max_active_tasks=4", ', default_args={"pool": "p"}', ", default_args=ITEMS", ", **ITEMS"]
)
def test_the_dag_and_default_args_may_bound_it(bench: Workbench, arguments: str) -> None:
    assert bench.findings(in_dag(f"{PARTIAL}).expand(notebook_params=items())", arguments, HEAD), CODE) == []


@pytest.mark.parametrize(("target", "name"), [("3.1", "max_active_tis_per_dagrun"), ("2.5", "max_active_tis_per_dag")])
def test_the_unsafe_fix_goes_to_partial(bench: Workbench, target: str, name: str) -> None:
    config: dict[str, object] = {**ONLY, "target-airflow": target}
    text = in_dag(f"{PARTIAL}).expand(notebook_params=items())", head=HEAD)
    assert not bench.fix(text, unsafe=False, config=config).changed
    result = bench.fix(text, config=config)
    assert result.after == text.replace("job_id=1)", f"job_id=1, {name}=4)")
    assert not bench.fix(result.after, config=config).changed


def test_suppressed(bench: Workbench) -> None:
    task = f"{PARTIAL}).expand(notebook_params=items())  # airbrick: ignore[DBX302]"
    assert bench.codes(in_dag(task, head=HEAD), ONLY) == []
