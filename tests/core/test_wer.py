import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core import numwords
from pipeline.core.wer import compare

WORDS = st.sampled_from(("the", "gardener", "plants", "tulips", "beside", "her", "garden", "and", "waters", "row"))


@pytest.mark.parametrize(
    ("written", "heard"),
    [
        ("She plants forty eight tulips.", "she plants 48 tulips"),
        ("She plants forty-eight tulips.", "She plants forty eight tulips"),
        ("A jar costs two dollars and fifty cents.", "A jar costs $2.50."),
        (
            "Two thirds are gone, and three and a half litres are left.",
            "2/3 are gone and 3.5 litres are left",
        ),
        ("Twenty five percent of the jars", "25% of the jars"),
        ("It opens at half past five.", "It opens at 5:30."),
        ("It opens at five thirty p m.", "It opens at 5:30 PM."),
        ("one thousand two hundred jars", "1,200 jars"),
        ("one hundred jars", "a hundred jars"),
        ("in nineteen ninety nine", "in 1999"),
        ("the third row", "the 3rd row"),
    ],
)
def test_a_number_is_the_same_in_every_writing(written: str, heard: str) -> None:
    assert compare(written, heard) == (0.0, True, "")


@pytest.mark.parametrize(
    ("written", "heard"),
    [
        ("six rows for each of four gardens", "6 rows 4 each of 4 gardens"),
        ("six rows for each of four gardens", "six rows four each of for gardens"),
        ("two jars to fill", "to jars 2 fill"),
        ("she ate eight plums", "she eight ate plums"),
        ("a girl won one prize", "one girl one won prize"),
        ("their son sold flour by the pound", "there sun sold flower buy the pound"),
        ("it costs fifty cents", "it costs fifty sense"),
        ("altogether two litres of grey colour", "all together 2 liters of gray color"),
        ("What's the gardener's name?", "whats the gardeners name"),
    ],
)
def test_what_sounds_alike_at_its_place_is_no_error(written: str, heard: str) -> None:
    assert compare(written, heard) == (0.0, True, "")


@pytest.mark.parametrize(
    ("written", "heard", "named"),
    [
        ("sixty jars of honey", "sixteen jars of honey", "'sixty' was heard as 'sixteen'"),
        ("sixty jars of honey", "jars of honey", "'sixty' was not heard"),
        ("sixty jars of honey", "sixty jars of 4 honey", "'4' was heard and not written"),
        ("six jars and nine jars", "nine jars and six jars", "'six' was heard as 'nine'"),
        ("fifteen percent of it", "fifteen of it", "'fifteen percent' was heard as 'fifteen'"),
        ("forty eight jars", "forty jars", "'forty eight' was heard as 'forty'"),
        ("two fifths of it", "two fifth of it all", ""),
        ("she planted tulips", "she four planted tulips", "'four' was heard and not written"),
        ("give two jars for nine dollars", "give two jars five nine dollars", "'five'"),
        ("two and a half litres", "two and have litres", "'two and a half litres' was heard as 'two'"),
    ],
)
def test_a_quantity_that_is_missing_replaced_or_added_is_named(written: str, heard: str, named: str) -> None:
    result = compare(written, heard)
    if named:
        assert not result.quantities_agree
        assert named in result.detail
    assert result.wer > 0


def test_a_misheard_word_leaves_the_quantities_alone() -> None:
    result = compare("Nine goats ate twelve loaves.", "Nine boats ate 12 loafs.")
    assert result.wer == pytest.approx(2 / 5)
    assert result.quantities_agree
    assert result.detail == "goats/boats loaves/loafs"


def test_a_unit_that_was_misheard_is_a_word_error_only() -> None:
    result = compare("an eight inch cake", "an eight, high cake")
    assert result.wer == pytest.approx(1 / 4)
    assert result.quantities_agree


@pytest.mark.parametrize(("written", "heard", "wer"), [("", "", 0.0), ("nine jars", "", 1.0), ("", "yes", 1.0)])
def test_empty_texts(written: str, heard: str, wer: float) -> None:
    assert compare(written, heard).wer == wer


@given(
    words=st.lists(WORDS, min_size=1, max_size=12),
    numbers=st.lists(st.integers(10, 99_999), min_size=1, max_size=3),
)
def test_a_text_agrees_with_itself_in_words_and_in_digits(words: list[str], numbers: list[int]) -> None:
    spoken = ", ".join(f"{' '.join(words)} {numwords.cardinal(n)} jars" for n in numbers)
    heard = ", ".join(f"{' '.join(words)} {n} jars" for n in numbers)
    assert compare(spoken, heard) == (0.0, True, "")


@given(
    before=st.lists(WORDS, max_size=8),
    after=st.lists(WORDS, max_size=8),
    said=st.integers(10, 9_999),
    heard=st.integers(10, 9_999),
    slip=st.integers(0, 8),
)
def test_another_number_is_always_caught_and_the_right_one_never_is(
    before: list[str], after: list[str], said: int, heard: int, slip: int
) -> None:
    written = f"{' '.join(before)} take {numwords.cardinal(said)} jars {' '.join(after)}"
    words = f"{' '.join(before)} take {heard} jars {' '.join(after)}".split()
    words.insert(slip, "mumble") if words[slip - 1 : slip] != [str(heard)] else None
    assert compare(written, " ".join(words)).quantities_agree == (said == heard)


def test_a_long_text_is_compared_word_by_word() -> None:
    spoken = "the gardener has forty eight tulips and twelve roses in every long row " * 12
    result = compare(spoken, spoken.replace("gardener", "pardoner"))
    assert result.wer == pytest.approx(1 / 13)
