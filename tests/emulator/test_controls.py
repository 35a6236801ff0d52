"""The forms that steer the emulator, and what --no-admin leaves of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from airbrick.emulator import Emulator, ManualClock

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def browser(workspace: Emulator) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=workspace.host, headers={"Origin": workspace.host}, follow_redirects=True) as http:
        yield http


def test_the_clock_is_advanced(browser: httpx.Client, workspace: Emulator) -> None:
    before = workspace.clock.now()
    response = browser.post("/controls/clock", data={"advance_s": "60"})
    assert (response.status_code, response.url.path) == (200, "/controls")
    assert workspace.clock.now() == before + 60


def test_faults_are_added_and_cleared(browser: httpx.Client, workspace: Emulator) -> None:
    form = {"preset": "outage", "method": "GET", "path": "/api/*", "times": "2"}
    html = browser.post("/controls/faults", data=form).text
    assert "<code>/api/*</code>" in html
    assert httpx.get(f"{workspace.host}/api/2.2/jobs/list").status_code == 503
    browser.post("/controls/faults/clear")
    assert httpx.get(f"{workspace.host}/api/2.2/jobs/list").status_code == 401


def test_plans_are_added_and_cleared(browser: httpx.Client) -> None:
    form = {"job": "night*", "task": "*", "result": "FAILED", "setup_s": "1", "run_s": "2.5", "error": "<no>"}
    html = browser.post("/controls/plans", data=form).text
    for word in ("<code>night*</code>", "FAILED", "2.5 s"):
        assert word in html
    assert "<code>night*</code>" not in browser.post("/controls/plans/clear").text


@pytest.mark.parametrize(
    ("path", "form", "said"),
    [
        ("/controls/clock", {"advance_s": "-1"}, "advance_s must be"),
        ("/controls/clock", {"advance_s": "soon"}, "advance_s must be"),
        ("/controls/clock", {}, "advance_s must be"),
        ("/controls/faults", {"preset": "<x>"}, "unknown preset &#x27;&lt;x&gt;&#x27;"),
        ("/controls/faults", {"preset": "outage", "times": "many"}, "times must be a whole number"),
        ("/controls/plans", {"run_s": "nan"}, "run_s must be"),
        ("/controls/plans", {"colour": "red"}, "unknown key"),
    ],
)
def test_a_wrong_value_is_named_above_the_forms(
    browser: httpx.Client, path: str, form: dict[str, str], said: str
) -> None:
    response = browser.post(path, data=form)
    assert response.status_code == 400
    assert 'role="alert"' in response.text
    assert said in response.text
    assert "<form" in response.text


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
def test_a_form_of_another_site_does_nothing(workspace: Emulator, origin: str) -> None:
    before = workspace.clock.now()
    headers = {"Origin": origin}
    assert httpx.post(f"{workspace.host}/controls/clock", data={"advance_s": "5"}, headers=headers).status_code == 403
    assert workspace.clock.now() == before


def test_a_clock_that_runs_by_itself_is_frozen_and_goes_on_and_faster() -> None:
    with Emulator() as workspace, httpx.Client(base_url=workspace.host, follow_redirects=True) as http:
        assert "1 emulated seconds per second" in http.get("/controls").text
        html = http.post("/controls/clock", data={"frozen": "true"}).text
        assert "stands still" in html
        before = workspace.clock.now()
        http.post("/controls/clock", data={"advance_s": "60"})
        assert workspace.clock.now() == before + 60
        assert "1 emulated seconds" in http.post("/controls/clock", data={"frozen": "false"}).text
        assert "90 emulated seconds" in http.post("/controls/clock", data={"speed": "90"}).text
        assert http.post("/controls/clock", data={"frozen": "perhaps"}).status_code == 400


def test_without_admin_pages_show_and_steer_nothing() -> None:
    clock = ManualClock()
    with Emulator(clock=clock, admin=False) as workspace, httpx.Client(base_url=workspace.host) as http:
        workspace.fault("outage", path="/x", times=3)
        html = http.get("/controls").text
        assert "<code>/x</code>" in html
        assert "<form" not in html
        before = clock.now()
        for path in ("/controls/clock", "/_local/clock", "/_local/reset"):
            response = http.post(path, data={"advance_s": "5"})
            assert response.status_code == 403
            assert "--no-admin" in response.text
        assert clock.now() == before
        assert http.get("/_local/state").status_code == 403
        assert http.get("/_local/health").status_code == 200
        assert http.get("/requests").status_code == 200
