"""The table of the matrix is sound."""

from tests.operators.chaos.cells import CELLS, chosen


def test_no_two_rows_share_a_name_or_a_job() -> None:
    assert len({cell.name for cell in CELLS}) == len({cell.key for cell in CELLS}) == len(CELLS)


def test_the_ordinary_tests_run_one_row_of_each_kind_that_one_machine_has() -> None:
    kinds = [cell.kind for cell in chosen("")]
    assert sorted(kinds) == sorted({cell.kind for cell in CELLS if not cell.cluster})
