from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.alignment import Item, align, items, prepare, words

WORDS = st.lists(st.sampled_from(("nine", "jars", "of", "twelve", "honey", "a", "for", "48")), max_size=14)


def pairs(written: str, heard: str) -> list[tuple[str, str]]:
    steps = align(items(prepare(written)), items(prepare(heard)))
    return [(a.shown if a else "-", b.shown if b else "-") for _, a, b in steps]


def test_a_quantity_is_paired_as_a_whole_with_the_one_at_its_place() -> None:
    assert pairs("She sold forty eight jars today", "She sold 48 cars, today") == [
        ("She", "She"),
        ("sold", "sold"),
        ("forty eight", "48"),
        ("jars", "cars"),
        ("today", "today"),
    ]


def test_a_missing_word_leaves_the_rest_paired() -> None:
    assert pairs("nine big jars of honey", "nine jars of honey")[:3] == [
        ("nine", "nine"),
        ("big", "-"),
        ("jars", "jars"),
    ]


def test_items_know_where_they_stand() -> None:
    text = prepare("Pay  two dollars and fifty cents, then go.")
    found = items(text)
    assert [text[item.start : item.end] for item in found] == [item.shown for item in found]
    assert [item.quantity.value for item in found if item.quantity] == [Fraction(5, 2)]
    assert found[1].words == ("two", "dollars", "fifty", "cents")


def test_words_take_quantities_apart() -> None:
    assert [item.words for item in words(items("48 jars"))] == [("forty",), ("eight",), ("jars",)]


def edit_distance(left: list[Item], right: list[Item]) -> int:
    """The textbook's, over words; slow and plain."""
    table = {(i, 0): i for i in range(len(left) + 1)} | {(0, j): j for j in range(len(right) + 1)}
    for i, a in enumerate(left, 1):
        for j, b in enumerate(right, 1):
            same = table[i - 1, j - 1] + (a.words != b.words)
            table[i, j] = min(same, table[i - 1, j] + 1, table[i, j - 1] + 1)
    return table[len(left), len(right)]


@given(WORDS, WORDS)
def test_word_errors_are_the_edit_distance(left: list[str], right: list[str]) -> None:
    a, b = words(items(" ".join(left))), words(items(" ".join(right)))
    assert sum(step.cost.words for step in align(a, b)) == edit_distance(a, b)


@given(st.lists(st.sampled_from("abcdefgh"), max_size=60), st.lists(st.sampled_from("abcdefgh"), max_size=60))
def test_looking_near_the_diagonal_first_misses_nothing(left: list[str], right: list[str]) -> None:
    a, b = words(items(" ".join(f"{x}jar" for x in left))), words(items(" ".join(f"{x}jar" for x in right)))
    assert sum(step.cost.words for step in align(a, b)) == edit_distance(a, b)


@given(WORDS, WORDS)
def test_every_item_of_both_texts_is_in_the_alignment_once_and_in_order(left: list[str], right: list[str]) -> None:
    a, b = items(" ".join(left)), items(" ".join(right))
    steps = align(a, b)
    assert [step.written for step in steps if step.written] == a
    assert [step.heard for step in steps if step.heard] == b
