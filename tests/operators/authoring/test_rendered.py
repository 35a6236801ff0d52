import pytest

from airbrick.operators.authoring.rendered import rendered_id
from airbrick.operators.errors import UsageError


@pytest.mark.parametrize(("value", "number"), [(5, 5), ("5", 5), (" 7\n", 7), (str(2**60 + 1), 2**60 + 1)])
def test_an_id_is_read_from_a_number_or_its_text(value: object, number: int) -> None:
    assert rendered_id("run_id", value) == number


@pytest.mark.parametrize("value", ["", "None", None, "1.5", "-1", "0", 0, True, "٣", "12a"])
def test_what_a_template_made_of_nothing_is_refused(value: object) -> None:
    with pytest.raises(UsageError, match="run_id: is not a number once its template is rendered"):
        rendered_id("run_id", value)
