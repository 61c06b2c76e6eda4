import pytest

from pipeline.core.outcome import Unreadable
from pipeline.core.results_only import results_only


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("So he plants 42 / 6 = 7 rows.", "So he plants 7 rows."),
        ("Both give 12 + 9 = <<12+9=21>>21 plums.", "Both give 21 plums."),
        ("The bill is $4 + $5.50 = $9.50. He pays it.", "The bill is $9.50. He pays it."),
        ("It costs 3 * $2.50 = $7.50, so 10 - 7.50 = 2.50 dollars remain.", "It costs $7.50, so 2.50 dollars remain."),
        ("Add them: 2 hours + 1 hour = 3 hours.", "Add them: 3 hours."),
        ("That is 20% of 50 = 10 shells.", "That is 10 shells."),
        ("Six and seven make thirteen.", "Six and seven make thirteen."),
        ("Here y = 3 and 2y = 6.", "Here y = 3 and 2y = 6."),
    ],
)
def test_of_an_equation_the_result_is_said(written: str, kept: str) -> None:
    assert results_only(written) == kept


def test_what_does_not_hold_is_named() -> None:
    found = results_only("So he has 7 + 8 = 16 cats.")
    assert isinstance(found, Unreadable)
    assert found.reason == "wrong_arithmetic"
    assert "7 + 8 = 16" in found.detail
