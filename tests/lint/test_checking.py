"""Many files: the same is found however the work is shared."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from tests.lint.workbench import dag_file

from airbrick.lint import parallel
from airbrick.lint.engine import Linter
from airbrick.lint.outcome import Outcome
from airbrick.lint.request import Request
from airbrick.lint.run import execute

CALL = '    DatabricksRunNowOperator(task_id="t", job_id=1)\n'
COUNT = 12


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(parallel, "WORTHWHILE", 3)
    (tmp_path / "common.py").write_text("ARGS = {}\n")
    for number in range(COUNT):
        body = f'from common import ARGS\nwith DAG("d{number}", default_args=ARGS):\n{CALL * (number % 3)}    pass\n'
        (tmp_path / f"f{number:02}.py").write_text(dag_file(body))
    (tmp_path / "broken.py").write_text("import airflow\nx = (\n")
    (tmp_path / "plain.py").write_text("print('no DAG')\n")
    return tmp_path


def run(**options: Any) -> Outcome:
    return execute(Request(**options), environ={})


def test_processes_find_what_one_process_finds_with_and_without_the_cache() -> None:
    alone = run(jobs=1, cache=False)
    assert len(alone.findings) > COUNT // 2
    for options in ({"jobs": 2, "cache": False}, {"jobs": 2}, {"jobs": 1}, {"jobs": 2}):
        shared = run(**options)
        assert shared.findings == alone.findings
        assert [file.result.source for file in shared.files] == [file.result.source for file in alone.files]
        assert [file.result.path for file in shared.files] == [file.result.path for file in alone.files]


def test_fixes_are_the_same(project: Path) -> None:
    names = sorted(path.name for path in project.glob("*.py"))
    before = {name: (project / name).read_text() for name in names}
    run(jobs=1, fix=True, unsafe_fixes=True)
    alone = {name: (project / name).read_text() for name in names}
    for name, text in before.items():
        (project / name).write_text(text)
    run(jobs=2, fix=True, unsafe_fixes=True)
    assert {name: (project / name).read_text() for name in names} == alone != before


def test_a_process_that_ends_is_a_finding_and_loses_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    parent = os.getpid()
    original = Linter.lint_bytes

    def fatal(self: Linter, data: bytes, path: Path, settings: Any) -> Any:
        if path.name == "f05.py" and os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(self, data, path, settings)

    alone = run(jobs=1, cache=False)
    monkeypatch.setattr(Linter, "lint_bytes", fatal)
    outcome = run(jobs=2, cache=False)
    (lost,) = [finding for finding in outcome.findings if finding.code == "DBX900"]
    assert lost.path.name == "f05.py"
    assert outcome.crashed
    others = [finding for finding in alone.findings if finding.path.name != "f05.py"]
    assert [finding for finding in outcome.findings if finding.code != "DBX900"] == others


def test_progress_counts_every_file_once() -> None:
    counted: list[int] = []
    totals: list[int] = []

    def progress(total: int) -> Any:
        totals.append(total)
        return counted.append

    for jobs in (1, 2):
        execute(Request(jobs=jobs), environ={}, progress=progress)
    assert totals == [COUNT + 3] * 2
    assert sum(counted) == 2 * (COUNT + 3)


def test_a_file_that_cannot_be_read_is_a_finding_unless_its_rule_is_off(project: Path) -> None:
    (project / "gone.py").symlink_to(project / "nowhere.py")
    assert [f.code for f in run(select=("DBX903",)).findings] == ["DBX903"]
    assert run(select=("DBX201",), paths=(project / "plain.py",)).findings == []


def test_results_come_in_order_and_errors_come_through() -> None:
    def square(number: int) -> int:
        if number == 40:
            raise ValueError(number)
        return number * number

    def lost(number: int) -> int:
        return -number

    assert list(parallel.run(square, range(30), jobs=2, lost=lost)) == [n * n for n in range(30)]
    assert list(parallel.run(square, [], jobs=2, lost=lost)) == []
    with pytest.raises(ValueError, match="40"):
        list(parallel.run(square, range(60), jobs=2, lost=lost))
    assert parallel.processors() >= 1
