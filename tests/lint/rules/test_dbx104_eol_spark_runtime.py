"""DBX104: which runtimes are too old, and the fix."""

import pytest
from tests.lint.workbench import Workbench, dag_file

CODE = "DBX104"
ONLY = {"select": [CODE]}


def submit(version: str, head: str = "") -> str:
    spec = f'{{"spark_version": {version}, "num_workers": 2}}'
    call = f'DatabricksSubmitRunOperator(task_id="t", new_cluster={spec})'
    return dag_file(f'{head}with DAG("d"):\n    {call}\n')


def count(bench: Workbench, text: str, floor: str = "") -> int:
    return len(bench.findings(text, CODE, {"rules": {CODE: {"minimum-runtime": floor}}} if floor else {}))


@pytest.mark.parametrize(
    "version",
    [
        '"7.3.x-scala2.12"',
        '"12.2.x-cpu-ml-scala2.12"',
        '"13.2.x-scala2.12"',
        '"2.1.0-db3-scala2.11"',
        '"9.x-snapshot-scala2.12"',
        'f"11.3.x-scala{SCALA}"',
        'f"{7}.{3}.x-scala2.12"',
        "VERSION",
        '"7.3.x-scala2.12" if Variable.get("x") else "9.1.x-scala2.12"',
    ],
)
def test_reports_old_runtimes(bench: Workbench, version: str) -> None:
    assert count(bench, submit(version, 'import os\nSCALA = os.environ["S"]\nVERSION = "10.4.x-scala2.12"\n')) == 1


@pytest.mark.parametrize(
    "version",
    [
        '"13.3.x-scala2.12"',
        '"16.4.x-scala2.12"',
        '"17.3.x-scala2.13"',
        '"{{ var.value.runtime }}"',
        'Variable.get("runtime")',
        'os.getenv("RUNTIME", "7.3.x-scala2.12")',
        'f"{company.RUNTIME}.x-scala2.12"',
        '"auto:latest-lts"',
        '"custom:my-image"',
        '"7.3.x-scala2.12" if Variable.get("x") else "16.4.x-scala2.12"',
    ],
)
def test_is_silent_about_supported_and_unknown_runtimes(bench: Workbench, version: str) -> None:
    assert count(bench, submit(version, "import os\nimport company\n")) == 0


def test_the_floor_is_an_option_compared_by_number(bench: Workbench) -> None:
    assert count(bench, submit('"14.3.x-scala2.12"'), "15.4") == 1
    assert count(bench, submit('"9.1.x-scala2.12"'), "9.1") == 0
    assert count(bench, submit('"9.1.x-scala2.12"'), "10.4") == 1


def test_named_dicts_default_args_groups_and_splats(bench: Workbench) -> None:
    head = 'ARGS = {"new_cluster": {"spark_version": "7.3.x-scala2.12"}}\n'
    call = 'DatabricksSubmitRunOperator(task_id="t"'
    group = 'DatabricksWorkflowTaskGroup(group_id="g", databricks_conn_id="c", job_clusters=[ARGS])'
    for line in (f"{call}, **ARGS)", f"{call}, json=ARGS)", group):
        (finding,) = bench.findings(dag_file(f'{head}with DAG("d"):\n    {line}\n'), CODE)
        assert finding.notes[0].message == "the runtime is written here"
    assert count(bench, dag_file(f'{head}with DAG("d", default_args=ARGS):\n    {call})\n')) == 1
    assert count(bench, dag_file(f'from company import ARGS\nwith DAG("d"):\n    {call}, **ARGS)\n')) == 0


@pytest.mark.parametrize(
    ("version", "after"),
    [
        ("7.3.x-scala2.12", "16.4.x-scala2.12"),
        ("6.4.x-scala2.11", "16.4.x-scala2.12"),
        ("11.3.x-cpu-ml-scala2.12", "16.4.x-cpu-ml-scala2.12"),
        ("10.4.x-photon-scala2.12", "16.4.x-photon-scala2.12"),
        ("7.3.x-hls-scala2.12", "7.3.x-hls-scala2.12"),
        ("2.1.0-db3-scala2.11", "2.1.0-db3-scala2.11"),
    ],
)
def test_the_fix_moves_to_a_supported_runtime(bench: Workbench, version: str, after: str) -> None:
    text = submit("VERSION", f"VERSION = '{version}'  # all of us\r\n")
    fixed = bench.fix(text, config=ONLY)
    assert fixed.after == text.replace(version, after)
    assert not bench.fix(fixed.after, config=ONLY).changed
    assert not bench.fix(text, unsafe=False, config=ONLY).changed


def test_suppressed(bench: Workbench) -> None:
    text = submit('"7.3.x-scala2.12"').replace("new_cluster", "  # airbrick: ignore[DBX104]\n        new_cluster")
    assert bench.findings(text, CODE) == []
