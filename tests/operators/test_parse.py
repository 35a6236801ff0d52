"""Mistakes that Airflow's DAG parser reports, with real DAG files and without network."""

import socket
from dataclasses import replace
from pathlib import Path

import pytest
from tests.operators.helpers import Job, contract_of
from tests.operators.tasks import Airflow

from airbrick.contract import Contract, load, write
from airbrick.contract import Job as ContractJob
from airbrick.emulator import Emulator


@pytest.fixture(autouse=True)
def _no_network(airflow: Airflow, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("parsing a DAG must not use the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def problem(airflow: Airflow, body: str) -> str:
    """Parse a DAG and give the last line of what Airflow shows for it."""
    _, path = airflow.write_dag(body)
    bag = airflow.parse(path)
    assert not bag.dags
    (text,) = bag.import_errors.values()
    last: str = text.strip().splitlines()[-1]
    return last


NOT_A_KEY = "is not a key: give the key as plain text; it is looked up at parse"
NO_CONTRACT = "run `pulumi up`, or `airbrick contract pull --stack STACK`, or set AIRBRICK_CONTRACT to its path"
NO_TIME = "is not a positive time: give seconds or a timedelta"


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ('job="nighty"', "UnknownJobError", "job='nighty': not in <contract>: did you mean 'nightly'?"),
        (
            'job="nightly", job_parameters={"run_dat": "{{ ds }}"}',
            "UnknownParameterError",
            "job_parameters['run_dat']: job 'nightly' has no such parameter in <contract>: did you mean 'run_date'?",
        ),
        (
            'job="nightly", job_parameters={"run_date": None}',
            "ParameterValueError",
            "job_parameters['run_date']: is None: leave it out to use the job's default, or pass \"\"",
        ),
        ("", "UsageError", "job, job_id: neither is given: name the job by its key in the contract: job=…"),
        (
            'job="nightly", job_id=5',
            "UsageError",
            "job, job_id: both are given: name the job by its key in the contract: job=…",
        ),
        ('job="{{ params.job }}"', "UsageError", f"job='{{{{ params.job }}}}': {NOT_A_KEY}"),
        ('job=""', "UsageError", f"job='': {NOT_A_KEY}"),
        ('job="nightly", on_stale="x"', "UsageError", 'on_stale=\'x\': is not known: use "warn" or "fail"'),
        ('job="nightly", run_timeout=0', "UsageError", f"run_timeout=0: {NO_TIME}"),
        ('job="nightly", poll_interval="5"', "UsageError", f"poll_interval='5': {NO_TIME}"),
        (
            'job="nightly", contract="nowhere.json"',
            "ContractNotFoundError",
            f"no contract found (<folder>/nowhere.json): {NO_CONTRACT}",
        ),
    ],
)
def test_a_mistake_is_one_clear_line(arguments: str, error: str, says: str, airflow: Airflow) -> None:
    contract = airflow.dags / "airbrick.contract.dev.json"
    expected = says.replace("<contract>", str(contract)).replace("<folder>", str(airflow.dags))
    line = problem(airflow, f'RunNowOperator(task_id="etl", {arguments})')
    assert line.endswith(f".{error}: {expected}"), line


def test_a_preview_contract_runs_nothing(airflow: Airflow, workspace: Emulator, job: Job) -> None:
    preview = replace(contract_of(workspace, [job]), jobs={"nightly": ContractJob(None, "nightly")})
    write(airflow.dags / "airbrick.contract.dev.json", preview)
    assert "which comes from a preview" in problem(airflow, 'RunNowOperator(task_id="etl", job="nightly")')


def test_a_broken_contract_names_its_place(airflow: Airflow) -> None:
    path = airflow.dags / "airbrick.contract.dev.json"
    path.write_text('{"contract": 1,')
    assert f"{path}:1:16: not a contract" in problem(airflow, 'RunNowOperator(task_id="etl", job="nightly")')


def test_several_stacks_need_a_choice(
    airflow: Airflow, workspace: Emulator, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    airflow.write_contract([job], name="airbrick.contract.prod.json", stack="prod")
    body = 'RunNowOperator(task_id="etl", job="nightly")'
    assert "several contracts found" in problem(airflow, body)
    monkeypatch.setenv("AIRBRICK_STACK", "prod")
    _, path = airflow.write_dag(body)
    assert airflow.parse(path).import_errors == {}


def test_a_mapped_task_is_checked_for_what_it_does_not_map(airflow: Airflow) -> None:
    body = 'RunNowOperator.partial(task_id="etl", job="nighty").expand(job_parameters=[{"run_date": "x"}])'
    assert "did you mean 'nightly'?" in problem(airflow, body)


def test_a_task_made_by_a_helper_outside_the_dags_folder_finds_the_dags_contract(
    airflow: Airflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "make_tasks_for_test.py").write_text(
        "from airbrick.operators import RunNowOperator\n"
        "def make(name): return RunNowOperator(task_id='etl', job=name)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert "did you mean 'nightly'?" in problem(airflow, "__import__('make_tasks_for_test').make('nighty')")


def test_values_from_other_tasks_and_templates_wait_until_the_task_runs(airflow: Airflow) -> None:
    _, path = airflow.write_dag(
        """
        first = RunNowOperator(task_id="first", job="nightly", job_parameters={"run_date": "{{ ds }}"})
        RunNowOperator(task_id="second", job="nightly", job_parameters={"run_date": first.output})
        RunNowOperator(task_id="third", job="nightly", job_parameters=first.output)
        """
    )
    bag = airflow.parse(path)
    assert bag.import_errors == {}
    (dag,) = bag.dags.values()
    assert {task.task_id for task in dag.task_dict["first"].downstream_list} == {"second", "third"}


def test_a_dag_survives_serialisation_with_its_link(airflow: Airflow) -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    dag_id, path = airflow.write_dag(
        'RunNowOperator(task_id="etl", job="nightly", job_parameters={"run_date": "{{ ds }}"}, retries=2)'
    )
    dag = airflow.parse(path).dags[dag_id]
    encoded = DagSerialization.serialize_dag(dag)
    (stored,) = [entry["__var"] for entry in encoded["tasks"]]
    # What the web server makes the button of: its text, and the XCom that holds the address.
    assert stored["_operator_extra_links"] == {"Databricks run": "_link_RunLink"}
    task = DagSerialization.deserialize_dag(encoded).task_dict["etl"]
    assert task.task_type == "RunNowOperator"
    assert {"job", "job_id", "job_parameters", "only", "databricks_conn_id"} <= set(task.template_fields)
    assert "queue_enabled" not in task.template_fields


def test_the_provisioned_job_is_known_after_parsing(airflow: Airflow, job: Job) -> None:
    dag_id, path = airflow.write_dag('RunNowOperator(task_id="etl", job="nightly")')
    target = airflow.parse(path).dags[dag_id].task_dict["etl"].target
    assert (target.job_id, target.parameters) == (job.job_id, frozenset(job.parameters))


def test_tasks_wait_in_the_triggerer_unless_the_deployment_or_the_task_says_otherwise(
    airflow: Airflow, workspace: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = """
    RunNowOperator(task_id="default", job="nightly")
    RunNowOperator(task_id="blocking", job="nightly", deferrable=False)
    """
    for setting, expected in ((None, True), ("False", False)):
        if setting is not None:
            monkeypatch.setenv("AIRFLOW__AIRBRICK__DEFAULT_DEFERRABLE", setting)
        dag_id, path = airflow.write_dag(body)
        tasks = airflow.parse(path).dags[dag_id].task_dict
        assert tasks["default"].deferrable is expected
        assert tasks["blocking"].deferrable is False


def test_a_hundred_tasks_read_the_contract_once(
    airflow: Airflow, workspace: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airbrick.operators.authoring import target

    reads: list[Path] = []

    def counting(path: Path) -> Contract:
        reads.append(path)
        return load(path)

    monkeypatch.setattr(target, "load", counting)
    monkeypatch.setattr(target, "_cache", {})
    _, path = airflow.write_dag("for number in range(100):\n    RunNowOperator(task_id=f't{number}', job='nightly')")
    assert airflow.parse(path).import_errors == {}
    assert len(reads) == 1
