"""DBX602: retries that start a second run."""

import pytest
from tests.lint.workbench import Workbench, in_dag

CODE = "DBX602"
ONLY: dict[str, object] = {"select": [CODE]}
NEW: dict[str, object] = {"target-airflow": "3.3"}
RUN = 'DatabricksRunNowOperator(task_id="t", job_name="x", retries=3'
SUBMIT = 'DatabricksSubmitRunOperator(task_id="t", retries=1'


@pytest.mark.parametrize(
    "task",
    [
        f"{RUN})",
        f"{RUN}, idempotency_token=None)",
        f"{RUN}, durable=True)",
        f"{SUBMIT}, json={{'tasks': []}})",
        f"{RUN}).expand(notebook_params=[])".replace("Operator(", "Operator.partial("),
    ],
)
def test_reports_retries_without_a_token(bench: Workbench, task: str) -> None:
    assert len(bench.findings(in_dag(task), CODE)) == 1


@pytest.mark.parametrize(
    "task",
    [
        f'{RUN}, idempotency_token="{{{{ run_id }}}}")',
        f"{RUN}, idempotency_token=computed())",
        f"{RUN}, **computed())",
        f"{RUN}, json={{'idempotency_token': 'x'}})",
        f"{SUBMIT}, json=computed())",
        f"{RUN})".replace("retries=3", "retries=0"),
        f"{RUN})".replace("retries=3", "retries=computed()"),
        'DatabricksRunNowOperator(task_id="t", job_name="x")',
        'RunNowOperator(task_id="t", job="x", retries=3)',
        'DatabricksSqlOperator(task_id="t", sql="select 1", retries=3)',
    ],
)
def test_is_silent_with_a_token_without_retries_and_for_others(bench: Workbench, task: str) -> None:
    assert bench.findings(in_dag(task), CODE) == []


def test_default_args_count(bench: Workbench) -> None:
    (finding,) = bench.findings(in_dag(f"{RUN})".replace(", retries=3", ""), ', default_args={"retries": 2}'), CODE)
    assert finding.notes


@pytest.mark.parametrize(
    ("more", "config", "found"),
    [
        ("", NEW, 0),
        (", durable=None", NEW, 0),
        (", durable=False", NEW, 1),
        (", durable=computed()", NEW, 0),
        # No argument helps a deferred operator to find its run: there is nothing to ask for.
        (", deferrable=True", NEW, 0),
        ("", {**NEW, "target-provider": "7.16"}, 1),
        ("", {**NEW, "target-provider": "7.17"}, 0),
        ("", {"target-airflow": "3.2"}, 1),
    ],
)
def test_durable_operators_find_their_run_again(
    bench: Workbench, more: str, config: dict[str, object], found: int
) -> None:
    assert len(bench.findings(in_dag(f"{RUN}{more})"), CODE, config)) == found


def test_the_unsafe_fix_adds_a_token_of_all_tries(bench: Workbench) -> None:
    assert not bench.fix(in_dag(f"{RUN})"), unsafe=False, config=ONLY).changed
    result = bench.fix(in_dag(f"{RUN})"), config=ONLY)
    token = result.after.partition('idempotency_token="')[2].partition('"')[0]
    assert token.startswith("{{ macros.uuid.uuid5(")
    assert "try_number" not in token
    assert not bench.fix(result.after, config=ONLY).changed


def test_suppressed(bench: Workbench) -> None:
    assert bench.codes(in_dag(f"{RUN})  # airbrick: ignore[DBX602]"), ONLY) == []
