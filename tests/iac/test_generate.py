"""The fields of the Jobs API."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

from airbrick.iac.settings import generate
from airbrick.iac.settings.shape import job_settings


def test_the_fields_are_those_of_the_installed_sdk() -> None:
    written = generate.DATA_FILE.read_text(encoding="utf-8")
    assert generate.describe() == written, "run python -m airbrick.iac.settings.generate"


def test_the_file_can_be_written_again() -> None:
    before = generate.DATA_FILE.read_bytes()
    subprocess.run([sys.executable, "-m", "airbrick.iac.settings.generate"], timeout=60, check=True)
    assert generate.DATA_FILE.read_bytes() == before


def test_the_types_for_editors_are_those_fields() -> None:
    file = Path(__file__).parents[2] / "tools" / "generate_iac_types.py"
    spec = importlib.util.spec_from_file_location("generate_iac_types", file)
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    for name, text in tool.render(json.loads(generate.DATA_FILE.read_text(encoding="utf-8"))).items():
        written = (tool.FOLDER / name).read_text(encoding="utf-8")
        assert tool.formatted(text) == written, "run python tools/generate_iac_types.py"


def test_a_task_inside_for_each_has_the_same_shape_as_a_task() -> None:
    task = job_settings().member("tasks").item()
    inner = task.member("for_each_task").member("task")
    assert (inner.kind, inner.name, inner.fields) == (task.kind, task.name, task.fields)
