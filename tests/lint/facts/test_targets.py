"""What is set on a DAG and its tasks after they were built."""

import pytest
from tests.lint.workbench import Workbench, dag_file

ONE: dict[str, object] = {"select": ["DBX201", "DBX601", "DBX701"]}
TASK = 'DatabricksRunNowOperator(task_id="t", job_name="x", dag=dag)\n'


def codes(bench: Workbench, lines: str, dag: str = 'DAG("d")') -> list[str]:
    return bench.codes(dag_file(f"dag = {dag}\n{lines}"), ONE)


@pytest.mark.parametrize("dag", ['DAG("d")', 'DAG("d", default_args={"owner": "me"})', 'DAG("d", default_args=None)'])
def test_what_is_written_into_the_dags_default_args_counts(bench: Workbench, dag: str) -> None:
    assert codes(bench, TASK, dag) == ["DBX201", "DBX601", "DBX701"]
    assert codes(bench, f"dag.default_args['retries'] = 3\n{TASK}", dag) == ["DBX201", "DBX701"]
    assert codes(bench, f"dag.default_args['retries'] = 0\n{TASK}", dag) == ["DBX201", "DBX601", "DBX701"]
    update = "dag.default_args.update({'deferrable': True, 'retries': 2}, execution_timeout=timedelta(hours=2))\n"
    assert codes(bench, update + TASK, dag) == []
    assert codes(bench, f"dag.default_args |= {{'retries': 2}}\n{TASK}", dag) == ["DBX201", "DBX701"]
    assert codes(bench, f"dag.default_args.setdefault('retries', 2)\n{TASK}", dag) == ["DBX201", "DBX701"]


def test_within_a_branch_it_is_not_known(bench: Workbench) -> None:
    for value in (0, 3):
        assert codes(bench, f"if work():\n    dag.default_args['retries'] = {value}\n{TASK}") == ["DBX201", "DBX701"]


def test_the_dag_has_a_copy_of_the_dict_it_was_given(bench: Workbench) -> None:
    head = "ARGS = {'owner': 'me'}\n"
    own = dag_file(f"{head}dag = DAG('d', default_args=ARGS)\ndag.default_args['retries'] = 3\n{TASK}")
    assert bench.codes(own, ONE) == ["DBX201", "DBX701"]
    other = f"other = DAG('e', default_args=ARGS)\n{TASK.replace('=dag', '=other')}"
    assert bench.codes(own + other, ONE) == ["DBX201", "DBX701", "DBX201", "DBX601", "DBX701"]
    late = dag_file(f"{head}dag = DAG('d', default_args=ARGS)\nARGS['retries'] = 3\n{TASK}")
    assert bench.codes(late, ONE) == ["DBX201", "DBX601", "DBX701"]


def test_a_dict_of_another_file_is_copied_too(bench: Workbench) -> None:
    bench.add_file("common.py", "ARGS = {'owner': 'me'}\n")
    head = "from common import ARGS\n"
    own = f"dag = DAG('d', default_args=ARGS)\ndag.default_args['retries'] = 3\n{TASK}"
    other = f"other = DAG('e', default_args=ARGS)\n{TASK.replace('=dag', '=other')}"
    found = bench.codes(dag_file(head + own + other), ONE)
    assert found == ["DBX201", "DBX701", "DBX201", "DBX601", "DBX701"]


def test_reading_the_default_args_changes_nothing(bench: Workbench) -> None:
    assert codes(bench, f"print(dag.default_args.get('retries'))\n{TASK}") == ["DBX201", "DBX601", "DBX701"]


def test_what_a_loop_sets_on_the_tasks_of_a_dag_is_not_known(bench: Workbench) -> None:
    loop = "for task in dag.tasks:\n    task.retries = 3\n    task.execution_timeout = timedelta(hours=2)\n"
    assert codes(bench, TASK + loop) == ["DBX201"]
    assert codes(bench, loop + TASK) == ["DBX201", "DBX601", "DBX701"]
    assert codes(bench, TASK + loop.replace("task.execution", "if work():\n        task.execution")) == ["DBX201"]
    assert codes(bench, f"{TASK}other = DAG('e')\n{loop.replace('dag.', 'other.')}") == ["DBX201", "DBX601", "DBX701"]


def test_what_is_set_on_one_of_two_tasks_is_not_known(bench: Workbench) -> None:
    lines = f"first = {TASK}second = {TASK}(first if work() else second).retries = 3\n"
    assert codes(bench, lines) == ["DBX201", "DBX701", "DBX201", "DBX701"]
