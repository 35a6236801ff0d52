from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.emulator.conformance.target import target_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.emulator.conformance.target import Target


@pytest.fixture
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    with target_of(request.node.name) as given:
        yield given
