"""The pages in a real browser: what a reader sees, presses and waits for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.emulator.chromium import Browser, browser, program
from tests.emulator.helpers import Api, task
from tests.emulator.pipeline import start_runs

from airbrick.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import Iterator

PLACES = ("/", "/jobs", "/runs", "/requests", "/controls")
# Every text with its contrast against what lies behind it, by WCAG's formula.
CONTRASTS = """(() => {
  const parse = (text) => { const p = text.match(/[\\d.]+/g).map(Number); return [p[0], p[1], p[2], p[3] ?? 1]; };
  const light = (c) => {
    const linear = (v) => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
    const [r, g, b] = c.slice(0, 3).map((v) => linear(v / 255));
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const behind = (one) => {
    for (let e = one; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c[3] === 1) return c;
    }
    return [255, 255, 255, 1];
  };
  const found = [];
  for (const one of document.querySelectorAll("body *")) {
    const own = [...one.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !one.getClientRects().length || one.closest("script, style, .skip")) continue;
    const [a, b] = [light(parse(getComputedStyle(one).color)), light(behind(one))];
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) found.push([one.outerHTML.slice(0, 120), ratio]);
  }
  return found;
})()"""
UNNAMED = """[...document.querySelectorAll("input, select, button, a, [role=img], [role=region]")].filter((one) =>
  !(one.textContent.trim() || one.getAttribute("aria-label") || one.labels?.length)).map((one) => one.outerHTML)"""


@pytest.fixture(scope="module")
def _browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    path = program()
    if path is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    with browser(path, tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture
def reader(_browser: Browser) -> Browser:
    # The page of the test before goes on asking for runs that are gone now.
    _browser.open("about:blank")
    _browser.show()
    _browser.complaints.clear()
    return _browser


@pytest.fixture
def run_url(workspace: Emulator, api: Api) -> str:
    workspace.plan(setup_s=10, run_s=30)
    workspace.plan(task="broken", result="FAILED", error="no such table: " + "x" * 300, logs="line\n" * 400)
    key = "a_task_with_a_key_as_long_as_people_really_write_them_in_their_jobs"
    job_id = api.create(tasks=[task(key), task("broken"), task("sum", key)], max_concurrent_runs=100)
    run = api.run(api.run_now(job_id))
    workspace.fault("throttle", path="/api/2.2/jobs/*")
    api.call("GET", "/api/2.2/jobs/list", extra="x" * 300)
    workspace.fault("outage", path="/api/2.2/" + "x" * 80, times=3)
    workspace.advance(25)
    url: str = run["run_page_url"]
    return url


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1400])
def test_pages_fit_the_window_and_can_be_read(
    reader: Browser, workspace: Emulator, run_url: str, scheme: str, width: int
) -> None:
    reader.show(width=width, scheme=scheme)
    job_url = run_url.partition("/runs/")[0]
    for url in [*(workspace.host + place for place in PLACES), job_url, run_url]:
        reader.open(url)
        assert reader.ask("document.documentElement.scrollWidth") <= width, url
        assert reader.ask(CONTRASTS) == [], url
        assert reader.ask(UNNAMED) == [], url
    assert reader.complaints == []


def test_a_run_goes_on_under_the_readers_eyes_and_what_was_opened_stays_open(
    reader: Browser, workspace: Emulator, run_url: str
) -> None:
    reader.open(run_url)
    reader.ask("document.querySelector('details').open = true; window.untouched = true")
    assert "SUCCESS" not in reader.ask("document.getElementById('live').innerText")
    workspace.advance(1000)
    reader.wait_for("document.getElementById('live').innerText.includes('SUCCESS')")
    assert reader.ask("document.querySelector('details').open")
    assert reader.ask("window.untouched")
    reader.wait_for("!document.body.dataset.live")
    assert reader.complaints == []


def test_updates_can_be_paused(reader: Browser, workspace: Emulator, run_url: str) -> None:
    reader.open(run_url)
    reader.ask("document.getElementById('pause').click()")
    before = reader.ask("document.getElementById('live').innerHTML")
    workspace.advance(1000)
    reader.ask("new Promise((done) => setTimeout(done, 2500))")
    assert reader.ask("document.getElementById('live').innerHTML") == before
    reader.ask("document.getElementById('pause').click()")
    reader.wait_for("document.getElementById('live').innerText.includes('SUCCESS')")


def test_a_button_advances_the_clock_and_a_form_adds_a_fault(reader: Browser, workspace: Emulator) -> None:
    before = workspace.clock.now()
    reader.open(f"{workspace.host}/controls")
    shown = reader.ask("document.getElementById('standing').textContent")
    reader.ask("document.querySelector('button[value=\"60\"]').click()")
    reader.wait_for(f"document.getElementById('standing')?.textContent > {json.dumps(shown)}")
    assert workspace.clock.now() == before + 60
    reader.wait_for("document.querySelector('form[action=\"/controls/faults\"]')")
    reader.ask("""(() => {
      const form = document.querySelector('form[action="/controls/faults"]');
      form.preset.value = "outage"; form.path.value = "/api/2.2/jobs/list"; form.requestSubmit();
    })()""")
    reader.wait_for("document.querySelector('form[action=\"/controls/faults/clear\"]')")
    assert "503" in reader.ask("document.querySelector('main').innerText")
    assert reader.complaints == []


def test_everything_is_reached_by_keyboard(reader: Browser, workspace: Emulator, run_url: str) -> None:
    reader.open(run_url)
    reached: list[Any] = []
    for _ in range(12):
        reader.press("Tab")
        reached.append(reader.ask("document.activeElement.textContent.trim().slice(0, 40)"))
    assert reached[:6] == ["Skip to content", "Overview", "Jobs", "Runs", "Requests", "Controls"]
    reader.open(f"{workspace.host}/")
    reader.press("Tab")
    reader.press("Enter")
    reader.wait_for("location.hash === '#main' && document.activeElement.id === 'main'")


@pytest.mark.slow
def test_ten_thousand_runs_are_a_page_of_twenty_five(reader: Browser, workspace: Emulator, api: Api) -> None:
    jobs = [api.create(f"job {n}", max_concurrent_runs=1000) for n in range(10)]
    for job_id in jobs:
        start_runs(workspace, job_id, 1000)
    reader.open(f"{workspace.host}/")
    assert "10,000" in reader.ask("document.querySelector('.counts').innerText")
    assert reader.ask("document.querySelectorAll('table')[0].rows.length") == 26
    assert reader.ask("document.querySelectorAll('*').length") < 1000
    reader.open(f"{workspace.host}/runs")
    for _ in range(3):
        last = reader.ask("document.querySelector('tbody tr:last-child').innerText")
        reader.ask("[...document.querySelectorAll('.pages a')].find((one) => one.textContent === 'Older').click()")
        reader.wait_for(f"document.readyState === 'complete' && !document.body.innerText.includes({last.split()[0]!r})")
    assert reader.complaints == []
