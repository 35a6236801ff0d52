"""DBX303: loops that build many tasks side by side."""

import pytest
from tests.lint.workbench import Workbench, dag_file, in_dag

CODE = "DBX303"
ONLY: dict[str, object] = {"select": [CODE]}
RUN = 'RunNowOperator(task_id=f"t{n}", job="x"'
CHAINED = f"""\
with DAG("d"):
    prev = None
    for n in range(50):
        op = {RUN})
        if prev:
            prev >> op
        prev = op
"""
INDEXED = f"""\
with DAG("d"):
    ops = []
    for n in range(50):
        ops.append({RUN}))
        if n:
            ops[-2] >> ops[-1]
"""
HEAD = "from company import NAMES\n"


def loop(items: str, body: str = f"{RUN})", more: str = "") -> str:
    return in_dag(f"for n in {items}:\n        {body}{more}", head=HEAD)


@pytest.mark.parametrize(
    "items", ["range(9)", "range(200)", "list(range(100))", "NAMES", "[*NAMES]", "Variable.get('n')"]
)
def test_reports_loops_over_many_items(bench: Workbench, items: str) -> None:
    assert len(bench.findings(loop(items), CODE)) == 1


@pytest.mark.parametrize("items", ["range(8)", '("eu", "us")', '{"eu": 1, "us": 2}', "range(2, 5)"])
def test_is_silent_about_a_few(bench: Workbench, items: str) -> None:
    assert bench.findings(loop(items), CODE) == []


@pytest.mark.parametrize(
    "body",
    [
        f"with DAG('d'):\n    [{RUN}) for n in range(50)]\n",
        f"with DAG('d'):\n    tasks = {{n: {RUN}) for n in range(50)}}\n",
        f"def make(n):\n    return {RUN})\nwith DAG('d'):\n    for n in range(50):\n        make(n)\n",
        f"with DAG('d'):\n    for a in range(3):\n        for n in range(3):\n            {RUN})\n",
        f"with DAG('d'):\n    for n in range(50):\n        start() >> {RUN}) >> end()\n",
        f"with DAG('d'):\n    n = 0\n    while n < 50:\n        {RUN})\n        n += 1\n",
    ],
)
def test_comprehensions_helpers_and_nested_loops_count(bench: Workbench, body: str) -> None:
    assert len(bench.findings(dag_file(body), CODE)) == 1


@pytest.mark.parametrize(
    "body",
    [
        f"for n in range(50):\n    with DAG(f'd{{n}}'):\n        {RUN})\n",
        f"def make(n):\n    with DAG(f'd{{n}}'):\n        {RUN})\nfor n in range(50):\n    make(n)\n",
        CHAINED,
        f"with DAG('d'):\n    ops = [{RUN}) for n in range(50)]\n    chain(*ops)\n",
        INDEXED,
        f"with DAG('d'):\n    ops = [{RUN}) for n in range(50)]\n    for a, b in zip(ops, ops[1:]):\n        a >> b\n",
    ],
)
def test_a_dag_for_each_item_and_chains_are_no_fan_out(bench: Workbench, body: str) -> None:
    assert bench.findings(dag_file(body), CODE) == []


@pytest.mark.parametrize("more", [', pool="p"', ", max_active_tis_per_dag=2", ", **NAMES"])
def test_a_pool_bounds_it(bench: Workbench, more: str) -> None:
    assert bench.findings(loop("range(50)", f"{RUN}{more})"), CODE) == []


@pytest.mark.parametrize("arguments", [', default_args={"pool": "p"}', ", max_active_tasks=4", ", concurrency=4"])
def test_the_dag_may_bound_it(bench: Workbench, arguments: str) -> None:
    task = f"for n in range(50):\n        {RUN})"
    assert bench.findings(in_dag(task, arguments), CODE) == []
    assert bench.findings(in_dag(task, ', default_args={"pool": None}'), CODE) != []


def test_the_limit_is_an_option(bench: Workbench) -> None:
    assert bench.findings(loop("range(50)"), CODE, {"rules": {CODE: {"maximum-loop-tasks": 50}}}) == []


def test_the_unsafe_fix_names_a_pool(bench: Workbench) -> None:
    assert not bench.fix(loop("range(50)"), unsafe=False, config=ONLY).changed
    result = bench.fix(loop("range(50)"), config=ONLY)
    assert result.after == loop("range(50)", f'{RUN}, pool="databricks")')
    assert not bench.fix(result.after, config=ONLY).changed


def test_suppressed(bench: Workbench) -> None:
    assert bench.codes(loop("range(50)", more="  # airbrick: ignore[DBX303]"), ONLY) == []
