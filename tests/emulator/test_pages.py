"""The pages as a person reads them, without a browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httpx
import pytest
from tests.emulator.helpers import JOBS, Api, task

from airbrick.emulator import Emulator
from airbrick.emulator.html import Markup, join, tag

if TYPE_CHECKING:
    from collections.abc import Iterator


HOSTILE = "<script>alert('x')</script>\"&"
PLACES = ["/", "/jobs", "/runs", "/requests", "/controls"]


@pytest.fixture
def browser(workspace: Emulator) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=workspace.host) as http:
        yield http


def text_of(response: httpx.Response) -> str:
    return re.sub(r"<[^>]+>", " ", re.sub(r"(?s)<(style|script)>.*?</\1>", "", response.text))


@pytest.mark.parametrize("path", PLACES)
def test_every_page_of_an_empty_workspace_says_so_and_loads_nothing_from_elsewhere(
    browser: httpx.Client, path: str
) -> None:
    response = browser.get(path)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in re.sub(r"style-src [^;]*;", "", policy)
    assert re.findall(r'(?:src|href)="(?!/|#|data:,)', response.text) == []
    assert re.search(r"No (jobs|runs|requests|faults)", response.text)


@pytest.mark.parametrize("path", PLACES)
def test_every_page_has_landmarks_a_heading_and_says_where_it_is(browser: httpx.Client, path: str) -> None:
    html = browser.get(path).text
    for part in ("<header>", '<nav aria-label="Main">', '<main id="main"', "<footer>", '<html lang="en">'):
        assert html.count(part) == 1
    assert html.count("<h1>") == 1
    assert re.findall(r'href="([^"]+)" aria-current="page"', html) == [path]


def test_pages_show_jobs_runs_and_output_escaped(api: Api, workspace: Emulator, browser: httpx.Client) -> None:
    workspace.plan(task="load", result="FAILED", error=HOSTILE, error_trace="trace " + HOSTILE, logs=HOSTILE)
    workspace.plan(task="ok", output=HOSTILE)
    job_id = api.create(HOSTILE, tasks=[task("load"), task("ok"), task("after", "load")])
    run_id = api.run_now(job_id)
    workspace.advance(100)
    run = api.run(run_id)
    urls = ["/", "/jobs", "/runs", f"/jobs/{job_id}", run["run_page_url"], run["tasks"][0]["run_page_url"]]
    pages = [browser.get(url) for url in urls]
    for page in pages:
        assert page.status_code == 200
        assert HOSTILE not in page.text
        assert "&lt;script&gt;" in page.text
        for secret in (workspace.token, workspace.client_secret):
            assert secret not in page.text
    for word in ("FAILED", "UPSTREAM_FAILED", "SUCCESS", "trace &lt;script", "after load", "after"):
        assert word in pages[4].text
    assert "Task load" in pages[5].text


def test_a_run_goes_on_while_it_is_looked_at(api: Api, workspace: Emulator, browser: httpx.Client) -> None:
    workspace.plan(setup_s=10, run_s=30)
    job_id = api.create(tasks=[task("load"), task("sum", "load")])
    url = f"/jobs/{job_id}/runs/{api.run_now(job_id)}"
    workspace.advance(25)
    page = browser.get(url)
    assert "data-live" in page.text
    assert re.findall(r'class="bar([^"]*)" style="left:([\d.]+)%;width:([\d.]+)%"', page.text) == [
        (" setup busy", "0.000", "40.000"),
        (" busy", "40.000", "60.000"),
    ]
    assert "Starts after 0.0 s, set-up 10.0 s, execution 15.0 s" in page.text
    workspace.advance(100)
    page = browser.get(url)
    assert "data-live" not in page.text
    assert len(re.findall(r'class="bar', page.text)) == 4
    assert "1 min 20 s" in page.text


@pytest.mark.parametrize("path", ["/jobs/5", "/jobs/x", "/jobs/5/runs/5", "/jobs/5/runs/%3Cscript%3E"])
def test_a_page_of_what_does_not_exist_says_so(browser: httpx.Client, path: str) -> None:
    response = browser.get(path)
    assert response.status_code == 404
    assert "There is no" in response.text
    assert "<script>" not in response.text


def test_runs_and_jobs_are_paged_and_filtered(api: Api, workspace: Emulator, browser: httpx.Client) -> None:
    job_id = api.create(max_concurrent_runs=1000)
    runs = [api.run_now(job_id) for _ in range(30)]
    workspace.advance(100)
    runs += [api.run_now(job_id) for _ in range(30)]
    seen: list[str] = []
    url = "/runs"
    for _ in range(3):
        html = browser.get(url).text
        seen += re.findall(r'runs/(\d+)" class="id"', html)
        older = re.search(r'href="(\?[^"]*page_token=[^"]*)">Older', html)
        url = "/runs" + older[1].replace("&amp;", "&") if older else ""
    assert seen == [str(run) for run in reversed(runs)]
    assert url == ""
    active = browser.get("/runs?show=active_only").text
    assert re.findall(r'runs/(\d+)" class="id"', active) == [str(run) for run in reversed(runs[-25:])]
    finished = browser.get("/runs?show=completed_only").text
    assert "show=completed_only&amp;page_token=" in finished
    assert "30 Active runs 30 Finished runs" in " ".join(text_of(browser.get("/")).split())
    for wrong in ("/runs?page_token=x", "/runs?show=nonsense", "/jobs?page_token=x", f"/jobs/{job_id}?page_token=x"):
        assert browser.get(wrong).status_code == 200


def test_requests_are_filtered_and_paged_without_credentials(
    api: Api, workspace: Emulator, browser: httpx.Client
) -> None:
    httpx.post(f"{workspace.host}/oidc/v1/token", data={"client_secret": workspace.client_secret})
    api.call("POST", f"{JOBS}/create", {"name": "a job", "client_secret": "hidden-one"})
    for _ in range(60):
        api.get(f"{JOBS}/list", limit=7)
    workspace.fault("outage", path="*/list")
    api.call("GET", f"{JOBS}/list")
    html = browser.get("/requests").text
    assert html.count("limit=7") == 49
    assert "outage" in html
    assert "503" in html
    html = browser.get("/requests?method=POST&path=*create").text
    assert html.count("<code>") == 1
    assert "hidden-one" not in html
    assert "[redacted]" in html
    assert browser.get("/requests?skip=50").text.count("limit=7") == 11
    for wrong in ("x", "-1", "9" * 50):
        assert browser.get(f"/requests?skip={wrong}").status_code == 200


def test_a_task_of_many_is_on_a_later_page(api: Api, browser: httpx.Client) -> None:
    job_id = api.create(tasks=[task(f"t{n}") for n in range(130)])
    url = f"/jobs/{job_id}/runs/{api.run_now(job_id)}"
    html = browser.get(url).text
    assert html.count("<li><span") == 100
    more = re.search(r'href="(\?page_token=[^"]+)">More tasks', html)
    assert more is not None
    assert browser.get(url + more[1]).text.count("<li><span") == 30


def test_iterations_and_runs_that_a_task_started_are_linked(
    api: Api, workspace: Emulator, browser: httpx.Client
) -> None:
    inner = api.create("inner")
    loop = {"task_key": "loop", "for_each_task": {"inputs": "[1, 2]", "task": task("each")}}
    job_id = api.create(tasks=[loop, {"task_key": "call", "run_job_task": {"job_id": inner}}])
    run_id = api.run_now(job_id)
    workspace.advance(100)
    html = browser.get(f"/jobs/{job_id}/runs/{run_id}").text
    child = re.search(rf'href="(/jobs/{inner}/runs/\d+)">The run that it started', html)
    assert child is not None
    assert "inner" in browser.get(child[1]).text
    api.post(f"{JOBS}/runs/delete", {"run_id": int(child[1].rpartition("/")[2])})
    left = browser.get(f"/jobs/{job_id}/runs/{run_id}")
    assert left.status_code == 200
    assert "The run that it started" not in left.text
    loop_run = next(item for item in api.run(run_id)["tasks"] if item["task_key"] == "loop")["run_id"]
    assert f'href="/jobs/{job_id}/runs/{loop_run}">The run of this task' in html
    iterations = re.findall(r'href="([^"]+)">each<', browser.get(f"/jobs/{job_id}/runs/{loop_run}").text)
    assert len(iterations) == 2
    assert "Task each" in browser.get(iterations[0]).text


def test_text_in_markup_is_escaped_and_markup_is_not() -> None:
    assert tag("p", "<", tag("b", "&"), class_='"') == '<p class="&quot;">&lt;<b>&amp;</b></p>'
    assert tag("meta", http_equiv="x") == '<meta http-equiv="x">'
    assert join("<", Markup("<br>")) == "&lt;<br>"
