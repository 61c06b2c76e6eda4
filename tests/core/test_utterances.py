from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.utterances import pieces

TEXT = "Ida has nine pens. She buys two more, and gives four away! How many pens has she now?"


def test_a_text_that_fits_is_one_piece() -> None:
    assert [piece.text for piece in pieces(TEXT, None)] == [TEXT]
    assert [piece.text for piece in pieces(TEXT, len(TEXT))] == [TEXT]


def test_sentences_are_kept_whole_and_fill_a_piece_up() -> None:
    assert pieces(TEXT, 60) == [
        ("Ida has nine pens. She buys two more, and gives four away!", True),
        ("How many pens has she now?", True),
    ]


def test_a_long_sentence_is_cut_at_its_commas_then_between_words() -> None:
    assert [piece.text for piece in pieces(TEXT, 26)] == [
        *("Ida has nine pens.", "She buys two more,", "and gives four away!", "How many pens has she now?")
    ]
    assert [piece.ends_sentence for piece in pieces(TEXT, 26)] == [True, False, True, True]
    assert [piece.text for piece in pieces("one two three four", 9)] == ["one two", "three", "four"]


@given(st.text(alphabet="ab .,?!", min_size=1), st.integers(1, 20))
def test_nothing_is_lost_and_only_single_words_are_too_long(text: str, longest: int) -> None:
    cut = [piece.text for piece in pieces(text, longest)]
    assert " ".join(cut) == " ".join(text.split())
    assert all(len(piece) <= longest or " " not in piece for piece in cut)
