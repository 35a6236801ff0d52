"""The gate: what is turned away before libcst sees it."""

import subprocess
import sys
from pathlib import Path

import pytest
from tests.lint.workbench import Workbench

from airbrick.lint import gate
from airbrick.lint.source import SourceFile

DEEP = {
    "shifts": "x = " + " >> ".join(["a"] * 10_000),
    "comparisons by and": "x = " + " and ".join(["a"] * 10_000),
    "strings": "x = (" + " ".join(['"a"'] * 10_000) + ")",
    "strings over lines": "x = (" + "\n".join(['"a"'] * 3_000) + ")",
    "attributes": "x = a" + ".f" * 10_000,
    "calls": "x = a" + ".f()" * 10_000,
    "elif": "if a:\n  b\n" + "elif a:\n  b\n" * 10_000,
    "not": "x = " + "not " * 10_000 + "a",
    "minus": "x = " + "-" * 10_000 + "a",
    "conditions": "x = " + "a if b else " * 10_000 + "a",
    "lambdas": "x = " + "lambda: " * 10_000 + "a",
    "brackets": "x = " + "[" * 10_000 + "]" * 10_000,
    "dicts": "x = " + "{1:" * 3_000 + "a" + "}" * 3_000,
    "just too deep": "x = " + " >> ".join(["a"] * 1_200),
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP.keys())
def test_nesting_that_would_overflow_the_stack_is_a_finding(bench: Workbench, text: str) -> None:
    # "[" nested deeper than 200 is a syntax error to Python itself.
    (finding,) = bench.lint(f"import airflow\n{text}\n").findings
    assert finding.code in {"DBX901", "DBX903"}


def test_deep_code_does_not_end_the_process(tmp_path: Path) -> None:
    path = tmp_path / "deep.py"
    path.write_text(f"import airflow\n{DEEP['shifts']}\n")
    (tmp_path / "other.py").write_text("import airflow\nx = (\n")
    done = subprocess.run(
        [sys.executable, "-m", "airbrick.cli", "lint", str(tmp_path), "--output-format", "concise"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "deep.py" in done.stdout
    assert "other.py:2:5: DBX901" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize(
    "text",
    [
        "x = " + " >> ".join(["a"] * 800),
        "x = '''" + "line\n" * 5_000 + "'''",
        "x = [" + "1, " * 50_000 + "]",
        "x = '" + "a" * 100_000 + "'",
        "\n".join(f"x{i} = a >> b >> c" for i in range(3_000)),
    ],
)
def test_long_code_that_is_not_deep_passes(text: str) -> None:
    assert not isinstance(gate.parse(SourceFile(Path("a.py"), text)), gate.Refusal)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("import airflow\nx = (", 2, 5),
        ("import airflow\nprint 'python 2'", 2, 1),
        ("import airflow\nif True:\nx = 1", 3, 1),
        ("import airflow\nx = 'ünï' €", 2, 11),
        ("import airflow\r\n\r\nx = )\r\n", 3, 5),
        ("import airflow\n\tx = 1", 2, 1),
        ("import airflow\nx = '''never closed", 2, 5),
    ],
)
def test_syntax_errors_are_placed(bench: Workbench, text: str, line: int, column: int) -> None:
    (finding,) = bench.lint(text).findings
    assert finding.code == "DBX901"
    assert (finding.span.line, finding.span.column) == (line, column)
    assert f"Python {sys.version_info.major}.{sys.version_info.minor}" in finding.message


def test_null_bytes_are_a_finding(bench: Workbench) -> None:
    (finding,) = bench.lint("import airflow\nx = 'a\0b'\n").findings
    assert finding.code == "DBX901"


def test_files_that_warn_pass_without_a_warning(bench: Workbench) -> None:
    assert bench.codes("import airflow\nx = '\\d'\nassert (1, 'always true')\nx is 1\n") == []


def test_syntax_errors_are_never_fixed(bench: Workbench) -> None:
    assert not bench.fix("import airflow\nx = (\n").changed
