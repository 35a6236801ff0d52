"""DBX201: which operators wait in a worker slot, and the fix."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.lint.workbench import Workbench, dag_file

from airbrick.lint.edits import apply
from airbrick.lint.engine import lint_text
from airbrick.lint.finding import Edit

CODE = "DBX201"
PROVIDER = "airflow.providers.databricks.operators.databricks"
ASTRONOMER = "astronomer.providers.databricks.operators.databricks"
ADDED = "        deferrable=True,\n"
SUBCLASS = """\
class Mine(DatabricksRunNowOperator):
    def __init__(self, task_id):
        super().__init__(task_id=task_id)
"""
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


def fixed(bench: Workbench, body: str) -> str:
    result = bench.fix(dag_file(body), config={"select": [CODE]})
    return result.after.removeprefix(dag_file(""))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"{RUN})", f"{RUN}, deferrable=True)"),
        (f"{RUN},)", f"{RUN}, deferrable=True,)"),
        (f"{RUN} )", f"{RUN}, deferrable=True )"),
        (
            'DatabricksRunNowOperator(\n        task_id="t",\n        job_id=1,\n    )',
            'DatabricksRunNowOperator(\n        task_id="t",\n        job_id=1,\n        deferrable=True,\n    )',
        ),
        (
            'DatabricksRunNowOperator(\n        task_id="t",\n        job_id=1  # one\n    )',
            'DatabricksRunNowOperator(\n        task_id="t",\n        job_id=1,  # one\n        deferrable=True\n    )',
        ),
        (
            'DatabricksRunNowOperator(\n        task_id="t",\n        job_id=1,  # a, b) #\n        # z\n    )',
            f'DatabricksRunNowOperator(\n        task_id="t",\n        job_id=1,  # a, b) #\n        # z\n{ADDED}    )',
        ),
        (
            'DatabricksRunNowOperator(task_id="t",\n                             job_id=1)',
            'DatabricksRunNowOperator(task_id="t",\n                             job_id=1, deferrable=True)',
        ),
        (
            'DatabricksRunNowOperator(task_id="t", job_id=(1),\n    )',
            'DatabricksRunNowOperator(task_id="t", job_id=(1), deferrable=True,\n    )',
        ),
        (
            'DatabricksRunNowOperator(\n        task_id="t", job_id=((1))\n    )',
            'DatabricksRunNowOperator(\n        task_id="t", job_id=((1)), deferrable=True\n    )',
        ),
        (
            'DatabricksRunNowOperator(\n\t\ttask_id="t",\n\t\tjob_id=1,\n\t)',
            'DatabricksRunNowOperator(\n\t\ttask_id="t",\n\t\tjob_id=1,\n\t\tdeferrable=True,\n\t)',
        ),
        (
            'DatabricksRunNowOperator.partial(task_id="t", job_id=1).expand(notebook_params=[{}])',
            'DatabricksRunNowOperator.partial(task_id="t", job_id=1, deferrable=True).expand(notebook_params=[{}])',
        ),
        (
            'DatabricksRunNowOperator(\n        **{"task_id": "t"},\n        **{"job_id": 1},\n    )',
            f'DatabricksRunNowOperator(\n        **{{"task_id": "t"}},\n        **{{"job_id": 1}},\n{ADDED}    )',
        ),
        (f"{RUN}, doc='ünï ✓')", f"{RUN}, doc='ünï ✓', deferrable=True)"),
        ("DatabricksRunNowOperator()", "DatabricksRunNowOperator(deferrable=True)"),
        (f"({RUN}))", f"({RUN}, deferrable=True))"),
        (f"x = {RUN}); y = {RUN})", f"x = {RUN}, deferrable=True); y = {RUN}, deferrable=True)"),
    ],
)
def test_the_fix_keeps_the_layout_of_the_call(bench: Workbench, before: str, after: str) -> None:
    assert fixed(bench, in_dag(before)) == in_dag(after)


def test_the_fix_is_unsafe(bench: Workbench) -> None:
    assert not bench.fix(dag_file(in_dag(f"{RUN})")), unsafe=False).changed


def test_the_fix_is_idempotent(bench: Workbench) -> None:
    once = bench.fix(dag_file(in_dag(f"{RUN})"))).after
    assert not bench.fix(once).changed


@pytest.mark.parametrize(
    "body",
    [
        # The other caller passes the argument through: adding it to the call would give it twice.
        f'with DAG("d"):\n    def make(**kw):\n        return {RUN}, **kw)\n    make()\n    make(deferrable=True)\n',
        f'{SUBCLASS}with DAG("d"):\n    Mine(task_id="t")\n',
    ],
)
def test_no_fix_where_it_could_break_the_call(bench: Workbench, body: str) -> None:
    assert count(bench, body) == 1
    assert fixed(bench, body) == body


def test_newlines_of_the_file_are_kept(bench: Workbench) -> None:
    body = in_dag('DatabricksRunNowOperator(\n        task_id="t",\n        job_id=1,\n    )')
    text = dag_file(body).replace("\n", "\r\n")
    after = bench.fix(text, config={"select": [CODE]}).after
    assert after.replace("\r\n", "").count("\n") == 0
    assert "\r\n        deferrable=True,\r\n" in after


SPACES = st.text(alphabet=" \t", max_size=3)
VALUES = st.sampled_from(
    ['"t"', "(1)", "f(')')", "[1, 2]", "'#'", '"""a\nb"""', "{'a': (1,)}", "lambda: (yield)", "'é✓'"]
)


@given(
    values=st.lists(VALUES, min_size=1, max_size=4),
    gaps=st.lists(st.sampled_from(["", " ", "\n        ", "  # note, (\n        ", "\n\n\t"]), min_size=6, max_size=6),
    comma=st.booleans(),
    newline=st.sampled_from(["\n", "\r\n"]),
)
def test_the_fix_only_adds_the_argument(values: list[str], gaps: list[str], comma: bool, newline: str) -> None:
    parts = [f"{gaps[i]}a{i}={value}" for i, value in enumerate(values)]
    call = f"DatabricksRunNowOperator({','.join(parts)}{gaps[4]}{',' if comma else ''}{gaps[5]})"
    text = dag_file(in_dag(call)).replace("\n", newline)
    (finding,) = [f for f in lint_text(text).findings if f.code == CODE]
    assert finding.fix is not None
    after = apply(text, finding.fix.edits)
    assert [f for f in lint_text(after).findings if f.code == CODE] == []
    assert without_insertions(after, finding.fix.edits) == text
    assert "".join(edit.text for edit in finding.fix.edits).strip(" ,\t\r\n") == "deferrable=True"


def without_insertions(after: str, edits: tuple[Edit, ...]) -> str:
    kept: list[str] = []
    position = shift = 0
    for edit in sorted(edits, key=lambda e: e.start):
        assert edit.start == edit.end
        kept.append(after[position : edit.start + shift])
        position = edit.start + shift + len(edit.text)
        shift += len(edit.text)
    return "".join(kept) + after[position:]
