from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.tokens import LINE, NUMBER, SIGN, WORD, Tokens


def test_words_numbers_signs_and_lines_are_told_apart() -> None:
    t = Tokens("Ann's 1,234.5 kg,\n.5x = ½")
    assert list(zip(t.kinds, t.words, strict=True))[: t.count] == [
        (WORD, "ann's"),
        (NUMBER, "1,234.5"),
        (WORD, "kg"),
        (SIGN, ","),
        (LINE, "\n"),
        (NUMBER, ".5"),
        (WORD, "x"),
        (SIGN, "="),
        (SIGN, "½"),
    ]


def test_thousands_may_be_divided_by_blanks() -> None:
    t = Tokens("450 000 people")
    assert t.words[0] == "450000"
    assert t.raw(0) == "450 000"


def test_a_list_is_not_one_number() -> None:
    assert Tokens("1,2,3").words[:5] == ["1", ",", "2", ",", "3"]


@settings(deadline=None)
@given(st.text())
def test_every_character_but_blanks_belongs_to_one_token(text: str) -> None:
    t = Tokens(text)
    covered = "".join(t.raw(i) for i in range(t.count))
    assert "".join(covered.split()) == "".join(text.split())
