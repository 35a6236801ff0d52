"""Fixtures of tests that speak to a double of Airflow."""

from collections.abc import Iterator

import pytest
from tests.iac.airflow.double import AirflowDouble, configure, running_airflow_double
from tests.iac.wire import Wire


@pytest.fixture
def airflow() -> Iterator[AirflowDouble]:
    with running_airflow_double() as double:
        yield double


@pytest.fixture
def provider(wire: Wire, airflow: AirflowDouble) -> Wire:
    configure(wire, airflow)
    return wire


@pytest.fixture
def later(next_provider: Wire, airflow: AirflowDouble) -> Wire:
    configure(next_provider, airflow)
    return next_provider
