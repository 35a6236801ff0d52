"""What the tests of the linter share."""

from pathlib import Path

import pytest
from tests.lint.workbench import Workbench


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return Workbench(tmp_path)
