"""Files as teams write them: several constructs at once."""

from tests.lint.workbench import Workbench, dag_file


def test_settings_in_container_classes(bench: Workbench) -> None:
    body = """\
class Parameters:
    clusters = [{"job_cluster_key": "main", "new_cluster": {"autoscale": {"min_workers": 1, "max_workers": 6}}}]
class Defaults:
    default_args = {"retries": 1, "retry_delay": timedelta(minutes=2)}
dag_ = DAG("d", schedule_interval="30 7 * * *", default_args=Defaults.default_args)
with dag_:
    group = DatabricksWorkflowTaskGroup(group_id="g", databricks_conn_id="c", job_clusters=Parameters.clusters)
    with group:
        first = DatabricksNotebookOperator(task_id="n", notebook_path="/n", source="WORKSPACE")
        first
"""
    assert sorted(bench.codes(dag_file(body))) == ["DBX101", "DBX201", "DBX301"]


def test_a_helper_within_a_group_builds_each_task(bench: Workbench) -> None:
    body = """\
with DAG("d", schedule="0 6 * * MON", max_active_runs=1, default_args={"retries": 1}):
    with DatabricksWorkflowTaskGroup(group_id="g", databricks_conn_id="c") as workflow:
        def notebook(task_id, name, params=None):
            return DatabricksNotebookOperator(
                task_id=task_id, notebook_path=f"/n/{name}", source="WORKSPACE", notebook_params=params or {}
            )
        a = notebook("a", "A")
        b = notebook("b", "B", params={"top": "30"})
        a >> b
"""
    assert bench.codes(dag_file(body)) == ["DBX201"]


def test_a_module_of_tasks_for_dags_elsewhere(bench: Workbench) -> None:
    body = """\
JOBS = {"optimize": "optimize_table", "vacuum": "vacuum_table"}
def build(dag):
    with TaskGroup(group_id="maintenance", dag=dag):
        previous = None
        for name in ("optimize", "vacuum"):
            step = DatabricksRunNowOperator.partial(task_id=name, job_name=JOBS[name]).expand(
                python_params=[["--table", table] for table in ("a", "b")]
            )
            if previous is not None:
                previous >> step
            previous = step
    return previous
"""
    # Whether the DAG defers by default is not known here; its jobs are.
    assert bench.codes(dag_file(body)) == []
    bench.add_contract({"optimize_table": ()})
    (finding,) = [f for f in bench.findings(dag_file(body)) if "vacuum" in f.message]
    assert finding.code == "DBX801"


def test_a_factory_that_is_called_for_each_environment(bench: Workbench) -> None:
    body = """\
def create_dag(env, schedule, **settings):
    with DAG(f"orders_{env}", schedule=schedule, **settings) as created:
        RunNowOperator(task_id="t", job="orders")
    return created
for env, schedule in [("dev", None), ("prod", "@daily")]:
    globals()[f"dag_{env}"] = create_dag(env, schedule)
bounded = create_dag("test", "@daily", max_active_runs=1)
"""
    (finding,) = bench.findings(dag_file(body))
    assert finding.code == "DBX301"
    # The factory's other callers give the argument themselves.
    assert finding.fix is None


def test_operators_in_a_class_that_builds_dags(bench: Workbench) -> None:
    body = """\
class Pipeline:
    schedule = "@hourly"
    def __init__(self, name):
        self.name = name
        self.args = {"owner": "data"}
    def build(self):
        with DAG(self.name, schedule=self.schedule, default_args=self.args) as created:
            self.load()
        return created
    def load(self):
        return DatabricksRunNowOperator(task_id="load", job_id=5)
dag_ = Pipeline("orders").build()
"""
    assert sorted(bench.codes(dag_file(body))) == ["DBX201", "DBX301"]


def test_in_house_wrappers_are_not_guessed(bench: Workbench) -> None:
    body = """\
from company.operators import SubmitRun, make_dag
CLUSTER = Variable.get("cluster", deserialize_json=True)
CLUSTER["cluster_log_conf"]["s3"]["destination"] = "s3://logs"
with make_dag("d", schedule="@daily") as made:
    SubmitRun(task_id="a", json={"new_cluster": {"num_workers": 1}}, dag=made)
    DatabricksSubmitRunOperator(task_id="b", new_cluster=CLUSTER)
"""
    assert bench.codes(dag_file(body)) == []
