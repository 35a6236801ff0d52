"""Linting texts, files and paths, whatever is in them."""

import os
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.lint.workbench import Workbench, dag_file

from airbrick.lint import engine
from airbrick.lint.config import from_document
from airbrick.lint.contracts import ContractStore
from airbrick.lint.engine import Linter, lint_text
from airbrick.lint.facts import interpreter
from airbrick.lint.paths import lint_paths
from airbrick.lint.registry import find_rule
from airbrick.lint.selection import Selection
from airbrick.lint.settings import Settings

BAD = dag_file('with DAG("d"):\n    DatabricksRunNowOperator(task_id="t", job_id=1)\n')


def lint_data(data: bytes) -> list[str]:
    linter = Linter(ContractStore(environ={}))
    return [finding.code for finding in linter.lint_bytes(data, Path("/nowhere/dag.py"), Settings()).findings]


@pytest.mark.parametrize(
    ("data", "codes"),
    [
        (b"", []),
        (b"\n\n", []),
        (b"x = (", []),
        (b"import airflow", []),
        (BAD.encode(), ["DBX201"]),
        (b"\xef\xbb\xbf" + BAD.encode(), ["DBX201"]),
        (BAD.replace("\n", "\r\n").encode(), ["DBX201"]),
        (BAD.replace("\n", "\r").encode(), ["DBX201"]),
        (BAD.replace("    ", "\t").encode(), ["DBX201"]),
        (BAD.rstrip("\n").encode(), ["DBX201"]),
        (("# coding: latin-1\nx = 'é'\n" + BAD).encode("latin-1"), ["DBX201"]),
        (("x = 'é'\n" + BAD).encode("latin-1"), ["DBX901"]),
        (BAD.encode("utf-16"), []),
        (b"import airflow\n\0", ["DBX901"]),
        (b"# coding: nonsense\nimport airflow\n", ["DBX901"]),
        (b"import airflow\nprint 'python 2'\n", ["DBX901"]),
        (b"\x0cimport airflow\n\x0c\nx = 1\n", []),
        ("import airflow\nünïcödé = '日本語'\n".encode(), []),
    ],
)
def test_all_kinds_of_files_end_in_findings(data: bytes, codes: list[str]) -> None:
    assert lint_data(data) == codes


def test_a_huge_file_is_linted() -> None:
    calls = "".join(f'    t{i} = DatabricksRunNowOperator(task_id="t{i}", job_id={i})\n' for i in range(3_000))
    found = lint_data(dag_file(f'with DAG("d"):\n{calls}').encode())
    assert found == ["DBX201"] * 3_000


def test_a_file_of_ten_megabytes_without_meaning_is_linted() -> None:
    # Few lines: under a tracer, as coverage is one, Python 3.11 takes quadratic time for the lines of a string.
    line = b"0123456789" * 1_000 + b"\n"
    assert lint_data(b"import airflow\nx = '''" + line * 1_000 + b"'''\n") == []


@given(st.binary(max_size=200))
def test_any_bytes_end_in_findings_not_in_a_crash(noise: bytes) -> None:
    assert "DBX900" not in lint_data(b"import airflow\n" + noise)


@pytest.mark.parametrize(
    "number",
    ["int({})", "float({})", "str({})", "f'{{{}}}'", "int('{}')", "-{}", "timedelta(seconds={})", "range({})", "0x{}"],
)
@pytest.mark.parametrize("digits", [30, 400, 5000])
def test_numbers_beyond_all_measure_never_crash_the_linter(number: str, digits: int) -> None:
    text = f"""\
from airflow.sdk import DAG
from datetime import timedelta
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator
x = {number.format("9" * digits)}
with DAG("d", schedule="@daily", max_active_runs=x, dagrun_timeout=x):
    DatabricksRunNowOperator(
        task_id="t", job_id=x, retries=x, execution_timeout=timedelta(seconds=x), polling_period_seconds=x
    )
"""
    assert "DBX900" not in [finding.code for finding in lint_text(text).findings]


MUTATION_SEED = 20
MUTATIONS = 20_000 if os.environ.get("AIRBRICK_HYPOTHESIS") == "matrix" else 300


def mutated(text: str, random_: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    for _ in range(random_.randint(1, 4)):
        at = random_.randrange(len(lines))
        action = random_.randrange(5)
        if action == 0:
            lines.pop(at)
        elif action == 1:
            lines.insert(at, lines[random_.randrange(len(lines))])
        elif action == 2:
            cut = random_.randrange(len(lines[at]) + 1)
            lines[at] = lines[at][:cut] + lines[at][cut + 1 :]
        elif action == 3:
            lines[at] = lines[at].replace("(", random_.choice(["((", "[", "(*", "(**"]), 1)
        else:
            lines[at] = lines[at].replace('"', random_.choice(["'", "f'", '"""']), 1)
        lines = lines or ["\n"]
    return "".join(lines)


def test_mutated_files_never_crash_the_linter() -> None:
    base = "".join(
        example.code
        for code in ("DBX101", "DBX201", "DBX301", "DBX805")
        if (rule := find_rule(code))
        for example in (*rule.bad, *rule.good)
    )
    random_ = random.Random(MUTATION_SEED)
    for _ in range(MUTATIONS):
        text = mutated(base, random_)
        assert "DBX900" not in [finding.code for finding in lint_text(text).findings], text


def test_a_rule_that_crashes_is_a_finding_and_loses_no_other(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_args: object) -> None:
        raise KeyError("secret text of the linted file")

    monkeypatch.setattr(type(find_rule("DBX301")), "check_dag", crash)
    result = bench.lint(BAD)
    assert [finding.code for finding in result.findings] == ["DBX900", "DBX201"]
    assert result.crashed
    crashed = result.findings[0]
    assert crashed.message.startswith("DBX301 failed: KeyError at ")
    assert "secret" not in repr(crashed)


def test_a_crash_of_the_reader_is_a_finding(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_args: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(interpreter, "follow_uncalled", crash)
    assert bench.codes(f"x = 1\n{BAD}") == ["DBX900"]


def test_a_crash_is_told_even_when_its_rule_is_not_selected(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_args: object) -> None:
        raise KeyError

    monkeypatch.setattr(type(find_rule("DBX201")), "check_operator", crash)
    assert bench.codes(BAD, {"select": ["DBX201"]}) == ["DBX900"]


def test_code_libcst_cannot_read_is_a_finding(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    import libcst as cst

    def refuse(_text: str) -> None:
        raise cst.ParserSyntaxError("no", lines=["a"], raw_line=2, raw_column=0)

    monkeypatch.setattr(cst, "parse_module", refuse)
    (finding,) = bench.lint(BAD).findings
    assert (finding.code, finding.span.line) == ("DBX903", 2)


def test_code_nested_too_deeply_to_follow_is_told(bench: Workbench) -> None:
    deep = "x = " + "(lambda: " * 0 + "[" * 150 + "1" + "]" * 150
    assert bench.codes(f"{BAD}\n{deep}\n") == ["DBX201", "DBX903"]


def test_selection_and_per_file_ignores(bench: Workbench) -> None:
    assert bench.codes(BAD, {"select": ["DBX3"]}) == []
    assert bench.codes(BAD, {"ignore": ["missing-deferrable"]}) == []
    assert bench.codes(BAD, {"per-file-ignores": {"dag.py": ["DBX2"]}}) == []
    assert bench.codes(BAD, {"per-file-ignores": {"other/*.py": ["DBX2"]}}) == ["DBX201"]


def test_selectors_of_the_caller_replace_those_of_the_configuration(bench: Workbench) -> None:
    settings = from_document({"select": ["DBX3"]}, source=bench.folder / "airbrick.toml")
    linter = Linter(ContractStore(environ={}), selection=Selection(select=("DBX2",)))
    assert [f.code for f in linter.lint_bytes(BAD.encode(), bench.path, settings).findings] == ["DBX201"]


def test_paths_are_linted_one_after_the_other(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(BAD)
    (tmp_path / "b.py").write_text("print('no DAG')\n")
    results = list(lint_paths([tmp_path]))
    assert [(result.path.name, len(result.findings)) for result in results] == [("a.py", 1), ("b.py", 0)]


def test_a_file_that_cannot_be_read_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "gone.py").symlink_to(tmp_path / "nowhere.py")
    (result,) = lint_paths([tmp_path])
    assert [finding.code for finding in result.findings] == ["DBX903"]


def test_files_without_airflow_do_not_load_libcst() -> None:
    import subprocess
    import sys

    code = (
        "import sys, pathlib; from airbrick.lint import engine; from airbrick.lint.settings import Settings;"
        "engine.Linter().lint_bytes(b'x = 1', pathlib.Path('a.py'), Settings());"
        "from airbrick.lint.registry import all_rules; all_rules();"
        "print([name for name in ('libcst', 'click', 'rich', 'pathspec') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_a_helper_in_another_file_builds_is_reported_there(bench: Workbench) -> None:
    helper = bench.add_file(
        "helper.py", dag_file('def make():\n    return DatabricksRunNowOperator(task_id="t", job_id=1)\n')
    )
    text = 'from airflow.sdk import DAG\nfrom helper import make\nwith DAG("d", schedule="@daily"):\n    make()\n'
    # The schedule is this file's business, the operator is the helper's.
    assert bench.codes(text) == ["DBX301"]
    assert helper.exists()


def test_relevance_is_judged_by_bytes() -> None:
    assert engine.is_relevant(b"from airbrick.operators import RunNowOperator")
    assert not engine.is_relevant(b"import os")


def test_severities_are_the_configurations(bench: Workbench) -> None:
    def severities(**config: object) -> list[str]:
        return [f.severity.value for f in bench.lint(BAD, dict(config)).findings]

    assert severities() == ["warning"]
    assert severities(severity={"DBX2": "error"}) == ["error"]
    assert severities(severity={"DBX2": "error", "missing-deferrable": "info"}) == ["info"]
    assert severities(**{"min-severity": "error"}) == []
    assert severities(**{"min-severity": "error", "severity": {"DBX201": "error"}}) == ["error"]
