from airbrick.operators.runs.statement import read_statement


def test_a_statement_is_read_with_its_rows() -> None:
    statement = read_statement(
        {
            "statement_id": "s",
            "status": {"state": "SUCCEEDED"},
            "manifest": {"schema": {"columns": [{"name": "id"}]}, "total_chunk_count": 2, "truncated": True},
            "result": {"data_array": [["1"], [None]]},
        }
    )
    assert statement.succeeded
    assert (statement.columns, statement.rows) == (("id",), (("1",), (None,)))
    assert (statement.chunks, statement.truncated) == (2, True)


def test_a_statement_whose_rows_are_gone_has_succeeded() -> None:
    statement = read_statement({"statement_id": "s", "status": {"state": "CLOSED"}})
    assert (statement.ended, statement.succeeded, statement.closed) == (True, True, True)


def test_a_state_that_is_not_known_is_an_end_without_success() -> None:
    statement = read_statement({"statement_id": "s", "status": {"state": "NEW"}})
    assert statement.ended
    assert not statement.succeeded
    assert not read_statement({"statement_id": "s", "status": {"state": "RUNNING"}}).ended
