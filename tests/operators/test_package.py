"""What importing the package costs, and what Airflow is told about it."""

import json
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from inspect import signature
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from airflow.providers_manager import ProvidersManager
from airflow.sdk.providers_manager_runtime import ProvidersManagerTaskRuntime

import airbrick.operators
from airbrick.operators import provider_info
from airbrick.operators.provider_info import get_provider_info

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def loaded() -> dict[str, set[str]]:
    """Give the modules that each import loads in a fresh process that has Airflow's SDK."""
    program = """
import json, sys
from airflow.sdk import DAG, BaseOperator
steps = {"airflow": sorted(sys.modules)}
import airbrick.operators
steps["package"] = sorted(set(sys.modules) - set(steps["airflow"]))
from airbrick.operators import RunNowOperator
steps["operator"] = sorted(set(sys.modules) - set(steps["airflow"]))
print(json.dumps(steps))
"""
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return {step: set(names) for step, names in json.loads(answer.stdout.splitlines()[-1]).items()}


def test_importing_the_package_loads_nothing_else(loaded: dict[str, set[str]]) -> None:
    assert loaded["package"] <= {"airbrick", "airbrick.operators"}


def test_parsing_loads_no_client_and_nothing_that_runs(loaded: dict[str, set[str]]) -> None:
    names = loaded["operator"]
    assert "airbrick.operators.run_now" in names
    assert not {name for name in names if name.split(".")[0] in {"databricks", "httpx", "requests", "asyncio"}}
    late = ("execution", "trigger", "poller", "workspace", "runs", "submission")
    assert not {name for name in names if name.startswith(tuple(f"airbrick.operators.{part}" for part in late))}


def test_public_names_are_listed_and_others_refused() -> None:
    assert {"RunNowOperator", "SubmitRunOperator", "WorkspaceHook"} <= set(dir(airbrick.operators))
    for name in dir(airbrick.operators):
        assert getattr(airbrick.operators, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = airbrick.operators.Nothing


@pytest.mark.parametrize("name", airbrick.operators.__all__)
def test_the_reference_names_every_parameter(name: str) -> None:
    page = (ROOT / "docs" / "operators" / "index.md").read_text(encoding="utf-8")
    assert f"`{name}`" in page
    made = getattr(airbrick.operators, name)
    classes = [one for one in made.__mro__ if one.__module__.startswith("airbrick.") and "__init__" in vars(one)]
    own = {parameter for one in classes for parameter in signature(one).parameters} - {"self", "kwargs"}
    if name not in {"Call", "WorkspaceHook"}:
        assert own
        assert not {parameter for parameter in own if f"`{parameter}`" not in page}
        for parameter in getattr(made, "template_fields", ()):
            assert f"`{parameter}`" in page


@pytest.mark.parametrize("official", [True, False])
def test_the_connection_type_is_registered_only_without_the_official_provider(
    official: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = find_spec("json") if official else None
    monkeypatch.setattr(provider_info, "find_spec", lambda _: found)
    assert ("connection-types" in get_provider_info()) is not official


def test_everything_the_provider_info_names_exists_and_fits_airflows_schemas() -> None:
    import airflow

    info = get_provider_info()
    folder = airflow.__path__[0]
    with open(f"{folder}/provider_info.schema.json") as file:  # noqa: PTH123 -- a package's data file
        jsonschema.validate(info, json.load(file))
    for section in ("operators", "triggers", "hooks"):
        for entry in info[section]:
            for name in entry["python-modules"]:
                import_module(name)
    for name in [*info["extra-links"], *(kind["hook-class-name"] for kind in info["connection-types"])]:
        module, _, attribute = name.rpartition(".")
        assert hasattr(import_module(module), attribute)


def test_airflow_discovers_the_package() -> None:
    core: Any = ProvidersManager
    runtime: Any = ProvidersManagerTaskRuntime
    assert "airbrick" in core().providers
    assert "airbrick.operators.link.RunLink" in core().extra_links_class_names
    hook = runtime().hooks["databricks"]
    assert hook is not None
    assert hook.hook_class_name == "airbrick.operators.hook.WorkspaceHook"
    assert hook.hook_name == "Databricks"
