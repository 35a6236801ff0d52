"""DBX201: the fix that makes an operator deferrable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.lint.workbench import Workbench, dag_file

from airbrick.lint.edits import apply
from airbrick.lint.engine import lint_text
from airbrick.lint.finding import Edit

CODE = "DBX201"
ADDED = "        deferrable=True,\n"
SUBCLASS = """\
class Mine(DatabricksRunNowOperator):
    def __init__(self, task_id):
        super().__init__(task_id=task_id)
"""
PARTIAL = "from functools import partial\nmake = partial(DatabricksRunNowOperator, job_id=1)\n"
RUN = 'DatabricksRunNowOperator(task_id="t", job_id=1'


def fixed(bench: Workbench, body: str) -> str:
    result = bench.fix(dag_file(body), config={"select": [CODE]})
    return result.after.removeprefix(dag_file(""))


def in_dag(line: str, arguments: str = "") -> str:
    return f'with DAG("d"{arguments}):\n    {line}\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"{RUN})", f"{RUN}, deferrable=True)"),
        (f"{RUN},)", f"{RUN}, deferrable=True,)"),
        (f"{RUN} )", f"{RUN}, deferrable=True )"),
        (
            'DatabricksRunNowOperator(\n        task_id="t",\n        job_id=1,\n    )',
            'DatabricksRunNowOperator(\n        task_id="t",\n        job_id=1,\n        deferrable=True,\n    )',
        ),
        (
            'DatabricksRunNowOperator(\n        task_id="t",\n        job_id=1  # one\n    )',
            'DatabricksRunNowOperator(\n        task_id="t",\n        job_id=1,  # one\n        deferrable=True\n    )',
        ),
        (
            'DatabricksRunNowOperator(\n        task_id="t",\n        job_id=1,  # a, b) #\n        # z\n    )',
            f'DatabricksRunNowOperator(\n        task_id="t",\n        job_id=1,  # a, b) #\n        # z\n{ADDED}    )',
        ),
        (
            'DatabricksRunNowOperator(task_id="t",\n                             job_id=1)',
            'DatabricksRunNowOperator(task_id="t",\n                             job_id=1, deferrable=True)',
        ),
        (
            'DatabricksRunNowOperator(task_id="t", job_id=(1),\n    )',
            'DatabricksRunNowOperator(task_id="t", job_id=(1), deferrable=True,\n    )',
        ),
        (
            'DatabricksRunNowOperator(\n        task_id="t", job_id=((1))\n    )',
            'DatabricksRunNowOperator(\n        task_id="t", job_id=((1)), deferrable=True\n    )',
        ),
        (
            'DatabricksRunNowOperator(\n\t\ttask_id="t",\n\t\tjob_id=1,\n\t)',
            'DatabricksRunNowOperator(\n\t\ttask_id="t",\n\t\tjob_id=1,\n\t\tdeferrable=True,\n\t)',
        ),
        (
            'DatabricksRunNowOperator.partial(task_id="t", job_id=1).expand(notebook_params=[{}])',
            'DatabricksRunNowOperator.partial(task_id="t", job_id=1, deferrable=True).expand(notebook_params=[{}])',
        ),
        (
            'DatabricksRunNowOperator(\n        **{"task_id": "t"},\n        **{"job_id": 1},\n    )',
            f'DatabricksRunNowOperator(\n        **{{"task_id": "t"}},\n        **{{"job_id": 1}},\n{ADDED}    )',
        ),
        (f"{RUN}, doc='ünï ✓')", f"{RUN}, doc='ünï ✓', deferrable=True)"),
        ("DatabricksRunNowOperator()", "DatabricksRunNowOperator(deferrable=True)"),
        (f"({RUN}))", f"({RUN}, deferrable=True))"),
        (f"x = {RUN}); y = {RUN})", f"x = {RUN}, deferrable=True); y = {RUN}, deferrable=True)"),
    ],
)
def test_the_fix_keeps_the_layout_of_the_call(bench: Workbench, before: str, after: str) -> None:
    assert fixed(bench, in_dag(before)) == in_dag(after)


def test_the_fix_is_unsafe(bench: Workbench) -> None:
    assert not bench.fix(dag_file(in_dag(f"{RUN})")), unsafe=False).changed


def test_the_fix_is_idempotent(bench: Workbench) -> None:
    once = bench.fix(dag_file(in_dag(f"{RUN})"))).after
    assert not bench.fix(once).changed


@pytest.mark.parametrize(
    "body",
    [
        # The other caller passes the argument through: adding it to the call would give it twice.
        f'with DAG("d"):\n    def make(**kw):\n        return {RUN}, **kw)\n    make()\n    make(deferrable=True)\n',
        f'{SUBCLASS}with DAG("d"):\n    Mine(task_id="t")\n',
    ],
)
def test_no_fix_where_it_could_break_the_call(bench: Workbench, body: str) -> None:
    assert len(bench.findings(dag_file(body), CODE)) == 1
    assert fixed(bench, body) == body


def test_newlines_of_the_file_are_kept(bench: Workbench) -> None:
    body = in_dag('DatabricksRunNowOperator(\n        task_id="t",\n        job_id=1,\n    )')
    text = dag_file(body).replace("\n", "\r\n")
    after = bench.fix(text, config={"select": [CODE]}).after
    assert after.replace("\r\n", "").count("\n") == 0
    assert "\r\n        deferrable=True,\r\n" in after


SPACES = st.text(alphabet=" \t", max_size=3)
VALUES = st.sampled_from(
    ['"t"', "(1)", "f(')')", "[1, 2]", "'#'", '"""a\nb"""', "{'a': (1,)}", "lambda: (yield)", "'é✓'"]
)


@given(
    values=st.lists(VALUES, min_size=1, max_size=4),
    gaps=st.lists(st.sampled_from(["", " ", "\n        ", "  # note, (\n        ", "\n\n\t"]), min_size=6, max_size=6),
    comma=st.booleans(),
    newline=st.sampled_from(["\n", "\r\n"]),
)
def test_the_fix_only_adds_the_argument(values: list[str], gaps: list[str], comma: bool, newline: str) -> None:
    parts = [f"{gaps[i]}a{i}={value}" for i, value in enumerate(values)]
    call = f"DatabricksRunNowOperator({','.join(parts)}{gaps[4]}{',' if comma else ''}{gaps[5]})"
    text = dag_file(in_dag(call)).replace("\n", newline)
    (finding,) = [f for f in lint_text(text).findings if f.code == CODE]
    assert finding.fix is not None
    after = apply(text, finding.fix.edits)
    assert [f for f in lint_text(after).findings if f.code == CODE] == []
    assert without_insertions(after, finding.fix.edits) == text
    assert "".join(edit.text for edit in finding.fix.edits).strip(" ,\t\r\n") == "deferrable=True"


def without_insertions(after: str, edits: tuple[Edit, ...]) -> str:
    kept: list[str] = []
    position = shift = 0
    for edit in sorted(edits, key=lambda e: e.start):
        assert edit.start == edit.end
        kept.append(after[position : edit.start + shift])
        position = edit.start + shift + len(edit.text)
        shift += len(edit.text)
    return "".join(kept) + after[position:]
