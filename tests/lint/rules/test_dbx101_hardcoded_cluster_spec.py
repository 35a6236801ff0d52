"""DBX101: which cluster specifications count as spelled out in a DAG file."""

import pytest
from tests.lint.workbench import Workbench, dag_file

CODE = "DBX101"
SPEC = '{"spark_version": "13.3.x-scala2.12", "num_workers": 8}'


def count(bench: Workbench, body: str) -> int:
    return len(bench.findings(dag_file(body), CODE))


@pytest.mark.parametrize(
    "call",
    [
        f'DatabricksSubmitRunOperator(task_id="t", new_cluster={SPEC})',
        f'DatabricksSubmitRunOperator(task_id="t", json={{"new_cluster": {SPEC}}})',
        f'DatabricksSubmitRunOperator(task_id="t", tasks=[{{"task_key": "a", "new_cluster": {SPEC}}}])',
        f'DatabricksSubmitRunOperator(task_id="t", json={{"tasks": [{{"new_cluster": {SPEC}}}]}})',
        f'DatabricksSubmitRunOperator(task_id="t", json={{"job_clusters": [{{"new_cluster": {SPEC}}}]}})',
        f'DatabricksNotebookOperator(task_id="t", notebook_path="/n", source="WORKSPACE", new_cluster={SPEC})',
        f'DatabricksTaskOperator(task_id="t", task_config={{"new_cluster": {SPEC}}})',
        f'DatabricksCreateJobsOperator(task_id="t", job_clusters=[{{"new_cluster": {SPEC}}}])',
        f'DatabricksSubmitRunOperator.partial(task_id="t", new_cluster={SPEC}).expand(notebook_task=[{{}}, {{}}])',
        'DatabricksSubmitRunOperator(task_id="t", new_cluster=dict(num_workers=2))',
        'DatabricksSubmitRunOperator(task_id="t", new_cluster={"autoscale": {"min_workers": 1}})',
    ],
)
def test_reports_literal_specifications(bench: Workbench, call: str) -> None:
    assert count(bench, f'with DAG("d"):\n    {call}\n') == 1


@pytest.mark.parametrize(
    "spec",
    [
        '"{{ var.json.cluster }}"',
        'Variable.get("cluster", deserialize_json=True)',
        "shared_cluster()",
        "stack.clusters.small",
        '{"spark_version": "{{ var.value.runtime }}"}',
        '{"policy_id": "ABC"}',
        "{}",
        '{"spark_version": Variable.get("v"), "num_workers": int(Variable.get("n"))}',
        "not_defined_anywhere",
        "None",
    ],
)
def test_is_silent_about_what_is_not_written_here(bench: Workbench, spec: str) -> None:
    body = f"""\
from company.clusters import shared_cluster, stack
with DAG("d"):
    DatabricksSubmitRunOperator(task_id="t", new_cluster={spec})
"""
    assert count(bench, body) == 0


@pytest.mark.parametrize(
    "made",
    [
        f"cluster = {SPEC}",
        f"base = {SPEC}\ncluster = {{**base, 'num_workers': 2}}",
        f"base = {SPEC}\ncluster = base | {{'num_workers': 2}}",
        f"base = {SPEC}\ncluster = dict(base, num_workers=2)",
        f"base = {SPEC}\ncluster = base.copy()\ncluster['num_workers'] = 2",
        "cluster = {}\ncluster['num_workers'] = 2",
        "cluster = {}\ncluster.update({'num_workers': 2})",
        "cluster = {}\ncluster |= {'num_workers': 2}",
        f"import copy\nbase = {SPEC}\ncluster = copy.deepcopy(base)",
        f"def make():\n    return {SPEC}\ncluster = make()",
        f"class Config:\n    CLUSTER = {SPEC}\ncluster = Config.CLUSTER",
        f"clusters = {{'small': {SPEC}}}\ncluster = clusters['small']",
        f"PROD = Variable.get('prod')\nif PROD:\n    cluster = {SPEC}\nelse:\n    cluster = {{'num_workers': 1}}",
        f"cluster = {SPEC} if Variable.get('x') else {{'num_workers': 1}}",
        "WORKERS = 4 * 2\ncluster = {'num_workers': WORKERS}",
        "cluster = {'spark_version': f'{13}.3.x'}",
        f"cluster: dict = {SPEC}",
        f"first = cluster = {SPEC}",
        f"cluster, other = {SPEC}, 1",
    ],
)
def test_follows_a_specification_to_where_it_is_made(bench: Workbench, made: str) -> None:
    body = f'{made}\nwith DAG("d"):\n    DatabricksSubmitRunOperator(task_id="t", new_cluster=cluster)\n'
    assert count(bench, body) == 1


def test_points_at_the_definition(bench: Workbench) -> None:
    text = dag_file(
        f'cluster = {SPEC}\nwith DAG("d"):\n    DatabricksSubmitRunOperator(task_id="t", new_cluster=cluster)\n'
    )
    (finding,) = bench.findings(text, CODE)
    (note,) = finding.notes
    assert note.span is not None
    lines = text.splitlines()
    assert lines[finding.span.line - 1].strip().startswith("DatabricksSubmitRunOperator")
    assert lines[note.span.line - 1].startswith("cluster =")


def test_a_specification_in_the_call_needs_no_second_place(bench: Workbench) -> None:
    (finding,) = bench.findings(
        dag_file(f'with DAG("d"):\n    DatabricksSubmitRunOperator(task_id="t", new_cluster={SPEC})\n'), CODE
    )
    assert finding.notes == ()


def test_one_finding_a_call_however_many_specifications(bench: Workbench) -> None:
    tasks = f'[{{"new_cluster": {SPEC}}}, {{"new_cluster": {SPEC}}}]'
    (finding,) = bench.findings(
        dag_file(f'with DAG("d"):\n    DatabricksSubmitRunOperator(task_id="t", tasks={tasks})\n'), CODE
    )
    assert "2 of them" in finding.message


def test_one_finding_for_each_call_that_uses_a_shared_specification(bench: Workbench) -> None:
    calls = "".join(f'    DatabricksSubmitRunOperator(task_id="t{i}", new_cluster=cluster)\n' for i in range(3))
    assert count(bench, f'cluster = {SPEC}\nwith DAG("d"):\n{calls}') == 3


def test_an_unused_dict_is_no_finding(bench: Workbench) -> None:
    assert count(bench, f'cluster = {SPEC}\nwith DAG("d"):\n    pass\n') == 0


def test_dead_code_is_no_finding(bench: Workbench) -> None:
    body = f"""\
with DAG("d"):
    if False:
        DatabricksSubmitRunOperator(task_id="t", new_cluster={SPEC})
"""
    assert count(bench, body) == 0


def test_a_specification_from_default_args_is_reported_on_the_call(bench: Workbench) -> None:
    body = f'with DAG("d", default_args={{"new_cluster": {SPEC}}}):\n    DatabricksSubmitRunOperator(task_id="t")\n'
    (finding,) = bench.findings(dag_file(body), CODE)
    assert finding.notes


def test_a_splat_that_is_known_is_followed(bench: Workbench) -> None:
    body = (
        f'common = {{"new_cluster": {SPEC}}}\nwith DAG("d"):\n    DatabricksSubmitRunOperator(task_id="t", **common)\n'
    )
    assert count(bench, body) == 1


def test_a_splat_that_is_not_known_is_not_guessed(bench: Workbench) -> None:
    body = 'from company import common\nwith DAG("d"):\n    DatabricksSubmitRunOperator(task_id="t", **common)\n'
    assert count(bench, body) == 0


def test_tasks_without_any_cluster_are_serverless(bench: Workbench) -> None:
    body = 'with DAG("d"):\n    DatabricksSubmitRunOperator(task_id="t", tasks=[{"task_key": "a"}])\n'
    assert count(bench, body) == 0


def test_a_named_argument_hides_the_same_key_of_json(bench: Workbench) -> None:
    body = f"""\
with DAG("d"):
    DatabricksSubmitRunOperator(
        task_id="t", new_cluster={{"policy_id": "x"}}, json={{"new_cluster": {SPEC}}}
    )
"""
    assert count(bench, body) == 0


def test_job_clusters_of_a_workflow_group_count(bench: Workbench) -> None:
    body = f"""\
clusters = [{{"job_cluster_key": "a", "new_cluster": {SPEC}}}]
with DAG("d"):
    with DatabricksWorkflowTaskGroup(group_id="g", databricks_conn_id="c", job_clusters=clusters):
        DatabricksNotebookOperator(task_id="n", notebook_path="/n", source="WORKSPACE", job_cluster_key="a")
"""
    assert count(bench, body) == 1


def test_a_subclass_that_brings_its_cluster_counts(bench: Workbench) -> None:
    body = f"""\
class Loader(DatabricksSubmitRunOperator):
    def __init__(self, **kwargs):
        super().__init__(new_cluster={SPEC}, **kwargs)
with DAG("d"):
    Loader(task_id="t")
"""
    (finding,) = bench.findings(dag_file(body), CODE)
    assert "Loader" in finding.message


def test_a_wrapper_from_elsewhere_is_not_known(bench: Workbench) -> None:
    body = f'from company.wrappers import Submit\nwith DAG("d"):\n    Submit(task_id="t", new_cluster={SPEC})\n'
    assert count(bench, body) == 0


def test_a_cluster_created_by_a_task_counts(bench: Workbench) -> None:
    body = f"""\
import requests
from databricks.sdk import WorkspaceClient
with DAG("d"):
    @task
    def by_sdk():
        WorkspaceClient().clusters.create(spark_version="13.3.x", num_workers=2)
    @task
    def by_hand(host):
        requests.post(f"https://{{host}}/api/2.1/clusters/create", json={SPEC})
    @task
    def other(host):
        requests.post(f"https://{{host}}/api/2.1/jobs/list", json={SPEC})
    by_sdk() >> by_hand("h") >> other("h")
"""
    assert count(bench, body) == 2


def test_objects_of_the_sdk_count(bench: Workbench) -> None:
    body = """\
from databricks.sdk.service.compute import ClusterSpec
with DAG("d"):
    DatabricksSubmitRunOperator(task_id="t", new_cluster=ClusterSpec(spark_version="13.3.x", num_workers=2))
"""
    assert count(bench, body) == 1


def test_objects_of_the_sdk_in_calls_of_its_client_count(bench: Workbench) -> None:
    body = """\
from databricks.sdk import WorkspaceClient
from databricks.sdk.service.compute import ClusterSpec
from databricks.sdk.service.jobs import JobCluster, SubmitTask
with DAG("d"):
    @task
    def create(size):
        w = WorkspaceClient()
        w.jobs.create(job_clusters=[JobCluster("a", new_cluster=ClusterSpec(num_workers=2))])
        w.jobs.submit(tasks=[SubmitTask("t", new_cluster=ClusterSpec(num_workers=2))])
        w.jobs.submit(tasks=[SubmitTask("t", new_cluster=ClusterSpec(num_workers=size))])
        w.jobs.submit(tasks=[SubmitTask("t")])
    create(2)
"""
    assert count(bench, body) == 2


def test_an_operator_run_by_hand_in_a_callable_counts(bench: Workbench) -> None:
    body = f"""\
with DAG("d"):
    @task
    def run(**context):
        DatabricksSubmitRunOperator(task_id="t", new_cluster={SPEC}).execute(context)
    run()
"""
    assert count(bench, body) == 1


def test_legacy_and_attribute_style_imports_are_the_same_operator(bench: Workbench) -> None:
    text = f"""\
import airflow.providers.databricks.operators.databricks as dbx
from airflow.contrib.operators.databricks_operator import DatabricksSubmitRunOperator as Old
from airflow import DAG
with DAG("d"):
    dbx.DatabricksSubmitRunOperator(task_id="a", new_cluster={SPEC})
    Old(task_id="b", new_cluster={SPEC})
"""
    assert len(bench.findings(text, CODE)) == 2


def test_a_dict_changed_after_the_call_is_not_what_the_call_got(bench: Workbench) -> None:
    body = """\
cluster = {}
with DAG("d"):
    DatabricksSubmitRunOperator(task_id="t", new_cluster=cluster)
cluster["num_workers"] = 2
"""
    assert count(bench, body) == 0


def test_suppressed(bench: Workbench) -> None:
    body = f"""\
with DAG("d"):
    DatabricksSubmitRunOperator(  # airbrick: ignore[DBX101] a trial
        task_id="t",
        new_cluster={SPEC},
    )
"""
    assert count(bench, body) == 0
