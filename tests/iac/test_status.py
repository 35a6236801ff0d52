"""Errors as gRPC statuses."""

import grpc
import pytest

from airbrick.iac import errors
from airbrick.iac.provider.status import CODES, code_of, redact

# With these the engine would mark the state as possibly corrupt.
ALARMING = {grpc.StatusCode.UNKNOWN, grpc.StatusCode.INTERNAL, grpc.StatusCode.DATA_LOSS}


def kinds(root: type[errors.IacError]) -> list[type[errors.IacError]]:
    return [root, *(kind for child in root.__subclasses__() for kind in kinds(child))]


@pytest.mark.parametrize("kind", kinds(errors.IacError))
def test_no_error_alarms_the_engine(kind: type[errors.IacError]) -> None:
    assert code_of(kind.__new__(kind)) not in ALARMING


def test_a_more_special_error_is_looked_for_first() -> None:
    order = list(CODES)
    for index, kind in enumerate(order):
        assert not any(issubclass(later, kind) for later in order[index + 1 :])


def test_the_longest_secret_goes_first_so_that_no_part_is_left() -> None:
    assert redact("abcdef and abcd", ["abcd", "abcdef"]) == "[secret] and [secret]"


def test_a_very_short_secret_does_not_punch_holes_into_words() -> None:
    assert redact("excludes", ["x"]) == "excludes"
