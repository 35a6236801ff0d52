# Databricks notebook source
# MAGIC %md
# MAGIC # Total the orders of one day
# MAGIC Reads `clean_orders.csv` in `data_dir`, sums the orders of `run_date` by customer, and writes
# MAGIC `daily_totals/<run_date>.csv`. Running a day again gives the same file.

# COMMAND ----------
import csv
import json
import os
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

TOTAL_COLUMNS = ("order_date", "customer", "orders", "amount")


# COMMAND ----------
class CustomerTotal(NamedTuple):
    """What one customer ordered on one day. Amounts are in euros."""

    order_date: date
    customer: str
    orders: int
    amount: Decimal


def read_run_date(text: str) -> date:
    """Read the day to total."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"the job parameter run_date is {text!r}; give a day such as 2026-01-15") from None


def total(rows: Iterable[dict[str, str]], day: date) -> list[CustomerTotal]:
    """Sum the orders of one day by customer, largest amount first, then by name."""
    totals: dict[str, CustomerTotal] = {}
    for row in rows:
        if row["order_date"] != day.isoformat():
            continue
        before = totals.get(row["customer"], CustomerTotal(day, row["customer"], 0, Decimal("0.00")))
        totals[row["customer"]] = before._replace(
            orders=before.orders + 1, amount=before.amount + Decimal(row["amount"])
        )
    return sorted(totals.values(), key=lambda row: (-row.amount, row.customer))


# COMMAND ----------
def read_clean(path: Path) -> list[dict[str, str]]:
    """Read what the first task wrote."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_totals(path: Path, totals: Iterable[CustomerTotal]) -> None:
    """Write a file whole or not at all, so that a stopped run leaves the last good one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.unfinished")
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(TOTAL_COLUMNS)
        writer.writerows(totals)
    os.replace(unfinished, path)  # noqa: PTH105 - the one call that is atomic on every system


# COMMAND ----------
def main(dbutils: Any) -> None:  # noqa: ANN401 - Databricks gives notebooks an untyped object
    """Total the day and exit with its numbers."""
    data = Path(dbutils.widgets.get("data_dir"))
    day = read_run_date(dbutils.widgets.get("run_date"))
    totals = total(read_clean(data / "clean_orders.csv"), day)
    result = data / "daily_totals" / f"{day}.csv"
    write_totals(result, totals)
    amount = sum((row.amount for row in totals), Decimal("0.00"))
    print(f"{day}: {len(totals)} customers, {amount} EUR, written to {result}")
    summary = {
        "run_date": day.isoformat(),
        "customers": len(totals),
        "orders": sum(row.orders for row in totals),
        "amount": str(amount),
        "best_customer": totals[0].customer if totals else None,
        "result_file": str(result),
    }
    dbutils.notebook.exit(json.dumps(summary, ensure_ascii=False))


if __name__ == "__main__":
    main(dbutils)  # type: ignore[name-defined]  # noqa: F821 - Databricks defines it
