"""Comments that suppress findings, and those that suppress nothing."""

import pytest
from tests.lint.workbench import Workbench, dag_file

RUN = "DatabricksRunNowOperator"
OWN = "# airbrick: ignore[DBX201]"


def codes(bench: Workbench, body: str) -> list[str]:
    return bench.codes(dag_file(body))


@pytest.mark.parametrize(
    "comment",
    [
        "# airbrick: ignore[DBX201]",
        "# airbrick: ignore[DBX201] reason, with (signs) # and more",
        "#airbrick:ignore[dbx201]",
        "# airbrick: ignore[missing-deferrable]",
        "# airbrick: ignore[DBX201, DBX201]",
        "# type: ignore  # airbrick: ignore[DBX201]",
        "# noqa: DBX201",
        "# NOQA: DBX201",
        "# noqa:DBX201,E501",
        "# noqa: E501 DBX201",
    ],
)
def test_suppresses(bench: Workbench, comment: str) -> None:
    assert codes(bench, f'with DAG("d"):\n    {RUN}(task_id="t", job_id=1)  {comment}\n') == []


@pytest.mark.parametrize("comment", ["# noqa", "# noqa: E501", "# airbrick ignore", "# ignore[DBX201]"])
def test_does_not_suppress(bench: Workbench, comment: str) -> None:
    assert codes(bench, f'with DAG("d"):\n    {RUN}(task_id="t", job_id=1)  {comment}\n') == ["DBX201"]


@pytest.mark.parametrize(
    "comment", ["# airbrick: ignore", "# airbrick: ignore[]", "# airbrick: ignore[DBX999]", "# noqa: DBX999"]
)
def test_a_comment_that_names_no_rule_is_reported(bench: Workbench, comment: str) -> None:
    assert codes(bench, f'with DAG("d"):\n    {RUN}(task_id="t", job_id=1)  {comment}\n') == ["DBX201", "DBX902"]


@pytest.mark.parametrize("line", [1, 2, 5])
def test_works_on_the_first_the_reported_and_the_last_line(bench: Workbench, line: int) -> None:
    lines = ["    x = (", f"        {RUN}(", '            task_id="t",', "            job_id=1,", "        ))"]
    lines[line - 1] += f"  {OWN}"
    assert codes(bench, 'with DAG("d"):\n' + "\n".join(lines) + "\n") == []


@pytest.mark.parametrize("line", [3, 4])
def test_does_not_work_on_other_lines_of_the_statement(bench: Workbench, line: int) -> None:
    lines = ["    x = (", f"        {RUN}(", '            task_id="t",', "            job_id=1,", "        ))"]
    lines[line - 1] += f"  {OWN}"
    assert codes(bench, 'with DAG("d"):\n' + "\n".join(lines) + "\n") == ["DBX201", "DBX902"]


def test_on_a_line_of_its_own_it_speaks_for_the_next_logical_line(bench: Workbench) -> None:
    call = f'    x = (\n        {RUN}(task_id="t", job_id=1)\n    )\n'
    assert codes(bench, f'with DAG("d"):\n    {OWN}\n{call}') == []
    assert codes(bench, f'with DAG("d"):\n    {OWN}\n\n    # something else\n{call}') == []
    assert codes(bench, f'with DAG("d"):\n    {OWN}\n    y = 1\n{call}') == ["DBX902", "DBX201"]
    assert codes(bench, f'with DAG("d"):\n{call}    {OWN}\n') == ["DBX201", "DBX902"]


def test_within_a_statement_it_speaks_for_the_line_below(bench: Workbench) -> None:
    calls = "".join(f'        {RUN}(task_id="{name}", job_id=1),\n' for name in "tu")
    body = f'with DAG("d"):\n    x = [\n        {OWN}\n{calls}    ]\n'
    (finding,) = bench.findings(dag_file(body))
    assert '"u"' in dag_file(body).splitlines()[finding.span.line - 1]


def test_before_a_block_it_speaks_for_the_header_only(bench: Workbench) -> None:
    body = f"""\
# airbrick: ignore[DBX301, DBX201]
with DAG(
    "d",
    schedule="@daily",
):
    {RUN}(task_id="t", job_id=1)
"""
    # DBX301 stands in the header; DBX201 does not.
    assert codes(bench, body) == ["DBX902", "DBX201"]


def test_before_a_decorated_function_it_speaks_for_the_decorators(bench: Workbench) -> None:
    decorated = '@dag(\n    schedule="@daily",\n)\ndef d():\n    RunNowOperator(task_id="t", job="j")\nd()\n'
    body = f"# airbrick: ignore[DBX301]\n{decorated}"
    assert codes(bench, body) == []


@pytest.mark.parametrize("where", ["first", "last"])
def test_for_the_whole_file(bench: Workbench, where: str) -> None:
    body = f'with DAG("d", schedule="@daily"):\n    {RUN}(task_id="t", job_id=1)\n    {RUN}(task_id="u", job_id=1)\n'
    comment = "# airbrick: file-ignore[DBX201] waits are short\n"
    assert codes(bench, comment + body if where == "first" else body + comment) == ["DBX301"]


def test_text_that_looks_like_a_comment_is_none(bench: Workbench) -> None:
    body = f'with DAG("d"):\n    {RUN}(task_id="# airbrick: ignore[DBX201]", job_id=1)\n'
    assert codes(bench, body) == ["DBX201"]


@pytest.mark.parametrize(
    "argument",
    [
        'task_id="# airbrick: ignore[DBX201]", job_id=1',
        'task_id=f"# airbrick: ignore[DBX201] {1}", job_id=1',
        'task_id="a" "# airbrick: ignore[DBX201]", job_id=1',
        "task_id=QQQ\n# airbrick: ignore[DBX201]\nQQQ, job_id=1",
        "task_id='\\'# airbrick: ignore[DBX201]', job_id=1",
        "task_id=fQQQ{1}\n  # airbrick: ignore[DBX201]\nQQQ, job_id=1",
    ],
)
def test_text_within_strings_is_no_comment(bench: Workbench, argument: str) -> None:
    call = argument.replace("QQQ", '"' * 3)
    assert codes(bench, f'with DAG("d"):\n    {RUN}({call})\n') == ["DBX201"]


@pytest.mark.parametrize(
    "call",
    [
        f'{RUN}(  {OWN}\n        task_id="a"\n        "b", job_id=1)',
        f'{RUN}(task_id="a"  {OWN}\n        "b", job_id=1)',
        f'{RUN}(task_id=f"a{{1}}"  {OWN}\n        f"#b", job_id=1)',
        f'{RUN}(task_id="#", doc=QQQ\n#\nQQQ, job_id=1)  {OWN}',
        f"{RUN}(task_id='it\\'s #1', job_id=1)  {OWN}",
    ],
)
def test_comments_between_and_after_strings_count(bench: Workbench, call: str) -> None:
    text = call.replace("QQQ", '"' * 3)
    assert codes(bench, f'with DAG("d"):\n    {text}\n') == []


def test_long_files_with_many_strings_are_read(bench: Workbench) -> None:
    long = "# airbrick: ignore[DBX1]\n" * 50_000
    text = "import airflow\n" + "x = '# noqa: DBX201'\n" * 5_000 + f"y = '''{long}'''\n"
    assert bench.codes(text) == []


def test_a_syntax_error_can_be_suppressed_for_the_file(bench: Workbench) -> None:
    text = "# airbrick: file-ignore[DBX901]\nimport airflow\nx = (\n"
    assert bench.codes(text) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"x = 1  {OWN}\n", "x = 1\n"),
        (f"x = 1{OWN} some reason\n", "x = 1\n"),
        (f"if 1:\n    {OWN}\n    x = 1\n", "if 1:\n    x = 1\n"),
        (f"x = 1  {OWN}", "x = 1"),
        ("x = 1  # noqa: DBX201\n", "x = 1\n"),
        ("# airbrick: file-ignore[DBX201]\nx = 1\n", "x = 1\n"),
        (f"x = 'ü'  {OWN}\r\ny = 1\r\n", "x = 'ü'\r\ny = 1\r\n"),
    ],
)
def test_the_safe_fix_removes_a_comment_that_suppresses_nothing(bench: Workbench, before: str, after: str) -> None:
    head = "import airflow\n"
    assert bench.fix(head + before, unsafe=False).after == head + after


@pytest.mark.parametrize(
    "line",
    [
        "x = 1  # airbrick: ignore[DBX201]  # type: ignore",
        "x = 1  # noqa: DBX201, E501",
        "x = 1  # see noqa: DBX201 below",
    ],
)
def test_comments_that_say_more_are_left_for_people(bench: Workbench, line: str) -> None:
    text = f"import airflow\n{line}\n"
    assert bench.codes(text) == ["DBX902"]
    assert not bench.fix(text).changed


def test_rules_that_are_off_make_no_comment_unused(bench: Workbench) -> None:
    text = f"import airflow\nx = 1  {OWN}\n"
    assert bench.codes(text, {"ignore": ["DBX201"]}) == []
    assert bench.codes(text, {"ignore": ["DBX902"]}) == []


def test_an_unused_suppression_can_itself_be_suppressed(bench: Workbench) -> None:
    assert bench.codes("import airflow\nx = 1  # airbrick: ignore[DBX201, DBX902]\n") == []


def test_a_used_comment_is_not_removed(bench: Workbench) -> None:
    text = dag_file(f'with DAG("d"):\n    {RUN}(task_id="t", job_id=1)  {OWN}\n')
    assert not bench.fix(text).changed
