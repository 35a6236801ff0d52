"""The page as HTML."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape
from typing import Final
from urllib.parse import quote

from airbrick.operators.web.waiting import Waiting

RELOAD_S: Final = 30

_STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 14px/1.5 system-ui, sans-serif; margin: 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid #8884; vertical-align: top; }
th { font-weight: 600; }
td { overflow-wrap: anywhere; }
a { color: light-dark(#0b62d6, #7ab2ff); }
.none { opacity: .7; }
"""


def render(tasks: Sequence[Waiting], total: int, *, now: datetime) -> str:
    """Write the page.

    :param total: how many tasks wait; there may be more than are shown.
    """
    rows = "\n".join(_row(task, now) for task in tasks)
    shown = "" if total <= len(tasks) else f" The {len(tasks)} that wait longest are shown."
    head = "".join(f"<th>{name}</th>" for name in ("Task", "Dag run", "Waits for", "Connection", "For", "Triggerer"))
    table = f"<table><thead><tr>{head}</tr></thead><tbody>\n{rows}\n</tbody></table>" if tasks else ""
    count = {0: "No deferred task waits", 1: "1 deferred task waits"}.get(total, f"{total:,} deferred tasks wait")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="refresh" content="{RELOAD_S}"><title>Databricks runs</title><style>{_STYLE}</style></head>'
        f"<body><p>{count} for Databricks.{shown}</p>\n{table}</body></html>"
    )


def _row(task: Waiting, now: datetime) -> str:
    index = f" [{task.map_index}]" if task.map_index >= 0 else ""
    cells = (
        _link(_page_of(task), f"{task.dag_id}.{task.task_id}{index}", target="_top"),
        escape(task.run_id),
        _link(task.url, task.waits_for, target="_blank"),
        escape(task.conn_id),
        f'<time datetime="{task.since.isoformat()}">{_age(now - task.since)}</time>',
        escape(task.triggerer) or '<span class="none">none yet</span>',
    )
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _page_of(task: Waiting) -> str:
    """Give the task's page in Airflow, from the page that is written here."""
    dag_id, run_id, task_id = (quote(name, safe="") for name in (task.dag_id, task.run_id, task.task_id))
    mapped = f"/mapped/{task.map_index}" if task.map_index >= 0 else ""
    return f"../dags/{dag_id}/runs/{run_id}/tasks/{task_id}{mapped}"


def _link(address: str, text: str, *, target: str) -> str:
    # What stands in an XCom may be anything: no script is ever linked.
    if not address.startswith(("https://", "http://", "../")):
        return escape(text)
    return f'<a href="{escape(address)}" target="{target}" rel="noopener">{escape(text)}</a>'


def _age(age: timedelta) -> str:
    """Write how long a task waits, to the minute."""
    minutes = max(0, int(age.total_seconds()) // 60)
    days, hours = minutes // (24 * 60), minutes // 60 % 24
    return f"{days} d {hours} h" if days else f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"
