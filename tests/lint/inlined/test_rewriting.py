"""The DAG once its jobs are provisioned."""

import ast
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.lint.workbench import Workbench, dag_file

from airbrick.lint.errors import PathError
from airbrick.lint.inlined.reading import read, read_source
from airbrick.lint.source import SourceFile

LABELLED = Path(__file__).parents[1] / "labelled" / "dags"
BEFORE = '''\
"""Nightly orders."""

from airflow.sdk import DAG
from airflow.providers.databricks.operators.databricks import DatabricksSqlOperator, DatabricksSubmitRunOperator

# The cluster of all tasks.
cluster = {"spark_version": "16.4.x-scala2.12", "node_type_id": "i3.xlarge", "num_workers": 8}
day = {"day": "{{ ds }}"}

with DAG("orders"):
    # Loads größe first.
    load = DatabricksSubmitRunOperator(
        task_id="load",
        databricks_conn_id="prod",  # the workspace of production
        json={
            "new_cluster": cluster,
            "notebook_task": {"notebook_path": "/Shared/load", "base_parameters": {"day": "{{ ds }}"}},
        },
        polling_period_seconds=60,  # once a minute
        databricks_retry_limit=5,
        retries=2,
    )
    clean = DatabricksSubmitRunOperator(task_id="clean", new_cluster=cluster, spark_jar_task={}, timeout_seconds=9)
    load >> clean
'''
AFTER = '''\
"""Nightly orders."""

from airflow.sdk import DAG
from airbrick.operators import RunNowOperator
from airflow.providers.databricks.operators.databricks import DatabricksSqlOperator

# The cluster of all tasks.
day = {"day": "{{ ds }}"}

with DAG("orders"):
    # Loads größe first.
    load = RunNowOperator(
        task_id="load",
        databricks_conn_id="prod",  # the workspace of production
        job="orders_load",
        job_parameters={"day": "{{ ds }}"},
        poll_interval=60,  # once a minute
        retries=2,
    )
    clean = RunNowOperator(task_id="clean", job="orders_clean")
    load >> clean
'''


def rewritten(path: Path, data: bytes) -> bytes:
    path.write_bytes(data)
    found = read(path)
    assert found.refused == ()
    return found.file.source.to_bytes(found.rewritten([job.name for job in found.jobs], {}))


def test_the_rest_of_the_file_stays_as_it_is(tmp_path: Path) -> None:
    assert rewritten(tmp_path / "dag.py", BEFORE.encode()).decode() == AFTER


def test_newlines_and_a_byte_order_mark_stay(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbf" + BEFORE.replace("\n", "\r\n").encode()
    assert rewritten(tmp_path / "dag.py", data) == b"\xef\xbb\xbf" + AFTER.replace("\n", "\r\n").encode()


def test_a_class_that_other_tasks_use_stays_imported(tmp_path: Path) -> None:
    path = tmp_path / "dag.py"
    path.write_text(
        dedent("""\
        from airflow.sdk import DAG
        import airflow.providers.databricks.operators.databricks as official
        from airflow.providers.databricks.operators.databricks import DatabricksSubmitRunOperator as Submit

        with DAG("d"):
            official.DatabricksSubmitRunOperator(task_id="a", spark_jar_task={})
            Submit(task_id="b", json=unknown)
        """)
    )
    found = read(path)
    text = found.rewritten(["a"], {})
    assert len(found.refused) == 1
    assert text.startswith("from airbrick.operators import RunNowOperator\n")
    assert 'RunNowOperator(task_id="a", job="a")' in text
    assert "import DatabricksSubmitRunOperator as Submit" in text


def test_an_import_that_is_not_there_for_all_is_none(tmp_path: Path) -> None:
    text = dedent("""\
        from airflow.sdk import DAG

        def make():
            from airflow.providers.databricks.operators.databricks import DatabricksSubmitRunOperator

            DatabricksSubmitRunOperator(task_id="a", spark_jar_task={})

        with DAG("d"):
            make()
        """)
    found = read_source(SourceFile(tmp_path / "dag.py", text))
    assert found.refused == ()
    after = found.rewritten(["a"], {})
    assert after.startswith("from airbrick.operators import RunNowOperator\nfrom airflow.sdk import DAG\n")
    assert "import DatabricksSubmitRunOperator" not in after


def test_the_linter_finds_no_cluster_any_more(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    select = {"select": ["DBX1"]}
    assert [found.code for found in bench.findings(BEFORE, config=select)]
    assert bench.findings(AFTER, config=select) == []


LAYOUT = st.fixed_dictionaries(
    {
        "order": st.permutations(
            ["task_id='t'", "json={'spark_jar_task': {'parameters': ['{{ ds }}']}}", "retries=2", "durable=True",
             "databricks_retry_limit=3", "polling_period_seconds=5", "new_cluster={'num_workers': 1}"]
        ),
        "joints": st.lists(
            st.sampled_from([", ", ",\n        ", ",  # why\n        ", "\n        , ", ",\n\n        "]),
            min_size=6,
            max_size=6,
        ),
        "start": st.sampled_from(["", "\n        ", "  # first\n        "]),
        "end": st.sampled_from(["", ",", ",\n    ", "\n    ", ",  # last\n    "]),
    }
)  # fmt: skip


@given(LAYOUT)
def test_any_layout_of_a_call_comes_through(layout: dict[str, Any]) -> None:
    order, joints = layout["order"], [*layout["joints"], layout["end"]]
    inside = "".join(argument + joint for argument, joint in zip(order, joints, strict=True))
    text = dag_file(f'with DAG("d"):\n    x = DatabricksSubmitRunOperator({layout["start"]}{inside})\n    y = 1\n')
    found = read_source(SourceFile(Path("dag.py"), text))
    assert found.refused == ()
    after = ast.parse(found.rewritten(["key"], {}))
    call = next(node for node in ast.walk(after) if isinstance(node, ast.Call) and _named(node) == "RunNowOperator")
    given_now = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
    assert given_now == {
        "task_id": "t",
        "retries": 2,
        "poll_interval": 5,
        "job": "key",
        "job_parameters": {"t_1": "{{ ds }}"},
    }


def _named(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


@pytest.mark.parametrize("path", sorted(LABELLED.glob("*.py")), ids=lambda path: path.stem)
def test_real_shapes_of_dags_come_through(path: Path) -> None:
    try:
        found = read(path)
    except PathError as error:
        pytest.skip(str(error))
    text = found.rewritten([f"job_{index}" for index, _ in enumerate(found.jobs)], {})
    ast.parse(text)
    # What was brought is there no more, and what was refused still is, for the same reasons.
    again = read_source(SourceFile(path, text))
    assert again.jobs == ()
    assert [refusal.reason for refusal in again.refused] == [refusal.reason for refusal in found.refused]
