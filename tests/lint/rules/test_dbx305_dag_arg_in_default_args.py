"""DBX305: arguments of the DAG in default_args."""

import pytest
from tests.lint.workbench import Workbench, dag_file

CODE = "DBX305"
ONLY: dict[str, object] = {"select": [CODE]}


def dag(defaults: str, arguments: str = "") -> str:
    return dag_file(f'ARGS = {defaults}\nwith DAG("d", default_args=ARGS{arguments}):\n    pass\n')


@pytest.mark.parametrize("key", ["catchup", "max_active_runs", "schedule_interval", "dagrun_timeout", "concurrency"])
def test_reports_them_on_the_dict(bench: Workbench, key: str) -> None:
    text = dag(f'{{"retries": 1, "{key}": 1}}')
    (finding,) = bench.findings(text, CODE)
    assert text.splitlines()[finding.span.line - 1].startswith("ARGS")
    assert key in finding.message


@pytest.mark.parametrize(
    "defaults",
    [
        '{"retries": 1, "start_date": datetime(2026, 1, 1), "params": {}, "doc_md": "", "owner": "me"}',
        '{"on_failure_callback": print, "description": "", "tags": []}',
        "computed()",
        "{**computed()}",
        "None",
        "{}",
    ],
)
def test_is_silent_about_what_tasks_take(bench: Workbench, defaults: str) -> None:
    assert bench.findings(dag(defaults), CODE) == []


def test_other_uses_of_such_a_dict_are_right(bench: Workbench) -> None:
    assert bench.findings(dag_file('ARGS = {"catchup": False}\nwith DAG("d", **ARGS):\n    pass\n'), CODE) == []
    assert bench.findings(dag_file('ARGS = {"catchup": False}\nwith DAG("d"):\n    pass\n'), CODE) == []
    creating = 'with DAG("d", default_args={"schedule": {}}):\n    DatabricksCreateJobsOperator(task_id="t")\n'
    assert bench.findings(dag_file(creating), CODE) == []


def test_it_misleads_also_when_the_dag_has_it(bench: Workbench) -> None:
    assert len(bench.findings(dag('{"catchup": True}', ", catchup=False"), CODE)) == 1


def test_a_dict_of_several_dags_is_reported_once_and_not_moved(bench: Workbench) -> None:
    text = dag('{"catchup": False}') + 'with DAG("e", default_args=ARGS):\n    pass\n'
    assert len(bench.findings(text, CODE)) == 1
    assert not bench.fix(text, config=ONLY).changed


def test_dicts_made_in_other_ways(bench: Workbench) -> None:
    for defaults in ("dict(catchup=False)", '{**{"catchup": False}}', '{"retries": 1} | {"catchup": False}'):
        assert len(bench.findings(dag(defaults), CODE)) == 1
        assert not bench.fix(dag(defaults), config=ONLY).changed


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{"retries": 1, "catchup": False}', '{"retries": 1}'),
        ('{"catchup": False, "retries": 1}', '{"retries": 1}'),
        ('{"catchup": False}', "{}"),
        ('{\n    "retries": 1,\n    "catchup": False,\n}', '{\n    "retries": 1,\n}'),
        ('{\n    "catchup": False,\n    "retries": 1,  # a few\n}', '{\n    "retries": 1,  # a few\n}'),
        ('{\r\n\t"retries": 1,\r\n\t"catchup": False\r\n}', '{\r\n\t"retries": 1,\r\n}'),
    ],
)
def test_the_unsafe_fix_moves_them(bench: Workbench, before: str, after: str) -> None:
    assert not bench.fix(dag(before), unsafe=False, config=ONLY).changed
    result = bench.fix(dag(before), config=ONLY)
    assert result.after == dag(after, ", catchup=False")
    assert not bench.fix(result.after, config=ONLY).changed


def test_several_are_moved_together(bench: Workbench) -> None:
    text = dag('{"catchup": False, "retries": 1, "max_active_runs": 2}')
    assert bench.fix(text, config=ONLY).after == dag('{"retries": 1}', ", catchup=False, max_active_runs=2")


def test_what_the_dag_has_already_is_only_taken_away(bench: Workbench) -> None:
    text = dag('{"catchup": True, "retries": 1}', ", catchup=False")
    assert bench.fix(text, config=ONLY).after == dag('{"retries": 1}', ", catchup=False")


def test_a_schedule_goes_by_one_of_several_names(bench: Workbench) -> None:
    text = dag('{"schedule_interval": "@daily", "retries": 1}', ', schedule="@hourly"')
    assert bench.fix(text, config=ONLY).after == dag('{"retries": 1}', ', schedule="@hourly"')


@pytest.mark.parametrize(
    ("entry", "target", "argument"),
    [
        ('"schedule_interval": "@daily"', "3.1", 'schedule="@daily"'),
        ('"schedule_interval": "@daily"', "2.10", 'schedule_interval="@daily"'),
        ('"concurrency": 4', "3.0", "max_active_tasks=4"),
        ('"fail_stop": True', "3.0", "fail_fast=True"),
        ('"fail_stop": True', "2.10", "fail_stop=True"),
        ('"catchup": False', "2.10", "catchup=False"),
    ],
)
def test_it_is_moved_under_the_name_the_targeted_airflow_knows(
    bench: Workbench, entry: str, target: str, argument: str
) -> None:
    result = bench.fix(dag(f'{{"retries": 1, {entry}}}'), config={**ONLY, "target-airflow": target})
    assert result.after == dag('{"retries": 1}', f", {argument}")


@pytest.mark.parametrize(
    ("entries", "target"),
    [
        ('"timetable": None', "3.1"),
        ('"default_view": "grid"', "3.0"),
        ('"orientation": "LR"', "3.1"),
        ('"fail_fast": True', "2.10"),
        ('"disable_bundle_versioning": True', "2.11"),
        ('"concurrency": 4, "max_active_tasks": 8', "3.1"),
        ('"schedule": None, "schedule_interval": None', "2.10"),
    ],
)
def test_what_the_targeted_airflow_does_not_know_is_not_moved(bench: Workbench, entries: str, target: str) -> None:
    text = dag(f'{{"retries": 1, {entries}}}')
    config = {**ONLY, "target-airflow": target}
    assert len(bench.findings(text, CODE, config)) == 1
    assert not bench.fix(text, config=config).changed


def test_what_the_dag_has_under_another_name_is_only_taken_away(bench: Workbench) -> None:
    text = dag('{"retries": 1, "concurrency": 4}', ", max_active_tasks=8")
    assert bench.fix(text, config=ONLY).after == dag('{"retries": 1}', ", max_active_tasks=8")


@pytest.mark.parametrize(
    "text",
    [
        dag('{"retries": 1, "catchup": False}', ', catchup=ARGS["catchup"]'),
        dag('{"retries": 1, "schedule_interval": "@daily"}', ', schedule=ARGS["schedule_interval"]'),
        dag('{"retries": 1, "max_active_runs": 1}') + 'LIMIT = ARGS["max_active_runs"]\n',
        dag('{"retries": 1, "max_active_runs": 1}') + "print(ARGS)\n",
        dag_file('d = DAG("d", default_args={"catchup": False})\nd.catchup = d.default_args["catchup"]\n'),
        dag('{"retries": 1, "catchup": False}') + "ARGS = None\n",
        dag_file('OF = {"d": {"catchup": False}}\nDAG("d", default_args=OF["d"], catchup=OF["d"]["catchup"])\n'),
        dag_file('def of():\n    return {"catchup": False}\nDAG("d", default_args=of(), catchup=of()["catchup"])\n'),
    ],
)
def test_what_is_read_elsewhere_stays(bench: Workbench, text: str) -> None:
    assert len(bench.findings(text, CODE)) == 1
    assert not bench.fix(text, config=ONLY).changed


def test_a_dict_within_the_call_is_mended_too(bench: Workbench) -> None:
    text = dag_file('DAG("d", default_args={"retries": 1, "catchup": False})\n')
    after = dag_file('DAG("d", default_args={"retries": 1}, catchup=False)\n')
    assert bench.fix(text, config=ONLY).after == after


def test_comments_are_never_lost(bench: Workbench) -> None:
    assert not bench.fix(dag('{\n    "catchup": False,  # never\n    "retries": 1,\n}'), config=ONLY).changed


def test_suppressed(bench: Workbench) -> None:
    text = dag('{"catchup": False}').replace("False}", "False}  # airbrick: ignore[DBX305]")
    assert bench.codes(text, ONLY) == []
