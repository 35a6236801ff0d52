import csv
import json
from pathlib import Path

import pytest
from tests.stacks import expected, notebook

HAND_MADE = """\
order_id,customer,order_date,amount
A,Zoë,2026-01-15,"1,000.10"
B,Zoë,15/01/2026,0.20
C,李小龍,2026-01-15,-7.00
D,Zoë,2026-01-14,99.00
E,Ömer,2026-01-15,€ 7.30
A,Zoë,2026-01-15,"1,000.40"
F,Nobody,2026-01-15,twelve
"""


def run_both(folder: Path, run_date: str) -> dict[str, object]:
    notebook.run("clean_orders.py", raw_orders=str(folder / "raw_orders.csv"), data_dir=str(folder))
    result: dict[str, object] = json.loads(notebook.run("aggregate_orders.py", data_dir=str(folder), run_date=run_date))
    return result


def totals_file(folder: Path, run_date: str) -> list[tuple[str, ...]]:
    with (folder / "daily_totals" / f"{run_date}.csv").open(encoding="utf-8", newline="") as file:
        return [tuple(row) for row in csv.reader(file)]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "raw_orders.csv").write_bytes(expected.RAW_ORDERS.read_bytes())
    return tmp_path


def test_totals_a_day_counted_by_hand(tmp_path: Path) -> None:
    (tmp_path / "raw_orders.csv").write_text(HAND_MADE, encoding="utf-8")
    assert run_both(tmp_path, "2026-01-15") == {
        "run_date": "2026-01-15",
        "customers": 3,
        "orders": 4,
        "amount": "1000.90",
        "best_customer": "Zoë",
        "result_file": str(tmp_path / "daily_totals" / "2026-01-15.csv"),
    }
    assert totals_file(tmp_path, "2026-01-15")[1:] == [
        ("2026-01-15", "Zoë", "2", "1000.60"),
        ("2026-01-15", "Ömer", "1", "7.30"),
        ("2026-01-15", "李小龍", "1", "-7.00"),
    ]


@pytest.mark.parametrize("run_date", [f"2026-01-{day}" for day in range(12, 20)])
def test_every_day_of_the_example_matches_sql(data: Path, run_date: str) -> None:
    result = run_both(data, run_date)
    assert {key: value for key, value in result.items() if key != "result_file"} == expected.summary(run_date=run_date)
    assert totals_file(data, run_date)[1:] == [
        (run_date, customer, str(orders), expected.euros(cents))
        for customer, orders, cents in expected.daily_totals(run_date=run_date)
    ]


def test_the_example_s_day_has_something_to_total() -> None:
    assert expected.summary()["customers"] == 8


def test_running_a_day_again_gives_the_same_file(data: Path) -> None:
    run_both(data, "2026-01-15")
    first = (data / "daily_totals" / "2026-01-15.csv").read_bytes()
    run_both(data, "2026-01-15")
    assert (data / "daily_totals" / "2026-01-15.csv").read_bytes() == first
    assert sorted(path.name for path in (data / "daily_totals").iterdir()) == ["2026-01-15.csv"]


@pytest.mark.parametrize("run_date", ["", "15/01/2026", "2026-02-30", "../../etc"])
def test_a_wrong_run_date_says_what_to_give(data: Path, run_date: str) -> None:
    with pytest.raises(ValueError, match=r"the job parameter run_date is .*; give a day such as"):
        run_both(data, run_date)


def test_without_the_first_task_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"clean_orders\.csv"):
        notebook.run("aggregate_orders.py", data_dir=str(tmp_path), run_date="2026-01-15")
