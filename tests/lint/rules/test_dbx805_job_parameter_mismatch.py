"""DBX805: parameters that a job does not declare."""

import pytest
from tests.lint.workbench import Workbench, dag_file

CODE = "DBX805"


@pytest.fixture
def stocked(bench: Workbench) -> Workbench:
    bench.add_contract({"orders": ("run_date", "größe"), "plain": ()}, job_ids={"orders": "7", "plain": "8"})
    return bench


def body(arguments: str, operator: str = "RunNowOperator") -> str:
    return dag_file(f'with DAG("d"):\n    {operator}(task_id="t", {arguments})\n')


@pytest.mark.parametrize(
    "arguments",
    [
        'job="orders", job_parameters={"run_date": "{{ ds }}", "größe": 1}',
        'job="orders"',
        'job="orders", job_parameters=computed()',
        'job="orders", job_parameters={**computed()}',
        'job="orders", job_parameters={"{{ params.name }}": 1}',
        'job="unknown", job_parameters={"x": 1}',
        'job="{{ params.job }}", job_parameters={"x": 1}',
        'job="orders", job_parameters="{{ params.all }}"',
        'job="orders", job_parameters=None',
    ],
)
def test_is_silent_about_declared_and_computed_parameters(stocked: Workbench, arguments: str) -> None:
    assert stocked.findings(body(arguments), CODE) == []


@pytest.mark.parametrize(
    ("arguments", "operator"),
    [
        ('job="orders", job_parameters={"run_dt": 1}', "RunNowOperator"),
        ('job="orders", job_parameters={**computed(), "run_dt": 1}', "RunNowOperator"),
        ('job="orders", job_parameters=dict(run_dt=1)', "RunNowOperator"),
        ('job_id=7, job_parameters={"run_dt": 1}', "DatabricksRunNowOperator"),
        ('job_name="orders job", job_parameters={"run_dt": 1}', "DatabricksRunNowOperator"),
        ('json={"job_id": 7, "job_parameters": {"run_dt": 1}}', "DatabricksRunNowOperator"),
    ],
)
def test_reports_unknown_keys_with_both_places(stocked: Workbench, arguments: str, operator: str) -> None:
    (finding,) = stocked.findings(body(arguments, operator), CODE)
    assert "'run_dt'" in finding.message
    assert finding.help == "did you mean 'run_date'?"
    note = finding.notes[-1]
    assert note.path == stocked.contracts[0]
    assert note.span is not None
    assert '"parameters"' in note.path.read_text(encoding="utf-8").splitlines()[note.span.line - 1]


def test_every_unknown_key_is_reported_at_its_own_place(stocked: Workbench) -> None:
    found = stocked.findings(body('job="orders", job_parameters={"a": 1, "run_date": 2, "bb": 3}'), CODE)
    assert len({finding.span for finding in found}) == 2


def test_a_job_without_parameters_takes_none(stocked: Workbench) -> None:
    (finding,) = stocked.findings(body('job="plain", job_parameters={"a": 1}'), CODE)
    assert finding.help == "declare it in the stack, or do not pass it"


def test_a_dict_made_elsewhere_is_reported_on_the_call(stocked: Workbench) -> None:
    text = dag_file(
        'P = {"run_dt": 1}\nwith DAG("d"):\n    RunNowOperator(task_id="t", job="orders", job_parameters=P)\n'
    )
    (finding,) = stocked.findings(text, CODE)
    assert text.splitlines()[finding.span.line - 1].strip().startswith("RunNowOperator")
    assert any(note.path == stocked.path for note in finding.notes)
    assert '"run_date": 1' in stocked.fix(text).after


def test_names_the_stacks_in_which_it_holds(bench: Workbench) -> None:
    bench.add_contract({"orders": ("run_date",)}, "dev")
    bench.add_contract({"orders": ("run_date", "region")}, "prod")
    (finding,) = bench.findings(body('job="orders", job_parameters={"region": "eu"}'), CODE)
    assert finding.stacks == ("dev",)


def test_the_fix_renames_the_key(stocked: Workbench) -> None:
    text = body("job=\"orders\", job_parameters={'run_dt': '{{ ds }}'}")
    result = stocked.fix(text)
    assert result.after == text.replace("run_dt", "run_date")
    assert not stocked.fix(result.after).changed
    assert not stocked.fix(text, unsafe=False).changed


def test_secrets_passed_as_values_are_not_told(stocked: Workbench) -> None:
    (finding,) = stocked.findings(body('job="orders", job_parameters={"tokn": "dapi0123"}'), CODE)
    assert "dapi0123" not in repr(finding)


def test_suppressed(stocked: Workbench) -> None:
    assert stocked.codes(body('job="orders", job_parameters={"x": 1})  # airbrick: ignore[DBX805]\n#')) == []
