"""DBX103: which clusters say no access mode, and the fix."""

import pytest
from tests.lint.workbench import Workbench, dag_file

CODE = "DBX103"
SPEC = '{"spark_version": "16.4.x-scala2.12", "num_workers": 2}'
ONLY = {"select": [CODE]}


def count(bench: Workbench, body: str) -> int:
    return len(bench.findings(dag_file(body), CODE))


def submit(spec: str, head: str = "", arguments: str = "") -> str:
    return f'{head}with DAG("d"{arguments}):\n    DatabricksSubmitRunOperator(task_id="t", new_cluster={spec})\n'


@pytest.mark.parametrize(
    "call",
    [
        f'DatabricksSubmitRunOperator(task_id="t", new_cluster={SPEC})',
        f'DatabricksSubmitRunOperator(task_id="t", json={{"new_cluster": {SPEC}}})',
        f'DatabricksSubmitRunOperator(task_id="t", json={{"tasks": [{{"new_cluster": {SPEC}}}]}})',
        f'DatabricksTaskOperator(task_id="t", task_config={{"new_cluster": {SPEC}}})',
        f'DatabricksCreateJobsOperator(task_id="t", job_clusters=[{{"new_cluster": {SPEC}}}])',
        f'DatabricksWorkflowTaskGroup(group_id="g", databricks_conn_id="c", job_clusters=[{{"new_cluster": {SPEC}}}])',
        f'DatabricksSubmitRunOperator.partial(task_id="t", new_cluster={SPEC}).expand(notebook_task=[{{}}])',
        'DatabricksSubmitRunOperator(task_id="t", tasks=[{"new_cluster": ClusterSpec(num_workers=2)}])',
    ],
)
def test_reports_clusters_without_it(bench: Workbench, call: str) -> None:
    head = "from databricks.sdk.service.compute import ClusterSpec\n"
    assert count(bench, f'{head}with DAG("d"):\n    {call}\n') == 1


@pytest.mark.parametrize(
    "spec",
    [
        '{"num_workers": 2, "data_security_mode": "SINGLE_USER"}',
        '{"num_workers": 2, "data_security_mode": Variable.get("x")}',
        '{"num_workers": 2, "policy_id": "ABC"}',
        '{"num_workers": 2, **company.BASE}',
        '{"num_workers": 2, company.KEY: "SINGLE_USER"}',
        "company.CLUSTER",
        '"{{ var.json.cluster }}"',
        "{}",
    ],
)
def test_is_silent_where_it_is_set_or_not_known(bench: Workbench, spec: str) -> None:
    assert count(bench, submit(spec, "import company\n")) == 0


@pytest.mark.parametrize(
    "made",
    [
        f"cluster = {SPEC}",
        f"cluster = dict({SPEC}, num_workers=3)",
        f"base = {SPEC}\ncluster = base | {{'num_workers': 3}}",
        f"def make():\n    return {SPEC}\ncluster = make()",
    ],
)
def test_named_dicts_are_followed(bench: Workbench, made: str) -> None:
    (finding,) = bench.findings(dag_file(submit("cluster", f"{made}\n")), CODE)
    assert finding.notes


def test_none_is_no_mode_and_has_no_fix(bench: Workbench) -> None:
    text = dag_file(submit('{"num_workers": 2, "data_security_mode": None}'))
    assert len(bench.findings(text, CODE)) == 1
    assert not bench.fix(text, config=ONLY).changed


def test_a_later_assignment_counts(bench: Workbench) -> None:
    head = f"cluster = {SPEC}\ncluster['data_security_mode'] = 'SINGLE_USER'\n"
    assert count(bench, submit("cluster", head)) == 0


def test_default_args_and_splats(bench: Workbench) -> None:
    call = 'DatabricksSubmitRunOperator(task_id="t"'
    head = f'ARGS = {{"new_cluster": {SPEC}}}\n'
    assert count(bench, f'{head}with DAG("d", default_args=ARGS):\n    {call})\n') == 1
    assert count(bench, f'{head}with DAG("d"):\n    {call}, **ARGS)\n') == 1
    assert count(bench, f'from company import ARGS\nwith DAG("d"):\n    {call}, **ARGS)\n') == 0


def test_the_fix_adds_it_in_the_layout_of_the_dict(bench: Workbench) -> None:
    head = """\
cluster = {  # ünïcode
    "spark_version": "16.4.x-scala2.12",
    "num_workers": 2,  # two
}
"""
    text = dag_file(submit("cluster", head) + submit("cluster"))
    fixed = bench.fix(text, config=ONLY)
    added = '    "num_workers": 2,  # two\n    "data_security_mode": "SINGLE_USER",\n'
    assert fixed.after == text.replace('    "num_workers": 2,  # two\n', added)
    assert not bench.fix(fixed.after, config=ONLY).changed


@pytest.mark.parametrize(
    ("spec", "after"),
    [
        ('{"num_workers": 2}', '{"num_workers": 2, "data_security_mode": "SINGLE_USER"}'),
        ('{"num_workers": 2,}', '{"num_workers": 2, "data_security_mode": "SINGLE_USER",}'),
        ("dict(num_workers=2)", 'dict(num_workers=2, data_security_mode="SINGLE_USER")'),
        (
            '{\r\n        "num_workers": 2\r\n    }',
            '{\r\n        "num_workers": 2,\r\n        "data_security_mode": "SINGLE_USER"\r\n    }',
        ),
        (
            '{**{"num_workers": 2}}',
            '{**{"num_workers": 2}, "data_security_mode": "SINGLE_USER"}',
        ),
    ],
)
def test_the_fix_keeps_everything_else(bench: Workbench, spec: str, after: str) -> None:
    text = dag_file(submit(spec))
    assert bench.fix(text, config=ONLY).after == text.replace(spec, after)
    assert not bench.fix(text, unsafe=False, config=ONLY).changed


def test_a_copy_has_no_fix(bench: Workbench) -> None:
    text = dag_file(submit("base.copy()", f"base = {SPEC}\n"))
    assert not bench.fix(text, config=ONLY).changed


def test_suppressed(bench: Workbench) -> None:
    text = dag_file(submit(SPEC).replace('"t",', '"t",  # airbrick: ignore[DBX1, DBX103]\n       '))
    assert bench.findings(text, CODE) == []
