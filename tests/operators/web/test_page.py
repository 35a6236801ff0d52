from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airbrick.operators.web.page import render
from airbrick.operators.web.waiting import Waiting

NOW = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


def waiting(**changes: object) -> Waiting:
    values: dict[str, object] = {
        "dag_id": "nightly",
        "run_id": "scheduled__2026-01-01T00:00:00+00:00",
        "task_id": "etl",
        "map_index": -1,
        "waits_for": "run 7",
        "url": "https://w/jobs/1/runs/7",
        "conn_id": "databricks_default",
        "since": NOW - timedelta(minutes=5),
        "triggerer": "worker-1",
    }
    return Waiting(**(values | changes))  # type: ignore[arg-type]


class Seen(HTMLParser):
    """What a browser makes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: dict[str, str] = {}
        self.text = ""
        self.tags: list[str] = []
        self._href = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._href = dict(attrs).get("href") or "" if tag == "a" else ""

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._href:
            self.links[data] = self._href

    def handle_endtag(self, tag: str) -> None:
        self._href = ""


def test_a_task_is_shown_with_its_pages_in_airflow_and_in_databricks() -> None:
    seen = Seen(render([waiting()], 1, now=NOW))
    assert seen.links == {
        "nightly.etl": "../dags/nightly/runs/scheduled__2026-01-01T00%3A00%3A00%2B00%3A00/tasks/etl",
        "run 7": "https://w/jobs/1/runs/7",
    }
    assert "1 deferred task waits for Databricks." in seen.text
    assert "worker-1" in seen.text
    assert "5 min" in seen.text


def test_an_instance_of_a_mapped_task_has_a_page_of_its_own() -> None:
    seen = Seen(render([waiting(map_index=3)], 1, now=NOW))
    assert seen.links["nightly.etl [3]"].endswith("/tasks/etl/mapped/3")


def test_a_task_that_no_triggerer_has_taken_yet_says_so() -> None:
    seen = Seen(render([waiting(triggerer="", url="")], 1, now=NOW))
    assert "none yet" in seen.text
    assert "run 7" not in seen.links


@pytest.mark.parametrize(
    ("minutes", "text"), [(0, "0 min"), (61, "1 h 1 min"), (60 * 49, "2 d 1 h"), (-3, "0 min"), (60, "1 h 0 min")]
)
def test_how_long_a_task_waits_is_written_as_people_say_it(minutes: int, text: str) -> None:
    assert text in render([waiting(since=NOW - timedelta(minutes=minutes))], 1, now=NOW)


@pytest.mark.parametrize(
    ("shown", "total", "text"),
    [
        (0, 0, "No deferred task waits for Databricks."),
        (2, 2, "2 deferred tasks wait for Databricks."),
        (2, 12_345, "12,345 deferred tasks wait for Databricks. The 2 that wait longest are shown."),
    ],
)
def test_the_page_says_how_many_wait(shown: int, total: int, text: str) -> None:
    assert text in Seen(render([waiting()] * shown, total, now=NOW)).text


@given(st.text(), st.text(), st.text(), st.text(), st.text())
def test_no_name_becomes_markup_or_a_script(dag_id: str, task_id: str, run_id: str, url: str, host: str) -> None:
    plain = Seen(render([waiting(url="")], 1, now=NOW))
    odd = waiting(dag_id=dag_id, task_id=task_id, run_id=run_id, url=url, triggerer=host or "x", waits_for=f"run {url}")
    seen = Seen(render([odd], 1, now=NOW))
    assert [tag for tag in seen.tags if tag != "a"] == [tag for tag in plain.tags if tag != "a"]
    assert all(link.startswith(("../dags/", "https://", "http://")) for link in seen.links.values())


def test_a_script_in_an_xcom_is_no_link() -> None:
    page = render([waiting(url="javascript:alert(1)", waits_for="<script>")], 1, now=NOW)
    assert "javascript:" not in page
    assert "<script" not in page
