"""What a fix may change in a call that runs more than once."""

import pytest
from tests.lint.workbench import Workbench, dag_file

RUN = "DatabricksRunNowOperator("
SLOW = f"{RUN}task_id='t', job_id=1, polling_period_seconds="
DAG = "with DAG('d'):\n"


def fixed(bench: Workbench, code: str, body: str, *, unsafe: bool = True) -> str:
    assert bench.findings(dag_file(body), code, {"select": [code]})
    result = bench.fix(dag_file(body), unsafe=unsafe, config={"select": [code]})
    return result.after.removeprefix(dag_file(""))


@pytest.mark.parametrize("value", ["job_id", "JOBS[job_id]", "int(job_id)"])
def test_an_id_that_others_may_pass_to_a_helper_is_kept(bench: Workbench, value: str) -> None:
    bench.add_contract({"orders": ()}, job_ids={"orders": "123"})
    body = f"""\
JOBS = {{123: 123}}
def run_job(task_id, job_id):
    return {RUN}task_id=task_id, job_id={value})
with DAG("orders"):
    run_job("load", 123)
"""
    result = bench.fix(dag_file(body), config={"select": ["DBX802"]})
    assert not result.changed


@pytest.mark.parametrize(
    "body",
    [
        f"def run(period=5):\n    return {SLOW}period)\n{DAG}    run()\n",
        f"def run(*, period):\n    every = period\n    {SLOW}every)\n{DAG}    run(period=5)\n",
        f"def run(**given):\n    {SLOW}given['period'])\n{DAG}    run(period=5)\n",
        f"run = lambda period: {SLOW}period)\n{DAG}    run(5)\n",
        f"{DAG}    for p in (5, 60):\n        {SLOW}p)\n",
        f"{DAG}    [{SLOW}p) for p in (5, 60)]\n",
    ],
)
def test_a_value_of_one_call_or_turn_is_not_written_for_all(bench: Workbench, body: str) -> None:
    assert fixed(bench, "DBX204", body) == body


@pytest.mark.parametrize(
    ("before", "value"),
    [("PERIOD = 5\n", "PERIOD"), ("", "5"), ("def period():\n    return 5\n", "period()")],
)
def test_a_value_that_is_the_same_for_all_is_written_also_in_a_helper(
    bench: Workbench, before: str, value: str
) -> None:
    body = f"{before}def run(name):\n    {SLOW}{{}}, doc=name)\n{DAG}    run('t')\n"
    assert fixed(bench, "DBX204", body.format(value), unsafe=False) == body.format(30)


def test_a_job_that_others_may_pass_to_a_helper_does_not_move(bench: Workbench) -> None:
    bench.add_contract({"orders": ()})
    body = f"""\
def run(task_id, job_name):
    return {RUN}task_id=task_id, job_name=job_name)
with DAG("d"):
    run("t", "orders job")
"""
    assert fixed(bench, "DBX407", body) == body


def test_the_date_that_others_may_pass_to_a_helper_is_kept(bench: Workbench) -> None:
    body = f"""\
def text(day):
    return day.strftime("%Y-%m-%d")
with DAG("d"):
    {RUN}task_id="t", job_id=1, job_parameters={{"day": text(datetime.now())}})
"""
    assert fixed(bench, "DBX605", body) == body


HELPERS = [
    "def run(**given):\n    return {call}, **given)\n{dag}    run()\n",
    "def run(**given):\n    return {call}, **{{'doc': 'x', **given}})\n{dag}    run()\n",
    "def run(given):\n    return {call}, **given)\n{dag}    run({{}})\n",
    "def run(**given):\n    all = {{'doc': 'x', **given}}\n    return {call}, **all)\n{dag}    run()\n",
    "run = lambda **given: {call}, **given)\n{dag}    run()\n",
]


@pytest.mark.parametrize("helper", HELPERS)
@pytest.mark.parametrize("code", ["DBX201", "DBX503", "DBX601", "DBX701"])
def test_what_others_may_hand_to_a_helper_is_not_added_behind_its_splat(
    bench: Workbench, helper: str, code: str
) -> None:
    body = helper.format(call=f"{RUN}task_id='t', job_id=1", dag=DAG)
    assert fixed(bench, code, body) == body


def test_what_others_may_hand_to_a_dag_is_not_added_behind_its_splat(bench: Workbench) -> None:
    body = f"""\
def orders(**given):
    with DAG("d", schedule="@daily", **given):
        {RUN}task_id="t", job_id=1)
orders()
"""
    assert fixed(bench, "DBX301", body) == body


def test_what_is_set_before_a_splat_may_be_replaced(bench: Workbench) -> None:
    body = f"def run(**given):\n    return {SLOW}{{}}, **given)\n{DAG}    run()\n"
    assert fixed(bench, "DBX204", body.format(5)) == body.format(30)


@pytest.mark.parametrize(
    "body",
    [
        f"COMMON = {{'doc': 'x'}}\ndef run():\n    {RUN}task_id='t', job_id=1, **COMMON)\n{DAG}    run()\n",
        f"def run():\n    all = {{'doc': 'x'}}\n    {RUN}task_id='t', job_id=1, **all)\n{DAG}    run()\n",
        f"{DAG}    for given in ({{'doc': 'x'}}, {{}}):\n        {RUN}task_id='t', job_id=1, **given)\n",
    ],
)
def test_a_splat_that_no_other_file_fills_may_be_added_to(bench: Workbench, body: str) -> None:
    assert fixed(bench, "DBX601", body) == body.replace(")\n", ", retries=2)\n", 1)


@pytest.mark.parametrize("given", ["job_name=None", "**{'job_name': None}", "**COMMON"])
def test_an_argument_is_not_renamed_to_one_that_is_given(bench: Workbench, given: str) -> None:
    bench.add_contract({"orders": ()}, job_ids={"orders": "123"})
    body = f"COMMON = {{'job_name': None}}\n{DAG}    {RUN}task_id='t', job_id=123, {given})\n"
    assert fixed(bench, "DBX802", body) == body
