"""DBX102: which cluster ids count as written into the DAG."""

import pytest
from tests.lint.workbench import Workbench, dag_file

CODE = "DBX102"
ID = '"0201-093012-abcd1234"'
SUBMIT = 'DatabricksSubmitRunOperator(task_id="t"'


def count(bench: Workbench, body: str) -> int:
    return len(bench.findings(dag_file(body), CODE))


def in_dag(call: str, head: str = "", arguments: str = "") -> str:
    return f'{head}with DAG("d"{arguments}):\n    {call}\n'


@pytest.mark.parametrize(
    "call",
    [
        f"{SUBMIT}, existing_cluster_id={ID})",
        f'{SUBMIT}, existing_cluster_id="<your cluster>")',
        f'{SUBMIT}, json={{"existing_cluster_id": {ID}}})',
        f'{SUBMIT}, tasks=[{{"task_key": "a", "existing_cluster_id": {ID}}}])',
        f'{SUBMIT}, json={{"tasks": [{{"existing_cluster_id": {ID}}}]}})',
        f'DatabricksNotebookOperator(task_id="t", notebook_path="/n", source="WORKSPACE", existing_cluster_id={ID})',
        f'DatabricksTaskOperator(task_id="t", task_config={{"existing_cluster_id": {ID}}})',
        f'DatabricksCreateJobsOperator(task_id="t", tasks=[{{"existing_cluster_id": {ID}}}])',
        f'DatabricksSubmitRunOperator.partial(task_id="t", existing_cluster_id={ID}).expand(notebook_task=[{{}}])',
        f'{SUBMIT}, existing_cluster_id={ID} if Variable.get("x") else "0202-1")',
        f'DatabricksWorkflowTaskGroup(group_id="g", databricks_conn_id="c", existing_clusters=[{ID}])',
    ],
)
def test_reports_literal_ids(bench: Workbench, call: str) -> None:
    assert count(bench, in_dag(call)) == 1


@pytest.mark.parametrize(
    "value",
    [
        '"{{ var.value.cluster }}"',
        'Variable.get("cluster")',
        'os.environ["CLUSTER"]',
        f'os.getenv("CLUSTER", {ID})',
        f'os.getenv("CLUSTER") or {ID}',
        "company.cluster_id()",
        "create.output",
        "None",
        '""',
        'f"{company.PREFIX}-1"',
    ],
)
def test_is_silent_about_ids_from_elsewhere(bench: Workbench, value: str) -> None:
    assert count(bench, in_dag(f"{SUBMIT}, existing_cluster_id={value})", "import os\nimport company\n")) == 0


@pytest.mark.parametrize(
    "made",
    [
        f"cluster = {ID}",
        "cluster = f'{201}-093012-abcd1234'",
        f"class Config:\n    ID = {ID}\ncluster = Config.ID",
        f"ids = {{'small': {ID}}}\ncluster = ids['small']",
        f"import os\nids = {{'dev': {ID}, 'prod': '0202-1'}}\ncluster = ids[os.environ['ENV']]",
        f"def pick():\n    return {ID}\ncluster = pick()",
    ],
)
def test_follows_an_id_to_its_definition(bench: Workbench, made: str) -> None:
    (finding,) = bench.findings(dag_file(in_dag(f"{SUBMIT}, existing_cluster_id=cluster)", f"{made}\n")), CODE)
    assert "0201-093012-abcd1234" in finding.message or "201-093012-abcd1234" in finding.message
    assert finding.notes[0].span is not None
    assert finding.notes[0].span.line < finding.span.line


def test_default_args_and_named_dicts_count(bench: Workbench) -> None:
    head = f'ARGS = {{"existing_cluster_id": {ID}}}\n'
    assert count(bench, in_dag(f"{SUBMIT})", head, ", default_args=ARGS")) == 1
    assert count(bench, in_dag(f"{SUBMIT}, json=ARGS)", head)) == 1
    assert count(bench, in_dag(f"{SUBMIT}, **ARGS)", head)) == 1


def test_defaults_reach_only_operators_that_take_them(bench: Workbench) -> None:
    arguments = f', default_args={{"existing_cluster_id": {ID}}}'
    assert count(bench, in_dag('DatabricksRunNowOperator(task_id="t", job_id=1)', "", arguments)) == 0


def test_an_unknown_splat_is_not_guessed(bench: Workbench) -> None:
    assert count(bench, in_dag(f"{SUBMIT}, **common)", "from company import common\n")) == 0


def test_a_named_argument_hides_the_same_key_of_json(bench: Workbench) -> None:
    call = f'{SUBMIT}, existing_cluster_id="{{{{ x }}}}", json={{"existing_cluster_id": {ID}}})'
    assert count(bench, in_dag(call)) == 0


def test_one_finding_for_each_call(bench: Workbench) -> None:
    calls = f'{SUBMIT}, existing_cluster_id=C)\n    {SUBMIT}, json={{"existing_cluster_id": C}})'
    assert count(bench, in_dag(calls, f"C = {ID}\n")) == 2


def test_suppressed(bench: Workbench) -> None:
    text = dag_file(in_dag(f"{SUBMIT}, existing_cluster_id={ID})  # airbrick: ignore[DBX102, DBX201]"))
    assert bench.codes(text) == []
