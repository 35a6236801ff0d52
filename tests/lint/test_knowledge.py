"""What is known of operators, compared with what is installed."""

import ast
import importlib.util
import json
from pathlib import Path

import pytest

from airbrick.lint.knowledge.airflow import BASE_OPERATOR_PARAMETERS, Construct, construct_of
from airbrick.lint.knowledge.databricks import Deferral, Kind, is_workflow_group, operator_spec, star_names

ROOT = Path(__file__).parents[2]
OFFICIAL = json.loads((Path(__file__).parent / "provider_parameters.json").read_text(encoding="utf-8"))
# The base of two operators, and the group, which is no operator.
NOT_OPERATORS = {"DatabricksTaskBaseOperator", "DatabricksWorkflowTaskGroup"}
# Taken by the operator of another provider that the class derives from.
INHERITED = {"DatabricksSqlOperator": {"sql"}}
PROVIDER = "airflow.providers.databricks.operators.databricks"


def constructor(path: Path, class_name: str) -> set[str]:
    """Give the parameters of a class's constructor without importing it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef) and node.name == class_name:
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef) and inner.name == "__init__":
                    return {arg.arg for arg in (*inner.args.args[1:], *inner.args.kwonlyargs)}
    raise LookupError(class_name)


def module_path(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin)


@pytest.mark.parametrize(
    ("module", "name"),
    [("run_now", "RunNowOperator"), ("submit_run", "SubmitRunOperator"), ("notebook", "NotebookOperator")],
)
def test_the_own_operators_are_known_as_they_are(module: str, name: str) -> None:
    spec = operator_spec(f"airbrick.operators.{name}")
    assert spec is not None
    operators = ROOT / "operators" / "airbrick" / "operators"
    found = constructor(operators / f"{module}.py", name)
    found |= constructor(operators / "run_operator.py", "RunOperator")
    assert spec.parameters == found
    assert spec.deferral is Deferral.ALWAYS


def test_the_parameters_of_every_operator_are_those_of_airflow() -> None:
    found = constructor(module_path("airflow.sdk").parent / "bases" / "operator.py", "BaseOperator")
    assert found - BASE_OPERATOR_PARAMETERS == set()


def sensor_parameters() -> set[str]:
    return constructor(module_path("airflow.sdk").parent / "bases" / "sensor.py", "BaseSensorOperator")


@pytest.mark.parametrize("name", sorted(OFFICIAL["classes"].keys() - NOT_OPERATORS))
def test_official_operators_are_known_as_they_are(name: str) -> None:
    spec = operator_spec(f"airflow.providers.databricks.any.{name}")
    assert spec is not None
    taken = set(OFFICIAL["classes"][name]) | INHERITED.get(name, set())
    if spec.kind is Kind.SENSOR:
        taken |= sensor_parameters()
    assert spec.parameters - BASE_OPERATOR_PARAMETERS == taken - BASE_OPERATOR_PARAMETERS
    assert spec.takes("deferrable") == (spec.deferral is Deferral.PARAMETER)


@pytest.mark.parametrize("name", sorted(OFFICIAL["classes"].keys() - NOT_OPERATORS))
def test_the_rules_know_the_official_defaults(name: str) -> None:
    defaults = OFFICIAL["classes"][name]
    assert defaults.get("wait_for_termination", "True") == "True"
    assert defaults.get("durable", "None") == "None"
    assert "default_deferrable" in defaults.get("deferrable", "default_deferrable")
    assert name.endswith("Sensor") or (defaults.get("timeout") in {None, "3600", "600"})


def test_what_is_known_is_of_the_locked_provider() -> None:
    lock = (ROOT / "requirements" / "provider.txt").read_text(encoding="utf-8")
    assert f"apache-airflow-providers-databricks=={OFFICIAL['version']} " in lock, (
        "run tools/generate_provider_parameters.py with the new provider"
    )


@pytest.mark.parametrize(
    ("name", "kind", "deferral"),
    [
        (f"{PROVIDER}.DatabricksRunNowOperator", Kind.RUN_NOW, Deferral.PARAMETER),
        (f"{PROVIDER}.DatabricksSubmitRunOperator", Kind.SUBMIT_RUN, Deferral.PARAMETER),
        (f"{PROVIDER}.DatabricksCreateJobsOperator", Kind.CREATE_JOB, Deferral.NEVER),
        ("airflow.providers.databricks.operators.databricks_sql.DatabricksSqlOperator", Kind.SQL, Deferral.NEVER),
        ("airflow.contrib.operators.databricks_operator.DatabricksRunNowOperator", Kind.RUN_NOW, Deferral.NEVER),
        ("astro_databricks.DatabricksNotebookOperator", Kind.TASK, Deferral.NOT_KNOWN),
        ("airbrick.operators.run_now.RunNowOperator", Kind.RUN_NOW, Deferral.ALWAYS),
    ],
)
def test_operators_are_known_by_their_full_name(name: str, kind: Kind, deferral: Deferral) -> None:
    spec = operator_spec(name)
    assert spec is not None
    assert (spec.kind, spec.deferral) == (kind, deferral)
    assert spec.takes("deferrable") == (deferral in {Deferral.PARAMETER, Deferral.ALWAYS, Deferral.NOT_KNOWN})


@pytest.mark.parametrize(
    "name",
    [
        "DatabricksRunNowOperator",
        "company.DatabricksRunNowOperator",
        "airflow.providers.databricks.operators.databricks.Unknown",
        "airflow.providers.databricksx.DatabricksRunNowOperator",
    ],
)
def test_other_names_are_no_operators(name: str) -> None:
    assert operator_spec(name) is None


def test_other_names() -> None:
    assert is_workflow_group("airflow.providers.databricks.operators.databricks_workflow.DatabricksWorkflowTaskGroup")
    assert not is_workflow_group("company.DatabricksWorkflowTaskGroup")
    assert "DatabricksRunNowOperator" in star_names(PROVIDER)
    assert star_names("company") == frozenset()
    assert construct_of("airflow.sdk.task.branch") is Construct.TASK_DECORATOR
    assert construct_of("airflow.sdk.DAG.x") is None
    assert construct_of("company.DAG") is None
