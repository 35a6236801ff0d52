"""DBX201: which operators wait in a worker slot."""

import pytest
from tests.lint.workbench import Workbench, dag_file

CODE = "DBX201"
PROVIDER = "airflow.providers.databricks.operators.databricks"
ASTRONOMER = "astronomer.providers.databricks.operators.databricks"
PARTIAL = "from functools import partial\nmake = partial(DatabricksRunNowOperator, job_id=1)\n"
RUN = 'DatabricksRunNowOperator(task_id="t", job_id=1'


def count(bench: Workbench, body: str, **config: object) -> int:
    return len(bench.findings(dag_file(body), CODE, {key.replace("_", "-"): value for key, value in config.items()}))


def in_dag(line: str, arguments: str = "") -> str:
    return f'with DAG("d"{arguments}):\n    {line}\n'


@pytest.mark.parametrize(
    "call",
    [
        f"{RUN})",
        'DatabricksSubmitRunOperator(task_id="t", json={})',
        'DatabricksNotebookOperator(task_id="t", notebook_path="/n", source="WORKSPACE")',
        'DatabricksTaskOperator(task_id="t", task_config={})',
        'DatabricksSQLStatementsOperator(task_id="t", statement="select 1", warehouse_id="w")',
        'DatabricksRunNowOperator.partial(task_id="t", job_id=1).expand(notebook_params=[{}, {}])',
    ],
)
def test_reports_operators_that_could_be_deferred(bench: Workbench, call: str) -> None:
    assert count(bench, in_dag(call)) == 1


@pytest.mark.parametrize(
    "call",
    [
        f"{RUN}, deferrable=True)",
        f'{RUN}, deferrable=Variable.get("d"))',
        f"{RUN}, wait_for_termination=False)",
        'DatabricksSqlOperator(task_id="t", sql="select 1")',
        'DatabricksCreateJobsOperator(task_id="t", json={})',
        'RunNowOperator(task_id="t", job="j")',
        'DatabricksRunNowOperator.partial(task_id="t", deferrable=True).expand(job_id=[1, 2])',
        'DatabricksRunNowOperator.partial(task_id="t", job_id=1).expand(deferrable=[True, False])',
        'DatabricksRunNowOperator.partial(task_id="t", job_id=1).expand_kwargs(computed())',
    ],
)
def test_is_silent_where_it_is_set_or_impossible(bench: Workbench, call: str) -> None:
    assert count(bench, in_dag(call)) == 0


@pytest.mark.parametrize(
    "import_line",
    [
        "from airflow.contrib.operators.databricks_operator import DatabricksRunNowOperator",
        f"from {PROVIDER} import DatabricksRunNowDeferrableOperator as DatabricksRunNowOperator",
        f"from {ASTRONOMER} import DatabricksRunNowOperatorAsync as DatabricksRunNowOperator",
        "from astro_databricks import DatabricksNotebookOperator as DatabricksRunNowOperator",
        "from company.operators import DatabricksRunNowOperator",
    ],
)
def test_is_silent_about_classes_that_take_no_such_argument(bench: Workbench, import_line: str) -> None:
    text = f"from airflow import DAG\n{import_line}\n{in_dag(f'{RUN})')}"
    assert bench.findings(text, CODE) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ', default_args={"deferrable": True}',
        ", default_args=ARGS",
        ", default_args={**ARGS}",
        ', default_args=ARGS | {"retries": 1}',
        ", default_args=dict(ARGS, retries=1)",
        ", **COMMON",
    ],
)
def test_default_args_count(bench: Workbench, arguments: str) -> None:
    head = 'ARGS = {"deferrable": True}\nCOMMON = {"default_args": ARGS}\n'
    assert count(bench, head + in_dag(f"{RUN})", arguments)) == 0


def test_default_args_of_the_task_group_win_over_the_dag(bench: Workbench) -> None:
    body = f"""\
with DAG("d", default_args={{"deferrable": True}}):
    with TaskGroup("g", default_args={{"deferrable": False}}):
        with TaskGroup("inner"):
            {RUN})
"""
    assert count(bench, body) == 1
    assert count(bench, body.replace('{"deferrable": False}', "{}")) == 0
    assert count(bench, body.replace('{"deferrable": True}', "{}").replace('{"deferrable": False}', "{}")) == 1


def test_deferrable_turned_off_is_found_and_left_to_a_person(bench: Workbench) -> None:
    body = in_dag(f"{RUN}, deferrable=False)", ', default_args={"deferrable": True}')
    (finding,) = bench.findings(dag_file(body), CODE)
    assert finding.help == "write deferrable=True"
    assert finding.fix is None


def test_defaults_that_are_not_known_are_not_guessed(bench: Workbench) -> None:
    assert count(bench, "from company import defaults\n" + in_dag(f"{RUN})", ", default_args=defaults")) == 0
    assert count(bench, "from company import defaults\n" + in_dag(f"{RUN}, **defaults)")) == 0
    assert count(bench, "from company import make_dag\nwith make_dag() as dag:\n    " + f"{RUN}, dag=dag)") == 0
    assert count(bench, f"{RUN})\n") == 0


@pytest.mark.parametrize(
    ("call", "target", "found"),
    [
        (f"{RUN})", "4.1", 0),
        (f"{RUN})", "4.2", 1),
        ('DatabricksNotebookOperator(task_id="t", notebook_path="/n", source="WORKSPACE")', "6.4", 0),
        ('DatabricksNotebookOperator(task_id="t", notebook_path="/n", source="WORKSPACE")', "6.5", 1),
    ],
)
def test_a_provider_that_does_not_know_the_argument_is_not_asked_for_it(
    bench: Workbench, call: str, target: str, found: int
) -> None:
    assert count(bench, in_dag(call), target_provider=target) == found


def test_configuration_of_airflow_counts(bench: Workbench) -> None:
    assert count(bench, in_dag(f"{RUN})"), default_deferrable=True) == 0


@pytest.mark.parametrize(
    "body",
    [
        f'dag = DAG("d")\n{RUN}, dag=dag)\n',
        f'dag = DAG("d")\nwith dag:\n    {RUN})\n',
        f"@dag(schedule=None)\ndef d():\n    {RUN})\nd()\n",
        f"@dag\ndef d():\n    {RUN})\nd()\n",
        f"@dag()\ndef never_called():\n    {RUN})\n",
        f'def build(name):\n    with DAG(name):\n        {RUN})\nbuild("a")\n',
        f"def never_called(name):\n    with DAG(name) as dag:\n        {RUN})\n    return dag\n",
        f'with DAG("d"):\n    @task_group\n    def g():\n        {RUN})\n    g()\n',
        f'with DAG("d"):\n    @task_group\n    def g(x):\n        {RUN})\n    g.override(group_id="h")(1)\n',
        f'with DAG("d"):\n    @task_group\n    def g(x):\n        {RUN})\n    g.partial().expand(x=[1, 2])\n',
        f'with DAG("d"):\n    def helper():\n        return {RUN})\n    helper()\n',
        f'with DAG("d"):\n    [{RUN}) for i in range(3)]\n',
        f'with DAG("d"):\n    for name in names():\n        {RUN})\n',
        f'with DAG("d"):\n    a = b = {RUN})\n    a >> b\n',
        f'{PARTIAL}with DAG("d"):\n    make(task_id="t")\n',
        'class Mine(DatabricksRunNowOperator):\n    pass\nwith DAG("d"):\n    Mine(task_id="t")\n',
        f'with DAG("d"):\n    if Variable.get("x"):\n        {RUN})\n',
        f'with DAG("d"):\n    try:\n        {RUN})\n    except Exception:\n        pass\n',
    ],
)
def test_finds_the_dag_however_it_is_written(bench: Workbench, body: str) -> None:
    assert count(bench, body) == 1


IMPORTS = [
    """\
from airflow.providers.databricks.operators.databricks import *
from airflow import DAG
""",
    """\
from airflow.providers.databricks.operators import databricks
from airflow import DAG
DatabricksRunNowOperator = databricks.DatabricksRunNowOperator
""",
    """\
import airflow
import airflow.providers.databricks.operators.databricks
DAG = airflow.DAG
DatabricksRunNowOperator = airflow.providers.databricks.operators.databricks.DatabricksRunNowOperator
""",
    """\
try:
    from airflow.sdk import DAG
except ImportError:
    from airflow import DAG
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator
""",
    """\
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from airflow.models import DAG
else:
    from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator
""",
]


@pytest.mark.parametrize("imports", IMPORTS)
def test_finds_the_operator_however_it_is_imported(bench: Workbench, imports: str) -> None:
    assert len(bench.findings(imports + in_dag(f"{RUN})"), CODE)) == 1


def test_imports_within_functions_are_followed(bench: Workbench) -> None:
    text = f"""\
from airflow.sdk import dag
@dag
def d():
    from {PROVIDER} import DatabricksRunNowOperator
    {RUN})
d()
"""
    assert len(bench.findings(text, CODE)) == 1


def test_a_call_in_a_loop_is_one_finding(bench: Workbench) -> None:
    body = 'with DAG("d"):\n    for i in [1, 2, 3]:\n        DatabricksRunNowOperator(task_id=f"t{i}", job_id=i)\n'
    assert count(bench, body) == 1


def test_an_operator_executed_by_hand_in_a_task_is_not_reported(bench: Workbench) -> None:
    body = f"""\
from airflow.providers.standard.operators.python import PythonOperator
def by_hand(**context):
    {RUN}).execute(context)
with DAG("d"):
    PythonOperator(task_id="p", python_callable=by_hand)
    @task
    def other(**context):
        {RUN}).execute(context)
    other()
"""
    assert count(bench, body) == 0


def test_a_subclass_that_forces_it_is_not_reported(bench: Workbench) -> None:
    body = """\
class A(DatabricksRunNowOperator):
    def __init__(self, **kwargs):
        super().__init__(deferrable=True, **kwargs)
class B(DatabricksRunNowOperator):
    def __init__(self, **kwargs):
        kwargs.setdefault("deferrable", True)
        super().__init__(**kwargs)
class C(DatabricksRunNowOperator):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.deferrable = True
from company import Mixin
class D(Mixin, DatabricksRunNowOperator):
    pass
with DAG("d"):
    A(task_id="a", job_id=1)
    B(task_id="b", job_id=1)
    C(task_id="c", job_id=1)
    D(task_id="d", job_id=1)
"""
    assert count(bench, body) == 0


def test_setting_the_attribute_afterwards_counts(bench: Workbench) -> None:
    assert count(bench, in_dag(f"x = {RUN})\n    x.deferrable = True")) == 0


def test_defaults_changed_before_the_dag_count_and_later_ones_do_not(bench: Workbench) -> None:
    before = f'args = {{}}\nargs["deferrable"] = True\nwith DAG("d", default_args=args):\n    {RUN})\n'
    after = f'args = {{}}\nwith DAG("d", default_args=args):\n    {RUN})\nargs["deferrable"] = True\n'
    perhaps = before.replace('args["', 'if Variable.get("x"):\n    args["')
    assert [count(bench, body) for body in (before, after, perhaps)] == [0, 1, 0]


def test_a_dict_handed_to_foreign_code_is_no_longer_known(bench: Workbench) -> None:
    body = f'from company import enrich\nargs = {{}}\nenrich(args)\nwith DAG("d", default_args=args):\n    {RUN})\n'
    assert count(bench, body) == 0
