"""The day's totals, computed a second way: SQL over the raw file, sharing no code with the job."""

import csv
import sqlite3
import unicodedata
from pathlib import Path

RAW_ORDERS = Path(__file__).resolve().parents[2] / "stacks" / "data" / "raw_orders.csv"
RUN_DATE = "2026-01-15"

# The day is taken apart by position and proved by a round trip: SQLite turns February 30th into March 2nd.
SQL = r"""
WITH texts AS (
    SELECT line, trim(order_id) AS id, one_spelling(customer) AS customer, trim(order_date) AS day,
           replace(replace(replace(amount, '€', ''), char(160), ''), ' ', '') AS amount
    FROM raw
), signed AS (
    SELECT *, iif(amount LIKE '-%', -1, 1) AS sign, iif(amount LIKE '-%', substr(amount, 2), amount) AS plain FROM texts
), parts AS (
    SELECT *,
        CASE WHEN day GLOB '[0-9][0-9][./][0-9][0-9][./][0-9][0-9][0-9][0-9]' AND substr(day, 3, 1) = substr(day, 6, 1)
                  THEN substr(day, 7, 4) || '-' || substr(day, 4, 2) || '-' || substr(day, 1, 2)
             WHEN day GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' THEN day
             WHEN day GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]*'
                  THEN substr(day, 1, 10)
        END AS iso,
        CASE WHEN instr(plain, '.') THEN substr(plain, 1, instr(plain, '.') - 1) ELSE plain END AS euros,
        CASE WHEN instr(plain, '.') THEN substr(plain, instr(plain, '.') + 1) ELSE '0' END AS decimals
    FROM signed
), valid AS (
    SELECT id, customer, iso, max(line) AS line,
           sign * CAST(replace(euros, ',', '') || substr(decimals || '0', 1, 2) AS INTEGER) AS cents
    FROM parts
    WHERE id <> '' AND customer <> '' AND date(iso) = iso
      AND length(decimals) BETWEEN 1 AND 2 AND decimals NOT GLOB '*[^0-9]*'
      AND replace(euros, ',', '') NOT GLOB '*[^0-9]*' AND length(euros) > 0
      AND (euros NOT LIKE '%,%'
           OR euros GLOB '[0-9],[0-9][0-9][0-9]' OR euros GLOB '[0-9][0-9],[0-9][0-9][0-9]'
           OR euros GLOB '[0-9][0-9][0-9],[0-9][0-9][0-9]')
    GROUP BY id
)
SELECT customer, count(*), sum(cents) FROM valid WHERE iso = ? GROUP BY customer ORDER BY 3 DESC, customer
"""


def daily_totals(raw: Path = RAW_ORDERS, run_date: str = RUN_DATE) -> list[tuple[str, int, int]]:
    """Customer, number of orders and cents of one day, largest first."""
    database = sqlite3.connect(":memory:")
    try:
        database.create_function("one_spelling", 1, lambda text: unicodedata.normalize("NFC", " ".join(text.split())))
        database.execute("CREATE TABLE raw (line INTEGER, order_id, customer, order_date, amount)")
        with raw.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))[1:]
        padded = [(line, *row, *[""] * (4 - len(row))) for line, row in enumerate(rows, start=2)]
        database.executemany("INSERT INTO raw VALUES (?, ?, ?, ?, ?)", padded)
        return list(database.execute(SQL, (run_date,)))
    finally:
        database.close()


def euros(cents: int) -> str:
    """Write cents as the job writes amounts."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02}"


def summary(raw: Path = RAW_ORDERS, run_date: str = RUN_DATE) -> dict[str, object]:
    """What the job must return for the day, but for the place of its file."""
    totals = daily_totals(raw, run_date)
    return {
        "run_date": run_date,
        "customers": len(totals),
        "orders": sum(orders for _, orders, _ in totals),
        "amount": euros(sum(cents for _, _, cents in totals)),
        "best_customer": totals[0][0] if totals else None,
    }
