import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.lexicon import MONTHS
from pipeline.core.quantities import differ, read
from pipeline.core.speak import speak


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Due on 3 March 1952.", "Due on the third of March nineteen fifty two."),
        ("It opened on the 9th June.", "It opened on the ninth of June."),
        ("8 feb 2011", "The eighth of February twenty eleven"),
        ("Nov 6 1987 was cold.", "November sixth nineteen eighty seven was cold."),
        ("On April 2 he sold 7.", "On April second he sold seven."),
        ("Sold 2004-03-09.", "Sold March ninth, two thousand four."),
        ("Sold 2004/3/9.", "Sold March ninth, two thousand four."),
        ("Sold 23-11-1999.", "Sold the twenty third of November, nineteen ninety nine."),
        ("Sold 23.11.1999.", "Sold the twenty third of November, nineteen ninety nine."),
        ("at 2.45 p.m. sharp", "at two forty five PM sharp"),
        ("Sold Nov-23-1999.", "Sold November twenty third, nineteen ninety nine."),
        ("Sold 23-Nov-1999.", "Sold the twenty third of November, nineteen ninety nine."),
        ("Sales of 3Q24", "Sales of the third quarter of twenty four"),
        ("the 4Q2019 sales", "the fourth quarter of twenty nineteen sales"),
        ("The 1910s began.", "The nineteen tens began."),
        ("the 1900s and the 2000s", "the nineteen hundreds and the two thousands"),
        ("It opened in Oct. Then it rained.", "It opened in October. Then it rained."),
        ("Greg is as old as Jan. Both are 9.", "Greg is as old as Jan. Both are nine."),
    ],
)
def test_dates_are_said_in_every_common_order(written: str, said: str) -> None:
    assert speak(written) == said
    assert differ(read(written), read(said)) is None


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("He had 5 and may have 6.", "He had five and may have six."),
        ("Each of the 12 March babies", "Each of the twelve March babies"),
        ("In March 12 babies cried.", "In March twelve babies cried."),
        ("30-12-10 = 8", "Thirty minus twelve minus ten equals eight"),
        ("It weighs 15.01 g.", "It weighs fifteen point zero one grams."),
    ],
)
def test_counts_beside_months_and_differences_are_no_dates(written: str, said: str) -> None:
    assert speak(written) == said


@given(st.sampled_from(MONTHS), st.integers(1, 28), st.integers(1300, 2099))
def test_a_date_keeps_its_day_and_year_when_said(month: str, day: int, year: int) -> None:
    for written in (f"Due on {day} {month} {year}.", f"Due on {month} {day}, {year}."):
        spoken = speak(written)
        assert isinstance(spoken, str)
        assert differ(read(written), read(spoken)) is None
        assert speak(spoken) == spoken
