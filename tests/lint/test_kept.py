"""What is kept of a result: it says what the result said, and no more than a report may tell."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.lint.workbench import contract_of, dag_file

from airbrick.contract import write
from airbrick.lint.cache import FOLDER_NAME, Cache
from airbrick.lint.finding import Edit, Finding, Fix, Note, Safety, Severity
from airbrick.lint.kept import KeptResult, to_record
from airbrick.lint.outcome import Outcome
from airbrick.lint.output import written
from airbrick.lint.report.colours import Palette
from airbrick.lint.report.report import Report, render
from airbrick.lint.request import Request
from airbrick.lint.result import FileResult
from airbrick.lint.run import execute
from airbrick.lint.source import SourceFile, Span

EVERYTHING = """\
CLUSTER = {"spark_version": "13.3.x-scala2.12", "num_workers": 2}
with DAG("d", schedule="@daily"):
    DatabricksSubmitRunOperator(task_id="t", new_cluster=CLUSTER)
    RunNowOperator(task_id="ü", job="nightli")
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "airbrick.toml").write_text('select = ["ALL"]\n')
    (tmp_path / "a.py").write_bytes(dag_file(EVERYTHING).replace("\n", "\r\n").encode())
    write(tmp_path / "airbrick.contract.dev.json", contract_of({"nightly": ()}))
    return tmp_path


def run(**options: Any) -> Outcome:
    return execute(Request(**options), environ={})


def reported(form: str, **options: Any) -> str:
    request = Request(output_format=form, **options)
    outcome = execute(request, environ={})
    return written(outcome, request, stdin=b"", palette=Palette(), width=80).decode()


def test_a_result_says_everything_again(project: Path) -> None:
    """Fixes, notes, stacks and gathered texts come back as they were."""
    first, second = run(), run()
    assert first.findings == second.findings
    assert any(finding.notes for finding in second.findings)
    assert any(finding.fix for finding in second.findings)
    assert any(finding.stacks for finding in second.findings)
    assert [file.result.gathered for file in first.files] == [file.result.gathered for file in second.files]


@pytest.mark.parametrize("form", ["concise", "full", "github", "gitlab", "json", "json-lines", "rdjson", "sarif"])
def test_reports_say_the_same_again(project: Path, form: str) -> None:
    first, second, fresh = (reported(form, cache=cache) for cache in (True, True, False))
    assert first == second == fresh
    assert "DBX" in first


def test_what_is_kept_is_mended_as_what_is_found(project: Path) -> None:
    run()
    kept, found = (run(diff=True, unsafe_fixes=True, cache=cache).fixes[0] for cache in (True, False))
    assert kept.after == found.after != found.before.text


SECRET = """\
with DAG("d", schedule="@daily"):
    DatabricksRunNowOperator(task_id="t", job_id=1, databricks_conn_id="postgresql://etl:hunter2x@db/orders")
"""


@pytest.mark.parametrize("form", ["concise", "full", "json", "sarif"])
def test_the_cache_holds_no_secret_and_reports_say_the_same_again(project: Path, form: str) -> None:
    (project / "a.py").write_text(dag_file(SECRET))
    first, second = reported(form), reported(form)
    assert first == second
    assert "DBX501" in first
    files = list((project / FOLDER_NAME).iterdir())
    assert any(b"DBX501" in file.read_bytes() for file in files)
    assert all(b"hunter2" not in file.read_bytes() for file in files)


def test_a_fix_that_repeats_a_secret_is_not_kept(tmp_path: Path) -> None:
    path, data = tmp_path / "a.py", b'password = "hunter2!x"\n'
    source = SourceFile.from_bytes(data, path)
    fix = Fix("Connect", Safety.UNSAFE, (Edit(0, 0, 'connect("hunter2!x")'),))
    finding = Finding("DBX402", "n", Severity.ERROR, path, Span(1, 1, 1, 2), "m", fix=fix)
    path.write_bytes(data)
    cache = Cache(tmp_path / "cache")
    cache.keep(FileResult(path, (finding,), source), "key")
    cache.save()
    assert all(b"hunter2" not in file.read_bytes() for file in (tmp_path / "cache").iterdir())
    kept = Cache(tmp_path / "cache").find(path, data, "key")
    assert kept is not None
    # Reports that tell only that there is a fix go on telling it; who needs it all lints the file anew.
    assert kept.findings == (replace(finding, fix=replace(fix, edits=())),)
    for form in ("concise", "full", "json", "sarif"):
        assert render(Report([kept]), form) == render(Report([FileResult(path, (finding,), source)]), form)
    assert Cache(tmp_path / "cache", mends=True).find(path, data, "key") is None


def test_lines_that_another_file_calls_secret_are_hidden_in_what_was_kept(project: Path) -> None:
    """A finding about a secret can lie in one file and point into another one."""
    path, data = project / "a.py", b'where = "sesame"\n'
    edits = (Edit(0, 0, 'open("sesame")'),)
    finding = Finding("DBX201", "n", Severity.INFO, path, Span(1, 1, 1, 2), "m", fix=Fix("d", Safety.SAFE, edits))
    record = to_record(FileResult(path, (finding,), SourceFile.from_bytes(data, path)))
    there = KeptResult(path, record, data)
    note = Note("it", path, Span(1, 9, 1, 17))
    about = Finding("DBX501", "n", Severity.ERROR, Path("b.py"), Span(1, 1, 1, 2), "m", notes=(note,))
    assert "sesame" in render(Report([there]), "json")
    assert "sesame" not in render(Report([FileResult(about.path, (about,)), there]), "json")
