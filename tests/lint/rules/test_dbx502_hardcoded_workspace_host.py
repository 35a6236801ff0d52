"""DBX502: which texts are addresses of workspaces."""

import pytest
from tests.lint.workbench import Workbench, dag_file

CODE = "DBX502"


def count(bench: Workbench, body: str) -> int:
    return len(bench.findings(dag_file(body), CODE))


@pytest.mark.parametrize(
    "text",
    [
        '"https://adb-1234567890123456.7.azuredatabricks.net"',
        '"adb-1234567890123456.7.azuredatabricks.net"',
        '"https://dbc-a1b2c3d4-e5f6.cloud.databricks.com/?o=123"',
        '"https://my-company.cloud.databricks.com/api/2.1/jobs/list"',
        '"https://1234567890.1.gcp.databricks.com"',
        '"https://westeurope.azuredatabricks.net"',
        'f"https://my-company.cloud.databricks.com/{path}"',
        '"sql/protocolv1/o/1234567890123456/0201-093012-abcd1234"',
    ],
)
def test_reports_addresses(bench: Workbench, text: str) -> None:
    assert count(bench, f"HOST = {text}\n") == 1
    assert count(bench, f"ARGS = {{'host': {text}}}\nwith DAG('d', default_args=ARGS):\n    f(**ARGS)\n") == 1


@pytest.mark.parametrize(
    "line",
    [
        'HOST = "https://<workspace>.cloud.databricks.com"',
        'HOST = f"https://{host}.cloud.databricks.com"',
        'HOST = "https://{{ conn.databricks.host }}"',
        'HOST = os.environ["HOST"]',
        'URL = "https://accounts.cloud.databricks.com"',
        'URL = "https://docs.databricks.com/jobs"',
        'NAME = "databricks.com"',
        'URL = "https://example.com/adb.html"',
        'DAG("d", doc_md="see https://adb-1234567890123456.7.azuredatabricks.net")',
        '"""https://adb-1234567890123456.7.azuredatabricks.net"""',
        "# https://adb-1234567890123456.7.azuredatabricks.net",
        'PATH = "sql/protocolv1/o/0/0201-093012-abcd1234"',
        "f(**company.ARGS)",
    ],
)
def test_is_silent_about_others(bench: Workbench, line: str) -> None:
    assert count(bench, f"import os\nimport company\n{line}\n") == 0


def test_suppressed(bench: Workbench) -> None:
    assert count(bench, 'H = "https://my-company.cloud.databricks.com"  # noqa: DBX502\n') == 0
