import csv
import json
import unicodedata
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stacks import expected, notebook

CLEAN = notebook.load("clean_orders.py")


def read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("1,234.50", 123450),
        ("1,234,567.8", 123456780),
        ("€ 20", 2000),
        ("20 €", 2000),
        ("\u00a07.05\u00a0", 705),
        ("-5.00", -500),
        ("0", 0),
        ("1234567890123456789.99", 123456789012345678999),
    ],
)
def test_reads_amounts_exactly(text: str, cents: int) -> None:
    assert CLEAN.read_amount(text) * 100 == cents


ARABIC_DIGITS = "\u0663\u0664.\u0665\u0660"


@pytest.mark.parametrize(
    "text", ["12,50", "1.234,50", "1,23,456.00", "1e3", "NaN", ARABIC_DIGITS, "--5", "1.234", ",5", "5.", "Infinity"]
)
def test_refuses_amounts_with_two_readings(text: str) -> None:
    with pytest.raises(CLEAN.RejectedError, match="bad_amount"):
        CLEAN.read_amount(text)


@pytest.mark.parametrize("text", ["", "  ", "€", "\u00a0"])
def test_an_empty_amount_is_missing(text: str) -> None:
    with pytest.raises(CLEAN.RejectedError, match="missing_amount"):
        CLEAN.read_amount(text)


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_every_amount_survives_grouping(cents: int) -> None:
    sign = "-" if cents < 0 else ""
    text = f"{sign}{abs(cents) // 100:,}.{abs(cents) % 100:02}"
    assert CLEAN.read_amount(text) == Decimal(cents) / 100


@given(st.text(max_size=12))
def test_any_text_is_an_amount_or_a_rejection(text: str) -> None:
    _, rejections = CLEAN.clean([row("1", text)])
    assert {rejection.reason for rejection in rejections} <= {"missing_amount", "bad_amount"}


@pytest.mark.parametrize(
    "text", ["2026-01-15", " 15/01/2026 ", "15.01.2026", "2026-01-15T23:59:59", "2026-01-15T00:00:00Z"]
)
def test_reads_every_shop_s_dates(text: str) -> None:
    assert CLEAN.read_date(text) == date(2026, 1, 15)


@pytest.mark.parametrize("text", ["", "2026-02-30", "31/02/2026", "2026/01/15", "yesterday", "01/15/2026"])
def test_refuses_days_that_do_not_exist(text: str) -> None:
    with pytest.raises(CLEAN.RejectedError, match="bad_date"):
        CLEAN.read_date(text)


def test_one_customer_has_one_spelling() -> None:
    composed, taken_apart = "Zoë Müller", unicodedata.normalize("NFD", "Zoë  Müller ")
    assert composed != taken_apart
    assert CLEAN.read_customer(taken_apart) == CLEAN.read_customer(composed) == composed


def row(order_id: str, amount: str) -> dict[str, str | None]:
    return {"order_id": order_id, "customer": "李小龍", "order_date": "2026-01-15", "amount": amount}


def test_the_last_valid_line_of_an_order_wins() -> None:
    orders, rejections = CLEAN.clean([row("1", "5"), row("2", "7"), row("1", "6"), row("1", "unknown")])
    assert [(order.order_id, str(order.amount)) for order in orders] == [("1", "6.00"), ("2", "7.00")]
    assert rejections == [(2, "1", "replaced_by_later_line"), (5, "1", "bad_amount")]


@given(st.lists(st.tuples(st.sampled_from(["1", "2", "3", ""]), st.sampled_from(["5", "x", ""]))))
def test_every_line_is_kept_or_rejected(lines: list[tuple[str, str]]) -> None:
    orders, rejections = CLEAN.clean([row(*line) for line in lines])
    assert len(orders) + len(rejections) == len(lines)
    assert len({order.order_id for order in orders}) == len(orders)


def test_cleans_the_example_file(tmp_path: Path) -> None:
    (tmp_path / "raw_orders.csv").write_bytes(expected.RAW_ORDERS.read_bytes())
    result = json.loads(
        notebook.run("clean_orders.py", raw_orders=str(tmp_path / "raw_orders.csv"), data_dir=str(tmp_path))
    )
    rejected = read(tmp_path / "rejected_orders.csv")
    assert result == {
        "orders": 170,
        "rejected": {
            "bad_amount": 9,
            "bad_date": 10,
            "missing_amount": 2,
            "missing_customer": 1,
            "missing_order_id": 1,
            "replaced_by_later_line": 11,
        },
    }
    assert len(read(tmp_path / "clean_orders.csv")) == 1 + 170
    assert len(rejected) == 1 + sum(result["rejected"].values())
    assert b"\r" not in (tmp_path / "clean_orders.csv").read_bytes()


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    (tmp_path / "raw_orders.csv").write_text("order_id,customer\n1,x\n", encoding="utf-8")
    with pytest.raises(ValueError, match="column missing: amount, order_date"):
        notebook.run("clean_orders.py", raw_orders=str(tmp_path / "raw_orders.csv"), data_dir=str(tmp_path))


def test_an_empty_file_has_no_columns(tmp_path: Path) -> None:
    (tmp_path / "raw_orders.csv").touch()
    with pytest.raises(ValueError, match="column missing"):
        notebook.run("clean_orders.py", raw_orders=str(tmp_path / "raw_orders.csv"), data_dir=str(tmp_path))


def test_a_header_alone_is_no_orders(tmp_path: Path) -> None:
    (tmp_path / "raw_orders.csv").write_text("order_id,customer,order_date,amount\n", encoding="utf-8")
    assert json.loads(
        notebook.run("clean_orders.py", raw_orders=str(tmp_path / "raw_orders.csv"), data_dir=str(tmp_path))
    ) == {"orders": 0, "rejected": {}}
