"""Fingerprints survive moved lines and tell findings from each other."""

import pytest
from tests.lint.workbench import Workbench, dag_file

from airbrick.lint.fingerprints import fingerprint

RUN = 'DatabricksRunNowOperator(task_id="t", job_id=1)'


def prints(bench: Workbench, body: str, code: str = "DBX201") -> list[str]:
    return [f.fingerprint for f in bench.findings(dag_file(body), code, {"select": [code]})]


def test_lines_layout_and_other_arguments_do_not_matter(bench: Workbench) -> None:
    (first,) = prints(bench, f'with DAG("d"):\n    {RUN}\n')
    assert prints(bench, f'import os\n\n\nwith DAG("d") as dag:\n    x = {RUN}\n') == [first]
    moved = RUN.replace("job_id=1", 'job_id=2, retries=3, job_parameters={\n        "a": "b"}')
    assert prints(bench, f'with DAG("d"):\n    {moved}\n') == [first]


def test_another_dag_task_class_or_rule_is_another_finding(bench: Workbench) -> None:
    bodies = [
        f'with DAG("d"):\n    {RUN}\n',
        f'with DAG("e"):\n    {RUN}\n',
        f'with DAG("d"):\n    {RUN.replace(chr(34) + "t" + chr(34), "u" and chr(34) + "u" + chr(34))}\n',
        f'with DAG("d"):\n    {RUN.replace("RunNow", "SubmitRun")}\n',
    ]
    found = [value for body in bodies for value in prints(bench, body)]
    assert len(found) == len(set(found)) == 4
    assert fingerprint("DBX201", "a") != fingerprint("DBX202", "a")
    assert fingerprint("DBX201", "a", "b") != fingerprint("DBX201", "ab")


def test_a_task_without_a_known_id_is_known_by_its_code(bench: Workbench) -> None:
    def body(call: str) -> str:
        return f'def f(name):\n    with DAG("d" + name):\n        {call}\n'

    unnamed = RUN.replace('"t"', "name")
    (first,) = prints(bench, body(unnamed))
    assert prints(bench, body(unnamed.replace(", ", ",   "))) == [first]
    assert prints(bench, body(unnamed.replace("job_id=1", "job_id=2"))) != [first]


def test_ids_are_told_with_the_finding(bench: Workbench) -> None:
    (found,) = bench.findings(dag_file(f'with DAG("d"):\n    {RUN}\n'), "DBX201")
    assert (found.dag_id, found.task_id) == ("d", "t")
    (found,) = bench.findings(dag_file(f'with DAG("d", schedule="@daily"):\n    {RUN}\n'), "DBX301")
    assert (found.dag_id, found.task_id) == ("d", "")


def test_what_the_engine_finds_by_itself_has_one_too(bench: Workbench) -> None:
    for code in ("x = (\n", 'x = """\n', "if x:\n\npass\n"):
        (first,) = bench.lint(f"import airflow\n{code}").findings
        (second,) = bench.lint(f"import airflow\nimport os\n{code}").findings
        assert first.fingerprint == second.fingerprint != ""


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('password = "{}"  # airbrick: ignore[DBX101] old', "DBX902"),
        ('password = "{}"  # airbrick: ignore[DBX501]', "DBX904"),
        ('password = "{}" (', "DBX901"),
        ('requests.post("https://x.example", json={{"password": "{}"}})', "DBX402"),
    ],
)
def test_no_fingerprint_could_tell_a_password(bench: Workbench, line: str, code: str) -> None:
    def known_by(password: str) -> list[str]:
        config = {"select": [code, "DBX501", "DBX101"], "require-suppression-reason": True}
        head = 'import requests\nwith DAG("d"):\n    pass\n'
        return [f.fingerprint for f in bench.findings(dag_file(f"{head}{line.format(password)}\n"), code, config)]

    found = known_by("hunter2!")
    assert len(found) == 1
    assert found == known_by("letmein7")
