"""DBX801: jobs that no stack provisions."""

from pathlib import Path

import pytest
from tests.lint.workbench import Workbench, dag_file

CODE = "DBX801"


def body(task: str) -> str:
    return dag_file(f'with DAG("d"):\n    {task}\n')


@pytest.fixture
def stocked(bench: Workbench) -> Workbench:
    bench.add_contract(
        {"nightly_orders": ("run_date",), "hourly": ()}, job_ids={"nightly_orders": "9007199254740993", "hourly": None}
    )
    return bench


@pytest.mark.parametrize(
    "task",
    [
        'RunNowOperator(task_id="t", job="nightly_orders")',
        'RunNowOperator(task_id="t", job="{{ params.job }}")',
        'RunNowOperator(task_id="t", job=Variable.get("job"))',
        'RunNowOperator(task_id="t", job_id=9007199254740993)',
        'RunNowOperator(task_id="t", **unknown)',
        'DatabricksRunNowOperator(task_id="t", job_id=9007199254740993)',
        'DatabricksRunNowOperator(task_id="t", job_id="9007199254740993")',
        'DatabricksRunNowOperator(task_id="t", job_id="{{ var.value.id }}")',
        'DatabricksRunNowOperator(task_id="t", job_id="<the id>")',
        'DatabricksRunNowOperator(task_id="t", job_name="nightly_orders job")',
        'DatabricksRunNowOperator(task_id="t", json={"job_id": 9007199254740993})',
        'DatabricksSubmitRunOperator(task_id="t", json={"job_id": 1})',
        'RunNowOperator.partial(task_id="t").expand(job=["a", "b"])',
    ],
)
def test_is_silent_about_known_jobs_and_computed_ones(stocked: Workbench, task: str) -> None:
    assert stocked.findings(body(task), CODE) == []


@pytest.mark.parametrize(
    ("task", "part"),
    [
        ('RunNowOperator(task_id="t", job="nightly_ordrs")', "did you mean 'nightly_orders'?"),
        ('RunNowOperator(task_id="t", job="zzz")', "provisioned: hourly, nightly_orders"),
        ('RunNowOperator(task_id="t", job_id=7)', "provisioned: 9007199254740993"),
        ('DatabricksRunNowOperator(task_id="t", job_id=9007199254740992)', "provisioned:"),
        ('DatabricksRunNowOperator(task_id="t", job_id="7")', "provisioned:"),
        ('DatabricksRunNowOperator(task_id="t", job_name="nightly order job")', "did you mean 'nightly_orders job'?"),
        ('DatabricksRunNowOperator(task_id="t", json={"job_id": 7})', "provisioned:"),
        ('DatabricksRunNowOperator.partial(task_id="t", job_id=7).expand(job_parameters=[{}, {}])', "provisioned:"),
    ],
)
def test_reports_what_is_not_provisioned(stocked: Workbench, task: str, part: str) -> None:
    (finding,) = stocked.findings(body(task), CODE)
    assert part in finding.help
    assert finding.stacks == ("dev",)
    assert "dev" in finding.message


@pytest.mark.parametrize(
    "made",
    [
        'JOB = "nightly_ordrs"\nwith DAG("d"):\n    RunNowOperator(task_id="t", job=JOB)\n',
        'with DAG("d", default_args={"job": "nightly_ordrs"}):\n    RunNowOperator(task_id="t")\n',
        'with DAG("d"):\n    for j in ["nightly_orders", "nightly_ordrs"]:\n        RunNowOperator(task_id=j, job=j)\n',
        'def make(job):\n    return RunNowOperator(task_id="t", job=job)\nwith DAG("d"):\n    make("nightly_ordrs")\n',
        'conf = {"job": "nightly_ordrs"}\nwith DAG("d"):\n    RunNowOperator(task_id="t", **conf)\n',
        'with DAG("d"):\n    RunNowOperator(task_id="t", job=f"nightly_{\'ordrs\'}")\n',
    ],
)
def test_follows_the_key_to_where_it_is_written(stocked: Workbench, made: str) -> None:
    assert len(stocked.findings(dag_file(made), CODE)) == 1


def test_without_a_contract_nothing_is_compared(bench: Workbench) -> None:
    assert bench.findings(body('RunNowOperator(task_id="t", job="x")'), CODE) == []


def test_names_the_stacks_in_which_it_holds(bench: Workbench) -> None:
    bench.add_contract({"a": ()}, "dev")
    bench.add_contract({"a": (), "b": ()}, "prod")
    (finding,) = bench.findings(body('RunNowOperator(task_id="t", job="b")'), CODE)
    assert finding.stacks == ("dev",)
    assert "by stack dev, only by prod" in finding.message
    assert finding.fix is None
    (nowhere,) = bench.findings(body('RunNowOperator(task_id="t", job="c")'), CODE)
    assert nowhere.stacks == ("dev", "prod")
    assert "by any stack (dev, prod)" in nowhere.message


def test_shows_the_place_in_the_contract(stocked: Workbench) -> None:
    (finding,) = stocked.findings(body('RunNowOperator(task_id="t", job="zzz")'), CODE)
    note = finding.notes[-1]
    assert note.path == stocked.contracts[0]
    assert note.span is not None
    assert '"jobs"' in note.path.read_text(encoding="utf-8").splitlines()[note.span.line - 1]


def test_the_fix_replaces_the_key_where_it_is_written(stocked: Workbench) -> None:
    text = dag_file('JOB = r\'nightly_ordrs\'\nwith DAG("d"):\n    RunNowOperator(task_id="t", job=JOB)\n')
    result = stocked.fix(text)
    assert result.after == text.replace("nightly_ordrs", "nightly_orders")
    assert result.result.findings == ()
    assert not stocked.fix(text, unsafe=False).changed


def test_the_contract_a_task_names_is_the_one_it_is_checked_against(bench: Workbench, tmp_path: Path) -> None:
    own = Workbench(tmp_path / "own")
    own.folder.mkdir()
    own.add_contract({"special": ()}, "special")
    task = 'RunNowOperator(task_id="t", job="special", contract="own/airbrick.contract.special.json")'
    assert bench.findings(body(task), CODE) == []
    (finding,) = bench.findings(body(task.replace('job="special"', 'job="specal"')), CODE)
    assert finding.stacks == ("special",)


def test_suppressed_by_code_and_by_name(stocked: Workbench) -> None:
    for comment in ("airbrick: ignore[DBX801]", "airbrick: ignore[unknown-provisioned-job] soon", "noqa: DBX801"):
        assert stocked.codes(body(f'RunNowOperator(task_id="t", job="zzz")  # {comment}')) == []


def test_an_unused_suppression_is_not_reported_without_a_contract(bench: Workbench) -> None:
    assert bench.codes(body('RunNowOperator(task_id="t", job="zzz")  # airbrick: ignore[DBX801]')) == []
