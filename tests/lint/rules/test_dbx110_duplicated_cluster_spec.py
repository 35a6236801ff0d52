"""DBX110: when two tasks could have shared a cluster."""

import pytest
from tests.lint.workbench import Workbench, dag_file

CODE = "DBX110"
SPEC = '{"spark_version": "16.4.x-scala2.12", "num_workers": 8}'


def count(bench: Workbench, body: str) -> int:
    return len(bench.findings(dag_file(body), CODE))


def submits(first: str, second: str, head: str = "", arguments: str = "") -> str:
    calls = (f'    DatabricksSubmitRunOperator(task_id="{i}", {given})\n' for i, given in enumerate((first, second)))
    return f'{head}with DAG("d"{arguments}):\n{"".join(calls)}'


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("new_cluster=C", "new_cluster=C"),
        ("new_cluster=C", 'json={"new_cluster": C}'),
        ("new_cluster=C", f"new_cluster={SPEC}"),
        ("new_cluster=C", 'new_cluster={"num_workers": 8, "spark_version": "16.4.x-scala2.12"}'),
        ("**ARGS", "**ARGS"),
        ("new_cluster=OPEN", "new_cluster=OPEN"),
        ("new_cluster=make()", "new_cluster=make()"),
    ],
)
def test_reports_each_task_of_a_shared_specification(bench: Workbench, first: str, second: str) -> None:
    head = (
        f"import os\nC = {SPEC}\nARGS = {{'new_cluster': C}}\ndef make():\n    return {SPEC}\n"
        'OPEN = {"spark_version": os.environ["V"], "num_workers": 2}\n'
    )
    text = dag_file(submits(first, second, head))
    one, two = bench.findings(text, CODE)
    assert "2 tasks" in one.message
    assert one.notes[-1].span == two.span


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("new_cluster=C", 'new_cluster={"num_workers": 2}'),
        ("new_cluster=C", "new_cluster=company.CLUSTER"),
        ("new_cluster=company.CLUSTER", "new_cluster=company.CLUSTER"),
        ("**company.ARGS", "**company.ARGS"),
        ("new_cluster=make(a())", "new_cluster=make(b())"),
        ('existing_cluster_id="a"', 'existing_cluster_id="a"'),
    ],
)
def test_is_silent_about_different_and_unknown_clusters(bench: Workbench, first: str, second: str) -> None:
    head = f"import company\nfrom company import a, b\nC = {SPEC}\ndef make(n):\n    return {{'num_workers': n, **C}}\n"
    assert count(bench, submits(first, second, head.replace(", **C", ", 'spark_version': 'x'"))) == 0


def test_one_task_with_several_clusters_is_one_run(bench: Workbench) -> None:
    body = f"""\
C = {SPEC}
with DAG("d"):
    DatabricksSubmitRunOperator(task_id="t", tasks=[{{"new_cluster": C}}, {{"new_cluster": C}}])
"""
    assert count(bench, body) == 0


def test_tasks_of_different_dags_share_nothing(bench: Workbench) -> None:
    body = f"C = {SPEC}\n" + "".join(
        f'with DAG("d{i}"):\n    DatabricksSubmitRunOperator(task_id="t", new_cluster=C)\n' for i in range(2)
    )
    assert count(bench, body) == 0


def test_a_loop_starts_one_cluster_a_turn(bench: Workbench) -> None:
    body = f"""\
with DAG("d", default_args={{"new_cluster": {SPEC}}}):
    for name in ("a", "b", "c"):
        DatabricksSubmitRunOperator(task_id=name)
"""
    (finding,) = bench.findings(dag_file(body), CODE)
    assert "3 tasks" in finding.message


def test_suppressed(bench: Workbench) -> None:
    body = submits("new_cluster=C", "new_cluster=C)  # airbrick: ignore[DBX110", f"C = {SPEC}\n").replace(
        "110)", "110]"
    )
    assert count(bench, body) == 1
