"""Every Python file of the installed environment is linted without a crash, and none is called broken that is not."""

import ast
import os
import random
import sysconfig
import warnings
from functools import cache
from pathlib import Path

from airbrick.lint.contracts import ContractStore
from airbrick.lint.engine import Linter
from airbrick.lint.settings import Settings
from airbrick.lint.source import DecodeError, SourceFile

SEED = 8
SLICE = 60
WHOLE = os.environ.get("AIRBRICK_HYPOTHESIS") == "matrix"


@cache
def files() -> tuple[Path, ...]:
    """Airflow, everything it needs, and the standard library."""
    roots = {Path(sysconfig.get_path(name)) for name in ("purelib", "platlib", "stdlib")}
    found = sorted({path for root in roots for path in root.rglob("*.py")})
    return tuple(found if WHOLE else random.Random(SEED).sample(found, SLICE))


def python_reads(source: SourceFile) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(source.text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True


def test_no_file_crashes_the_linter_and_none_is_called_broken_that_is_not() -> None:
    linter = Linter(ContractStore(environ={}))
    settings = Settings(select=("ALL",))
    for path in files():
        data = path.read_bytes()
        try:
            source = SourceFile.from_bytes(data, path)
        except DecodeError:
            # Airflow's mark lets the file through the prefilter; what cannot be decoded is told.
            found = linter.lint_bytes(data + b"#airflow", path, settings).findings
            assert [finding.code for finding in found] == ["DBX901"], path
            continue
        codes = {finding.code for finding in linter.lint_source(source, settings).findings}
        assert "DBX900" not in codes, path
        assert ("DBX901" in codes) is not python_reads(source), path
