"""``disable`` and ``enable``, and reasons."""

import pytest
from tests.lint.workbench import Workbench, dag_file

RUN = '    DatabricksRunNowOperator(task_id="t", job_id=1)\n'
OFF = "    # airbrick: disable[DBX201] old code\n"
ON = "    # airbrick: enable[DBX201]\n"
ONLY = {"select": ["DBX201", "DBX9"]}


def found(bench: Workbench, *parts: str, **config: object) -> list[tuple[int, str]]:
    text = 'with DAG("d"):\n' + "".join(parts)
    start = dag_file("").count("\n")
    return [(f.span.line - start, f.code) for f in bench.lint(dag_file(text), {**ONLY, **config}).findings]


def test_a_range_is_silent_from_disable_to_enable(bench: Workbench) -> None:
    assert found(bench, RUN, OFF, RUN, RUN, ON, RUN) == [(2, "DBX201"), (7, "DBX201")]


def test_a_range_without_an_end_goes_on_to_the_end_of_the_file(bench: Workbench) -> None:
    assert found(bench, RUN, OFF, RUN, RUN) == [(2, "DBX201")]


def test_names_and_codes_end_each_other(bench: Workbench) -> None:
    assert found(bench, OFF, RUN, ON.replace("DBX201", "missing-deferrable"), RUN) == [(5, "DBX201")]


def test_a_range_starts_again(bench: Workbench) -> None:
    assert found(bench, OFF, RUN, ON, RUN, OFF, RUN, ON, RUN) == [(5, "DBX201"), (9, "DBX201")]


def test_a_range_that_suppresses_nothing_is_reported_with_a_fix(bench: Workbench) -> None:
    text = dag_file(f'with DAG("d"):\n{OFF}{ON}{RUN}')
    result = bench.lint(text, ONLY)
    assert [(f.code, f.message) for f in result.findings] == [
        ("DBX902", "DBX201 suppresses nothing here"),
        ("DBX201", "DatabricksRunNowOperator is not deferrable: it holds a worker slot until the run ends"),
    ]
    fixed = bench.fix(text, unsafe=False, config=ONLY)
    # Once nothing is disabled, there is nothing to enable either.
    assert fixed.after == text.replace(OFF, "").replace(ON, "")


def test_enable_without_disable_is_reported(bench: Workbench) -> None:
    (first,) = bench.lint(dag_file(f'with DAG("d"):\n{ON}    pass\n'), ONLY).findings
    assert first.message == "DBX201 is not disabled here"


@pytest.mark.parametrize(
    ("comment", "reported"),
    [
        ("# airbrick: ignore[DBX201]", True),
        ("# airbrick: ignore[DBX201] -", True),
        ("# airbrick: ignore[DBX201] the triggerer comes in May", False),
        ("# airbrick: ignore[DBX201]: wartet auf den Umzug", False),
        ("# noqa: DBX201", True),
        ("# noqa: DBX201 - no triggerer yet", False),
        ("# noqa: E501", False),
    ],
)
def test_reasons_are_asked_for_where_the_configuration_wants_them(
    bench: Workbench, comment: str, reported: bool
) -> None:
    line = f"{RUN.rstrip()}  {comment}\n"
    assert ((2, "DBX904") in found(bench, line, **{"require-suppression-reason": True})) is reported
    assert "DBX904" not in [code for _, code in found(bench, line)]


def test_a_comment_that_suppresses_nothing_needs_no_reason(bench: Workbench) -> None:
    comment = "    pass  # airbrick: ignore[DBX201]\n"
    assert found(bench, comment, **{"require-suppression-reason": True}) == [(2, "DBX902")]
