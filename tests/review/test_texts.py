"""Two texts side by side."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.review.texts import Change, Segment, Words, aligned, heard_words


def marked(segments: tuple[Segment, ...]) -> list[tuple[str, tuple[int, ...], bool]]:
    return [(part.text, part.pairs, part.alone) for part in segments if part.pairs]


def test_equal_quantities_have_one_number_however_they_are_written() -> None:
    written, spoken = aligned(
        "Ann has $2.50 and 3/4 of a pie.", "Ann has two dollars and fifty cents and three quarters of a pie."
    )
    assert marked(written) == [("$2.50", (1,), False), ("3/4", (2,), False)]
    assert marked(spoken) == [("two dollars and fifty cents", (1,), False), ("three quarters", (2,), False)]


def test_a_quantity_that_is_missing_or_other_is_alone() -> None:
    written, spoken = aligned("Add 12, 7 and 30.", "Add twelve and forty.")
    assert ("12", (1,), False) in marked(written)
    assert [text for text, _, alone in marked(written) if alone] == ["7", "30"]
    assert [text for text, _, alone in marked(spoken) if alone] == ["forty"]


def test_a_formula_is_marked_once_with_all_its_quantities() -> None:
    written, spoken = aligned("Solve $3x + 5 = 11$.", "Solve three x plus five equals eleven.")
    [(text, pairs, alone)] = marked(written)
    assert (text, alone) == ("$3x + 5 = 11$", False)
    assert pairs == tuple(number for _, numbers, _ in marked(spoken) for number in numbers) == (1, 2, 3)


@given(st.text(max_size=60), st.text(max_size=60))
def test_segments_give_back_their_text(written: str, spoken: str) -> None:
    for text, segments in zip((written, spoken), aligned(written, spoken), strict=True):
        assert "".join(part.text for part in segments) == text


def test_what_was_misheard_missed_and_added_is_told_apart() -> None:
    assert heard_words("Mira sells fifty rolls in town today.", "Mirror sells 50 warm rolls in town.") == (
        Words(Change.REPLACED, "Mira", "Mirror"),
        Words(Change.SAME, "sells fifty", "sells 50"),
        Words(Change.ADDED, "", "warm"),
        Words(Change.SAME, "rolls in town", "rolls in town"),
        Words(Change.MISSED, "today", ""),
    )


def test_another_number_is_a_change_though_its_words_are_alike() -> None:
    changes = [part.change for part in heard_words("sixty pens", "sixteen pens")]
    assert changes == [Change.REPLACED, Change.SAME]


def test_words_run_together_or_apart_are_all_shown() -> None:
    assert heard_words("Work out all together.", "Workout altogether.") == (
        Words(Change.SAME, "Work out all together", "Workout altogether"),
    )
    assert heard_words("Workout.", "Work out.") == (Words(Change.SAME, "Workout", "Work out"),)


WORDS = st.lists(st.sampled_from(["work", "out", "workout", "two", "to", "pens", "40"]), max_size=6).map(" ".join)


@given(WORDS, WORDS)
def test_no_word_is_lost(spoken: str, heard: str) -> None:
    shown = heard_words(spoken, heard)
    assert " ".join(part.spoken for part in shown if part.spoken) == spoken
    assert " ".join(part.heard for part in shown if part.heard) == heard
