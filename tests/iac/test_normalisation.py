"""What the emulated workspace makes of settings is no drift."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given
from tests.iac.test_settings import SHAPE, settings

from airbrick.emulator.normalise import normalise_job
from airbrick.iac.provider.handler import Identity, Naming
from airbrick.iac.provider.session import Session
from airbrick.iac.resources.job import JobHandler
from airbrick.iac.resources.job_api import numbered
from airbrick.iac.settings.difference import difference
from airbrick.iac.settings.projection import project

if TYPE_CHECKING:
    from airbrick.iac.provider.handler import Checked

IDENTITY = Identity("urn:pulumi:dev::orders::airbrick:databricks:Job::n", "dev", "orders", "n")
ME = {"user_name": "me@b.c"}


def check(given_settings: dict[str, Any]) -> Checked:
    return JobHandler().check(Session(), IDENTITY, given_settings, {}, Naming())


@given(settings())
def test_the_emulated_workspace_causes_no_drift(sent: dict[str, Any]) -> None:
    checked = check(sent).inputs
    remote = normalise_job(numbered(checked, SHAPE), ME, {})
    assert project(checked, remote, SHAPE) == checked
    assert difference(checked, project(checked, remote, SHAPE), SHAPE) == []


@given(settings())
def test_a_checked_job_checked_again_is_the_same(given_settings: dict[str, Any]) -> None:
    once = check(given_settings)
    twice = check(once.inputs)
    assert twice.inputs == once.inputs
    assert twice.findings == once.findings
