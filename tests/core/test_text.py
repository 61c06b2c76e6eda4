import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.text import clean, same_length


@pytest.mark.parametrize(
    ("raw", "mended"),
    [
        ("5\u00a0cups\u202fof milk", "5 cups of milk"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("one\u2028two\r\nthree\rfour", "one\ntwo\nthree\nfour"),
        ("Ann’s “big” box", 'Ann\'s "big" box'),
        ("8 − 3", "8 - 3"),
        ("10–15 and 10—15", "10–15 and 10—15"),
        ("１２ｋｇ", "12kg"),
        ("٤٢ apples", "42 apples"),
        ("𝑥 + 𝟑", "x + 3"),
        ("cafe\u0301", "café"),
        ("wait…", "wait..."),
        ("Chapter Ⅳ", "Chapter IV"),
        ("3\u20442", "3/2"),
    ],
)
def test_each_odd_character_gets_its_plain_spelling(raw: str, mended: str) -> None:
    assert clean(raw) == mended


def test_a_word_that_looks_latin_becomes_latin() -> None:
    assert clean("\u0410 farmer") == "A farmer"
    assert clean("\u0421ost") == "Cost"


def test_words_of_other_alphabets_stay() -> None:
    assert clean("яблоко") == "яблоко"
    assert clean("π + α") == "π + α"


def test_what_can_be_seen_is_not_dropped() -> None:
    assert clean("½ × 3² ÷ £4") == "½ × 3² ÷ £4"


@settings(deadline=None)
@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert unicodedata.is_normalized("NFC", once)


@settings(deadline=None)
@given(st.text())
def test_positions_stay_valid_where_length_is_kept(text: str) -> None:
    assert len(same_length(text)) == len(text)
