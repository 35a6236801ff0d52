"""``airbrick contract`` on files, and when the engine is missing or odd."""

import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from airbrick.cli import main
from airbrick.contract import Connection, Contract, Job, Parameter, Task, Workspace, dumps, write

ORDERS = Contract(
    "orders",
    "dev",
    Workspace("https://w.example", "7"),
    connections={"databricks_default": Connection("databricks", "service_principal_oauth")},
    jobs={
        "nightly": Job(
            "9007199254740993",
            "[dev] nightly",
            parameters={"run_date": Parameter("[bold]x")},
            tasks={"load": Task("notebook_task")},
            queue_enabled=True,
        ),
        "coming": Job(None, "[dev] coming"),
    },
)
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


@pytest.fixture(autouse=True)
def _no_contract_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRBRICK_CONTRACT", raising=False)
    monkeypatch.setenv("COLUMNS", "200")


def engine_that_says(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str, *, code: int = 0) -> None:
    """Put a program named pulumi on PATH that says what the real one was seen to say."""
    said = folder / "said"
    said.write_text(text, encoding="utf-8")
    program = folder / "pulumi"
    program.write_text(f"#!/bin/sh\ncat '{said}'\nexit {code}\n", encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def preview_of(**inputs: object) -> str:
    document = {"project": "orders", "stack": "dev", "workspace": {"host": "https://w"}, "connections": {}, "jobs": {}}
    state = {"type": "airbrick:index:Contract", "inputs": {**document, **inputs}}
    return json.dumps(
        {"steps": [{"op": "same", "newState": {"type": "x", "inputs": {}}}, {"op": "create", "newState": state}]}
    )


def test_show_gives_a_table_of_what_a_dag_here_would_find(tmp_path: Path) -> None:
    write(tmp_path / "airbrick.contract.dev.json", ORDERS)
    result = CliRunner().invoke(main, ["contract", "show", "-C", str(tmp_path)])
    assert result.exit_code == 0
    for text in (
        "orders/dev",
        "9007199254740993",
        "not made yet",
        "run_date='[bold]x'",
        "1, then queued",
        "databricks_default",
    ):
        assert text in result.output


def test_show_cuts_no_id_or_name_in_a_narrow_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = Job(
        "4604524946226198907", "nightly_orders", parameters={"run_date": Parameter("x"), "shop": Parameter("all")}
    )
    write(tmp_path / "airbrick.contract.dev.json", Contract("o", "dev", Workspace("https://w"), jobs={"nightly": job}))
    monkeypatch.setenv("COLUMNS", "80")
    result = CliRunner().invoke(main, ["contract", "show", "-C", str(tmp_path)])
    title, *lines = result.output.splitlines()
    assert title.startswith("o/dev at https://w (")
    assert [line.rstrip() for line in lines] == [
        "nightly",
        "  id             4604524946226198907",
        "  name           nightly_orders",
        "  parameters     run_date='x', shop='all'",
        "  tasks          none",
        "  runs at once   1",
        "  starts itself  no",
    ]


def test_show_as_json_is_the_canonical_text(tmp_path: Path) -> None:
    path = tmp_path / "airbrick.contract.dev.json"
    write(path, ORDERS)
    result = CliRunner().invoke(main, ["contract", "show", str(path), "--json"])
    assert result.output == dumps(ORDERS)


def test_show_of_several_as_json_is_a_list(tmp_path: Path) -> None:
    write(tmp_path / "airbrick.contract.dev.json", ORDERS)
    write(tmp_path / "airbrick.contract.prod.json", Contract("orders", "prod", Workspace("https://p")))
    result = CliRunner().invoke(main, ["contract", "show", "-C", str(tmp_path), "--json"])
    assert [item["stack"] for item in json.loads(result.output)] == ["dev", "prod"]


def test_contracts_one_folder_below_are_found(tmp_path: Path) -> None:
    (tmp_path / "dags").mkdir()
    write(tmp_path / "dags" / "airbrick.contract.dev.json", ORDERS)
    result = CliRunner().invoke(main, ["contract", "check", "-C", str(tmp_path)])
    assert result.exit_code == 0
    assert "ok: stack dev, 2 jobs, 1 connection; a preview: not made yet are coming" in result.output


def test_check_names_every_broken_file_and_fails(tmp_path: Path) -> None:
    write(tmp_path / "airbrick.contract.dev.json", ORDERS)
    (tmp_path / "airbrick.contract.prod.json").write_text('{"contract": 1,', encoding="utf-8")
    (tmp_path / "airbrick.contract.test.json").write_text('{"contract": 2}', encoding="utf-8")
    result = CliRunner().invoke(main, ["contract", "check", "-C", str(tmp_path)])
    assert result.exit_code == 1
    assert "dev.json: ok" in result.output
    assert "prod.json:1:" in result.output
    assert "test.json: contract version 2 is not readable" in result.output


def test_no_contract_is_said_with_the_ways_to_get_one(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["contract", "show", "-C", str(tmp_path)])
    assert result.exit_code == 1
    assert "airbrick contract pull" in result.output


@pytest.mark.parametrize("command", ["pull", "preview"])
def test_a_missing_engine_is_said_with_the_fix(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    result = CliRunner().invoke(main, ["contract", command, "-C", str(tmp_path)])
    assert result.exit_code == 3
    assert "the Pulumi engine is not on PATH" in result.output


def test_an_engine_that_does_not_start_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine_that_says(tmp_path, monkeypatch, "")
    (tmp_path / "pulumi").write_bytes(b"\x7fELF nonsense")
    result = CliRunner().invoke(main, ["contract", "pull", "-C", str(tmp_path)])
    assert result.exit_code == 3
    assert "does not start" in result.output


def test_pull_writes_the_canonical_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine_that_says(tmp_path, monkeypatch, dumps(ORDERS))
    (tmp_path / "dags").mkdir()
    result = CliRunner().invoke(main, ["contract", "pull", "-C", str(tmp_path), "-o", "dags"])
    assert result.exit_code == 0, result.output
    assert (tmp_path / "dags" / "airbrick.contract.dev.json").read_text(encoding="utf-8") == dumps(ORDERS)


def test_pull_to_standard_output_is_the_contract_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine_that_says(tmp_path, monkeypatch, dumps(ORDERS))
    result = CliRunner().invoke(main, ["contract", "pull", "-C", str(tmp_path), "-o", "-"])
    assert result.stdout == dumps(ORDERS)


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine_that_says(tmp_path, monkeypatch, dumps(ORDERS))
    result = CliRunner().invoke(main, ["contract", "pull", "-C", str(tmp_path), "-o", "no/such/folder/x.json"])
    assert result.exit_code == 1
    assert "cannot be written: No such file or directory; give another place with -o" in result.output


def test_a_folder_that_is_not_there_does_not_become_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine_that_says(tmp_path, monkeypatch, dumps(ORDERS))
    result = CliRunner().invoke(main, ["contract", "pull", "-C", str(tmp_path), "-o", "dags/"])
    assert result.exit_code == 1
    assert (
        f"Error: {tmp_path / 'dags'}: there is no such folder; make it, or give another place with -o" in result.output
    )
    assert not (tmp_path / "dags").exists()


def test_an_output_that_is_no_contract_names_the_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine_that_says(tmp_path, monkeypatch, '{"contract": 1, "project": 5}')
    result = CliRunner().invoke(main, ["contract", "pull", "-C", str(tmp_path), "--stack", "dev"])
    assert result.exit_code == 1
    assert "output 'contract' of stack dev: /project: expected text" in result.output


def test_an_answer_that_is_not_json_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine_that_says(tmp_path, monkeypatch, "hello")
    result = CliRunner().invoke(main, ["contract", "pull", "-C", str(tmp_path)])
    assert result.exit_code == 3
    assert "did not answer in JSON" in result.output


def test_a_preview_has_no_ids_for_what_does_not_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job: dict[str, object] = {
        "name": "n",
        "parameters": {},
        "tasks": {"a": {"type": "notebook_task", "depends_on": []}},
        "run_as": {},
    }
    job |= {"max_concurrent_runs": 1, "queue_enabled": True, "timeout_seconds": 0, "has_schedule": False, "tags": {}}
    unknown = {"job_id": UNKNOWN, "url": UNKNOWN, "fingerprint": UNKNOWN}
    engine_that_says(tmp_path, monkeypatch, preview_of(jobs={"nightly": {**job, **unknown}}))
    result = CliRunner().invoke(main, ["contract", "preview", "-C", str(tmp_path), "-o", "-"])
    assert result.exit_code == 0, result.output
    nightly = json.loads(result.stdout)["jobs"]["nightly"]
    assert (nightly["job_id"], nightly["url"], nightly["fingerprint"]) == (None, None, None)
    assert nightly["tasks"] == {"a": {"type": "notebook_task", "depends_on": []}}


def test_a_preview_is_not_written_where_dags_find_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine_that_says(tmp_path, monkeypatch, preview_of())
    CliRunner().invoke(main, ["contract", "preview", "-C", str(tmp_path)])
    assert (tmp_path / "airbrick.contract-preview.dev.json").exists()
    assert not list(tmp_path.glob("airbrick.contract.*.json"))


def test_a_preview_that_cannot_know_a_name_says_which(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine_that_says(tmp_path, monkeypatch, preview_of(jobs={"nightly": {"name": UNKNOWN}}))
    result = CliRunner().invoke(main, ["contract", "preview", "-C", str(tmp_path), "-o", "-"])
    assert result.exit_code == 3
    assert "/jobs/nightly/name cannot be known before `pulumi up`" in result.output


def test_a_program_without_a_contract_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine_that_says(tmp_path, monkeypatch, '{"steps": []}')
    result = CliRunner().invoke(main, ["contract", "preview", "-C", str(tmp_path)])
    assert result.exit_code == 3
    assert "add `iac.Contract(jobs=[...])`" in result.output


def test_a_preview_that_fails_shows_the_engines_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    diagnostics = [{"severity": "info", "message": "noise"}, {"severity": "error", "message": "job 'x': wrong"}]
    engine_that_says(tmp_path, monkeypatch, json.dumps({"steps": [], "diagnostics": diagnostics}), code=255)
    result = CliRunner().invoke(main, ["contract", "preview", "-C", str(tmp_path)])
    assert result.exit_code == 3
    assert "job 'x': wrong" in result.output
    assert "noise" not in result.output


def test_a_program_that_raises_is_told_by_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raised = f"""Program failed with an unhandled exception:
    Traceback (most recent call last):
      File "{tmp_path}/__main__.py", line 14, in <module>
        Path("dags").mkdir()
      File "{tmp_path}/.venv/lib/python3.14/site-packages/x.py", line 2, in <module>
      File "/usr/lib/python3.14/pathlib.py", line 1116, in mkdir
        os.mkdir(self, mode)
    FileExistsError: [Errno 17] File exists: 'dags'
    """
    diagnostics = [{"severity": "error", "message": raised}]
    engine_that_says(tmp_path, monkeypatch, json.dumps({"steps": [], "diagnostics": diagnostics}), code=255)
    result = CliRunner().invoke(main, ["contract", "preview", "-C", str(tmp_path), "--stack", "dev"])
    assert result.exit_code == 3
    assert result.output == (
        f"Error: stack 'dev' in {tmp_path}: the program fails at {tmp_path}/__main__.py:14: "
        "FileExistsError: [Errno 17] File exists: 'dags'; `pulumi preview` shows the whole traceback\n"
    )


def test_the_help_says_each_command_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert "..." not in CliRunner().invoke(main, ["contract", "--help"]).output.partition("Commands:")[2]


def test_a_folder_cannot_be_compared(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["contract", "diff", str(tmp_path), str(tmp_path)])
    assert result.exit_code == 2
    assert f"'{tmp_path}' is a directory" in result.output


def test_diff_says_what_changes_and_what_breaks(tmp_path: Path) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    write(old, ORDERS)
    job = Job("9007199254740993", "[dev] nightly", max_concurrent_runs=2, tasks={"load": Task("notebook_task")})
    write(new, Contract("orders", "dev", Workspace("https://w.example", "7"), jobs={"nightly": job}))
    result = CliRunner().invoke(main, ["contract", "diff", str(old), str(new)])
    assert result.exit_code == 4
    assert "~ jobs.nightly.max_concurrent_runs: 1 -> 2" in result.output
    assert "- jobs.coming  (breaks DAGs that name it)" in result.output
    assert "- jobs.nightly.parameters.run_date  (breaks DAGs that name it)" in result.output
    listed = json.loads(CliRunner().invoke(main, ["contract", "diff", str(old), str(new), "--json"]).output)
    (limit,) = [change for change in listed if change["path"] == ["jobs", "nightly", "max_concurrent_runs"]]
    assert limit == {
        "path": ["jobs", "nightly", "max_concurrent_runs"], "kind": "changed", "old": 1, "new": 2, "breaks": False,
    }  # fmt: skip
    (gone,) = [change for change in listed if change["path"] == ["jobs", "coming"]]
    assert (gone["kind"], gone["breaks"], gone["old"]["name"], gone["new"]) == ("removed", True, "[dev] coming", None)


def test_diff_of_the_same_contract_is_empty(tmp_path: Path) -> None:
    write(tmp_path / "a.json", ORDERS)
    result = CliRunner().invoke(main, ["contract", "diff", str(tmp_path / "a.json"), str(tmp_path / "a.json")])
    assert (result.exit_code, result.output) == (0, "")
    missing = CliRunner().invoke(main, ["contract", "diff", str(tmp_path / "a.json"), str(tmp_path / "b.json")])
    assert missing.exit_code == 1
