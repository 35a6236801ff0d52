# Databricks notebook source
# MAGIC %md
# MAGIC # Clean the raw orders
# MAGIC Reads the file `raw_orders` as the shops deliver it, and writes one valid order per line to `clean_orders.csv`
# MAGIC in `data_dir`.
# MAGIC What cannot be understood goes to `rejected_orders.csv` with its line and the reason: nothing vanishes.

# COMMAND ----------
import csv
import json
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

CLEAN_COLUMNS = ("order_id", "customer", "order_date", "amount")
REJECTED_COLUMNS = ("line", "order_id", "reason")
DATE_FORMATS = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ")

# COMMAND ----------
# MAGIC %md
# MAGIC ## Fields

# COMMAND ----------
# A comma groups thousands only when it is followed by exactly three digits: 12,50 is refused, not read as 1250.
AMOUNT = re.compile(r"-?(\d{1,3}(,\d{3})+|\d+)(\.\d{1,2})?")


class RejectedError(ValueError):
    """A raw order that cannot be understood; its text is the reason's name."""


class Order(NamedTuple):
    """A valid order. Amounts are in euros; a negative one is a refund."""

    order_id: str
    customer: str
    order_date: date
    amount: Decimal


def read_customer(text: str) -> str:
    """Give a name its one spelling: composed letters, single spaces."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name:
        raise RejectedError("missing_customer")
    return name


def read_date(text: str) -> date:
    """Read a date in any of the shops' formats. Days come first, as in Europe."""
    for date_format in DATE_FORMATS:
        try:
            # Shops write local days: a time zone would move late orders to another day.
            return datetime.strptime(text.strip(), date_format).date()  # noqa: DTZ007 - see above
        except ValueError:
            continue
    raise RejectedError("bad_date")


def read_amount(text: str) -> Decimal:
    """Read an amount such as `1,234.50`, `€ 20` or `-5.00`."""
    plain = "".join(text.replace("€", "").split())
    if not plain:
        raise RejectedError("missing_amount")
    # The ASCII check keeps other scripts' digits out, which the pattern would take.
    if not (plain.isascii() and AMOUNT.fullmatch(plain)):
        raise RejectedError("bad_amount")
    return Decimal(plain.replace(",", "")).quantize(Decimal("0.01"))


def read_order(row: dict[str, str | None]) -> Order:
    """Read one raw line. A short line has None in its last columns."""
    order_id = (row["order_id"] or "").strip()
    if not order_id:
        raise RejectedError("missing_order_id")
    return Order(
        order_id=order_id,
        customer=read_customer(row["customer"] or ""),
        order_date=read_date(row["order_date"] or ""),
        amount=read_amount(row["amount"] or ""),
    )


# COMMAND ----------
# MAGIC %md
# MAGIC ## Orders
# MAGIC A shop sends an order again when it corrects it: the last valid line of an order wins.


# COMMAND ----------
class Rejection(NamedTuple):
    """A line that was refused, and why."""

    line: int
    order_id: str
    reason: str


def clean(rows: Iterable[dict[str, str | None]]) -> tuple[list[Order], list[Rejection]]:
    """Split raw lines into valid orders, by id, and rejections, by line."""
    orders: dict[str, tuple[int, Order]] = {}
    rejections: list[Rejection] = []
    # Line 1 is the header.
    for line, row in enumerate(rows, start=2):
        try:
            order = read_order(row)
        except RejectedError as reason:
            rejections.append(Rejection(line, (row["order_id"] or "").strip(), str(reason)))
            continue
        if order.order_id in orders:
            replaced, _ = orders[order.order_id]
            rejections.append(Rejection(replaced, order.order_id, "replaced_by_later_line"))
        orders[order.order_id] = (line, order)
    return [order for _, (_, order) in sorted(orders.items())], sorted(rejections)


# COMMAND ----------
# MAGIC %md
# MAGIC ## Files


# COMMAND ----------
def read_raw(path: Path) -> Iterator[dict[str, str | None]]:
    """Read the raw lines; a byte order mark and any line ending are fine, a missing column is not."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        missing = set(CLEAN_COLUMNS) - set(rows.fieldnames or ())
        if missing:
            raise ValueError(f"{path}: column missing: {', '.join(sorted(missing))}")
        yield from rows


def write_csv(path: Path, columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    """Write a file whole or not at all, so that a stopped run leaves the last good one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.unfinished")
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
    os.replace(unfinished, path)  # noqa: PTH105 - the one call that is atomic on every system


# COMMAND ----------
def main(dbutils: Any) -> None:  # noqa: ANN401 - Databricks gives notebooks an untyped object
    """Clean the orders and exit with the counts."""
    data = Path(dbutils.widgets.get("data_dir"))
    orders, rejections = clean(read_raw(Path(dbutils.widgets.get("raw_orders"))))
    write_csv(data / "clean_orders.csv", CLEAN_COLUMNS, orders)
    write_csv(data / "rejected_orders.csv", REJECTED_COLUMNS, rejections)
    reasons = Counter(rejection.reason for rejection in rejections)
    print(f"{len(orders)} orders kept, {len(rejections)} lines rejected: {dict(reasons)}")
    dbutils.notebook.exit(json.dumps({"orders": len(orders), "rejected": dict(sorted(reasons.items()))}))


if __name__ == "__main__":
    main(dbutils)  # type: ignore[name-defined]  # noqa: F821 - Databricks defines it
