"""DBX501: which texts are secrets, and that none is repeated."""

import json
from dataclasses import replace

import pytest
from tests.lint.test_secret_shapes import SECRETS
from tests.lint.workbench import Workbench, dag_file

from airbrick.lint.finding import Edit, Finding, Fix, Safety, Severity
from airbrick.lint.report.colours import Palette
from airbrick.lint.report.frames import frame
from airbrick.lint.report.report import Report, render
from airbrick.lint.result import FileResult, only
from airbrick.lint.source import Span

CODE = "DBX501"
TOKEN = SECRETS["a Databricks personal access token"]


def count(bench: Workbench, body: str) -> int:
    return len(bench.findings(dag_file(body), CODE))


@pytest.mark.parametrize("text", SECRETS.values())
def test_reports_secrets_by_their_shape(bench: Workbench, text: str) -> None:
    assert count(bench, f"x = {text!r}\n") == 1
    assert count(bench, f"call({{'header': {text!r}}})\n") == 1
    assert count(bench, f"x = f{text!r}\n") == 1


@pytest.mark.parametrize(
    "line",
    [
        'f(password="hunter2")',
        'f({"db_password": "S3cr3t!"})',
        'DB_PASSWORD = "S3cr3t!"',
        'DB_PASSWORD: str = "S3cr3t!"',
        'x["API_TOKEN"] = "9f8e7d6c5b4a39281706f5e4d3c2b1a0"',
        'self.password = "hunter2"',
        'f(password="s3cr3t-passw0rd")',
        'f("dbname=orders user=etl password=tiger1")',
        'f("jdbc:sqlserver://db;user=etl;password=tiger1;encrypt=true")',
        'f(aws_secret_access_key="wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY1")',
        'f(client_secret="8Qx~1aBcD2eFgH3iJkL4mNoP")',
    ],
)
def test_reports_secrets_by_their_name(bench: Workbench, line: str) -> None:
    assert count(bench, f"{line}\n") == 1


@pytest.mark.parametrize(
    "line",
    [
        'Secret(deploy_type="env", deploy_target="X", secret="airflow-sql-secret-1", key="sql_alchemy_conn")',
        'f(password="{{ conn.db.password }}")',
        'f(password=os.environ["PASSWORD"])',
        "f(password=conn.password)",
        'f(password="")',
        'f(password="secrets://scope/key1")',
        'f(password="<password>")',
        'f(password="xxxxxxxx")',
        'f(password="changeme")',
        'f(password="db-password-1")',
        'f(token="<token>")',
        'f(api_key_secret_name="prod-api-key-name-0001")',
        'f(secret_scope="kv1")',
        'f(access_control_list=[{"user_name": "ada@example.com"}])',
        'f(password="DB_PASSWORD_1")',
        'f(password="two words 1")',
        'f("user=etl password={{ conn.db.password }}")',
        'f(f"user=etl password={password}")',
        'f("user=etl password=<password>")',
        'f(task_key="load_orders_1")',
        'f(idempotency_token="123e4567-e89b-12d3-a456-426614174000")',
        'f(token="airflow.providers.databricks1")',
        'f(url="https://example.com/path?x=1")',
        '"""postgresql://airflow:airflow@db/orders"""',
        "# dapi0123456789abcdef0123456789abcdef",
        'f(url=f"postgresql://{user}:{password}@db/orders")',
    ],
)
def test_is_silent_about_names_and_references(bench: Workbench, line: str) -> None:
    assert count(bench, f"import os\n{line}\n") == 0


def test_default_args_named_dicts_and_splats(bench: Workbench) -> None:
    # The literal itself is reported, once, however often it is used.
    body = f'ARGS = {{"databricks_token": "{TOKEN}"}}\nwith DAG("d", default_args=ARGS, **ARGS):\n    f(**ARGS)\n'
    (finding,) = bench.findings(dag_file(body), CODE)
    assert finding.span.line == len(dag_file("").splitlines()) + 1
    assert count(bench, "from company import ARGS\nf(**ARGS)\n") == 0


def test_no_output_repeats_a_secret(bench: Workbench) -> None:
    text = dag_file(f'token = "{TOKEN}"\nf(password="hunter2")\n')
    result = bench.lint(text)
    findings = [f for f in result.findings if f.code == CODE]
    assert len(findings) == 2
    assert result.source is not None
    shown = [line for f in findings for line in frame(result.source, f.span, Palette(False))]  # noqa: FBT003
    told = json.dumps([f.message + f.help for f in findings]) + "\n".join(shown)
    assert TOKEN not in told
    assert "hunter2" not in told


KEY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"


@pytest.mark.parametrize(
    ("code", "secret"),
    [
        ('password = "hunt\'er2secretvalue"\n', "er2secretvalue"),
        ('token = """hunter3secretvalue"""\n', "hunter3secretvalue"),
        ('db_password = "***" "SECONDHALF9"\n', "SECONDHALF9"),
        ('x = """\n-----BEGIN PRIVATE KEY-----\n' + KEY + '\n-----END PRIVATE KEY-----\n"""\n', KEY),
        ('f"{user}"; password = f"{x}hunter4-{user}"\n', "hunter4"),
        ("password = \"日本\\n\" 'hunter5x'\n", "hunter5x"),
        ('DSN = """\nhost=db\npassword=hunter6x\n"""\n', "hunter6x"),
    ],
)
@pytest.mark.parametrize("form", ["full", "json", "sarif", "rdjson", "grouped", "github", "gitlab", "junit"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_no_format_repeats_a_secret_however_it_is_written(
    bench: Workbench, code: str, secret: str, form: str, newline: str
) -> None:
    # The call beside it has a finding of its own, whose frame shows the lines around it as well.
    body = f'with DAG("d"):\n    DatabricksRunNowOperator(task_id="t", job_id=1)\n{code}'
    result = bench.lint(dag_file(body).replace("\n", newline), {"select": ["DBX201", "DBX802", CODE]})
    assert {finding.code for finding in result.findings} >= {"DBX201", CODE}
    assert result.source is not None
    shown = render(Report([result]), form)
    assert secret not in shown
    alone = tuple(finding for finding in result.findings if finding.code != CODE)
    assert secret not in render(Report([only(result, alone)]), form)


def test_a_fix_that_would_repeat_a_secret_is_not_written_into_a_report(bench: Workbench) -> None:
    source = bench.lint(dag_file('password = "hunter2!x"\n')).source
    assert source is not None
    edits = (Edit(0, 0, 'connect("hunter2!x")'),)
    finding = Finding(
        "DBX402", "n", Severity.ERROR, source.path, Span(1, 1, 1, 2), "m", fix=Fix("d", Safety.SAFE, edits)
    )
    for form in ("json", "sarif", "rdjson"):
        assert "hunter2" not in render(Report([FileResult(source.path, (finding,), source)]), form)
    harmless = replace(finding, fix=Fix("d", Safety.SAFE, (Edit(0, 0, "connect()"),)))
    assert "connect()" in render(Report([FileResult(source.path, (harmless,), source)]), "json")


def test_an_idempotency_token_is_shown_and_so_is_the_fix_that_writes_it(bench: Workbench) -> None:
    body = """\
with DAG("d", default_args={"retries": 2}):
    DatabricksRunNowOperator(task_id="t", job_id=1)
    DatabricksRunNowOperator(task_id="u", job_id=1, idempotency_token="of {{ run_id }}")
"""
    result = bench.lint(dag_file(body), {"select": ["DBX602", "DBX802"]})
    shown = render(Report([result]), "json")
    assert [finding["fix"] is None for finding in json.loads(shown) if finding["code"] == "DBX602"] == [False]
    assert "of {{ run_id }}" in render(Report([result], width=140), "full")


def test_suppressed(bench: Workbench) -> None:
    assert count(bench, f'x = "{TOKEN}"  # airbrick: ignore[DBX501] revoked\n') == 0
