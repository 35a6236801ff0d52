"""DBX405: which imports are heavy, and moving them."""

import pytest
from tests.lint.workbench import Workbench

CODE = "DBX405"
ONLY = {"select": [CODE]}
HEAD = "from airflow.sdk import DAG, task\n"
DAG = 'with DAG("d"):\n    @task\n    def f():\n        """Work."""\n        return USE\n    f()\n'


def count(bench: Workbench, text: str) -> int:
    return len(bench.findings(text, CODE))


@pytest.mark.parametrize(
    "line",
    [
        "import pandas as pd",
        "import numpy",
        "from pyspark.sql import SparkSession",
        "import torch.nn as nn",
        "import os, pandas",
        "try:\n    import polars\nexcept ImportError:\n    polars = None",
        "if os.environ.get('X'):\n    import pandas",
    ],
)
def test_reports_heavy_imports(bench: Workbench, line: str) -> None:
    assert count(bench, f"{HEAD}{line}\n{DAG}") == 1


@pytest.mark.parametrize(
    "line",
    [
        "import json",
        "from . import pandas",
        "from company.pandas import x",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import pandas",
        "import typing\nif typing.TYPE_CHECKING:\n    import pandas",
        "if __name__ == '__main__':\n    import pandas",
        "def g():\n    import pandas",
        "from company import *\ncall(**ARGS)",
    ],
)
def test_is_silent_about_light_and_late_imports(bench: Workbench, line: str) -> None:
    assert count(bench, f"{HEAD}{line}\n{DAG}") == 0


def test_a_file_without_dags_is_not_judged(bench: Workbench) -> None:
    assert count(bench, "import airflow\nimport pandas\n") == 0


def test_callables_and_default_args_do_not_matter(bench: Workbench) -> None:
    text = f'{HEAD}import pandas\nARGS = {{"retries": 1}}\nwith DAG("d", default_args=ARGS, **ARGS):\n    pass\n'
    assert count(bench, text) == 1


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_fix_moves_an_import_to_its_only_user(bench: Workbench, newline: str) -> None:
    before = f"{HEAD}import pandas as pd\nimport os  # ünï\n\n{DAG.replace('USE', 'pd.Timestamp(pd.NaT)')}"
    after = before.replace("import pandas as pd\n", "", 1).replace('"""\n', '"""\n        import pandas as pd\n')
    fixed = bench.fix(before.replace("\n", newline), config=ONLY)
    assert fixed.after == after.replace("\n", newline)
    assert not bench.fix(fixed.after, config=ONLY).changed
    assert not bench.fix(before, unsafe=False, config=ONLY).changed


@pytest.mark.parametrize(
    ("line", "body"),
    [
        ("import pandas as pd", DAG.replace("USE", "1")),
        ("import pandas as pd\nx = pd.NaT", DAG.replace("USE", "pd.NaT")),
        ("import pandas as pd", DAG.replace("USE", "pd.NaT").replace("f()", "f(a: pd.DataFrame = None)", 1)),
        ("import pandas as pd  # needed", DAG.replace("USE", "pd.NaT")),
        ("import pandas as pd; import os", DAG.replace("USE", "pd.NaT")),
        ("import pandas, os", DAG.replace("USE", "pandas.NaT")),
        ("import torch.nn", DAG.replace("USE", "torch.nn.X")),
        ("import pandas as pd", 'with DAG("d"):\n    x = pd.NaT\n'),
        ("import pandas as pd", 'with DAG("d"):\n    @task\n    def f(): return pd.NaT\n'),
        ("if True:\n    import pandas as pd", DAG.replace("USE", "pd.NaT")),
    ],
)
def test_what_cannot_be_moved_surely_is_left(bench: Workbench, line: str, body: str) -> None:
    text = f"{HEAD}{line}\n{body}"
    assert count(bench, text) == 1
    assert not bench.fix(text, config=ONLY).changed


def test_suppressed(bench: Workbench) -> None:
    assert count(bench, f"{HEAD}import pandas  # airbrick: ignore[DBX405]\n{DAG}") == 0
