"""What README and docs tell people to type works."""

import argparse
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest

from airbrick.cli import main
from airbrick.contract import Contract, Job, Parameter, Task, Workspace, write
from airbrick.emulator import Emulator, ManualClock

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted(path for path in (ROOT / "docs").rglob("*.md") if not {"_build", "generated"} & set(path.parts)),
]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Block:
    document: str
    language: str
    text: str


def blocks(language: str) -> list[Block]:
    return [
        Block(path.relative_to(ROOT).as_posix(), found[1], found[2])
        for path in DOCUMENTS
        for found in FENCE.finditer(path.read_text(encoding="utf-8"))
        if found[1] == language
    ]


def is_a_stack(block: Block) -> bool:
    return "from airbrick import iac" in block.text


def commands() -> list[str]:
    lines = {line.split("#")[0].strip() for block in blocks("console") for line in block.text.splitlines()}
    return sorted(lines - {""})


def ids(block: Block) -> str:
    return block.document


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A user's project: DAGs and the contract of a stack."""
    dags = tmp_path / "dags"
    dags.mkdir()
    job = Job(
        "123",
        "nightly_orders",
        url="https://w/jobs/123",
        fingerprint="sha256:0",
        parameters={"run_date": Parameter("")},
        tasks={"clean": Task("notebook_task")},
    )
    write(
        dags / "airbrick.contract.dev.json", Contract("o", "dev", Workspace("https://w"), jobs={"nightly_orders": job})
    )
    (dags / "nightly.py").write_text(next(block.text for block in blocks("python") if "with DAG" in block.text))
    (tmp_path / "airbrick.baseline.json").write_text('{"baseline": 1, "findings": []}\n')
    return tmp_path


def run(command: list[str], cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    own = {"PATH": f"{BIN}:{os.environ['PATH']}", "AIRFLOW_HOME": str(cwd / "airflow")}
    return subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **own, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize("command", commands())
def test_a_command_of_the_documents_works(command: str, project: Path) -> None:
    program, *arguments = shlex.split(command)
    if program == "make":
        # The targets themselves are run by people, by continuous integration and by the end-to-end test.
        result = run(["make", "--dry-run", *arguments], ROOT)
        assert result.returncode == 0, result.stderr
    elif Path(program).name == "pip":
        # tests/packaging/test_extras.py installs each extra in an environment of its own.
        assert re.fullmatch(r"airbrick\[(iac|operators|emulator|policy)\]", arguments[-1])
    elif program == "pulumi":
        # tests/iac/test_engine_job.py and tests/iac/policies/test_pack.py run them in a project with an engine.
        tested = (
            r"import airbrick:databricks:Job \w+ \d+ --generate-code=false",
            # tests/iac/generate/test_generate.py
            r"import --file import.json --protect=false --generate-code=false --yes",
            r"preview",
            # tests/iac/test_first_stack.py
            r"stack init (dev|prod)",
            r"config set airbrick:host https://\S+",
            r"config set --path airbrick:environment.mode (development|production)",
            r"config set --path airbrick:environment.run_as.service_principal_name [-\d]+",
            r"up",
            r"(preview|up) --policy-pack policy --policy-pack-config policy/(dev|prod).json",
        )
        assert any(re.fullmatch(pattern, " ".join(arguments)) for pattern in tested)
    elif program == "curl":
        check_that_it_answers(arguments)
    elif arguments[:2] == ["generate", "--from-dag"]:
        check_that_it_brings([program, *arguments], project)
    elif arguments[:1] == ["generate"]:
        check_that_it_generates([program, *arguments], project)
    elif arguments[:1] == ["emulator"]:
        check_that_it_serves([str(BIN / Path(program).name), *arguments, "--port", "0"], project)
    elif program == "export":
        (project / "emulator.json").write_text('{"token": "local"}')
        assert run(["bash", "-c", f"{command} && printenv DATABRICKS_TOKEN"], project).stdout == "local\n"
    else:
        assert program in {"airbrick", "python"}, f"say here how {command!r} is tested"
        result = run([program, *arguments], project)
        assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    "command", sorted({line for block in blocks("yaml") for line in re.findall(r"- run: (airbrick .*)", block.text)})
)
def test_a_recipe_calls_a_command_with_options_that_exist(command: str, project: Path, monkeypatch: Any) -> None:
    # tests/end_to_end and tests/core run these commands; here nothing is done.
    monkeypatch.chdir(project)
    (project / "ci.json").write_text("{}")
    found: click.Command = main
    arguments = shlex.split(command)[1:]
    while isinstance(found, click.Group):
        name = arguments.pop(0)
        chosen = found.get_command(click.Context(found), name)
        assert chosen is not None, name
        found = chosen
    found.make_context(found.name, arguments)


def check_that_it_answers(arguments: list[str]) -> None:
    """Send what curl would send; a machine may lack it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("-X", dest="method", default="GET")
    parser.add_argument("-d", dest="data")
    parser.add_argument("url")
    asked = parser.parse_args(arguments)
    with Emulator() as emulator:
        url = asked.url.replace("$HOST", emulator.host)
        body = asked.data.encode() if asked.data else None
        with urllib.request.urlopen(urllib.request.Request(url, body, method=asked.method)) as answer:
            assert isinstance(json.load(answer), dict | list)


def check_that_it_generates(command: list[str], cwd: Path) -> None:
    from databricks.sdk import WorkspaceClient

    with Emulator(clock=ManualClock()) as emulator:
        client = WorkspaceClient(host=emulator.host, token=emulator.token)
        client.jobs.create(name="nightly", tags={"team": "orders"})
        result = run(command, cwd, DATABRICKS_HOST=emulator.host, DATABRICKS_TOKEN=emulator.token)
    assert result.returncode == 0, result.stderr
    assert "iac.Job(" in (cwd / "__main__.py").read_text()


def check_that_it_brings(command: list[str], cwd: Path) -> None:
    """Give it the DAG that the document's patch is for, and compare what it shows."""
    [patch] = (block.text for block in blocks("diff"))
    lines = patch.splitlines(keepends=True)[3:]
    hidden = '"""Nightly orders."""\n\n'
    (cwd / command[3]).write_text(hidden + "".join(line[1:] for line in lines if line[0] in " -"))
    result = run(command, cwd)
    assert result.returncode == 0, result.stderr
    assert result.stdout == patch
    assert "iac.Job(" in (cwd / command[-1] / "__main__.py").read_text()


def check_that_it_serves(command: list[str], cwd: Path) -> None:
    ready = cwd / "ready.json"
    with subprocess.Popen([*command, "--ready-file", str(ready)], cwd=cwd, stdout=subprocess.DEVNULL) as server:
        deadline = time.monotonic() + 60
        while not ready.exists() and server.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        assert json.loads(ready.read_text())["host"].startswith(("http://127.0.0.1:", "https://127.0.0.1:"))
        server.send_signal(signal.SIGINT)
        assert server.wait(60) == 0


@pytest.mark.parametrize("block", [block for block in blocks("python") if not is_a_stack(block)], ids=ids)
def test_a_program_of_the_documents_runs(block: Block, project: Path) -> None:
    program = project / "dags" / "program.py"
    program.write_text(block.text)
    pytest_options = ["-m", "pytest", "-q", "-p", "no:cacheprovider"] if "\ndef test_" in block.text else []
    result = run([sys.executable, *pytest_options, str(program)], project)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "command", [line for block in blocks("yaml") for line in re.findall(r"- (?:run: )?(airbrick lint .*)", block.text)]
)
def test_a_recipe_for_continuous_integration_works(command: str, project: Path) -> None:
    # What the preview of the same recipe wrote.
    shutil.copy(project / "dags" / "airbrick.contract.dev.json", project / "ci.json")
    for step in ("init -q", "add -A", "-c user.name=a -c user.email=a@example.com commit -qm a"):
        assert run(["git", *step.split()], project).returncode == 0
    program, *arguments = shlex.split(command.replace("origin/main", "HEAD"))
    result = run([program, *arguments], project)
    assert result.returncode == 0, result.stdout + result.stderr
    if "--output-file" in arguments:
        assert (project / arguments[arguments.index("--output-file") + 1]).read_text()


@pytest.fixture
def workspace() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.mark.end_to_end
@pytest.mark.parametrize("block", [block for block in blocks("python") if is_a_stack(block)], ids=ids)
def test_a_pulumi_program_of_the_documents_provisions(block: Block, project: Path, workspace: Emulator) -> None:
    (project / "__main__.py").write_text(block.text)
    settings = next(found.text for found in blocks("yaml") if "plugins:" in found.text)
    (project / "Pulumi.yaml").write_text(settings.replace(".venv", str(BIN.parent)))
    (project / "state").mkdir()
    environment = {
        "PULUMI_HOME": str(project / "home"),
        "PULUMI_BACKEND_URL": (project / "state").as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "documents",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "DATABRICKS_HOST": workspace.host,
        "DATABRICKS_TOKEN": workspace.token,
    }
    engine = run([sys.executable, str(ROOT / "tools" / "engine"), "ensure"], ROOT).stdout.strip()
    environment["PATH"] = f"{engine}:{BIN}:{os.environ['PATH']}"
    for command in ("stack init docs", "up --yes --skip-preview"):
        result = run(["pulumi", *command.split(), "--non-interactive"], project, **environment)
        assert result.returncode == 0, result.stdout + result.stderr
    written = json.loads((project / "dags" / "airbrick.contract.docs.json").read_text())
    assert written["jobs"]["nightly_orders"]["parameters"] == {"run_date": {"default": ""}}


def test_a_recipe_installs_where_the_project_looks_for_the_provider() -> None:
    settings = next(block.text for block in blocks("yaml") if "plugins:" in block.text)
    (folder,) = re.findall(r"name: airbrick, path: (\S+)}", settings)
    recipes = [block.text for block in blocks("yaml") if "airbrick contract preview" in block.text]
    assert recipes
    for recipe in recipes:
        assert f"- run: python -m venv .venv && {folder}/pip install 'airbrick[iac]'" in recipe
        assert f'- run: echo "$PWD/{folder}" >> "$GITHUB_PATH"' in recipe


def test_the_hooks_of_the_documents_exist() -> None:
    provided = set(re.findall(r"- id: ([\w-]+)", (ROOT / ".pre-commit-hooks.yaml").read_text()))
    named = {name for block in blocks("yaml") for name in re.findall(r"- id: ([\w-]+)", block.text)}
    assert named
    assert named <= provided


def test_links_between_documents_lead_somewhere() -> None:
    for path in DOCUMENTS:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (path.parent / target).exists(), f"{path.relative_to(ROOT)}: {target}"


def test_the_readme_shows_the_summary_of_the_chaos_matrix() -> None:
    page = (ROOT / "docs" / "operators" / "chaos_rows.md").read_text(encoding="utf-8")
    summary = page.split("\n\n")[2]
    assert summary.startswith("| kind | rows |")
    assert summary in (ROOT / "README.md").read_text(encoding="utf-8")
